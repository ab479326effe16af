//! The envelope that every JSON answer comes in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An answer: `success`, `errors` and `messages` around the `result`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope<T, I = ResultInfo> {
    /// Whether the request was done.
    pub success: bool,
    /// Why not; empty on success.
    pub errors: Vec<Problem>,
    /// What else there is to say.
    pub messages: Vec<Message>,
    /// What was asked for; `null` when the request failed.
    pub result: T,
    /// Where a list goes on; only with lists.
    #[serde(skip_serializing_if = "Option::is_none", default = "Option::default")]
    pub result_info: Option<I>,
}

/// One reason why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A number of 1000 or more that names the kind of problem; the reference of errors lists them all.
    #[schema(minimum = 1000, example = 1200)]
    pub code: u16,
    /// What is wrong and what to do about it.
    #[schema(example = "organization not found: it does not exist or you may not see it")]
    pub message: String,
    /// Which part of the request it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub source: Option<Source>,
}

/// A part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// A JSON pointer (RFC 6901) into the body, or `/query/NAME`, `/path/NAME`, `/header/NAME`.
    #[schema(example = "/parent/id")]
    pub pointer: String,
}

/// Something worth saying that is no problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// A number of 1000 or more.
    #[schema(minimum = 1000)]
    pub code: u16,
    /// What there is to say.
    pub message: String,
}

/// Where a list goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResultInfo {
    /// Pass it as `page_token`, with the same filters, for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub next_page_token: Option<String>,
    /// How many there are on all pages; absent when there are very many.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = 42)]
    pub total_size: Option<u64>,
    /// Which page this is, for clients that count pages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub page: Option<u64>,
    /// How many items a page has, for clients that count pages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub per_page: Option<u64>,
    /// How many items this page has, for clients that count pages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub count: Option<u64>,
    /// How many items there are on all pages, for clients that count pages; absent when there are very many.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub total_count: Option<u64>,
    /// How many pages there are, for clients that count pages; absent when there are very many.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub total_pages: Option<u64>,
}

impl ResultInfo {
    /// Says where a list goes on, and how many items it has.
    pub fn tokens(next_page_token: Option<String>, total_size: Option<u64>) -> Self {
        Self { next_page_token, total_size, ..Self::default() }
    }

    /// Says which page this is of how many.
    pub fn pages(page: u64, per_page: u64, count: u64, total_count: Option<u64>) -> Self {
        let total_pages = total_count.map(|total| total.div_ceil(per_page));
        let (page, per_page, count) = (Some(page), Some(per_page), Some(count));
        Self { page, per_page, count, total_count, total_pages, ..Self::default() }
    }
}

/// An answer without a body: status 204.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct NoContent;
