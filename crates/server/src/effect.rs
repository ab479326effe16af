//! What a change would do for people.

use umbel_api as api;
use umbel_domain::{Effect, Holding, Lineage, OrganizationId, Reach, UserId};
use umbel_store::members;

use crate::caller::Read;
use crate::error::{Error, Result};
use crate::routes::organizations::members_seen;
use crate::wire;

/// Members of the organizations on one side of a change that are looked at.
const PEOPLE_MAX: usize = 1_000;

/// Organizations whose members' roles come to an end, stay or begin somewhere, as far as the caller may see the members.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    ending: Vec<OrganizationId>,
    staying: Vec<OrganizationId>,
    beginning: Vec<OrganizationId>,
    /// Whether there are some more, whose members the caller may not see.
    hides: bool,
}

impl Lines {
    /// The lines above something that moves from the organization at `from` to the one at `to`; the one at `own` moves along.
    pub(crate) fn of_move(reach: &Reach, from: &Lineage, to: &Lineage, own: Option<&Lineage>) -> Self {
        let mut lines = Self::default();
        let mut seen = |line: &Lineage| {
            let (seen, hidden) = members_seen(reach, line);
            lines.hides |= !hidden.is_empty();
            seen
        };
        let (before, after) = (seen(from), seen(to));
        let own = own.map(|own| seen(own).into_iter().next_back());
        (lines.staying, lines.ending) = before.into_iter().partition(|id| after.contains(id));
        lines.beginning = after.into_iter().filter(|id| !lines.staying.contains(id)).collect();
        lines.staying.extend(own.flatten());
        lines
    }
}

/// What becomes of the roles of people when what they hold by these lines changes, on so many organizations and accounts; `new` is a
/// role that somebody gets by it, in the place of the one that they have there.
pub(crate) async fn effect_of_move(
    read: &mut Read,
    lines: &Lines,
    new: Option<Holding>,
    (organizations, accounts): (u64, u64),
    blockers: Vec<Error>,
) -> Result<api::Effect> {
    let mut held: [Vec<Holding>; 3] = Default::default();
    for (held, line) in held.iter_mut().zip([&lines.ending, &lines.staying, &lines.beginning]) {
        if !line.is_empty() {
            *held = members::holdings(&mut **read, line, None, PEOPLE_MAX + 1).await?;
        }
    }
    let complete = !lines.hides && held.iter().all(|held| held.len() <= PEOPLE_MAX);
    let [mut ending, staying, mut beginning] = held;
    let is_replaced =
        |holding: &Holding| new.as_ref().is_some_and(|new| (&new.place, &new.user_id) == (&holding.place, &holding.user_id));
    let (replaced, staying): (Vec<_>, Vec<_>) = staying.into_iter().partition(is_replaced);
    ending.extend(replaced);
    beginning.extend(new);
    let effect = Effect::new(&ending, &staying, &beginning);
    Ok(wire::effect(effect, organizations, accounts, complete, blockers))
}

/// What becomes of the roles of one person who is given `new` in the place of `old` below the organization at `above`.
pub(crate) async fn effect_on_person(
    read: &mut Read,
    above: &Lineage,
    user: &UserId,
    (old, new): (Vec<Holding>, Vec<Holding>),
    (organizations, accounts): (u64, u64),
    blockers: Vec<Error>,
) -> Result<api::Effect> {
    let (seen, hidden) = members_seen(read.reach(), above);
    let staying = match seen.as_slice() {
        [] => Vec::new(),
        seen => members::holdings(&mut **read, seen, Some(user), PEOPLE_MAX).await?,
    };
    let effect = Effect::new(&old, &staying, &new);
    Ok(wire::effect(effect, organizations, accounts, hidden.is_empty(), blockers))
}
