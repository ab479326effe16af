//! Pages that clients count.

use serde::Serialize;
use umbel_api::ResultInfo;

use crate::reply::Reply;

/// Items of a page, unless the client says otherwise.
const PER_PAGE: u64 = 20;
const PER_PAGE_MAX: i64 = 1_000;

/// A page for clients that count pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    page: u64,
    per_page: u64,
}

impl Counted {
    /// The page that is asked for; what is out of bounds is taken for the nearest that is not.
    pub(crate) fn new(page: Option<i64>, per_page: Option<i64>) -> Self {
        let per_page = per_page.map_or(PER_PAGE, |size| size.clamp(1, PER_PAGE_MAX).unsigned_abs());
        Self { page: page.unwrap_or(1).max(1).unsigned_abs(), per_page }
    }

    /// How many items the page has at most.
    pub(crate) fn size(self) -> usize {
        usize::try_from(self.per_page).unwrap_or(usize::MAX)
    }

    /// How many items the pages before have; no database counts further than this.
    pub(crate) fn skipped(self) -> usize {
        let skipped = (self.page - 1).saturating_mul(self.per_page).min(i64::MAX as u64 / 2);
        usize::try_from(skipped).unwrap_or(usize::MAX)
    }

    /// The page, of `total` items on all pages unless that is more than `max`.
    pub(crate) fn reply<T: Serialize>(self, items: Vec<T>, total: u64, max: u64) -> Reply<Vec<T>> {
        let total = Some(total).filter(|total| *total <= max);
        let info = ResultInfo::pages(self.page, self.per_page, items.len() as u64, total);
        Reply::page(items, info)
    }
}
