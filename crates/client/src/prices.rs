//! The price book.

use futures_util::Stream;
use reqwest::Method;
use umbel_api::{CreatePrice, EndPrice, ListPrices, Price};

use crate::{Client, Error, Page, pages};

const PATH: [&str; 3] = ["umbel", "v1", "prices"];

impl Client {
    /// A page of the price book.
    pub async fn list_prices(&self, parameters: &ListPrices) -> Result<Page<Price>, Error> {
        self.call(Method::GET, &PATH).query(parameters).page().await
    }

    /// The price book, page after page.
    pub fn prices(&self, parameters: ListPrices) -> impl Stream<Item = Result<Price, Error>> + Send {
        pages::items(parameters, async |parameters| self.list_prices(&parameters).await)
    }

    /// One price.
    pub async fn price(&self, id: &str) -> Result<Price, Error> {
        self.call(Method::GET, &["umbel", "v1", "prices", id]).result().await
    }

    /// Makes a price, which never changes but that it ends.
    pub async fn create_price(&self, new: &CreatePrice) -> Result<Price, Error> {
        self.call(Method::POST, &PATH).body(new).result().await
    }

    /// Ends a price on a day, the first on which it holds no more.
    pub async fn end_price(&self, id: &str, effective_to: &str) -> Result<Price, Error> {
        let body = EndPrice { effective_to: effective_to.to_owned() };
        self.call(Method::POST, &["umbel", "v1", "prices", id, "end"]).body(&body).result().await
    }
}
