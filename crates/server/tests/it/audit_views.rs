//! Looking at the audit log, at members and at billing, which is written down when the setting says so.

use serde_json::json;
use umbel_domain::Role;

use crate::audit_log::{SPAN, entry};
use crate::harness::TestApp;
use crate::harness::database::Row;
use crate::harness::world::World;
use crate::operations::{metrics, value};

fn world() -> World {
    let world = World::company().account("acme/eu/@web").user("wes").account_member("web", "wes", Role::Viewer);
    let thing = json!({"resource": {"id": "x", "type": "zone", "product": "zones"}});
    entry(world, "e1", (Some("eu"), Some("web")), "2026-01-05T00:00:00Z", &thing)
}

fn watched() -> World {
    world().settings(|settings| settings.audit_views = true)
}

/// Reads by `ann`, with the log, the account, the type and the id of what is written down of each.
fn reads() -> Vec<(String, [&'static str; 4])> {
    let at = format!("{SPAN}&action_time=2026-01-05");
    let of_log = ["eu", "", "audit_log", "eu"];
    let of_account_log = ["eu", "web", "audit_log", "web"];
    let of_members = ["acme", "", "organization_member", "acme"];
    let of_member = ["acme", "", "organization_member", "acme-vic"];
    vec![
        (format!("/client/v4/organizations/eu/logs/audit?{SPAN}"), of_log),
        (format!("/organizations/eu/logs/audit?{SPAN}&include_descendants=true"), of_log),
        (format!("/client/v4/organizations/eu/logs/audit/e1/history?{at}"), of_log),
        (format!("/umbel/v1/organizations/eu/logs/audit/e1/diff?{at}"), of_log),
        (format!("/umbel/v1/organizations/eu/logs/audit/export?{SPAN}&format=csv"), of_log),
        (format!("/client/v4/accounts/web/logs/audit?{SPAN}"), of_account_log),
        (format!("/client/v4/accounts/web/logs/audit/e1/history?{at}"), of_account_log),
        (format!("/umbel/v1/accounts/web/logs/audit/export?{SPAN}"), of_account_log),
        ("/client/v4/organizations/acme/members".to_owned(), of_members),
        ("/client/v4/organizations/acme/members/acme-vic".to_owned(), of_member),
        ("/umbel/v1/organizations/acme/members".to_owned(), of_members),
        ("/umbel/v1/organizations/acme/members/acme-vic".to_owned(), of_member),
        ("/umbel/v1/organizations/acme/access".to_owned(), of_members),
        ("/umbel/v1/organizations/acme/invitations".to_owned(), ["acme", "", "invitation", "acme"]),
        ("/client/v4/accounts/web/members".to_owned(), ["eu", "web", "account_member", "web"]),
        ("/client/v4/accounts/web/members/web-wes".to_owned(), ["eu", "web", "account_member", "web-wes"]),
        ("/umbel/v1/accounts/web/access".to_owned(), ["eu", "web", "account_member", "web"]),
        ("/client/v4/organizations/eu/billable/usage".to_owned(), ["eu", "", "organization", "eu"]),
        ("/client/v4/accounts/web/billable/usage".to_owned(), ["eu", "web", "account", "web"]),
        ("/umbel/v1/organizations/eu/costs?group_by=day".to_owned(), ["eu", "", "organization", "eu"]),
        ("/umbel/v1/organizations/eu/focus".to_owned(), ["eu", "", "organization", "eu"]),
        ("/umbel/v1/organizations/acme/budgets".to_owned(), ["acme", "", "budget", "acme"]),
        ("/umbel/v1/organizations/acme/logs/audit/checkpoint".to_owned(), ["acme", "", "audit_log", "acme"]),
        ("/umbel/v1/organizations/acme/logs/audit/bundle".to_owned(), ["acme", "", "audit_log", "acme"]),
    ]
}

/// The views that were written down, in the order of their requests.
async fn views(app: &TestApp) -> Vec<Row> {
    let log = app.final_audit_log().await;
    let mut views: Vec<_> = log.into_iter().filter(|entry| entry["action_type"] == "view").collect();
    views.sort_by_key(|entry| entry["raw_cf_ray_id"].to_string());
    views
}

#[test]
fn nothing_is_written_down_of_a_look_unless_the_setting_says_so() {
    world().on_each_engine(async |app| {
        for (path, _) in reads() {
            app.get(path).by("ann").await.expect(200);
        }
        assert_eq!(app.final_audit_log().await.len(), 1);
    });
}

#[test]
fn each_look_is_written_down_once() {
    watched().on_each_engine(async |app| {
        for (path, _) in reads() {
            app.get(path).by("ann").await.expect(200);
        }
        let written = views(app).await;
        assert_eq!(written.len(), reads().len());
        for (entry, (path, expected)) in written.iter().zip(reads()) {
            let of = ["organization_id", "account_id", "resource_type", "resource_id"].map(|field| entry[field].as_str());
            assert_eq!(of.map(Option::unwrap_or_default), expected, "{path}");
            let who =
                ["action_result", "actor_email", "raw_method", "raw_status_code"].map(|field| entry[field].as_str().unwrap());
            assert_eq!(who, ["success", "ann@example.com", "GET", "200"], "{path}");
            assert_eq!(entry["raw_uri"], path);
        }
    });
}

#[test]
fn a_look_at_the_servers_log_is_in_the_servers_log() {
    watched().on_each_engine(async |app| {
        app.get(format!("/umbel/v1/logs/audit?{SPAN}")).by("olga").await.expect(200);
        let views = views(app).await;
        assert_eq!(views.len(), 1);
        assert_eq!((&views[0]["organization_id"], &views[0]["resource_type"]), (&json!(""), &json!("audit_log")));
    });
}

#[test]
fn what_shows_nothing_is_no_look() {
    watched().on_each_engine(async |app| {
        for (path, _) in reads() {
            // Clients know no error for the usage of an organization that is not there.
            if path.starts_with("/client/v4/organizations/eu/billable") {
                assert_eq!(app.get(path).by("gus").await.expect(200).result(), json!([]));
                continue;
            }
            app.get(path.clone()).by("gus").await.expect(404);
            app.get(path.clone()).await.expect(401);
            app.get(path.replace("eu", "nowhere").replace("acme", "nowhere").replace("web", "nowhere"))
                .by("ann")
                .await
                .expect(404);
        }
        app.get(format!("/organizations/acme/logs/audit?{SPAN}")).by("vic").await.expect(403);
        app.get("/organizations/acme/logs/audit").by("ann").await.expect(400);
        app.get("/organizations/acme/members/unknown").by("ann").await.expect(404);
        // What everybody may see is nobody's business, and so is one's own access.
        app.get("/organizations/acme").by("ann").await.expect(200);
        app.get("/umbel/v1/organizations/acme/access?user=me").by("ann").await.expect(200);
        app.get("/memberships").by("wes").await.expect(200);
        assert_eq!(views(app).await.len(), 0);
    });
}

#[test]
fn who_has_a_member_already_has_looked_as_well() {
    watched().on_each_engine(async |app| {
        let path = "/umbel/v1/organizations/acme/members/acme-vic";
        let etag = app.get(path).by("ann").await.expect(200).header("etag").unwrap().to_owned();
        app.get(path).by("ann").header("if-none-match", &etag).await.expect(304);
        let views = views(app).await;
        let statuses: Vec<_> = views.iter().map(|entry| entry["raw_status_code"].as_str().unwrap()).collect();
        assert_eq!(statuses, ["200", "304"]);
    });
}

#[test]
fn a_look_that_cannot_be_taken_on_is_counted_and_answered() {
    watched().on_each_engine(async |app| {
        app.get("/organizations/acme/members").by("ann").await.expect(200);
        // From now on nobody takes anything out of the queue.
        app.app.finish().await;
        for _ in 0..30 {
            app.get("/organizations/acme/members").by("ann").await.expect(200);
        }
        assert_eq!(value(&metrics(app).await, "umbel_views_not_written_down"), 30, "no limit of a second holds for them");
        assert_eq!(views(app).await.len(), 1);
    });
}
