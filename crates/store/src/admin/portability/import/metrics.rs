//! Checking lines of metrics.

use std::collections::HashMap;

use umbel_domain::{Metric, Timestamp};

use super::{Additions, BadLines, Line, Seen};
use crate::admin::portability::record::MetricRecord;
use crate::metrics::{self, METRICS_MAX};
use crate::{Result, Write};

/// Every metric, stored or new, by its id.
pub(super) type Metrics = HashMap<String, Metric>;

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<MetricRecord>>,
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<Metrics> {
    let stored = metrics::all(write).await?;
    let mut known: Metrics = stored.into_iter().map(|metric| (metric.id.to_string(), metric)).collect();
    let mut ids = Seen::new();
    for line in lines {
        let id = line.record.id.0.clone();
        if !ids.first(id.clone(), line.number, bad, || format!("metric {id}")) {
            continue;
        }
        let stored = known.get(id.as_str()).cloned().map(Into::into);
        if !additions.is_new(&line, stored, bad, || format!("metric {id}")) {
            continue;
        }
        if known.len() >= METRICS_MAX {
            bad.add(line.number, format!("a server has at most {METRICS_MAX} metrics"));
            continue;
        }
        match line.record.into_row(now) {
            Ok(metric) => {
                known.insert(id.to_string(), metric.clone());
                additions.metrics.push(metric);
            }
            Err(reason) => bad.add(line.number, reason),
        }
    }
    Ok(known)
}
