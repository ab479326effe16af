//! Who may do what, for people.

use std::fmt::Write as _;

use clap::Args;
use umbel_client::api::{Access, AccessGrant, ListAccess};

use super::{Limit, Server};
use crate::{Result, print};

/// Whose access to show.
#[derive(Args)]
pub(crate) struct Whose {
    /// Only that of this user: an e-mail address, a user id, or `me`.
    #[arg(long, value_name = "WHO")]
    user: Option<String>,
    #[command(flatten)]
    pub(super) limit: Limit,
}

impl Whose {
    pub(super) fn filters(&self) -> ListAccess {
        ListAccess { user: self.user.clone(), page_size: self.limit.page_size(), page_token: None }
    }
}

pub(super) fn show(server: &Server, list: &[Access]) -> Result {
    server.show(&list, |list| {
        let texts: Vec<_> = list.iter().map(text).collect();
        if texts.is_empty() { "nobody has access that you can see\n".to_owned() } else { texts.join("\n") }
    })
}

fn text(access: &Access) -> String {
    let Access { user, operator, actions, withheld, grants } = access;
    let mut text = print::escaped(&print::named(&user.email, &user.id)) + if *operator { ", operator\n" } else { "\n" };
    for grant in grants {
        _ = writeln!(text, "  {}", print::escaped(&source(grant)));
    }
    _ = writeln!(text, "  may: {}", if actions.is_empty() { "nothing".to_owned() } else { print::escaped(&actions.join(", ")) });
    if !withheld.is_empty() {
        _ = writeln!(text, "  withheld by the token: {}", print::escaped(&withheld.join(", ")));
    }
    text
}

/// The membership that a grant comes from, and the way down from it.
fn source(AccessGrant { role_name, organization, account, path, .. }: &AccessGrant) -> String {
    let place = match (organization, account) {
        (Some(organization), _) => format!("organization {}", print::named(&organization.name, &organization.id)),
        (None, Some(account)) => format!("account {}", print::named(&account.name, &account.id)),
        (None, None) => "a place that you cannot see".to_owned(),
    };
    let way = if path.len() > 1 { format!(", by way of {}", path.join(" / ")) } else { String::new() };
    format!("{role_name} as member of {place}{way}")
}
