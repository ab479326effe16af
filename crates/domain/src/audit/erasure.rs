//! Erasing what is personal in entries.

use crate::audit::{Bodies, Field, Record, ResourceType};
use crate::{AuditErasureId, Email, OrganizationId, Timestamp, UserId};

/// The order to erase the personal members of every entry of a tree that is by somebody or about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its id.
    pub id: AuditErasureId,
    /// The root of the tree; `None` for the server's log.
    pub root: Option<OrganizationId>,
    /// Who it is about.
    pub subject: Subject,
    /// How far it has come.
    pub state: ErasureState,
    /// How many entries were erased so far.
    pub erased: u64,
    /// When it was ordered: later entries are not looked at.
    pub create_time: Timestamp,
    /// When it was done.
    pub done_time: Option<Timestamp>,
}

/// How far an erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureState {
    /// Entries are looked at, from this leaf of the tree on.
    Entries {
        /// The next leaf.
        next: u64,
    },
    /// Words go that no entry has any more.
    Words,
    /// Nothing is left of it.
    Done,
}

/// Whose personal members are erased: a user, whoever has an address, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// The user's id.
    pub user_id: Option<UserId>,
    /// The address; forgotten when every entry was looked at.
    pub email: Option<Email>,
}

impl Subject {
    /// Whether an entry is by them or about them: they did it, it was done to them, or a personal member of it mentions them.
    pub fn is_in(&self, record: &Record) -> bool {
        let field = |field| record.fields.get(field).map(|text| &**text);
        let Bodies { request, response, before, after } = &record.bodies;
        // An order to erase names whom it is about by their id alone, and who gave it is not to be forgotten for that.
        let is_order = field(Field::ResourceType) == Some(ResourceType::AuditErasure.name());
        let bodies = || [request, response, before, after].into_iter().flatten().filter(move |_| !is_order).map(String::as_str);
        let by_id = self.user_id.as_ref().is_some_and(|id| {
            let (id, quoted) = (id.as_str(), format!("\"{id}\""));
            let is_it = |text: &str| text == id;
            field(Field::ActorId).is_some_and(is_it)
                || field(Field::ResourceId).is_some_and(is_it)
                || field(Field::RawUri).is_some_and(|uri| uri.split(['/', '?', '&', '=']).any(is_it))
                || bodies().any(|body| body.contains(&quoted))
        });
        let texts = || {
            let fields = [Field::ActorEmail, Field::ActorTokenName, Field::RawUri, Field::RawUserAgent];
            fields.into_iter().filter_map(field).chain(bodies())
        };
        by_id || self.email.as_ref().is_some_and(|email| texts().any(|text| email.is_in(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuditEntryId;
    use crate::audit::Fields;

    fn record(fill: impl FnOnce(&mut Record)) -> Record {
        let id = AuditEntryId::parse("e").unwrap();
        let (fields, bodies) = (Fields::default(), Bodies::default());
        let mut record = Record { id, log: None, account: None, at: Timestamp::from_micros(0), fields, bodies };
        fill(&mut record);
        record
    }

    #[test]
    fn a_subject_is_found_as_actor_as_resource_and_in_personal_texts() {
        let ann = Subject { user_id: Some(UserId::parse("u-1").unwrap()), email: Some(Email::parse("ann@example.com").unwrap()) };
        let with = |field, text: &str| record(|record| record.fields.set(field, text));
        let before = |text: &str| record(|record| record.bodies.before = Some(text.to_owned()));
        for found in [
            with(Field::ActorId, "u-1"),
            with(Field::ResourceId, "u-1"),
            with(Field::ActorEmail, "Ann@example.com"),
            with(Field::ActorTokenName, "token of ann@example.com"),
            with(Field::RawUri, "/umbel/v1/users/u-1?x=1"),
            with(Field::RawUri, "/members?user.email=ann%40example.com"),
            before(r#"{"user":{"id":"u-1"}}"#),
            before(r#"{"email":"ann@example.com"}"#),
        ] {
            assert!(ann.is_in(&found), "{found:?}");
        }
        let order = record(|record| {
            record.fields.set(Field::ResourceType, "audit_erasure");
            record.bodies.request = Some(r#"{"user_id":"u-1"}"#.to_owned());
        });
        assert!(!ann.is_in(&order));
        for other in [with(Field::ActorId, "u-12"), with(Field::RawUri, "/users/u-12"), before(r#"{"id":"u-12"}"#)] {
            assert!(!ann.is_in(&other), "{other:?}");
        }
        assert!(!Subject::default().is_in(&with(Field::ActorId, "u-1")));
    }
}
