//! How the server is, for operators.

use umbel_api::{self as api, Code};
use umbel_domain::Action;
use umbel_store::server_state;

use crate::caller::{Caller, On};
use crate::error::Result;
use crate::openapi::About;
use crate::reply::Reply;
use crate::wire::server as wire;

pub(super) const GET: About = About {
    summary: "How the server is",
    description: "The version of the process that answers, since when it runs, its database, and what each of its workers did last. \
                  For operators.",
    errors: &[Code::Forbidden],
};

/// `GET /umbel/v1/server`
pub(super) async fn get(caller: Caller) -> Result<Reply<api::Server>> {
    let mut read = caller.read(Action::ManageUsers, On::Server).await?;
    let database = server_state::database(&mut *read).await?;
    let workers = caller.app.workers.states().await;
    Ok(Reply::ok(wire::server(caller.app.start_time, database, &workers)))
}
