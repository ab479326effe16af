//! Lists that come in pages, and the same as streams of their items.

use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use umbel_api::{Envelope, Parameters};

use crate::Error;

/// A list that goes on and on is cut with an error, whoever serves it.
const PAGES_MAX: usize = 100_000;

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// Its items.
    pub items: Vec<T>,
    /// What to pass as `page_token`, of an audit log as `cursor`, for the next page; `None` on the last one, and on lists whose pages
    /// are counted.
    pub next_page_token: Option<String>,
    /// What to pass as `page` for the next page; `None` on the last one, and on lists whose pages have tokens.
    pub next_page: Option<i64>,
    /// How many items all pages have, when the server counted them.
    pub total_size: Option<u64>,
}

impl<T> From<Envelope<Vec<T>>> for Page<T> {
    fn from(envelope: Envelope<Vec<T>>) -> Self {
        let (items, info) = (envelope.result, envelope.result_info.unwrap_or_default());
        // A page that is not full is the last one.
        let full = info.per_page.is_some_and(|size| items.len() as u64 >= size) && !items.is_empty();
        let next_page = info.page.filter(|_| full).and_then(|page| i64::try_from(page + 1).ok());
        Self { items, next_page, next_page_token: info.next_page_token, total_size: info.total_size.or(info.total_count) }
    }
}

impl<T> Page<T> {
    /// A page of a list whose pages have tokens, of which nobody counted how many there are.
    pub(crate) fn behind(items: Vec<T>, next_page_token: Option<String>) -> Self {
        Self { items, next_page_token, next_page: None, total_size: None }
    }
}

/// The parameters of a list that has pages.
pub(crate) trait Paged: Parameters + Clone + Send + 'static {
    /// Points the parameters at the page after `page`; `None` when that was the last one.
    fn after<T>(self, page: &Page<T>) -> Option<Self>;
}

macro_rules! paged {
    ($field:ident by $next:ident: $($parameters:ident),+) => { $(
        impl Paged for umbel_api::$parameters {
            fn after<T>(self, page: &Page<T>) -> Option<Self> {
                let next = page.$next.clone();
                next.is_some().then(|| Self { $field: next, ..self })
            }
        }
    )+ };
}

paged!(page_token by next_page_token: ListOrganizations, ListOrganizationAccounts, ListMembers, ListAccess, ListInvitations, ListPrices, ListBillingPeriods,
    ListInvoices);
paged!(cursor by next_page_token: ListAuditLog);
paged!(page by next_page: ListAccounts, ListAccountMembers, ListAccountMemberships);

/// The items of all pages, each page asked for when the one before it is used up; after an error there is nothing.
pub(crate) fn items<P: Paged, T: Send, F>(first: P, fetch: impl Fn(P) -> F + Send) -> impl Stream<Item = Result<T, Error>> + Send
where
    F: Future<Output = Result<Page<T>, Error>> + Send,
{
    let pages = stream::try_unfold((Some(first), 0, fetch), |(next, pages, fetch)| async move {
        let Some(parameters) = next else { return Ok(None) };
        if pages == PAGES_MAX {
            return Err(Error::NotUnderstood(format!("the list has more than {PAGES_MAX} pages")));
        }
        let page = fetch(parameters.clone()).await?;
        let next = parameters.after(&page);
        Ok(Some((stream::iter(page.items).map(Ok), (next, pages + 1, fetch))))
    });
    pages.try_flatten()
}

#[cfg(test)]
mod tests {
    use umbel_api::ListInvitations;

    use super::*;

    #[tokio::test]
    async fn a_list_without_end_is_cut_with_an_error() {
        let fetch = async |_| {
            let next_page_token = Some("again".to_owned());
            Ok(Page { items: vec![()], next_page_token, next_page: None, total_size: None })
        };
        let items = items(ListInvitations::default(), fetch);
        let (good, bad): (Vec<_>, Vec<_>) = items.collect::<Vec<_>>().await.into_iter().partition(Result::is_ok);
        assert_eq!((good.len(), bad.len()), (PAGES_MAX, 1));
    }
}
