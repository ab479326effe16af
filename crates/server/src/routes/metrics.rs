//! The catalogue of what is metered, which is the operators'.

use umbel_api::{self as api, Code};
use umbel_domain::audit::Entry;
use umbel_domain::{Action, Metric, MetricId};
use umbel_store::metrics::{self, METRICS_MAX};

use crate::body::Body;
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::reply::Reply;
use crate::wire::billing as wire;
use crate::write::Committed;

pub(super) const LIST: About = About {
    summary: "List the metrics",
    description: "Everything that is metered, in the order of ids, at most 1,000. For operators.",
    errors: &[Code::Forbidden],
};

pub(super) const CREATE: About = About {
    summary: "Make a metric",
    description: "Says what is metered: which events count, how those of a day become one quantity, and what it is called in \
                  prices and reports. Nothing of it can be changed, so that what was recorded keeps its meaning. For operators.",
    errors: &[
        Code::InvalidBody,
        Code::InvalidHeader,
        Code::BodyTooLarge,
        Code::Forbidden,
        Code::AlreadyExists,
        Code::LimitReached,
        Code::KeyReused,
    ],
};

pub(super) const GET: About = About {
    summary: "Get a metric",
    description: "One of the things that are metered. For operators.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const RETIRE: About = About {
    summary: "Retire a metric",
    description: "The metric takes no more events; what was recorded stays. For operators.",
    errors: &[Code::InvalidId, Code::InvalidHeader, Code::NotFound, Code::Forbidden, Code::PreconditionFailed, Code::KeyReused],
};

/// `GET /umbel/v1/metrics`
pub(super) async fn list(caller: Caller) -> Result<Reply<Vec<api::Metric>>> {
    let mut read = caller.read(Action::ManagePrices, On::Server).await?;
    let all = metrics::all(&mut *read).await?;
    let total = Some(all.len() as u64);
    Ok(Reply::page(all.iter().map(wire::metric).collect(), api::ResultInfo::tokens(None, total)))
}

/// `GET /umbel/v1/metrics/{metric_id}`
pub(super) async fn get(caller: Caller, Id(id): Id<MetricId>) -> Result<Reply<api::Metric>> {
    let mut read = caller.read(Action::ManagePrices, On::Server).await?;
    let metric = metrics::get(&mut *read, &id).await?;
    Ok(Reply::one(wire::metric(&found(metric)?)))
}

/// `POST /umbel/v1/metrics`
pub(super) async fn create(caller: Caller, Body(body): Body<api::CreateMetric>) -> Result<Committed<api::Metric>> {
    let metric = wire::new_metric(body, caller.app.sources.now())?;
    let mut write = caller.write(Action::ManagePrices, On::Server).await?;
    let all = metrics::all(&mut *write).await?;
    if all.iter().any(|other| other.id == metric.id) {
        return Err(Error::at(Code::AlreadyExists, "/id", format!("there is a metric {} already", metric.id)));
    }
    if all.len() >= METRICS_MAX {
        return Err(Error::new(Code::LimitReached, format!("there are {METRICS_MAX} metrics already")));
    }
    metrics::insert(&mut write, &metric).await?;
    let reply = Reply::one(wire::metric(&metric));
    write.commit(Entry::metric_created(&metric), reply).await
}

/// `POST /umbel/v1/metrics/{metric_id}/retire`
pub(super) async fn retire(caller: Caller, Id(id): Id<MetricId>) -> Result<Committed<api::Metric>> {
    let mut write = caller.write(Action::ManagePrices, On::Server).await?;
    let metric = found(metrics::get(&mut *write, &id).await?)?;
    write.expect(Some(&wire::metric(&metric)))?;
    if metric.retired_on.is_some() {
        return write.commit_all(Vec::new(), Reply::one(wire::metric(&metric))).await;
    }
    let now = write.now();
    metrics::retire(&mut write, &id, now).await?;
    let metric = Metric { retired_on: Some(now), ..metric };
    write.commit(Entry::metric_retired(&metric), Reply::one(wire::metric(&metric))).await
}

fn found(metric: Option<Metric>) -> Result<Metric> {
    metric.ok_or_else(|| Error::not_found("metric"))
}
