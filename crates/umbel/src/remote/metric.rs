//! `umbel metric`: what is metered.

use clap::{Args, Subcommand, ValueEnum};
use umbel_client::api::{Aggregation, CreateMetric, Metric};

use super::Server;
use crate::{Result, print};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the metrics.
    List,
    /// Shows a metric.
    Get {
        /// Its id.
        id: String,
    },
    /// Makes a metric, of which nothing can be changed later.
    Create(Box<Create>),
    /// Has a metric take no more events; what was recorded stays.
    Retire {
        /// Its id.
        id: String,
    },
}

#[derive(Args)]
pub(crate) struct Create {
    /// What records know it by.
    id: String,
    /// What people call it; else its id.
    #[arg(long)]
    name: Option<String>,
    /// Type of the events that it counts.
    #[arg(long, value_name = "TYPE")]
    event_type: String,
    /// How the events of a day become one quantity.
    #[arg(long, value_enum)]
    aggregation: Kind,
    /// Member of the data of an event that is the value.
    #[arg(long, value_name = "MEMBER")]
    value_property: Option<String>,
    /// What quantities are counted in.
    #[arg(long)]
    unit: String,
    /// What a price is for; else a unit.
    #[arg(long, value_name = "UNIT")]
    pricing_unit: Option<String>,
    /// Units in a pricing unit, a power of ten; else 1.
    #[arg(long, value_name = "SIZE")]
    pricing_block_size: Option<String>,
    /// Service that it belongs to.
    #[arg(long, value_name = "NAME")]
    service_name: String,
    /// Category of the service, as FOCUS names it.
    #[arg(long, value_name = "CATEGORY")]
    service_category: String,
    /// Kind of service within the category.
    #[arg(long, value_name = "SUBCATEGORY")]
    service_subcategory: Option<String>,
    /// Family of products that it belongs to; else the service.
    #[arg(long, value_name = "NAME")]
    product_family: Option<String>,
    /// What it is called in price lists; else its id.
    #[arg(long, value_name = "SKU")]
    sku_id: Option<String>,
    /// What of that is measured; else its name.
    #[arg(long, value_name = "NAME")]
    sku_meter: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Kind {
    /// The sum of the values.
    Sum,
    /// How many events there are.
    Count,
    /// The largest value.
    Max,
    /// The smallest value.
    Min,
    /// The value of the latest event.
    Latest,
    /// How many different values there are.
    UniqueCount,
}

impl From<Kind> for Aggregation {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Sum => Self::Sum,
            Kind::Count => Self::Count,
            Kind::Max => Self::Max,
            Kind::Min => Self::Min,
            Kind::Latest => Self::Latest,
            Kind::UniqueCount => Self::UniqueCount,
        }
    }
}

impl From<Create> for CreateMetric {
    fn from(new: Create) -> Self {
        Self {
            name: new.name.unwrap_or_else(|| new.id.clone()),
            id: new.id,
            event_type: new.event_type,
            aggregation: new.aggregation.into(),
            value_property: new.value_property,
            unit: new.unit,
            pricing_unit: new.pricing_unit,
            pricing_block_size: new.pricing_block_size,
            service_name: new.service_name,
            service_category: new.service_category,
            service_subcategory: new.service_subcategory,
            product_family: new.product_family,
            sku_id: new.sku_id,
            sku_meter: new.sku_meter,
        }
    }
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        let client = &server.client;
        match self {
            Self::List => server.show(&client.metrics().await?, |metrics| list(metrics)),
            Self::Get { id } => server.show(&client.metric(&id).await?, text),
            Self::Create(new) => server.show(&client.create_metric(&(*new).into()).await?, text),
            Self::Retire { id } => server.show(&client.retire_metric(&id).await?, text),
        }
    }
}

fn list(metrics: &[Metric]) -> String {
    let rows = metrics.iter().map(|metric| {
        let state = if metric.retired_on.is_some() { "retired" } else { "active" };
        [metric.id.clone(), metric.name.clone(), metric.event_type.clone(), metric.unit.clone(), state.to_owned()]
    });
    print::table(["ID", "NAME", "EVENT TYPE", "UNIT", "STATE"], rows)
}

fn text(metric: &Metric) -> String {
    print::block([
        ("id", metric.id.clone()),
        ("name", metric.name.clone()),
        ("event type", metric.event_type.clone()),
        ("value property", metric.value_property.clone().unwrap_or_default()),
        ("unit", metric.unit.clone()),
        ("pricing unit", format!("{} of {}", metric.pricing_unit, metric.pricing_block_size)),
        ("service", format!("{} ({}, {})", metric.service_name, metric.service_category, metric.service_subcategory)),
        ("product family", metric.product_family.clone()),
        ("retired", print::time_or(metric.retired_on, "")),
    ])
}
