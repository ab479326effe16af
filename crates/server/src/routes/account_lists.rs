//! Lists of accounts.

use umbel_api::{self as api, Code, Direction, PageSize};
use umbel_domain::{Action, OrganizationId};
use umbel_store::accounts::{self, Filter, Order, Start};
use umbel_store::names::NamePatterns;

use super::organizations::name;
use crate::caller::{Caller, On, Pace, Read};
use crate::counted::Counted;
use crate::error::Result;
use crate::openapi::About;
use crate::path::Id;
use crate::query::{Query, invalid};
use crate::reply::Reply;
use crate::wire;

pub(super) const LIST: About = About {
    summary: "List accounts",
    description: "The accounts that the caller can see, in the order of their places in the tree. A page behind the last one is \
                  empty.",
    errors: &[Code::InvalidParameter, Code::TooExpensive],
};

pub(super) const OF_ORGANIZATION: About = About {
    summary: "List the accounts of an organization",
    description: "The accounts that the organization holds itself, in the order of their ids unless `order_by` says otherwise. \
                  Every filter that is given must hold. Pages follow one another by `page_token`, or are counted by `page` and \
                  `per_page`. Repeat the filters with each page.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::InvalidPageToken, Code::NotFound, Code::TooExpensive],
};

/// `GET /accounts`: what the caller can see.
pub(super) async fn list(caller: Caller, Query(parameters): Query<api::ListAccounts>) -> Result<Reply<Vec<api::Account>>> {
    let mut read = caller.read_long(Action::ReadAccount, On::Visible).await?;
    let name = NamePatterns { equals: name("name", parameters.name.as_ref())?, ..NamePatterns::default() };
    let filter = Filter { name, ..Filter::default() };
    let counted = Counted::new(parameters.page, parameters.per_page);
    let visible = read.subtrees(Action::ReadAccount);
    let descending = parameters.direction == Some(Direction::Descending);
    let page = accounts::visible(&mut *read, &visible, &filter, descending, counted.skipped(), counted.size()).await?;
    let max = caller.app.settings.total_size_max;
    let total = accounts::count_visible(&mut *read, &visible, &filter, max + 1).await?;
    Ok(counted.reply(page.iter().map(wire::account).collect(), total, max))
}

/// `GET /organizations/{organization_id}/accounts`: what the organization holds itself.
pub(super) async fn of_organization(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::ListOrganizationAccounts>,
) -> Result<Reply<Vec<api::Account>>> {
    let filter = filter(&parameters)?;
    let is_counted = parameters.page.is_some() || parameters.per_page.is_some();
    let pace = if is_counted || filter.scans_names() { Pace::Long } else { Pace::Short };
    let mut read = caller.read_on(pace, Action::ReadAccount, &[(On::Organization(&id), "")]).await?;
    let by_name = parameters.order_by.is_some();
    let order = Order { by_name, descending: parameters.direction == Some(Direction::Descending) };
    if is_counted {
        if parameters.page_token.is_some() {
            return Err(invalid("page_token", "and page exclude each other; leave one out"));
        }
        let counted = Counted::new(parameters.page, parameters.per_page);
        let start = Start::Skip(counted.skipped());
        let page = accounts::of_organization(&mut *read, &id, &filter, order, &start, counted.size()).await?;
        let max = caller.app.settings.total_size_max;
        let total = accounts::count_of_organization(&mut *read, &id, &filter, max + 1).await?;
        return Ok(counted.reply(page.items.iter().map(wire::account).collect(), total, max));
    }
    let list = caller.list();
    let position = caller.position(&list, parameters.page_token.as_deref())?;
    let after = position.as_ref().and_then(|position| position.after.split_once('/')).unwrap_or_default();
    let start = Start::After(after.1.to_owned(), after.0.to_owned());
    let PageSize(size) = parameters.page_size;
    let page = accounts::of_organization(&mut *read, &id, &filter, order, &start, size).await?;
    let total = match position {
        _ if parameters.include_total == Some(false) => None,
        Some(position) => position.total,
        None if !page.more => Some(page.items.len() as u64),
        None => count(&caller, read, &id, &filter).await?,
    };
    // An id has no slash, a name may have one.
    let after = page.items.last().filter(|_| page.more).map(|last| format!("{}/{}", last.id, last.name.folded()));
    let info = caller.page_info(&list, after, total);
    Ok(Reply::page(page.items.iter().map(wire::account).collect(), info))
}

/// How many there are on all pages; `None` when that is more than the server counts.
async fn count(caller: &Caller, read: Read, id: &OrganizationId, filter: &Filter) -> Result<Option<u64>> {
    let mut read = caller.go_on_long(read, Action::ReadAccount, On::Organization(id)).await?;
    let max = caller.app.settings.total_size_max;
    let total = accounts::count_of_organization(&mut *read, id, filter, max + 1).await?;
    Ok(Some(total).filter(|total| *total <= max))
}

fn filter(parameters: &api::ListOrganizationAccounts) -> Result<Filter> {
    Ok(Filter {
        name: NamePatterns {
            equals: name("name", parameters.name.as_ref())?,
            starts_with: name("name.startsWith", parameters.name_starts_with.as_ref())?,
            ends_with: name("name.endsWith", parameters.name_ends_with.as_ref())?,
            contains: name("name.contains", parameters.name_contains.as_ref())?,
        },
        public_name: NamePatterns {
            equals: name("account_pubname", parameters.account_pubname.as_ref())?,
            starts_with: name("account_pubname.startsWith", parameters.account_pubname_starts_with.as_ref())?,
            ends_with: name("account_pubname.endsWith", parameters.account_pubname_ends_with.as_ref())?,
            contains: name("account_pubname.contains", parameters.account_pubname_contains.as_ref())?,
        },
    })
}
