//! Checking lines of members.

use std::collections::{HashMap, HashSet};

use umbel_domain::{Member, Timestamp, UserId};

use super::references::Known;
use super::{Additions, BadLines, Line, Seen, groups};
use crate::admin::portability::record::MemberRecord;
use crate::admin::portability::text::Text;
use crate::{Result, Write, members};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<MemberRecord>>,
    known: &Known,
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let (mut ids, mut pairs) = (Seen::new(), Seen::new());
    for group in groups(lines) {
        let mut good = Vec::new();
        for mut line in group {
            let (id, organization) = key(&line);
            if ids.first((organization.clone(), id.clone()), line.number, bad, || format!("member {id} of {organization}"))
                && known.organization(&organization, "organization_id", line.number, bad)
                && let Some(user) = user(&line, known, bad)
                && pairs.first((user.to_string(), organization.clone()), line.number, bad, || {
                    format!("user {user} as a member of {organization}")
                })
            {
                line.record.user_id = Some(Text(user.clone()));
                good.push((line, user));
            }
        }
        if !good.is_empty() {
            check_against_stored(write, good, now, additions, bad).await?;
        }
    }
    Ok(())
}

async fn check_against_stored(
    write: &mut Write,
    lines: Vec<(Line<MemberRecord>, UserId)>,
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let asked: Vec<(String, String)> = lines.iter().map(|(line, _)| key(line)).map(|(id, of)| (of, id)).collect();
    let stored = members::with_ids(write, &asked).await?;
    let mut stored: HashMap<(String, String), Member> =
        stored.into_iter().map(|member| ((member.id.to_string(), member.organization_id.to_string()), member)).collect();
    let asked: Vec<(String, String)> = lines.iter().map(|(line, user)| (user.to_string(), key(line).1)).collect();
    let taken = members::of_users(write, &asked).await?;
    let taken: HashSet<(String, String)> =
        taken.into_iter().map(|member| (member.user_id.to_string(), member.organization_id.to_string())).collect();
    for (line, user) in lines {
        let (id, organization) = key(&line);
        let stored = stored.remove(&(id.clone(), organization.clone()));
        if stored.is_none() && taken.contains(&(user.to_string(), organization.clone())) {
            bad.add(line.number, format!("user {user} is a member of {organization} already, with another id"));
            continue;
        }
        if additions.is_new(&line, stored.map(Into::into), bad, || format!("member {id} of {organization}")) {
            additions.members.push(line.record.into_row(user, now));
        }
    }
    Ok(())
}

/// The id and the organization of a member.
fn key(line: &Line<MemberRecord>) -> (String, String) {
    (line.record.id.0.to_string(), line.record.organization_id.0.to_string())
}

/// Who the member is, by id, by address, or by both when they agree; else the line is bad.
fn user(line: &Line<MemberRecord>, known: &Known, bad: &mut BadLines) -> Option<UserId> {
    let id = line.record.user_id.as_ref().map(|id| &id.0);
    if let Some(id) = id
        && !known.user(id.as_str(), line.number, bad)
    {
        return None;
    }
    let Some(email) = line.record.email.as_ref().map(|email| &email.0) else {
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
