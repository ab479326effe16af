//! How the values of the domain look in a line: what is a string there, and an object that is nothing else.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use umbel_decimal::Decimal;
use umbel_domain::metric::{Aggregation, EventType, PricingBlock};
use umbel_domain::price::TierMode;
use umbel_domain::secret::{Secret, SecretHash};
use umbel_domain::{
    AccountId, AccountType, ApiTokenId, AuditEntryId, BillingPeriodState, BudgetId, Currency, Day, Email, Invalid, InvoiceId,
    MemberId, MemberStatus, MetricId, Month, Name, OrganizationId, PriceId, Role, RoleId, Timestamp, TokenKind, UserId,
};

use crate::credentials::{from_hex, to_hex};

/// A value that is a string in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text<T>(pub(super) T);

/// Something that has one form as text.
pub(super) trait Textual: Sized {
    fn read(text: &str) -> Result<Self, Invalid>;
    fn write(&self) -> String;
}

impl<T: Textual> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.write())
    }
}

impl<'de, T: Textual> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::read(&text).map(Self).map_err(D::Error::custom)
    }
}

macro_rules! textual_ids {
    ($($id:ty)+) => { $(
        impl Textual for $id {
            fn read(text: &str) -> Result<Self, Invalid> {
                Self::parse(text)
            }

            fn write(&self) -> String {
                self.as_str().to_owned()
            }
        }
    )+ };
}

textual_ids! { UserId ApiTokenId OrganizationId AccountId MemberId AuditEntryId MetricId PriceId InvoiceId BudgetId Email EventType }

/// A name of at most so many characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NameOf<const LENGTH_MAX: usize>(pub(super) Name);

impl<const LENGTH_MAX: usize> Textual for NameOf<LENGTH_MAX> {
    fn read(text: &str) -> Result<Self, Invalid> {
        Name::parse(text, LENGTH_MAX).map(Self)
    }

    fn write(&self) -> String {
        self.0.as_str().to_owned()
    }
}

macro_rules! textual_words {
    ($($word:ty)+) => { $(
        impl Textual for $word {
            fn read(text: &str) -> Result<Self, Invalid> {
                let names = || Self::ALL.map(Self::name).join(", ");
                Self::from_name(text).ok_or_else(|| Invalid(format!("must be one of {}", names())))
            }

            fn write(&self) -> String {
                self.name().to_owned()
            }
        }
    )+ };
}

textual_words! { BillingPeriodState MemberStatus AccountType Aggregation TierMode TokenKind }

impl Textual for Role {
    fn read(text: &str) -> Result<Self, Invalid> {
        let names = || Self::BUILT_IN.map(Self::name).join(", ");
        Self::from_name(text).ok_or_else(|| Invalid(format!("must be one of {}, or the id of a role", names())))
    }

    fn write(&self) -> String {
        self.name().into_owned()
    }
}

impl Textual for RoleId {
    fn read(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Textual for Currency {
    fn read(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }

    fn write(&self) -> String {
        self.code().to_owned()
    }
}

impl Textual for PricingBlock {
    fn read(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Textual for Decimal {
    fn read(text: &str) -> Result<Self, Invalid> {
        text.parse().map_err(|error: umbel_decimal::Error| Invalid(error.to_string()))
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

/// A day; its first moment as a time is it as well.
impl Textual for Day {
    fn read(text: &str) -> Result<Self, Invalid> {
        Self::parse(text.strip_suffix("T00:00:00Z").unwrap_or(text))
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Textual for Month {
    fn read(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Textual for Timestamp {
    fn read(text: &str) -> Result<Self, Invalid> {
        let datetime = OffsetDateTime::parse(text, &Rfc3339);
        Self::from_datetime(datetime.map_err(|_| Invalid("must be a time like 2026-01-31T12:00:00Z".into()))?)
    }

    fn write(&self) -> String {
        // A timestamp lies within the years that RFC 3339 can write.
        self.to_datetime().format(&Rfc3339).unwrap_or_default()
    }
}

impl Textual for SecretHash {
    fn read(text: &str) -> Result<Self, Invalid> {
        let hash = from_hex(text).ok().filter(|_| text.bytes().all(|b| b.is_ascii_hexdigit()));
        hash.ok_or_else(|| Invalid("must be 64 hex digits".into()))
    }

    fn write(&self) -> String {
        to_hex(self)
    }
}

/// The hash of a secret that a line has in plain.
pub(super) struct Plain(pub(super) SecretHash);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer).map_err(|_| D::Error::custom("must be a string"))?;
        Ok(Self(Secret::import(&text).map_err(D::Error::custom)?.hash()))
    }
}

/// An object: serde would take an array of the members' values as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object<T>(pub(super) T);

impl<T: Serialize> Serialize for Object<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}
