//! `umbel price`: what metrics cost.

use clap::{Args, Subcommand, ValueEnum};
use umbel_client::api::{CreatePrice, ListPrices, Price, Tier, TierMode};

use super::{Limit, Server};
use crate::{Result, print};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the price book.
    List {
        /// Only the prices of this metric.
        #[arg(long, value_name = "ID")]
        metric: Option<String>,
        /// Only the prices that this organization has negotiated itself.
        #[arg(long, value_name = "ID")]
        organization: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Shows a price.
    Get {
        /// Its id.
        id: String,
    },
    /// Makes a price, which never changes but that it ends.
    Create(Box<Create>),
    /// Ends a price.
    End {
        /// Its id.
        id: String,
        /// First day, in UTC, on which it holds no more.
        #[arg(long, value_name = "DAY")]
        on: String,
    },
}

#[derive(Args)]
pub(crate) struct Create {
    /// Metric that it is the price of.
    #[arg(long, value_name = "ID")]
    metric: String,
    /// What reports know it by; else an id is made.
    #[arg(long)]
    id: Option<String>,
    /// Currency, a code of ISO 4217.
    #[arg(long, default_value = "USD")]
    currency: String,
    /// What a pricing unit costs, beyond the last tier when there are tiers.
    #[arg(long, value_name = "PRICE")]
    list_unit_price: String,
    /// Organization that has negotiated it.
    #[arg(long, value_name = "ID", requires = "contracted_unit_price")]
    organization: Option<String>,
    /// What a pricing unit costs that organization.
    #[arg(long, value_name = "PRICE", requires = "organization")]
    contracted_unit_price: Option<String>,
    /// First day, in UTC, on which it holds.
    #[arg(long, value_name = "DAY")]
    from: String,
    /// First day on which it holds no more.
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// How much of each billing period costs an account nothing.
    #[arg(long, value_name = "QUANTITY")]
    free_quantity: Option<String>,
    /// What tiers are looked up with.
    #[arg(long, value_enum, default_value = "graduated")]
    tier_mode: Mode,
    /// Price up to a quantity; without a quantity, for all that is left. Repeat it.
    #[arg(long, value_name = "QUANTITY:PRICE", value_parser = tier)]
    tier: Vec<Tier>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// Each part of a period's quantity costs what its own tier says.
    Graduated,
    /// All of it costs what the tier says that the whole reaches.
    Volume,
}

fn tier(text: &str) -> std::result::Result<Tier, String> {
    let (up_to, price) = text.split_once(':').ok_or("give QUANTITY:PRICE, or :PRICE for all that is left")?;
    let up_to = Some(up_to.to_owned()).filter(|up_to| !up_to.is_empty());
    Ok(Tier { up_to, list_unit_price: price.to_owned() })
}

impl From<Create> for CreatePrice {
    fn from(new: Create) -> Self {
        let mode = match new.tier_mode {
            Mode::Graduated => TierMode::Graduated,
            Mode::Volume => TierMode::Volume,
        };
        Self {
            id: new.id,
            metric_id: new.metric,
            currency: new.currency,
            organization_id: new.organization,
            list_unit_price: new.list_unit_price,
            contracted_unit_price: new.contracted_unit_price,
            effective_from: new.from,
            effective_to: new.to,
            free_quantity: new.free_quantity,
            tier_mode: Some(mode),
            tiers: Some(new.tier),
        }
    }
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        let client = &server.client;
        match self {
            Self::List { metric, organization, limit } => {
                let asked = ListPrices {
                    metric_id: metric,
                    organization_id: organization,
                    page_size: limit.page_size(),
                    page_token: None,
                };
                server.show(&limit.take(client.prices(asked)).await?, |prices| list(prices))
            }
            Self::Get { id } => server.show(&client.price(&id).await?, text),
            Self::Create(new) => server.show(&client.create_price(&(*new).into()).await?, text),
            Self::End { id, on } => server.show(&client.end_price(&id, &on).await?, text),
        }
    }
}

fn list(prices: &[Price]) -> String {
    let rows = prices.iter().map(|price| {
        let unit_price = price.contracted_unit_price.as_ref().unwrap_or(&price.list_unit_price);
        let holder = price.organization_id.clone().unwrap_or("everybody".to_owned());
        [price.id.clone(), price.metric_id.clone(), holder, format!("{unit_price} {}", price.currency), span(price)]
    });
    print::table(["ID", "METRIC", "FOR", "UNIT PRICE", "HOLDS"], rows)
}

fn text(price: &Price) -> String {
    let tier = |tier: &Tier| {
        let up_to = tier.up_to.as_ref().map_or("the rest".to_owned(), |up_to| format!("up to {up_to}"));
        format!("{up_to}: {}", tier.list_unit_price)
    };
    print::block([
        ("id", price.id.clone()),
        ("metric", price.metric_id.clone()),
        ("organization", price.organization_id.clone().unwrap_or_default()),
        ("currency", price.currency.clone()),
        ("list unit price", price.list_unit_price.clone()),
        ("contracted", price.contracted_unit_price.clone().unwrap_or_default()),
        ("holds", span(price)),
        ("free quantity", price.free_quantity.clone()),
        ("tiers", price.tiers.iter().map(tier).collect::<Vec<_>>().join("; ")),
    ])
}

fn span(price: &Price) -> String {
    match &price.effective_to {
        Some(end) => format!("{} to {end}", price.effective_from),
        None => format!("from {}", price.effective_from),
    }
}
