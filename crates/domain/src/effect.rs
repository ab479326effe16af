//! What a move or another role changes for people.

use std::collections::HashSet;

use crate::{Email, Place, Role, UserId};

/// Somebody who holds a role, and where they have it from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Where they are a member.
    pub place: Place,
    /// Who.
    pub user_id: UserId,
    /// Their address.
    pub email: Email,
    /// As what.
    pub role: Role,
}

/// Who gains and who loses which role on what a change is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// Roles that somebody holds afterwards and not before.
    pub gains: Vec<Holding>,
    /// Roles that somebody holds before and not afterwards.
    pub loses: Vec<Holding>,
}

impl Effect {
    /// Compares who holds a role by what comes to an end, by what stays and by what is new.
    pub fn new(ending: &[Holding], staying: &[Holding], beginning: &[Holding]) -> Self {
        Self { gains: beyond(beginning, &[ending, staying]), loses: beyond(ending, &[staying, beginning]) }
    }
}

/// Those of `held` that nobody of the others holds as well, each user and role once.
fn beyond(held: &[Holding], others: &[&[Holding]]) -> Vec<Holding> {
    let mut known: HashSet<_> =
        others.iter().flat_map(|others| others.iter()).map(|other| (&other.user_id, other.role)).collect();
    held.iter().filter(|holding| known.insert((&holding.user_id, holding.role))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OrganizationId;

    fn held(user: &str, role: Role, at: &str) -> Holding {
        let email = Email::parse(user).unwrap();
        let (place, user_id) = (Place::Organization(OrganizationId::parse(at).unwrap()), UserId::parse(user).unwrap());
        Holding { place, user_id, email, role }
    }

    #[test]
    fn a_role_that_is_held_before_and_afterwards_is_neither_gained_nor_lost() {
        let (viewer, billing) = (Role::Viewer, Role::Billing);
        let ending = [held("ann", viewer, "old"), held("bob", viewer, "old"), held("cid", viewer, "old")];
        let staying = [held("bob", viewer, "root"), held("dan", billing, "root")];
        let beginning = [
            held("ann", viewer, "new"),
            held("dan", billing, "new"),
            held("eve", billing, "new"),
            held("eve", billing, "newer"),
            held("cid", billing, "new"),
        ];
        let effect = Effect::new(&ending, &staying, &beginning);
        assert_eq!(effect.gains, [held("eve", billing, "new"), held("cid", billing, "new")]);
        assert_eq!(effect.loses, [held("cid", viewer, "old")]);
    }
}
