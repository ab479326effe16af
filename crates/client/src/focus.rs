//! Costs and usage as FOCUS.

use reqwest::Method;
use umbel_api::{ExportFocus, FocusMetadata, GetFocusMetadata};

use crate::{Client, EXPORT_TIMEOUT, Error, Export};

impl Client {
    /// Begins to read the costs and usage of an organization and of everything below it, as a file of FOCUS.
    pub async fn export_focus(&self, organization_id: &str, parameters: &ExportFocus) -> Result<Export, Error> {
        let call = self.call(Method::GET, &["umbel", "v1", "organizations", organization_id, "focus"]).query(parameters);
        call.within(EXPORT_TIMEOUT).open().await.map(Export::new)
    }

    /// What FOCUS asks to be known about such files.
    pub async fn focus_metadata(&self, organization_id: &str, parameters: &GetFocusMetadata) -> Result<FocusMetadata, Error> {
        let path = ["umbel", "v1", "organizations", organization_id, "focus", "metadata"];
        self.call(Method::GET, &path).query(parameters).result().await
    }
}
