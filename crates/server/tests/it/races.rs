//! Rules of the tree and of its roots that hold whatever happens at the same moment.

use std::collections::BTreeMap;

use serde_json::json;
use umbel_domain::Role;

use crate::harness::TestApp;
use crate::harness::call::{Answer, Call};
use crate::harness::world::World;

/// Rounds in `make test` and in `make test-deep`.
const ROUNDS: usize = 100;
const DEEP_ROUNDS: usize = 1_000;

/// Sends requests at the same moment.
async fn at_once(calls: Vec<Call>) -> Vec<Answer> {
    let sent: Vec<_> = calls.into_iter().map(|call| tokio::spawn(call.into_future())).collect();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.unwrap());
    }
    answers
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    answers.iter().map(|answer| answer.status).collect()
}

/// The root, its two super administrators `ann` and `bob`, and for each round a third one, who is gone after it.
fn root_of_two(rounds: usize) -> World {
    let pair = ["ann", "bob"].into_iter().fold(World::bare().organization("root"), World::user_of_root);
    (0..rounds).fold(pair, |world, round| world.user(&format!("third-{round}")))
}

impl World {
    fn user_of_root(self, name: &str) -> Self {
        self.user(name).member("root", name, Role::SuperAdministrator)
    }
}

/// The memberships of the root by the ids of their users.
async fn members(app: &TestApp) -> BTreeMap<String, String> {
    let members = app.get("/umbel/v1/organizations/root/members").by("olga").await.expect(200).result();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    members.as_array().unwrap().iter().map(|member| (text(&member["user"]["id"]), text(&member["id"]))).collect()
}

/// Makes somebody super administrator of the root who can act.
async fn raise(app: &TestApp, user: &str) {
    app.patch(format!("/umbel/v1/users/{user}"), json!({"disabled": false})).by("olga").await.expect(200);
    if let Some(id) = members(app).await.get(user) {
        let role = json!({"role": "super_administrator"});
        app.patch(format!("/umbel/v1/organizations/root/members/{id}"), role).by("olga").await.expect(200);
    } else {
        let member = json!({"member": {"user": {"email": format!("{user}@example.com")}}});
        app.post("/organizations/root/members", member).by("olga").await.expect(200);
    }
}

/// What two do to each other, or an operator to one of them.
async fn feud(app: &TestApp, round: usize) -> (Vec<Call>, [String; 2]) {
    let (first, second) = if round.is_multiple_of(2) { ("ann", "bob") } else { ("bob", "ann") };
    let members = members(app).await;
    let remove = |whom: &str| app.delete(format!("/organizations/root/members/{}", members[whom]));
    let demote = |whom: &str| {
        app.patch(format!("/umbel/v1/organizations/root/members/{}", members[whom]), json!({"role": "administrator"}))
    };
    let disable = |whom: &str| app.patch(format!("/umbel/v1/users/{whom}"), json!({"disabled": true})).by("olga");
    let leave = || app.post("/umbel/v1/organizations/root/leave", "");
    let calls = match round / 2 % 6 {
        0 => vec![remove(second).by(first), remove(first).by(second)],
        1 => vec![demote(second).by(first), demote(first).by(second)],
        2 => vec![demote(second).by(first), remove(first).by(second)],
        3 => vec![disable(first), remove(second).by(first)],
        4 => vec![leave().by(first), leave().by(second)],
        // The second one is replaced by somebody who can be deleted.
        _ => {
            let third = format!("third-{round}");
            raise(app, &third).await;
            remove(second).by(first).await.expect(204);
            let delete = app.delete(format!("/umbel/v1/users/{third}")).by("olga");
            return (vec![delete, remove(first).by(&third)], [first.to_owned(), third]);
        }
    };
    (calls, [first, second].map(str::to_owned))
}

fn a_root_keeps_one_who_can_act(rounds: usize) {
    root_of_two(rounds).on_each_engine(async |app| {
        for round in 0..rounds {
            let (calls, feuding) = feud(app, round).await;
            let statuses = statuses(&at_once(calls).await);
            // Who is gone already sees nothing or has no credential any more.
            let refused = |status: &u16| [401, 403, 404, 409].contains(status);
            let done = statuses.iter().filter(|status| [200, 204].contains(status)).count();
            assert_eq!((done, statuses.iter().filter(|status| refused(status)).count()), (1, 1), "round {round}: {statuses:?}");
            let users = app.rows("users").await;
            let acts = |user: &str| users.iter().any(|row| row["id"] == user && row["disabled"] == 0);
            let members = app.rows("organization_members").await;
            let left =
                members.iter().filter(|row| row["role"] == "super_administrator" && acts(row["user_id"].as_str().unwrap()));
            assert_eq!(left.count(), 1, "round {round}: {feuding:?} were {statuses:?}");
            raise(app, "ann").await;
            raise(app, "bob").await;
            for other in members.iter().map(|row| row["user_id"].as_str().unwrap()).filter(|user| user.starts_with("third")) {
                app.delete(format!("/umbel/v1/users/{other}")).by("olga").await.expect(200);
            }
        }
    });
}

#[test]
fn of_two_super_administrators_who_end_each_other_one_stays() {
    a_root_keeps_one_who_can_act(ROUNDS);
}

#[test]
#[ignore = "takes minutes"]
fn of_two_super_administrators_who_end_each_other_one_stays_each_of_a_thousand_times() {
    a_root_keeps_one_who_can_act(DEEP_ROUNDS);
}

/// Organizations stand where their parents stand, and accounts where their organizations stand.
async fn assert_a_tree(app: &TestApp, round: usize) {
    let rows = app.rows("organizations").await;
    let text = |row: &crate::harness::database::Row, name: &str| row[name].as_str().unwrap().to_owned();
    let lineages: BTreeMap<_, _> = rows.iter().map(|row| (text(row, "id"), text(row, "lineage"))).collect();
    let above = |id: &str| if id.is_empty() { "" } else { lineages.get(id).map_or("an orphan/", |lineage| lineage) };
    for row in &rows {
        assert_eq!(text(row, "lineage"), format!("{}{}/", above(&text(row, "parent_id")), text(row, "id")), "round {round}");
    }
    for row in app.rows("accounts").await {
        assert_eq!(
            text(&row, "lineage"),
            format!("{}@{}/", above(&text(&row, "organization_id")), text(&row, "id")),
            "round {round}"
        );
    }
}

fn crossing_moves_leave_a_tree(rounds: usize) {
    let lineages = ["root", "root/a", "root/b", "root/c", "root/a/leaf"];
    lineages.into_iter().fold(World::bare(), World::organization).on_each_engine(async |app| {
        let put = |what: &str, below: &str| {
            app.post(format!("/umbel/v1/organizations/{what}/move"), json!({"parent_id": below})).by("olga")
        };
        let create = |below: &str| app.post("/organizations", json!({"name": "new", "parent": {"id": below}})).by("olga");
        let hold = |holder: &str| app.post("/accounts", json!({"name": "new", "unit": {"id": holder}})).by("olga");
        for round in 0..rounds {
            let leaf = app.get("/organizations?parent.id=a").by("olga").await.ids().remove(0);
            let delete = app.delete(format!("/organizations/{leaf}")).by("olga");
            let (circle, others) = match round % 4 {
                0 => (vec![put("a", "b"), put("b", "a")], vec![]),
                1 => (vec![put("a", "b"), put("b", "c"), put("c", "a")], vec![]),
                2 => (vec![put("a", "b"), put("b", "a")], vec![create("a"), create("b"), hold(&leaf)]),
                _ => (vec![put("a", "b"), put("b", "c"), put("c", "a")], vec![delete, create(&leaf), hold("a")]),
            };
            let size = circle.len();
            let answers = at_once(circle.into_iter().chain(others).collect()).await;
            let statuses = statuses(&answers);
            assert!(statuses.iter().all(|status| [200, 404, 409].contains(status)), "round {round}: {statuses:?}");
            let moved = statuses[..size].iter().filter(|status| **status == 200).count();
            assert!((1..size).contains(&moved), "round {round}: of a circle {statuses:?} were made");
            assert_a_tree(app, round).await;
            for name in ["a", "b", "c"] {
                put(name, "root").await.expect(200);
            }
            // So that each round begins with the same tree.
            for made in answers[size..].iter().filter(|answer| answer.status == 200) {
                match made.method.as_str() {
                    "POST" => app.delete(format!("{}/{}", made.path, made.text("id"))).by("olga").await.expect(200),
                    _ => create("a").await.expect(200),
                };
            }
            assert_a_tree(app, round).await;
        }
    });
}

#[test]
fn crossing_moves_never_make_a_cycle() {
    crossing_moves_leave_a_tree(ROUNDS);
}

#[test]
#[ignore = "takes minutes"]
fn crossing_moves_never_make_a_cycle_in_a_thousand_rounds() {
    crossing_moves_leave_a_tree(DEEP_ROUNDS);
}
