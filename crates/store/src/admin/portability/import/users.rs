//! Checking lines of users.

use std::collections::HashMap;

use umbel_domain::Timestamp;

use super::references::Known;
use super::{Additions, BadLines, Line, Seen, groups};
use crate::admin::portability::record::UserRecord;
use crate::credentials::KeyCredential;
use crate::{Result, Write, users};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<UserRecord>>,
    known: &Known,
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let (mut ids, mut emails) = (Seen::new(), Seen::new());
    for group in groups(lines) {
        let asked: Vec<String> = group.iter().map(|line| line.record.id.0.to_string()).collect();
        let stored = users::with_ids(write, &asked).await?;
        let mut stored: HashMap<String, KeyCredential> =
            stored.into_iter().map(|stored| (stored.user.id.to_string(), stored)).collect();
        let asked: Vec<String> = group.iter().map(|line| line.record.email.0.canonical().to_owned()).collect();
        let owners: HashMap<String, _> = users::ids_by_email(write, &asked).await?.into_iter().collect();
        for line in group {
            let (id, email) = (line.record.id.0.clone(), line.record.email.0.clone());
            let managed_by = line.record.managed_by.as_ref().and_then(Option::as_ref);
            let good = ids.first(id.clone(), line.number, bad, || format!("user {id}"))
                && emails.first(email.canonical().to_owned(), line.number, bad, || format!("the address {}", email.as_str()))
                && managed_by.is_none_or(|manager| known.organization(manager.0.as_str(), "managed_by", line.number, bad));
            if !good {
                continue;
            }
            if let Some(owner) = owners.get(email.canonical()).filter(|owner| **owner != id) {
                bad.add(line.number, format!("the address {} belongs to user {owner}", email.as_str()));
                continue;
            }
            if additions.is_new(&line, stored.remove(id.as_str()).map(Into::into), bad, || format!("user {id}")) {
                additions.users.push(line.record.into_row(now));
            }
        }
    }
    Ok(())
}
