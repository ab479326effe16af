//! The audit log.

use umbel_domain::OrganizationId;
use umbel_domain::audit::{Actor, Record};

use crate::engine::Change;
use crate::sql::{Sql, args, sql};
use crate::{Result, Write};

pub(crate) const APPEND: Sql = sql!(
    "INSERT INTO audit_log (organization_id, at, id, action_type, action_result, description, actor_type, actor_id, \
     actor_context, actor_email, actor_ip_address, actor_token_id, actor_token_name, raw_cf_ray_id, raw_method, raw_uri, \
     raw_status_code, raw_user_agent, resource_id, resource_type, resource_product, request, response) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)"
);

/// Appends an entry to the log that it belongs to.
pub async fn append(write: &mut Write, record: &Record) -> Result<()> {
    let line = record.request.as_ref();
    let (id, context, email, ip, token) = match &record.actor {
        Actor::User { id, email, ip, token } => {
            let context = if token.is_some() { "api_token" } else { "api_key" };
            (Some(id.as_str()), Some(context), Some(email.as_str()), Some(ip.as_str()), token.as_ref())
        }
        Actor::System => (None, None, None, None, None),
    };
    let args = args![
        record.log.as_ref().map_or("", OrganizationId::as_str),
        record.at,
        record.id.as_str(),
        record.event.action.name(),
        record.result.name(),
        record.event.description.as_str(),
        if id.is_some() { "user" } else { "system" },
        id,
        context,
        email,
        ip,
        token.map(|(id, _)| id.as_str()),
        token.map(|(_, name)| name.as_str()),
        line.map(|line| line.ray_id.as_str()),
        line.map(|line| line.method.as_str()),
        line.map(|line| line.uri.as_str()),
        line.map(|line| i64::from(line.status)),
        line.map(|line| line.user_agent.as_str()),
        record.event.resource_id.as_str(),
        record.event.resource.name(),
        record.event.resource.product(),
        record.request_body.as_deref(),
        record.response_body.as_deref(),
    ];
    write.execute(APPEND, args).await.map(drop)
}
