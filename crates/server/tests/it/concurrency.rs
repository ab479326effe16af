//! Many at once, and clients that go away.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use serde_json::json;
use umbel_domain::Role;

use crate::harness::TestApp;
use crate::harness::world::World;

#[test]
fn sixty_four_creators_at_once_on_an_empty_database_are_all_served() {
    World::bare().on_each_engine(async |app| {
        let create = |n: usize| app.post("/organizations", json!({"name": format!("root {n}")})).by("olga");
        let creators: Vec<_> = (0..64).map(|n| tokio::spawn(create(n).into_future())).collect();
        let mut ids = BTreeSet::new();
        for creator in creators {
            ids.insert(creator.await.unwrap().expect(200).text("id"));
        }
        assert_eq!((ids.len(), app.organizations().await, app.audit_log().await.len()), (64, 64, 64));
    });
}

#[test]
fn sixty_four_children_at_once_of_one_parent_are_all_created() {
    World::bare().organization("root").on_each_engine(async |app| {
        let create = |n: usize| app.post("/organizations", json!({"name": format!("{n}"), "parent": {"id": "root"}})).by("olga");
        let creators: Vec<_> = (0..64).map(|n| tokio::spawn(create(n).into_future())).collect();
        for creator in creators {
            creator.await.unwrap().expect(200);
        }
        let children = app.get("/organizations?parent.id=root&page_size=1000").by("olga").await.expect(200);
        assert_eq!(children.ids().len(), 64);
    });
}

#[test]
fn of_users_with_one_address_who_are_created_at_once_one_is() {
    World::bare().on_each_engine(async |app| {
        let create = || tokio::spawn(app.post("/umbel/v1/users", json!({"email": "eve@example.com"})).by("olga").into_future());
        let creators: Vec<_> = (0..8).map(|_| create()).collect();
        let mut statuses = Vec::new();
        for creator in creators {
            statuses.push(creator.await.unwrap().status);
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
        assert_eq!(app.rows("users").await.len(), 2);
    });
}

/// Every organization stands where its parent stands, and that is there.
async fn assert_no_orphans(app: &TestApp) {
    let rows = app.rows("organizations").await;
    let text = |row: &crate::harness::database::Row, name: &str| row[name].as_str().unwrap().to_owned();
    let lineages: BTreeSet<String> = rows.iter().map(|row| text(row, "lineage")).collect();
    for row in &rows {
        let (lineage, id, parent) = (text(row, "lineage"), text(row, "id"), text(row, "parent_id"));
        let above = lineage.strip_suffix(&format!("{id}/")).unwrap();
        assert!(above.is_empty() || lineages.contains(above), "{lineage} is an orphan");
        assert!(above.is_empty() == parent.is_empty() && (parent.is_empty() || above.ends_with(&format!("{parent}/"))));
    }
}

#[test]
fn a_child_is_never_created_below_what_is_deleted_at_the_same_time() {
    const ROUNDS: usize = 200;
    let world = (0..ROUNDS).fold(World::bare().organization("root"), |world, n| world.organization(&format!("root/p{n}")));
    world.on_each_engine(async |app| {
        for round in 0..ROUNDS {
            let delete = app.delete(format!("/organizations/p{round}")).by("olga");
            let create = app.post("/organizations", json!({"name": "c", "parent": {"id": format!("p{round}")}})).by("olga");
            let (first, second) = if round % 2 == 0 { (delete, create) } else { (create, delete) };
            let (first, second) = (tokio::spawn(first.into_future()), tokio::spawn(second.into_future()));
            let mut answers = [first.await.unwrap(), second.await.unwrap()];
            answers.sort_by_key(|answer| answer.method == axum::http::Method::POST);
            let [deleted, created] = answers.map(|answer| answer.status);
            assert!([(200, 404), (409, 200)].contains(&(deleted, created)), "{deleted} and {created}");
        }
        let (created, deleted) = counts(app).await;
        assert_eq!((created + deleted, app.organizations().await), (ROUNDS, 1 + ROUNDS + created - deleted));
        assert_no_orphans(app).await;
    });
}

/// How many organizations the audit log says were created and deleted.
async fn counts(app: &TestApp) -> (usize, usize) {
    let log = app.audit_log().await;
    let of = |action: &str| log.iter().filter(|row| row["action_type"] == action && row["action_result"] == "success").count();
    (of("create"), of("delete"))
}

/// Asks for a new organization and goes away after the request was driven on so many times.
async fn create_and_leave(app: &TestApp, polls: usize) {
    let mut request = app.post("/organizations", json!({"name": "left alone"})).by("olga").into_future();
    for _ in 0..polls {
        if poll_fn(|context| Poll::Ready(request.as_mut().poll(context))).await.is_ready() {
            return;
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
}

#[test]
fn a_client_that_goes_away_leaves_all_of_its_change_or_nothing() {
    World::bare().on_each_engine(async |app| {
        for polls in (0..40).chain(0..40) {
            create_and_leave(app, polls).await;
        }
        app.post("/organizations", json!({"name": "stays"})).by("olga").await.expect(200);
        app.get("/organizations").by("olga").await.expect(200);
        let organizations = app.organizations().await;
        assert_eq!(counts(app).await, (organizations, 0));
        assert_eq!(app.rows("organization_members").await.len(), organizations, "every root has who founded it");
        assert!(organizations >= 1);
    });
}

#[test]
fn clients_that_go_away_in_a_crowd_do_not_hold_up_the_others() {
    World::bare().on_each_engine(async |app| {
        let leaving: Vec<_> = (0..40)
            .map(|n| tokio::spawn(app.post("/organizations", json!({"name": format!("l{n}")})).by("olga").into_future()))
            .collect();
        let staying: Vec<_> = (0..20)
            .map(|n| tokio::spawn(app.post("/organizations", json!({"name": format!("s{n}")})).by("olga").into_future()))
            .collect();
        for (n, task) in leaving.iter().enumerate() {
            if n % 3 == 0 {
                tokio::task::yield_now().await;
            }
            task.abort();
        }
        for task in staying {
            task.await.unwrap().expect(200);
        }
        for task in leaving {
            _ = task.await;
        }
        app.post("/organizations", json!({"name": "last"})).by("olga").await.expect(200);
        assert_eq!(counts(app).await.0, app.organizations().await);
    });
}

#[test]
fn the_last_two_super_administrators_cannot_both_be_disabled_at_once() {
    const ROUNDS: usize = 20;
    let world = (0..ROUNDS).fold(World::bare(), |world, n| {
        let (root, a, b) = (format!("r{n}"), format!("a{n}"), format!("b{n}"));
        let world = world.organization(&root).user(&a).user(&b);
        world.member(&root, &a, Role::SuperAdministrator).member(&root, &b, Role::SuperAdministrator)
    });
    world.on_each_engine(async |app| {
        for n in 0..ROUNDS {
            let disable = |user: String| {
                tokio::spawn(app.patch(format!("/umbel/v1/users/{user}"), json!({"disabled": true})).by("olga").into_future())
            };
            let (a, b) = (disable(format!("a{n}")), disable(format!("b{n}")));
            let mut statuses = [a.await.unwrap().status, b.await.unwrap().status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409], "round {n}");
        }
    });
}
