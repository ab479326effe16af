//! The lines of entries of the audit log.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use umbel_domain::audit::{Bodies, Field, Fields, Record};
use umbel_domain::{AccountId, AuditEntryId, OrganizationId, Timestamp};

use super::{Kind, Nullable, given};
use crate::admin::portability::text::{Object, Text};

/// The most bytes of a text that entries may share.
const TEXT_SIZE_MAX: usize = 2 << 10;

/// An entry of the audit log; of what is not known its members are left out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct AuditEntryRecord {
    kind: Kind,
    pub(in crate::admin::portability) id: Text<AuditEntryId>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    organization_id: Option<Nullable<Text<OrganizationId>>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    account_id: Option<Nullable<Text<AccountId>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Object<ActionRecord>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Object<ActorRecord>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<Object<RawRecord>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Object<ResourceRecord>>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Text<Timestamp>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    action_type: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActorRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_name: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    actor_type: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    cf_ray_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Box<RawValue>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    resource_type: Option<String>,
}

impl AuditEntryRecord {
    /// Whether the line gives a time.
    pub(in crate::admin::portability) fn says_when(&self) -> bool {
        self.action.as_ref().is_some_and(|action| action.0.time.is_some())
    }

    /// The new entry, written `now` unless the line says otherwise; the reason when a text of it cannot be stored.
    pub(in crate::admin::portability) fn into_row(self, now: Timestamp) -> Result<Record, String> {
        let (action, actor) =
            (self.action.map(|part| part.0).unwrap_or_default(), self.actor.map(|part| part.0).unwrap_or_default());
        let (raw, resource) =
            (self.raw.map(|part| part.0).unwrap_or_default(), self.resource.map(|part| part.0).unwrap_or_default());
        let json = |json: Option<Box<RawValue>>| json.map(|json| json.get().to_owned());
        let mut fields = Fields::default();
        let texts = [
            (Field::ActionDescription, action.description),
            (Field::ActionResult, action.result),
            (Field::ActionType, action.action_type),
            (Field::ActorContext, actor.context),
            (Field::ActorEmail, actor.email),
            (Field::ActorId, actor.id),
            (Field::ActorIpAddress, actor.ip_address),
            (Field::ActorTokenId, actor.token_id),
            (Field::ActorTokenName, actor.token_name),
            (Field::ActorType, actor.actor_type),
            (Field::RawCfRayId, raw.cf_ray_id),
            (Field::RawMethod, raw.method),
            (Field::RawStatusCode, raw.status_code.map(|status| status.to_string())),
            (Field::RawUri, raw.uri),
            (Field::RawUserAgent, raw.user_agent),
            (Field::ResourceId, resource.id),
            (Field::ResourceProduct, resource.product),
            (Field::ResourceScope, json(resource.scope)),
            (Field::ResourceType, resource.resource_type),
        ];
        for (field, text) in texts {
            let Some(text) = text else { continue };
            // Some letters are longer in lower case, in which words are looked for, too.
            if field != Field::RawUri && text.len().max(text.to_lowercase().len()) > TEXT_SIZE_MAX {
                return Err(format!("{} has {} bytes; at most {TEXT_SIZE_MAX} are taken", field.name(), text.len()));
            }
            if text.contains('\0') {
                return Err(format!("{} must not contain the character U+0000", field.name()));
            }
            fields.set(field, text);
        }
        Ok(Record {
            id: self.id.0,
            log: self.organization_id.flatten().map(|id| id.0),
            account: self.account_id.flatten().map(|id| id.0),
            at: action.time.map_or(now, |time| time.0),
            fields,
            bodies: Bodies {
                request: json(resource.request),
                response: json(resource.response),
                before: json(resource.before),
                after: json(resource.after),
            },
        })
    }
}

impl From<Record> for AuditEntryRecord {
    fn from(Record { id, log, account, at, fields, bodies }: Record) -> Self {
        let text = |field| fields.get(field).map(ToString::to_string);
        // What is stored as JSON is JSON.
        let json = |text: Option<String>| text.and_then(|text| RawValue::from_string(text).ok());
        Self {
            kind: Kind::AuditEntry,
            id: Text(id),
            organization_id: Some(log.map(Text)),
            account_id: Some(account.map(Text)),
            action: Some(Object(ActionRecord {
                description: text(Field::ActionDescription),
                result: text(Field::ActionResult),
                time: Some(Text(at)),
                action_type: text(Field::ActionType),
            })),
            actor: Some(Object(ActorRecord {
                id: text(Field::ActorId),
                context: text(Field::ActorContext),
                email: text(Field::ActorEmail),
                ip_address: text(Field::ActorIpAddress),
                token_id: text(Field::ActorTokenId),
                token_name: text(Field::ActorTokenName),
                actor_type: text(Field::ActorType),
            })),
            raw: Some(Object(RawRecord {
                cf_ray_id: text(Field::RawCfRayId),
                method: text(Field::RawMethod),
                status_code: text(Field::RawStatusCode).and_then(|status| status.parse().ok()),
                uri: text(Field::RawUri),
                user_agent: text(Field::RawUserAgent),
            })),
            resource: Some(Object(ResourceRecord {
                id: text(Field::ResourceId),
                product: text(Field::ResourceProduct),
                request: json(bodies.request),
                response: json(bodies.response),
                before: json(bodies.before),
                after: json(bodies.after),
                scope: json(text(Field::ResourceScope)),
                resource_type: text(Field::ResourceType),
            })),
        }
    }
}
