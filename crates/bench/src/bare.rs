//! The limit of a read: axum answering a constant, in a process of its own.

use std::env::current_exe;
use std::io::{Write as _, read_to_string, stdin, stdout};
use std::process::Command;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::serve::ListenerExt as _;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::Result;
use crate::http::Connection;
use crate::load::Compose;
use crate::random::Random;
use crate::server::Server;

/// What is answered to every request.
#[derive(Serialize, Deserialize)]
pub(crate) struct Constant {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// An answer of the server, for the other one to repeat.
pub(crate) fn sample(server: &Server, compose: &Compose) -> Result<Constant> {
    let mut request = Vec::new();
    compose(&mut Random::new(0), &mut request);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = Connection::open(server.address).await?;
        let answer = connection.exchange(&request).await?;
        if answer.status != 200 {
            return Err(format!("the server answered {}", answer.status).into());
        }
        let lines = answer.head.lines().filter_map(|line| line.split_once(": "));
        // These two it adds of its own.
        let headers = lines.filter(|(name, _)| !matches!(*name, "content-length" | "date"));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(Constant { headers, body: String::from_utf8(answer.body.to_vec())? })
    })
}

/// Starts a server that answers a constant.
pub(crate) fn start(constant: &Constant) -> Result<Server> {
    let mut command = Command::new(current_exe()?);
    command.arg("bare");
    Server::start(command, &serde_json::to_string(constant)?)
}

/// Serves the constant that standard input holds, as JSON, on the routes of an organization and of an account.
#[expect(clippy::disallowed_methods, reason = "these routes belong to no contract")]
pub(crate) fn serve() -> Result {
    let constant: Constant = serde_json::from_str(&read_to_string(stdin())?)?;
    let body = Bytes::from(constant.body);
    let mut headers = HeaderMap::new();
    for (name, value) in &constant.headers {
        headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    let route = axum::routing::get(async move || (headers.clone(), body.clone()));
    let app = Router::new().route("/client/v4/organizations/{organization_id}", route.clone());
    let app = app.route("/client/v4/accounts/{account_id}", route);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        writeln!(stdout(), "listening on http://{}", listener.local_addr()?)?;
        let listener = listener.tap_io(|socket| {
            // Fails only when the client is gone already, which reading tells next.
            _ = socket.set_nodelay(true);
        });
        Ok(axum::serve(listener, app).await?)
    })
}
