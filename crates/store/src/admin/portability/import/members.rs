//! Checking lines of members, of organizations and of accounts.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use umbel_domain::{AccountMember, Email, Lineage, Member, Role, Timestamp, UserId};

use super::references::Known;
use super::{Additions, BadLines, Line, Seen, groups};
use crate::admin::portability::record::{AccountMemberRecord, MemberRecord};
use crate::admin::portability::text::Text;
use crate::{Result, Write, account_members, members};

/// A pair of ids: of a member or a user, and of what they are a member of.
type Pair = (String, String);

/// A line that makes a user a member of something.
pub(super) trait Membership: Serialize + Sized {
    /// What the line becomes.
    type Row: Into<Self>;

    /// The ids of the member and of what it is a member of.
    fn key(&self) -> Pair;
    /// Whether that is there; else the line is bad.
    fn has_place(&self, number: u64, known: &Known, bad: &mut BadLines) -> bool;
    /// Where that stands.
    fn lineage<'k>(&self, known: &'k Known) -> Option<&'k Lineage>;
    /// The roles that the line gives.
    fn roles(&self) -> Vec<Role>;
    /// Who it is, by id and by address.
    fn who(&self) -> (Option<&UserId>, Option<&Email>);
    fn set_user(&mut self, user: UserId);
    /// Those that are stored of these members; of each pair the place comes first.
    async fn stored(write: &mut Write, pairs: &[Pair]) -> Result<Vec<Self::Row>>;
    /// Those of these users who are members; of each pair the user comes first.
    async fn taken(write: &mut Write, pairs: &[Pair]) -> Result<Vec<Self::Row>>;
    fn key_of(row: &Self::Row) -> Pair;
    fn user_of(row: &Self::Row) -> &UserId;
    fn add(self, user: UserId, now: Timestamp, additions: &mut Additions);
}

macro_rules! membership {
    ($record:ty, $row:ty, $place:ident, $known:expr, $lineage:expr, $roles:expr, $store:ident, $additions:ident) => {
        impl Membership for $record {
            type Row = $row;

            fn key(&self) -> Pair {
                (self.id.0.to_string(), self.$place.0.to_string())
            }

            fn has_place(&self, number: u64, known: &Known, bad: &mut BadLines) -> bool {
                let has: fn(&Known, &str, u64, &mut BadLines) -> bool = $known;
                has(known, self.$place.0.as_str(), number, bad)
            }

            fn lineage<'k>(&self, known: &'k Known) -> Option<&'k Lineage> {
                let lineage: for<'a> fn(&'a Known, &str) -> Option<&'a Lineage> = $lineage;
                lineage(known, self.$place.0.as_str())
            }

            fn roles(&self) -> Vec<Role> {
                let roles: fn(&Self) -> Vec<Role> = $roles;
                roles(self)
            }

            fn who(&self) -> (Option<&UserId>, Option<&Email>) {
                (self.user_id.as_ref().map(|id| &id.0), self.email.as_ref().map(|email| &email.0))
            }

            fn set_user(&mut self, user: UserId) {
                self.user_id = Some(Text(user));
            }

            async fn stored(write: &mut Write, pairs: &[Pair]) -> Result<Vec<$row>> {
                $store::with_ids(write, pairs).await
            }

            async fn taken(write: &mut Write, pairs: &[Pair]) -> Result<Vec<$row>> {
                $store::of_users(write, pairs).await
            }

            fn key_of(row: &$row) -> Pair {
                (row.id.to_string(), row.$place.to_string())
            }

            fn user_of(row: &$row) -> &UserId {
                &row.user_id
            }

            fn add(self, user: UserId, now: Timestamp, additions: &mut Additions) {
                additions.$additions.push(self.into_row(user, now));
            }
        }
    };
}

membership! {
    MemberRecord, Member, organization_id,
    |known, id, number, bad| known.organization(id, "organization_id", number, bad),
    |known, id| known.lineages.get(id),
    |line| line.role.iter().map(|role| role.0).collect(),
    members, members
}
membership! {
    AccountMemberRecord, AccountMember, account_id,
    Known::account,
    |known, id| known.accounts.get(id)?.as_ref(),
    |line| line.roles.iter().flat_map(|roles| &roles.0).map(|role| role.0).collect(),
    account_members, account_members
}

pub(super) async fn check<M: Membership>(
    write: &mut Write,
    lines: Vec<Line<M>>,
    known: &Known,
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let (mut ids, mut pairs) = (Seen::new(), Seen::new());
    for group in groups(lines) {
        let mut good = Vec::new();
        for mut line in group {
            let (id, place) = line.record.key();
            if ids.first((place.clone(), id.clone()), line.number, bad, || format!("member {id} of {place}"))
                && line.record.has_place(line.number, known, bad)
                && has_roles(&line, known, bad)
                && let Some(user) = user(&line, known, bad)
                && pairs
                    .first((user.to_string(), place.clone()), line.number, bad, || format!("user {user} as a member of {place}"))
            {
                line.record.set_user(user.clone());
                good.push((line, user));
            }
        }
        if !good.is_empty() {
            check_against_stored(write, good, now, additions, bad).await?;
        }
    }
    Ok(())
}

/// Whether every role of the line counts where it would be held; else the line is bad.
fn has_roles<M: Membership>(line: &Line<M>, known: &Known, bad: &mut BadLines) -> bool {
    let at = line.record.lineage(known);
    line.record.roles().into_iter().all(|role| known.role(role, at, "role", line.number, bad))
}

async fn check_against_stored<M: Membership>(
    write: &mut Write,
    lines: Vec<(Line<M>, UserId)>,
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let asked: Vec<Pair> = lines.iter().map(|(line, _)| line.record.key()).map(|(id, place)| (place, id)).collect();
    let stored = M::stored(write, &asked).await?;
    let mut stored: HashMap<Pair, M::Row> = stored.into_iter().map(|row| (M::key_of(&row), row)).collect();
    let asked: Vec<Pair> = lines.iter().map(|(line, user)| (user.to_string(), line.record.key().1)).collect();
    let taken = M::taken(write, &asked).await?;
    let taken: HashSet<Pair> = taken.iter().map(|row| (M::user_of(row).to_string(), M::key_of(row).1)).collect();
    for (line, user) in lines {
        let (id, place) = line.record.key();
        let stored = stored.remove(&(id.clone(), place.clone()));
        if stored.is_none() && taken.contains(&(user.to_string(), place.clone())) {
            bad.add(line.number, format!("user {user} is a member of {place} already, with another id"));
            continue;
        }
        if additions.is_new(&line, stored.map(Into::into), bad, || format!("member {id} of {place}")) {
            line.record.add(user, now, additions);
        }
    }
    Ok(())
}

/// Who the member is, by id, by address, or by both when they agree; else the line is bad.
fn user<M: Membership>(line: &Line<M>, known: &Known, bad: &mut BadLines) -> Option<UserId> {
    let (id, email) = line.record.who();
    if let Some(id) = id
        && !known.user(id.as_str(), line.number, bad)
    {
        return None;
    }
    let Some(email) = email else {
        if id.is_none() {
            bad.add(line.number, "user_id or email is missing");
        }
        return id.cloned();
    };
    let Some(by_email) = known.user_by_email(email.canonical()) else {
        bad.add(line.number, format!("email: there is no user {}", email.as_str()));
        return None;
    };
    if id.is_some_and(|id| id != by_email) {
        bad.add(line.number, format!("email: {} is another user than user_id", email.as_str()));
        return None;
    }
    Some(by_email.clone())
}
