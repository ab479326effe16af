//! Lists where there are very many memberships: of one user, and of one organization.

use std::time::Duration;

use crate::Result;
use crate::bench::Bench;
use crate::engine::Engine;
use crate::fill::Content;
use crate::fsync::Delay;
use crate::load::{Answered, Compose, Load};
use crate::people::People;
use crate::report::{Goal, Line, median};
use crate::request;
use crate::server::Server;

/// So that also the slowest of these pages is answered a few times.
const DURATION_MIN: Duration = Duration::from_secs(1);
/// The longest that all but one in a hundred pages of the busy user may take.
const BUSY_MICROS_MAX: f64 = 5_000.0;

struct Round {
    busy: Answered,
    busy_with_total: Answered,
    few: Answered,
    many: Answered,
    many_with_total: Answered,
}

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let database = bench.databases.filled_with(engine, Content::People, bench.tree())?;
    let people = People { tree: bench.tree() };
    let server = bench.serve(&database, &[], &Delay::None)?;
    let members = |group: String, options| request::list_members(group, options);
    let mut rounds = Vec::new();
    for round in 0..bench.settings.rounds {
        rounds.push(Round {
            busy: load(bench, &server, &request::list_as_busy_user("&include_total=false"), round)?,
            busy_with_total: load(bench, &server, &request::list_as_busy_user(""), round)?,
            few: load(bench, &server, &members(people.small_group(), "&include_total=false"), round)?,
            many: load(bench, &server, &members(people.large_group(), "&include_total=false"), round)?,
            many_with_total: load(bench, &server, &members(people.large_group(), ""), round)?,
        });
    }
    let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
    let line = |name: &str, value| Line::new(name, engine, value, "us");
    let busy = "list_1000_memberships";
    Ok(vec![
        line(busy, of(|round| round.busy.p50_micros)?),
        line(&format!("{busy}_p99"), of(|round| round.busy.p99_micros)?).goal(Goal::ValueAtMost(BUSY_MICROS_MAX)),
        line(&format!("{busy}_with_total_p99"), of(|round| round.busy_with_total.p99_micros)?)
            .goal(Goal::ValueAtMost(BUSY_MICROS_MAX)),
        line("member_page", of(|round| round.many.p50_micros)?)
            .ratio(of(|round| round.many.p50_micros / round.few.p50_micros)?)
            .goal(Goal::RatioAtMost(1.5)),
        line("member_page_small", of(|round| round.few.p50_micros)?),
        line("member_page_with_total", of(|round| round.many_with_total.p50_micros)?)
            .ratio(of(|round| round.many_with_total.p50_micros / round.many.p50_micros)?),
    ])
}

fn load(bench: &Bench, server: &Server, compose: &Compose, round: usize) -> Result<Answered> {
    let (address, duration, compose) = (server.address, bench.settings.duration.max(DURATION_MIN), compose.clone());
    Ok(server.measure(&Load { address, clients: 1, duration, seed: round as u64, status: 200, compose })?.answered)
}
