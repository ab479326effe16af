//! Digests of long audit logs: a worker makes them, and whoever filters a log sees nothing of them.

use serde_json::json;

use crate::audit_log::entry;
use crate::audit_retention::{count, until};
use crate::harness::world::World;

/// As many entries as a digest is made of, and some more.
const ENTRIES: usize = 4_196;
const FIELDS: usize = 20;

#[test]
fn a_long_log_gets_a_digest_and_is_filtered_as_before() {
    let world = (0..ENTRIES).fold(World::company(), |world, n| {
        let time = format!("2025-11-{:02}T{:02}:{:02}:00Z", 1 + n / 1_440, n / 60 % 24, n % 60);
        entry(
            world,
            &format!("n{n:04}"),
            (Some("acme"), None),
            &time,
            &json!({"actor": {"email": format!("user{}@example.com", n % 2_000)}}),
        )
    });
    world.on_each_engine(async |app| {
        until("the log has a digest", async || count(app, "audit_digests").await == FIELDS).await;
        let of = async |filter: &str| {
            let path = format!("/organizations/acme/logs/audit?since=2025-01-01&before=2026-01-01&{filter}");
            app.get(path).by("aud").await.expect(200).ids()
        };
        assert_eq!(of("actor_email=user7@example.com").await, ["n4007", "n2007", "n0007"]);
        assert_eq!(of("actor_email=USER150@example.com&direction=asc").await, ["n0150", "n2150", "n4150"]);
        assert_eq!(
            of("actor_email=user7@example.com&actor_email=user150@example.com&id.not=n2007&limit=3").await,
            ["n4150", "n4007", "n2150"]
        );
        assert_eq!(of("id=n4195").await, ["n4195"], "what comes behind the digest is found too");
        assert_eq!(of("id=n0003&actor_email=user4@example.com").await, Vec::<String>::new());
    });
}
