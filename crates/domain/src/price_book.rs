//! Metrics and their prices together, so that what holds somewhere on a day is found at once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::price::TierMode;
use crate::{Currency, Day, Lineage, Metric, MetricId, Price};

/// Who has the prices that hold for everybody.
const EVERYBODY: &str = "";

/// Metrics and their prices, each known by its number.
#[derive(Debug)]
pub struct PriceBook {
    /// In the order of their ids.
    metrics: Arc<[Arc<Metric>]>,
    prices: Vec<Arc<Price>>,
    /// By the organization that has negotiated them: metrics and prices.
    held: HashMap<String, Vec<(usize, usize)>>,
    /// By the organizations that have prices for an account, the nearest first, and by what it pays in.
    near: HashMap<(String, Currency), Arc<Near>>,
    looks_ahead: bool,
}

/// What an account pays: for each metric the prices that it may have, the nearest first.
pub type Near = Vec<Vec<usize>>;

/// The number of a metric among all, in their order; often it is that of the last one that was asked for, or comes behind it.
pub fn find_after(metrics: &[Arc<Metric>], last: usize, id: &str) -> Option<usize> {
    let is = |at: &usize| metrics.get(*at).is_some_and(|known| known.id.as_str() == id);
    [last, last + 1].into_iter().find(is).or_else(|| find(metrics, id))
}

fn find(metrics: &[Arc<Metric>], id: &str) -> Option<usize> {
    metrics.binary_search_by(|known| known.id.as_str().cmp(id)).ok()
}

impl PriceBook {
    /// Takes all metrics, and prices of them, in any order.
    pub fn new(mut metrics: Vec<Metric>, prices: Vec<Price>) -> Self {
        metrics.sort_by(|a, b| a.id.cmp(&b.id));
        let looks_ahead = prices.iter().any(|price| !price.tiers.is_empty() && price.tier_mode == TierMode::Volume);
        let (metrics, prices) = (metrics.into_iter().map(Arc::new).collect(), prices.into_iter().map(Arc::new).collect());
        let mut book = Self { metrics, prices, held: HashMap::new(), near: HashMap::new(), looks_ahead };
        for (number, price) in book.prices.iter().enumerate() {
            let holder = price.negotiated.as_ref().map_or(EVERYBODY, |negotiated| negotiated.organization_id.as_str());
            // Metrics are never removed.
            let Some(metric) = book.metric(&price.metric_id) else { continue };
            book.held.entry(holder.to_owned()).or_default().push((metric, number));
        }
        book
    }

    /// All metrics, each at the place of its number.
    pub fn metrics(&self) -> &Arc<[Arc<Metric>]> {
        &self.metrics
    }

    /// Whether a price depends on what is used in the whole month.
    pub fn looks_ahead(&self) -> bool {
        self.looks_ahead
    }

    /// The number of a metric.
    pub fn metric(&self, id: &MetricId) -> Option<usize> {
        find(&self.metrics, id.as_str())
    }

    /// A price by its number.
    pub fn price(&self, number: usize) -> &Arc<Price> {
        &self.prices[number]
    }

    /// What is paid in a currency by an account with this lineage: what the nearest organization has negotiated, else what holds for
    /// everybody.
    pub fn near(&mut self, lineage: &Lineage, currency: Currency) -> Arc<Near> {
        let holders: Vec<&str> = lineage.ids().rev().chain([EVERYBODY]).filter(|id| self.held.contains_key(*id)).collect();
        let key = (holders.join("/"), currency);
        if let Some(known) = self.near.get(&key) {
            return known.clone();
        }
        let mut near = vec![Vec::new(); self.metrics.len()];
        for (metric, number) in holders.iter().filter_map(|holder| self.held.get(*holder)).flatten() {
            if self.prices[*number].currency == currency {
                near[*metric].push(*number);
            }
        }
        let near = Arc::new(near);
        self.near.insert(key, near.clone());
        near
    }

    /// Which of these prices holds on a day.
    pub fn on(&self, near: &[usize], day: Day) -> Option<&Arc<Price>> {
        self.number_on(near, day).map(|number| &self.prices[number])
    }

    /// The number of the price that holds on a day.
    pub fn number_on(&self, near: &[usize], day: Day) -> Option<usize> {
        near.iter().copied().find(|number| self.prices[*number].holds_on(day))
    }

    /// The number of the one that holds on a day, and the first day after it, at most `end`, on which it may be another one.
    pub fn holding(&self, near: &[usize], day: Day, end: Day) -> (Option<usize>, Day) {
        let edges =
            near.iter().map(|number| &self.prices[*number]).flat_map(|price| [Some(price.effective_from), price.effective_to]);
        (self.number_on(near, day), edges.flatten().filter(|edge| *edge > day).fold(end, Day::min))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Aggregation;
    use crate::metric::tests::metric;
    use crate::price::tests::{negotiated, price};

    fn lineage(ids: &[&str]) -> Lineage {
        Lineage::parse(ids.iter().fold(String::new(), |above, id| above + id + "/") + "@account/").unwrap()
    }

    #[test]
    fn what_the_nearest_organization_has_negotiated_holds() {
        let of = |id: &str, organization: &str| Price { negotiated: Some(negotiated(organization, "1")), ..price(id, "1") };
        let prices = vec![of("acme", "acme"), price("list", "1"), of("shop", "shop"), of("other", "other")];
        let mut book = PriceBook::new(vec![metric(Aggregation::Sum, "1")], prices);
        let mut found = |above: &[&str]| {
            let near = book.near(&lineage(above), Currency::USD);
            book.on(&near[0], Day::FIRST).map(|price| price.id.as_str().to_owned())
        };
        assert_eq!(found(&["acme", "eu", "shop"]).as_deref(), Some("shop"));
        assert_eq!(found(&["acme", "eu"]).as_deref(), Some("acme"));
        assert_eq!(found(&["globex"]).as_deref(), Some("list"));
        assert_eq!(found(&[]).as_deref(), Some("list"));
        assert_eq!(book.near(&lineage(&["acme"]), Currency::parse("EUR").unwrap())[0], [] as [usize; 0]);
    }

    #[test]
    fn who_pays_the_same_shares_what_was_looked_up() {
        let mut book = PriceBook::new(vec![metric(Aggregation::Sum, "1")], vec![price("list", "1")]);
        let near = ["acme", "globex"].map(|id| book.near(&lineage(&[id]), Currency::USD));
        assert!(Arc::ptr_eq(&near[0], &near[1]));
    }

    #[test]
    fn the_day_on_which_another_price_may_hold_is_known() {
        let [second, third] = ["2026-01-02", "2026-01-03"].map(|day| Day::parse(day).unwrap());
        let until = Price { effective_to: Some(second), ..price("until", "1") };
        let from = Price { effective_from: third, ..price("from", "1") };
        let mut book = PriceBook::new(vec![metric(Aggregation::Sum, "1")], vec![until, from]);
        let near = book.near(&lineage(&["acme"]), Currency::USD);
        assert_eq!(book.holding(&near[0], Day::FIRST, Day::LAST), (Some(0), second));
        assert_eq!(book.holding(&near[0], second, Day::LAST), (None, third));
        assert_eq!(book.holding(&near[0], third, Day::LAST), (Some(1), Day::LAST));
    }
}
