//! What a change would do, for people.

use std::fmt::Write as _;

use umbel_client::api::{Effect, Holding};

use super::explained_problem;
use crate::print;

/// Who would gain and who would lose what, on how much, and what stands in the way; `doing` names the change.
pub(super) fn text(doing: &str, effect: &Effect) -> String {
    let Effect { organizations, accounts, gains, loses, complete, blockers } = effect;
    let mut text = format!("{}\norganizations: {organizations}, accounts: {accounts}\n", print::escaped(doing));
    holdings(&mut text, "gain", gains);
    holdings(&mut text, "lose", loses);
    if !complete {
        text += "\nnot everybody is named: of very many members only some are looked at, and nobody whom you may not see\n";
    }
    text += if blockers.is_empty() { "\nnothing stands in the way\n" } else { "\nin the way:\n" };
    for problem in blockers {
        _ = writeln!(text, "{}", explained_problem(problem));
    }
    text
}

fn holdings(text: &mut String, verb: &str, holdings: &[Holding]) {
    if holdings.is_empty() {
        _ = writeln!(text, "\nnobody would {verb} a role");
        return;
    }
    _ = writeln!(text, "\nwould {verb}:");
    let rows = holdings.iter().map(|Holding { email, role, organization_id, account_id, .. }| {
        let place = organization_id.as_ref().or(account_id.as_ref()).cloned().unwrap_or_default();
        [email.clone(), role.clone(), place]
    });
    *text += &print::table(["USER", "ROLE", "MEMBER OF"], rows);
}
