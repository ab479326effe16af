//! `umbel budget`: what organizations mean to spend in a month.

use clap::{Args, Subcommand};
use umbel_client::api::{Budget, CreateBudget, UpdateBudget};

use super::Server;
use crate::{Result, print};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the budgets of an organization.
    List {
        /// Organization.
        organization: String,
    },
    /// Shows a budget.
    Get {
        /// Organization.
        organization: String,
        /// Id of the budget.
        id: String,
    },
    /// Makes a budget: when its thresholds are reached, entries about it come into the audit log.
    Create {
        /// Organization; what is below it counts.
        organization: String,
        /// What people call it.
        #[arg(long)]
        name: String,
        /// How much is to be billed in a month, in UTC.
        #[arg(long)]
        amount: String,
        /// Currency; else what the organization pays in.
        #[arg(long)]
        currency: Option<String>,
        /// Percentages of the amount to tell of.
        #[arg(long, value_name = "PERCENT", value_delimiter = ',')]
        thresholds: Option<Vec<u16>>,
    },
    /// Changes a budget.
    Update(Update),
    /// Deletes a budget.
    Delete {
        /// Organization.
        organization: String,
        /// Id of the budget.
        id: String,
    },
}

#[derive(Args)]
pub(crate) struct Update {
    /// Organization.
    organization: String,
    /// Id of the budget.
    id: String,
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// How much is to be billed in a month.
    #[arg(long)]
    amount: Option<String>,
    /// Currency.
    #[arg(long)]
    currency: Option<String>,
    /// Percentages of the amount to tell of.
    #[arg(long, value_name = "PERCENT", value_delimiter = ',')]
    thresholds: Option<Vec<u16>>,
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        let client = &server.client;
        match self {
            Self::List { organization } => server.show(&client.budgets(&organization).await?, |budgets| list(budgets)),
            Self::Get { organization, id } => server.show(&client.budget(&organization, &id).await?, text),
            Self::Create { organization, name, amount, currency, thresholds } => {
                let new = CreateBudget { name, amount, currency, thresholds };
                server.show(&client.create_budget(&organization, &new).await?, text)
            }
            Self::Update(Update { organization, id, name, amount, currency, thresholds }) => {
                let update = UpdateBudget { name, amount, currency, thresholds };
                server.show(&client.update_budget(&organization, &id, &update).await?, text)
            }
            Self::Delete { organization, id } => {
                let deleted = client.delete_budget(&organization, &id).await?;
                server.show(&deleted, |deleted| format!("deleted {}\n", print::escaped(&deleted.id)))
            }
        }
    }
}

fn thresholds(budget: &Budget) -> String {
    budget.thresholds.iter().map(|threshold| format!("{threshold} %")).collect::<Vec<_>>().join(", ")
}

fn reached(budget: &Budget) -> String {
    let told = budget.reached.zip(budget.reached_in.as_ref());
    told.map(|(threshold, month)| format!("{threshold} % in {month}")).unwrap_or_default()
}

fn list(budgets: &[Budget]) -> String {
    let rows = budgets.iter().map(|budget| {
        let amount = format!("{} {}", budget.amount, budget.currency);
        [budget.id.clone(), print::escaped(&budget.name), amount, thresholds(budget), reached(budget)]
    });
    print::table(["ID", "NAME", "A MONTH", "THRESHOLDS", "REACHED"], rows)
}

fn text(budget: &Budget) -> String {
    print::block([
        ("id", budget.id.clone()),
        ("name", budget.name.clone()),
        ("organization", budget.organization_id.clone()),
        ("a month", format!("{} {}", budget.amount, budget.currency)),
        ("thresholds", thresholds(budget)),
        ("reached", reached(budget)),
    ])
}
