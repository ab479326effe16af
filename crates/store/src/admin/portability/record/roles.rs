//! The lines of roles that root organizations made.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use umbel_domain::{Actions, CustomRole, Invalid, Name, OrganizationId, Role, RoleId, Timestamp};

use super::Kind;
use crate::admin::portability::text::{NameOf, Text, Textual};

/// A role of a root organization.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct RoleRecord {
    kind: Kind,
    pub(in crate::admin::portability) id: Text<RoleId>,
    pub(in crate::admin::portability) organization_id: Text<OrganizationId>,
    name: Text<NameOf<{ Name::LENGTH_MAX }>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Text<Description>>,
    actions: ActionNames,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<Text<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_time: Option<Text<Timestamp>>,
}

/// What a role is for.
struct Description(String);

impl Textual for Description {
    fn read(text: &str) -> Result<Self, Invalid> {
        CustomRole::description(text.to_owned()).map(Self)
    }

    fn write(&self) -> String {
        self.0.clone()
    }
}

/// What a role allows, as a list of names.
struct ActionNames(Actions);

impl Serialize for ActionNames {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.names().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ActionNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        CustomRole::actions(&names).map(Self).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(|(at, invalid)| format!("item {at} {invalid}")).collect();
            D::Error::custom(faults.join("; "))
        })
    }
}

impl RoleRecord {
    /// The role that the line describes, for members and tokens.
    pub(in crate::admin::portability) fn role(&self) -> Role {
        Role::Custom(self.id.0)
    }

    /// What people call it.
    pub(in crate::admin::portability) fn name(&self) -> &str {
        self.name.0.0.as_str()
    }

    /// The new role.
    pub(in crate::admin::portability) fn into_row(self, now: Timestamp) -> CustomRole {
        let create_time = self.create_time.map_or(now, |time| time.0);
        CustomRole {
            id: self.id.0,
            organization_id: self.organization_id.0,
            name: self.name.0.0,
            description: self.description.map(|text| text.0.0).unwrap_or_default(),
            actions: self.actions.0,
            create_time,
            update_time: self.update_time.map_or(create_time, |time| time.0),
        }
    }
}

impl From<CustomRole> for RoleRecord {
    fn from(role: CustomRole) -> Self {
        Self {
            kind: Kind::Role,
            id: Text(role.id),
            organization_id: Text(role.organization_id),
            name: Text(NameOf(role.name)),
            description: Some(Text(Description(role.description))),
            actions: ActionNames(role.actions),
            create_time: Some(Text(role.create_time)),
            update_time: Some(Text(role.update_time)),
        }
    }
}
