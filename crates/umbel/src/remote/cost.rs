//! `umbel cost`: what accounts cost, added up, as a table with bars.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use console::{Style, Term};
use umbel_client::api::{Cost, CostGroup, ListCosts};
use unicode_width::UnicodeWidthStr as _;

use super::Server;
use crate::{Result, print};

/// How wide it is where there is no terminal.
const WIDTH: usize = 100;
/// Bars that would be shorter are left out.
const BAR_WIDTH_MIN: usize = 8;
/// Bars get no longer, however wide the terminal is.
const BAR_WIDTH_MAX: usize = 60;
/// Parts of a character, each an eighth longer.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

#[derive(Args)]
pub(crate) struct Costs {
    /// Organization; what is below it is in the sums.
    organization: String,
    /// First day, in UTC; else the first of the month.
    #[arg(long, value_name = "DAY", requires = "to")]
    from: Option<String>,
    /// Last day, in UTC; else today.
    #[arg(long, value_name = "DAY", requires = "from")]
    to: Option<String>,
    /// What to add up by; can be given twice.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "day")]
    by: Vec<Group>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    Day,
    Account,
    Organization,
    Metric,
    Service,
}

impl From<Group> for CostGroup {
    fn from(group: Group) -> Self {
        match group {
            Group::Day => Self::Day,
            Group::Account => Self::Account,
            Group::Organization => Self::Organization,
            Group::Metric => Self::Metric,
            Group::Service => Self::Service,
        }
    }
}

impl super::Verb for Costs {
    async fn run(self, server: &Server) -> Result {
        let group_by = self.by.iter().map(|group| (*group).into()).collect();
        let asked = ListCosts { from: self.from, to: self.to, group_by };
        let costs = server.client.costs(&self.organization, &asked).await?;
        let term = Term::stdout();
        let width = term.size_checked().map_or(WIDTH, |(_, columns)| columns.into());
        // It is off where nobody looks, and where NO_COLOR asks for it.
        let style = if term.is_term() { Style::new().cyan() } else { Style::new().force_styling(false) };
        server.show(&costs, |costs| text(costs, width, &style))
    }
}

/// The costs and a bar for what is billed, as long as the largest of its currency lets it be.
fn text(costs: &[Cost], width: usize, style: &Style) -> String {
    if costs.is_empty() {
        return "nothing that has a price was used\n".to_owned();
    }
    let name = |id: &Option<String>, name: &Option<String>| match (id, name) {
        (Some(id), Some(name)) if name != id => print::named(name, id),
        (Some(id), _) => id.clone(),
        (None, _) => String::new(),
    };
    let row = |cost: &Cost| {
        let groups = [
            cost.day.clone().unwrap_or_default(),
            name(&cost.organization_id, &cost.organization_name),
            name(&cost.account_id, &cost.account_name),
            name(&cost.metric_id, &cost.metric_name),
            cost.service.clone().unwrap_or_default(),
        ];
        let of = groups.into_iter().filter(|group| !group.is_empty()).collect::<Vec<_>>().join("  ");
        [of, cost.list_cost.clone(), cost.contracted_cost.clone(), cost.billed_cost.clone(), cost.currency.clone()]
    };
    let table = print::table(["COSTS OF", "LIST", "CONTRACTED", "BILLED", "CURRENCY"], costs.iter().map(row));
    let lines: Vec<&str> = table.lines().collect();
    let taken = lines.iter().map(|line| line.width()).max().unwrap_or_default();
    let room = width.saturating_sub(taken + 2).min(BAR_WIDTH_MAX);
    if room < BAR_WIDTH_MIN {
        return table;
    }
    let mut largest = BTreeMap::<&str, f64>::new();
    for cost in costs {
        let known = largest.entry(cost.currency.as_str()).or_default();
        *known = known.max(size(cost));
    }
    let bars = costs.iter().map(|cost| bar(size(cost), largest[cost.currency.as_str()], room));
    let mut drawn = format!("{}\n", lines[0]);
    for (line, bar) in lines[1..].iter().zip(bars) {
        drawn.push_str(line);
        drawn.push_str(&" ".repeat(taken + 2 - line.width()));
        drawn.push_str(&style.apply_to(bar).to_string());
        drawn.truncate(drawn.trim_end().len());
        drawn.push('\n');
    }
    drawn
}

/// How much is billed, as precisely as a bar needs it.
fn size(cost: &Cost) -> f64 {
    cost.billed_cost.parse().unwrap_or_default()
}

/// A bar that is as long as a part of the room as the size is of the largest one.
fn bar(size: f64, largest: f64, room: usize) -> String {
    let whole = u32::try_from(room * 8).unwrap_or_default();
    let share = if largest > 0.0 { (size / largest).clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (0..whole).take_while(|eighth| share * f64::from(whole) >= f64::from(*eighth) + 0.5).count();
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(day: &str, billed: &str, currency: &str) -> Cost {
        Cost {
            day: Some(day.to_owned()),
            account_id: None,
            account_name: None,
            organization_id: None,
            organization_name: None,
            metric_id: None,
            metric_name: None,
            service: None,
            currency: currency.to_owned(),
            list_cost: billed.to_owned(),
            contracted_cost: billed.to_owned(),
            billed_cost: billed.to_owned(),
        }
    }

    #[test]
    fn bars_are_as_long_as_what_they_stand_for_each_currency_for_itself_and_fit_the_width() {
        let costs = [cost("2026-01-01", "10", "USD"), cost("2026-01-02", "2.5", "USD"), cost("2026-01-02", "3", "JPY")];
        let plain = Style::new().force_styling(false);
        let expected = "COSTS OF    LIST  CONTRACTED  BILLED  CURRENCY\n\
                        2026-01-01  10    10          10      USD       ████████████\n\
                        2026-01-02  2.5   2.5         2.5     USD       ███\n\
                        2026-01-02  3     3           3       JPY       ████████████\n";
        assert_eq!(text(&costs, 60, &plain), expected);
        let narrow = text(&costs, 50, &plain);
        assert!(!narrow.contains('█') && narrow.lines().all(|line| line.width() <= 50), "{narrow}");
        let nothing = [cost("2026-01-01", "0", "USD")];
        assert!(!text(&nothing, 80, &plain).contains('█'));
    }

    #[test]
    fn a_bar_ends_within_a_character() {
        assert_eq!(bar(1.0, 2.0, 3), "█▌");
        assert_eq!(bar(2.0, 2.0, 3), "███");
        assert_eq!((bar(0.0, 2.0, 3), bar(1.0, 0.0, 3)), (String::new(), String::new()));
    }

    #[test]
    fn colour_is_for_terminals() {
        let costs = [cost("2026-01-01", "10", "USD")];
        assert!(text(&costs, 80, &Style::new().cyan().force_styling(true)).contains("\u{1b}[36m"));
    }
}
