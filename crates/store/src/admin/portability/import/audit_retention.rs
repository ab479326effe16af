//! Checking lines of how long audit logs are kept.

use umbel_domain::audit::Retention;

use super::{Additions, BadLines, Line, Seen};
use crate::admin::portability::record::AuditRetentionRecord;
use crate::{Result, Write, audit_retention};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<AuditRetentionRecord>>,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let mut roots = Seen::new();
    for line in lines {
        let root = line.record.root().cloned();
        let whose = root.as_ref().map_or_else(|| "the server".to_owned(), |root| format!("organization {root}"));
        let what = || format!("the retention of the audit log of {whose}");
        if !roots.first(root.clone(), line.number, bad, what) {
            continue;
        }
        let stored = audit_retention::get(write, root.as_ref()).await?;
        let stored = Some(stored).filter(|stored| *stored != Retention::default());
        if additions.is_new(&line, stored.map(|stored| (root, stored).into()), bad, what) {
            match line.record.into_row() {
                Ok(row) => additions.audit_retention.push(row),
                Err(reason) => bad.add(line.number, reason),
            }
        }
    }
    Ok(())
}
