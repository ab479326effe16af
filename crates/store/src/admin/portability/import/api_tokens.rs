//! Checking lines of API tokens.

use std::collections::{HashMap, HashSet};

use umbel_domain::ApiToken;
use umbel_domain::secret::SecretHash;

use super::references::Known;
use super::{Additions, BadLines, Line, Seen, groups};
use crate::admin::Sources;
use crate::admin::portability::record::ApiTokenRecord;
use crate::credentials::to_hex;
use crate::{Result, Write, api_tokens};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<ApiTokenRecord>>,
    known: &Known,
    sources: &Sources,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let (mut ids, mut hashes) = (Seen::new(), Seen::new());
    for group in groups(lines) {
        let asked: Vec<String> = group.iter().map(|line| line.record.id.0.to_string()).collect();
        let stored = api_tokens::with_ids(write, &asked).await?;
        let mut stored: HashMap<String, (ApiToken, SecretHash)> =
            stored.into_iter().map(|stored| (stored.0.id.to_string(), stored)).collect();
        let asked: Vec<String> = group.iter().filter_map(hash).collect();
        let taken: HashSet<String> = api_tokens::taken_hashes(write, &asked).await?.into_iter().collect();
        for line in group {
            let id = line.record.id.0.clone();
            let scope = line.record.scope.as_ref().and_then(|scope| scope.0.organization_id.as_ref());
            let good = ids.first(id.clone(), line.number, bad, || format!("API token {id}"))
                && hash(&line).is_none_or(|hash| hashes.first(hash, line.number, bad, || "the secret".into()))
                && known.user(line.record.user_id.0.as_str(), line.number, bad)
                && scope.is_none_or(|scope| known.organization(scope.0.as_str(), "scope.organization_id", line.number, bad))
                && line.record.scope.as_ref().and_then(|scope| scope.0.role.as_ref()).is_none_or(|role| {
                    let at = scope.and_then(|scope| known.lineages.get(scope.0.as_str()));
                    known.role(role.0, at, "scope.role", line.number, bad)
                });
            let stored = stored.remove(id.as_str());
            if !good {
                continue;
            }
            if stored.is_none() && hash(&line).is_some_and(|hash| taken.contains(&hash)) {
                bad.add(line.number, "the secret belongs to another API token");
                continue;
            }
            if additions.is_new(&line, stored.map(Into::into), bad, || format!("API token {id}")) {
                additions.api_tokens.push(line.record.into_row(sources.now, sources.random()));
            }
        }
    }
    Ok(())
}

fn hash(line: &Line<ApiTokenRecord>) -> Option<String> {
    line.record.token_hash.as_ref().map(|hash| to_hex(&hash.0))
}
