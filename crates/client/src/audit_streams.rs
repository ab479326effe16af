//! Where audit logs are sent on to.

use reqwest::Method;
use umbel_api::{AuditStream, AuditStreamStatus, CreateAuditStream, Deleted, ReplayAuditStream, UpdateAuditStream};

use crate::{Client, Error};

fn all(organization_id: &str) -> [&str; 7] {
    ["umbel", "v1", "organizations", organization_id, "logs", "audit", "streams"]
}

fn one<'a>(organization_id: &'a str, id: &'a str) -> [&'a str; 8] {
    ["umbel", "v1", "organizations", organization_id, "logs", "audit", "streams", id]
}

fn verb<'a>(organization_id: &'a str, id: &'a str, verb: &'a str) -> [&'a str; 9] {
    ["umbel", "v1", "organizations", organization_id, "logs", "audit", "streams", id, verb]
}

impl Client {
    /// The streams of an organization; they have no pages.
    pub async fn audit_streams(&self, organization_id: &str) -> Result<Vec<AuditStream>, Error> {
        self.call(Method::GET, &all(organization_id)).result().await
    }

    /// One stream.
    pub async fn audit_stream(&self, organization_id: &str, id: &str) -> Result<AuditStream, Error> {
        self.call(Method::GET, &one(organization_id, id)).result().await
    }

    /// How the delivery of a stream goes.
    pub async fn audit_stream_status(&self, organization_id: &str, id: &str) -> Result<AuditStreamStatus, Error> {
        self.call(Method::GET, &verb(organization_id, id, "status")).result().await
    }

    /// Makes a stream; the answer shows the signing secret of a webhook, this once.
    pub async fn create_audit_stream(&self, organization_id: &str, new: &CreateAuditStream) -> Result<AuditStream, Error> {
        self.call(Method::POST, &all(organization_id)).body(new).result().await
    }

    /// Changes a stream: what is given.
    pub async fn update_audit_stream(
        &self,
        organization_id: &str,
        id: &str,
        update: &UpdateAuditStream,
    ) -> Result<AuditStream, Error> {
        self.call(Method::PATCH, &one(organization_id, id)).body(update).result().await
    }

    /// Makes a new signing secret; the answer shows it, this once.
    pub async fn roll_audit_stream(&self, organization_id: &str, id: &str) -> Result<AuditStream, Error> {
        self.call(Method::POST, &verb(organization_id, id, "roll")).result().await
    }

    /// Has a test sent, of which the state of the stream tells soon.
    pub async fn test_audit_stream(&self, organization_id: &str, id: &str) -> Result<AuditStreamStatus, Error> {
        self.call(Method::POST, &verb(organization_id, id, "test")).result().await
    }

    /// Has a stream send again what it has sent.
    pub async fn replay_audit_stream(
        &self,
        organization_id: &str,
        id: &str,
        replay: &ReplayAuditStream,
    ) -> Result<AuditStreamStatus, Error> {
        self.call(Method::POST, &verb(organization_id, id, "replay")).body(replay).result().await
    }

    /// Deletes a stream.
    pub async fn delete_audit_stream(&self, organization_id: &str, id: &str) -> Result<Deleted, Error> {
        self.call(Method::DELETE, &one(organization_id, id)).result().await
    }
}
