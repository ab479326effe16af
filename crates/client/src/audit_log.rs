//! The audit log.

use futures_util::Stream;
use reqwest::Method;
use umbel_api::{
    AuditDescendants, AuditDiff, AuditEntry, AuditErasure, AuditFilters, AuditHistoryInfo, AuditHistoryStatus, AuditInfo,
    AuditRetention, CreateAuditErasure, ExportAuditLog, GetAuditEntry, ListAuditLog,
};

use crate::{Client, EXPORT_TIMEOUT, Error, Export, Page, pages};

/// Whose audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditLog {
    /// That of an organization itself.
    Organization(String),
    /// Those of an organization and of everything below it.
    OrganizationAndBelow(String),
    /// What was about an account.
    Account(String),
    /// The server's own, for operators.
    Server,
}

impl AuditLog {
    /// The path of a list or history, which clients of other servers know as well.
    fn path(&self) -> Vec<&str> {
        match self {
            Self::Organization(id) | Self::OrganizationAndBelow(id) => vec!["client", "v4", "organizations", id, "logs", "audit"],
            Self::Account(id) => vec!["client", "v4", "accounts", id, "logs", "audit"],
            Self::Server => self.own_path(),
        }
    }

    /// The path of what other servers do not have.
    fn own_path(&self) -> Vec<&str> {
        match self {
            Self::Organization(id) | Self::OrganizationAndBelow(id) => vec!["umbel", "v1", "organizations", id, "logs", "audit"],
            Self::Account(id) => vec!["umbel", "v1", "accounts", id, "logs", "audit"],
            Self::Server => vec!["umbel", "v1", "logs", "audit"],
        }
    }

    fn descendants(&self) -> AuditDescendants {
        AuditDescendants { include_descendants: matches!(self, Self::OrganizationAndBelow(_)).then_some(true) }
    }
}

/// Some entries about one thing, and how well they were found.
#[derive(Debug, Clone)]
pub struct AuditHistory {
    /// The entries, and where they go on.
    pub page: Page<AuditEntry>,
    /// How well they fit.
    pub status: AuditHistoryStatus,
}

impl Client {
    /// A page of the entries of an audit log that the filters let through.
    pub async fn list_audit_log(
        &self,
        log: &AuditLog,
        parameters: &ListAuditLog,
        filters: &AuditFilters,
    ) -> Result<Page<AuditEntry>, Error> {
        let call = self.call(Method::GET, &log.path()).query(parameters).query(filters).query(&log.descendants());
        let (entries, info) = call.list::<_, AuditInfo>().await?;
        Ok(Page::behind(entries, info.and_then(|info| info.cursor)))
    }

    /// The entries of an audit log that the filters let through, page after page.
    pub fn audit_log(
        &self,
        log: AuditLog,
        parameters: ListAuditLog,
        filters: AuditFilters,
    ) -> impl Stream<Item = Result<AuditEntry, Error>> + Send {
        // Shared by the pages, of which each is a future of its own.
        let asked = std::sync::Arc::new((log, filters));
        pages::items(parameters, move |parameters| {
            let asked = asked.clone();
            async move { self.list_audit_log(&asked.0, &parameters, &asked.1).await }
        })
    }

    /// A page of the entries about the same thing as the entry with this id; the server's log has no histories.
    pub async fn audit_history(
        &self,
        log: &AuditLog,
        id: &str,
        parameters: &(GetAuditEntry, ListAuditLog),
    ) -> Result<AuditHistory, Error> {
        let path = [&log.path()[..], &[id, "history"]].concat();
        let (entries, info) = self.call(Method::GET, &path).query(parameters).list::<_, AuditHistoryInfo>().await?;
        let info = info.ok_or_else(|| Error::NotUnderstood("it does not say how the history was found".to_owned()))?;
        Ok(AuditHistory { page: Page::behind(entries, info.cursor), status: info.history_status })
    }

    /// What the change that is written down in the log of an organization did.
    pub async fn audit_diff(&self, organization_id: &str, id: &str, parameters: &GetAuditEntry) -> Result<AuditDiff, Error> {
        let path = ["umbel", "v1", "organizations", organization_id, "logs", "audit", id, "diff"];
        self.call(Method::GET, &path).query(parameters).result().await
    }

    /// How long the audit log of a root, or that of the server, is kept.
    pub async fn audit_retention(&self, log: &AuditLog) -> Result<AuditRetention, Error> {
        self.call(Method::GET, &[&log.own_path()[..], &["retention"]].concat()).result().await
    }

    /// Decides how long the audit log of a root, or that of the server, is kept.
    pub async fn update_audit_retention(&self, log: &AuditLog, retention: &AuditRetention) -> Result<AuditRetention, Error> {
        self.call(Method::PUT, &[&log.own_path()[..], &["retention"]].concat()).body(retention).result().await
    }

    /// Orders to erase what is personal of somebody from the audit log of a root, or from that of the server.
    pub async fn create_audit_erasure(&self, log: &AuditLog, new: &CreateAuditErasure) -> Result<AuditErasure, Error> {
        self.call(Method::POST, &[&log.own_path()[..], &["erasures"]].concat()).body(new).result().await
    }

    /// An erasure, and how far it has come.
    pub async fn audit_erasure(&self, log: &AuditLog, id: &str) -> Result<AuditErasure, Error> {
        self.call(Method::GET, &[&log.own_path()[..], &["erasures", id]].concat()).result().await
    }

    /// Begins to read every entry of an audit log that the filters let through, as NDJSON or CSV.
    pub async fn export_audit_log(
        &self,
        log: &AuditLog,
        parameters: &ExportAuditLog,
        filters: &AuditFilters,
    ) -> Result<Export, Error> {
        let path = [&log.own_path()[..], &["export"]].concat();
        let call = self.call(Method::GET, &path).query(parameters).query(filters).query(&log.descendants());
        call.within(EXPORT_TIMEOUT).open().await.map(Export::new)
    }
}
