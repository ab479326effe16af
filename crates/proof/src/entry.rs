//! An entry of the audit log as it is on the wire, and which of its members are personal.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::canonical::Object;

/// A text, borrowed where that is possible.
pub type Text<'a> = Cow<'a, str>;

/// An entry; members that are unknown are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry<'a> {
    /// The account that it is about.
    #[serde(borrow, default)]
    pub account: Account<'a>,
    /// What was done.
    #[serde(borrow, default)]
    pub action: Action<'a>,
    /// Who did it.
    #[serde(borrow, default)]
    pub actor: Actor<'a>,
    /// The id of the entry.
    #[serde(borrow, default, deserialize_with = "text")]
    pub id: Option<Text<'a>>,
    /// Whose log it belongs to.
    #[serde(borrow, default)]
    pub organization: Organization<'a>,
    /// The request.
    #[serde(borrow, default)]
    pub raw: Raw<'a>,
    /// To what it was done.
    #[serde(borrow, default)]
    pub resource: Resource<'a>,
}

/// The account that an entry is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account<'a> {
    /// The id of the account.
    #[serde(borrow, default, deserialize_with = "text")]
    pub id: Option<Text<'a>>,
}

/// What was done, and when.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action<'a> {
    /// In words.
    #[serde(borrow, default, deserialize_with = "text")]
    pub description: Option<Text<'a>>,
    /// `success` or `failure`.
    #[serde(borrow, default, deserialize_with = "text")]
    pub result: Option<Text<'a>>,
    /// When, exactly as on the wire.
    #[serde(borrow, default, deserialize_with = "text")]
    pub time: Option<Text<'a>>,
    /// `create`, `update` and so on.
    #[serde(borrow, default, rename = "type", deserialize_with = "text")]
    pub kind: Option<Text<'a>>,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor<'a> {
    /// By what kind of credential.
    #[serde(borrow, default, deserialize_with = "text")]
    pub context: Option<Text<'a>>,
    /// Personal: the address of the user.
    #[serde(borrow, default, deserialize_with = "text")]
    pub email: Option<Text<'a>>,
    /// The id of the user.
    #[serde(borrow, default, deserialize_with = "text")]
    pub id: Option<Text<'a>>,
    /// Personal: where the request came from.
    #[serde(borrow, default, deserialize_with = "text")]
    pub ip_address: Option<Text<'a>>,
    /// The id of the API token.
    #[serde(borrow, default, deserialize_with = "text")]
    pub token_id: Option<Text<'a>>,
    /// Personal: the name of the API token.
    #[serde(borrow, default, deserialize_with = "text")]
    pub token_name: Option<Text<'a>>,
    /// `user`, `system` and so on.
    #[serde(borrow, default, rename = "type", deserialize_with = "text")]
    pub kind: Option<Text<'a>>,
}

/// Whose log it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization<'a> {
    /// The id of the organization.
    #[serde(borrow, default, deserialize_with = "text")]
    pub id: Option<Text<'a>>,
}

/// The request.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw<'a> {
    /// The id of the request.
    #[serde(borrow, default, deserialize_with = "text")]
    pub cf_ray_id: Option<Text<'a>>,
    /// Its method.
    #[serde(borrow, default, deserialize_with = "text")]
    pub method: Option<Text<'a>>,
    /// The status of its answer.
    #[serde(default, deserialize_with = "number")]
    pub status_code: Option<u16>,
    /// Personal: its path and query.
    #[serde(borrow, default, deserialize_with = "text")]
    pub uri: Option<Text<'a>>,
    /// Personal: the program that sent it.
    #[serde(borrow, default, deserialize_with = "text")]
    pub user_agent: Option<Text<'a>>,
}

/// To what it was done.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource<'a> {
    /// Personal: what a GET answers after the change, where the answer to the change is something else, as the text of JSON that was
    /// stored; never read as JSON, so that its numbers stay.
    #[serde(borrow, default, deserialize_with = "text")]
    pub after: Option<Text<'a>>,
    /// Personal: what a GET answered before the change, in the same way.
    #[serde(borrow, default, deserialize_with = "text")]
    pub before: Option<Text<'a>>,
    /// The id of the resource.
    #[serde(borrow, default, deserialize_with = "text")]
    pub id: Option<Text<'a>>,
    /// The product that it belongs to.
    #[serde(borrow, default, deserialize_with = "text")]
    pub product: Option<Text<'a>>,
    /// Personal: the body of the request, in the same way.
    #[serde(borrow, default, deserialize_with = "text")]
    pub request: Option<Text<'a>>,
    /// Personal: the body of the answer, in the same way.
    #[serde(borrow, default, deserialize_with = "text")]
    pub response: Option<Text<'a>>,
    /// Where it is.
    #[serde(borrow, default, deserialize_with = "text")]
    pub scope: Option<Text<'a>>,
    /// The kind of the resource.
    #[serde(borrow, default, rename = "type", deserialize_with = "text")]
    pub kind: Option<Text<'a>>,
}

/// Which members of an entry are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    All,
    /// All but the personal ones.
    Public,
    /// Only the personal ones.
    Personal,
}

impl Part {
    fn public<'t>(self, text: Option<&'t Text<'_>>) -> Option<&'t str> {
        text.filter(|_| self != Self::Personal).map(AsRef::as_ref)
    }

    fn personal<'t>(self, text: Option<&'t Text<'_>>) -> Option<&'t str> {
        text.filter(|_| self != Self::Public).map(AsRef::as_ref)
    }
}

impl Entry<'_> {
    /// The path of a personal member that the entry has.
    pub(crate) fn personal_member(&self) -> Option<&'static str> {
        let members = [
            ("actor.email", &self.actor.email),
            ("actor.ip_address", &self.actor.ip_address),
            ("actor.token_name", &self.actor.token_name),
            ("raw.uri", &self.raw.uri),
            ("raw.user_agent", &self.raw.user_agent),
            ("resource.after", &self.resource.after),
            ("resource.before", &self.resource.before),
            ("resource.request", &self.resource.request),
            ("resource.response", &self.resource.response),
        ];
        members.into_iter().find(|(_, text)| text.is_some()).map(|(path, _)| path)
    }

    /// Writes the members of the entry up to `actor`: what a leaf puts in between comes after them.
    pub(crate) fn write_first(&self, object: &mut Object<'_>, part: Part) {
        object.group("account", |o| o.text("id", part.public(self.account.id.as_ref())));
        object.group("action", |o| self.action.write(o, part));
        object.group("actor", |o| self.actor.write(o, part));
    }

    /// Writes the other members.
    pub(crate) fn write_rest(&self, object: &mut Object<'_>, part: Part) {
        object.text("id", part.public(self.id.as_ref()));
        object.group("organization", |o| o.text("id", part.public(self.organization.id.as_ref())));
        object.group("raw", |o| self.raw.write(o, part));
        object.group("resource", |o| self.resource.write(o, part));
    }
}

impl Action<'_> {
    fn write(&self, object: &mut Object<'_>, part: Part) {
        object.text("description", part.public(self.description.as_ref()));
        object.text("result", part.public(self.result.as_ref()));
        object.text("time", part.public(self.time.as_ref()));
        object.text("type", part.public(self.kind.as_ref()));
    }
}

impl Actor<'_> {
    fn write(&self, object: &mut Object<'_>, part: Part) {
        object.text("context", part.public(self.context.as_ref()));
        object.text("email", part.personal(self.email.as_ref()));
        object.text("id", part.public(self.id.as_ref()));
        object.text("ip_address", part.personal(self.ip_address.as_ref()));
        object.text("token_id", part.public(self.token_id.as_ref()));
        object.text("token_name", part.personal(self.token_name.as_ref()));
        object.text("type", part.public(self.kind.as_ref()));
    }
}

impl Raw<'_> {
    fn write(&self, object: &mut Object<'_>, part: Part) {
        object.text("cf_ray_id", part.public(self.cf_ray_id.as_ref()));
        object.text("method", part.public(self.method.as_ref()));
        object.number("status_code", self.status_code.filter(|_| part != Part::Personal).map(u64::from));
        object.text("uri", part.personal(self.uri.as_ref()));
        object.text("user_agent", part.personal(self.user_agent.as_ref()));
    }
}

impl Resource<'_> {
    fn write(&self, object: &mut Object<'_>, part: Part) {
        object.text("after", part.personal(self.after.as_ref()));
        object.text("before", part.personal(self.before.as_ref()));
        object.text("id", part.public(self.id.as_ref()));
        object.text("product", part.public(self.product.as_ref()));
        object.text("request", part.personal(self.request.as_ref()));
        object.text("response", part.personal(self.response.as_ref()));
        object.text("scope", part.public(self.scope.as_ref()));
        object.text("type", part.public(self.kind.as_ref()));
    }
}

/// Reads a text, borrowed when nothing in it is escaped, and never `null`: what is unknown is absent.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text<'de>>, D::Error> {
    struct Borrowing;

    impl<'de> Visitor<'de> for Borrowing {
        type Value = Text<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(text))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text.to_owned()))
        }
    }

    deserializer.deserialize_str(Borrowing).map(Some)
}

/// Reads a number, never `null`.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    u16::deserialize(deserializer).map(Some)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An entry in which every member is present.
    pub(crate) fn full_entry() -> Entry<'static> {
        let text = |text: &'static str| Some(Cow::Borrowed(text));
        Entry {
            account: Account { id: text("a1") },
            action: Action {
                description: text("Create Organization"),
                result: text("success"),
                time: text("2026-02-03T04:05:06.789Z"),
                kind: text("create"),
            },
            actor: Actor {
                context: text("api_token"),
                email: text("zoë@example.com"),
                id: text("u1"),
                ip_address: text("192.0.2.7"),
                token_id: text("t1"),
                token_name: text("deploy \"blue\""),
                kind: text("user"),
            },
            id: text("e1"),
            organization: Organization { id: text("o1") },
            raw: Raw {
                cf_ray_id: text("r1"),
                method: text("POST"),
                status_code: Some(200),
                uri: text("/client/v4/organizations"),
                user_agent: text("umbel/0.1"),
            },
            resource: Resource {
                after: text("[]"),
                before: text("{}"),
                id: text("o2"),
                product: text("organizations"),
                request: text(r#"{"limit":1.50}"#),
                response: text("{\"id\":\"o2\",\"name\":\"\u{1f98b}\"}"),
                scope: text("organizations"),
                kind: text("organization"),
            },
        }
    }

    #[test]
    fn texts_without_escapes_are_borrowed() {
        let json = r#"{"action":{"description":"plain","type":"with \" escape"}}"#;
        let entry: Entry<'_> = serde_json::from_str(json).unwrap();
        assert!(matches!(entry.action.description, Some(Cow::Borrowed("plain"))));
        assert!(matches!(entry.action.kind, Some(Cow::Owned(_))));
    }

    #[test]
    fn a_member_that_is_unknown_null_repeated_or_of_another_type_is_refused() {
        for json in [
            r#"{"zone":{}}"#,
            r#"{"actor":{"name":"Ann"}}"#,
            r#"{"id":null}"#,
            r#"{"raw":{"status_code":null}}"#,
            r#"{"raw":{"status_code":"200"}}"#,
            r#"{"raw":{"status_code":200.0}}"#,
            r#"{"id":"a","id":"a"}"#,
            r#"{"resource":{"request":{}}}"#,
        ] {
            assert!(serde_json::from_str::<Entry<'_>>(json).is_err(), "{json}");
        }
    }
}
