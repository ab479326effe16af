//! `umbel org tree`: organizations as they stand below each other.

use std::collections::HashSet;

use clap::{Args, value_parser};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use umbel_client::Client;
use umbel_client::api::{Account, ListOrganizationAccounts, ListOrganizations, Organization, PageSize};

use super::Server;
use crate::{Result, print};

/// How many requests are under way at once.
const REQUESTS_MAX: usize = 8;
/// How many organizations are looked through for those whose parent is not visible.
const TOPS_MAX: usize = 1000;

#[derive(Args)]
pub(crate) struct Tree {
    /// Organization to start from; without it all that you can see.
    id: Option<String>,
    /// Most levels below the start to show; `…` stands for what is deeper.
    #[arg(long, value_name = "N", default_value = "64", value_parser = value_parser!(u8).range(0..=64))]
    depth: u8,
    /// Show accounts too.
    #[arg(long)]
    accounts: bool,
    /// Most organizations and accounts to show.
    #[arg(long, value_name = "N", default_value = "500", value_parser = value_parser!(u32).range(1..=100_000))]
    limit: u32,
}

/// An organization and what is shown below it.
#[derive(Serialize)]
struct Node {
    organization: Organization,
    accounts: Vec<Account>,
    children: Vec<Node>,
    /// Whether there is more below it than is shown, or may be.
    more: bool,
}

impl Node {
    fn new(organization: Organization) -> Self {
        Self { organization, accounts: Vec::new(), children: Vec::new(), more: false }
    }
}

impl Tree {
    pub(super) async fn run(self, server: &Server) -> Result {
        let tops = match &self.id {
            Some(id) => vec![server.client.organization(id).await?],
            None => tops(&server.client).await?,
        };
        let limit = self.limit as usize;
        let cut = tops.len() > limit;
        let mut tops: Vec<_> = tops.into_iter().take(limit).map(Node::new).collect();
        let left = limit - tops.len();
        if self.grow(&server.client, &mut tops, left).await? == 0 || cut {
            print::note(&format!("only {limit} are shown, `…` stands where there may be more; --limit shows more"));
        }
        server.show(&tops, |tops| drawn(tops))
    }

    /// Adds what is below, level after level, so that what is cut off is what is deepest; returns how many more could be shown.
    async fn grow(&self, client: &Client, tops: &mut [Node], mut left: usize) -> Result<usize> {
        let mut level: Vec<&mut Node> = tops.iter_mut().collect();
        for depth in 0..=self.depth {
            if left == 0 {
                for node in &mut level {
                    node.more = true;
                }
                break;
            }
            let children = if depth < self.depth { left } else { 0 };
            let accounts = if self.accounts { Some(left) } else { None };
            let ids: Vec<_> = level.iter().map(|node| node.organization.id.clone()).collect();
            let requests = stream::iter(ids).map(|id| async move { below(client, &id, children, accounts).await });
            let found: Vec<_> = requests.buffered(REQUESTS_MAX).try_collect().await?;
            for (node, (accounts, organizations)) in level.iter_mut().zip(found) {
                node.more = accounts.more || organizations.more || accounts.items.len() + organizations.items.len() > left;
                node.accounts.extend(accounts.items.into_iter().take(left));
                left -= node.accounts.len();
                node.children.extend(organizations.items.into_iter().take(left).map(Node::new));
                left -= node.children.len();
            }
            level = level.into_iter().flat_map(|node| node.children.iter_mut()).collect();
        }
        Ok(left)
    }
}

/// The first of a list, and whether it has more.
struct First<T> {
    items: Vec<T>,
    more: bool,
}

type Listed<T> = std::result::Result<T, umbel_client::Error>;

async fn first<T>(list: impl Stream<Item = Listed<T>>, count: usize) -> Listed<First<T>> {
    let mut items: Vec<T> = list.take(count + 1).try_collect().await?;
    let more = items.len() > count;
    items.truncate(count);
    Ok(First { items, more })
}

/// What stands directly below an organization, at most so many of each; accounts only if they are asked for.
async fn below(
    client: &Client,
    id: &str,
    children: usize,
    accounts: Option<usize>,
) -> Listed<(First<Account>, First<Organization>)> {
    let organizations = ListOrganizations {
        parent_id: Some(id.to_owned()),
        page_size: PageSize(children.saturating_add(1).min(1000)),
        include_total: Some(false),
        ..ListOrganizations::default()
    };
    let organizations = first(client.organizations(organizations), children).await?;
    let Some(count) = accounts else { return Ok((First { items: Vec::new(), more: false }, organizations)) };
    let page_size = PageSize(count.saturating_add(1).min(1000));
    let filters = ListOrganizationAccounts { page_size, include_total: Some(false), ..ListOrganizationAccounts::default() };
    Ok((first(client.organization_accounts(id, filters), count).await?, organizations))
}

/// The organizations whose parent is not visible: the roots, and what stands at the top of what a member may see.
async fn tops(client: &Client) -> Listed<Vec<Organization>> {
    let all = ListOrganizations { page_size: PageSize(1000), include_total: Some(false), ..ListOrganizations::default() };
    let roots = ListOrganizations { parent_id: Some("null".to_owned()), ..all.clone() };
    let mut tops: Vec<_> = client.organizations(roots).take(TOPS_MAX).try_collect().await?;
    // They come after what they stand below.
    let visible: Vec<_> = client.organizations(all).take(TOPS_MAX).try_collect().await?;
    let ids: HashSet<_> = visible.iter().map(|organization| organization.id.clone()).collect();
    let is_top = |organization: &Organization| organization.parent.as_ref().is_some_and(|parent| !ids.contains(&parent.id));
    tops.extend(visible.into_iter().filter(is_top));
    Ok(tops)
}

fn drawn(tops: &[Node]) -> String {
    let mut text = String::new();
    for top in tops {
        text += &line("", &top.organization.name, &top.organization.id);
        draw_below(&mut text, top, "");
    }
    text
}

fn draw_below(text: &mut String, node: &Node, indent: &str) {
    let mut left = node.accounts.len() + node.children.len() + usize::from(node.more);
    let mut branch = || {
        left -= 1;
        if left == 0 { ("└── ", "    ") } else { ("├── ", "│   ") }
    };
    for account in &node.accounts {
        *text += &line(&format!("{indent}{}account ", branch().0), &account.name, &account.id);
    }
    for child in &node.children {
        let (arm, below) = branch();
        *text += &line(&format!("{indent}{arm}"), &child.organization.name, &child.organization.id);
        draw_below(text, child, &format!("{indent}{below}"));
    }
    if node.more {
        *text += indent;
        *text += branch().0;
        *text += "…\n";
    }
}

fn line(start: &str, name: &str, id: &str) -> String {
    format!("{start}{}\n", print::escaped(&print::named(name, id)))
}
