//! The trees of the audit log: every entry waits for the tree of its root, and becomes a leaf once.

use umbel_domain::audit::Record;
use umbel_domain::{AuditEntryId, OrganizationId};

use super::engines::on_each_engine;
use super::fixtures::{NOW, SALT, change, id, lineage, organization, plant, record};
use crate::audit_trees::{self, Growth, Place, TileId};
use crate::{Error, Store, Write, admin, audit_log};

async fn append(write: &mut Write, record: &Record) {
    audit_log::append(write, record, &SALT, None).await.unwrap();
}

/// What waits, by its trees.
async fn waiting(store: &Store) -> Vec<Growth> {
    let mut read = admin::read(store).await.unwrap();
    audit_trees::pending(&mut read, -1, 100).await.unwrap()
}

/// Makes everything that waits leaves, without hashes, and names the roots of the trees.
async fn drain(store: &Store) -> Vec<Option<OrganizationId>> {
    let mut roots = Vec::new();
    for growth in waiting(store).await {
        let size = audit_trees::size(&mut admin::read(store).await.unwrap(), growth.root.as_ref()).await.unwrap();
        change(store, async |write| audit_trees::append(write, &growth, size, &[]).await).await.unwrap();
        roots.push(growth.root);
    }
    roots
}

#[test]
fn an_entry_waits_for_the_tree_of_the_root_above_its_log() {
    on_each_engine(async |store| {
        plant(&store, &["acme/", "acme/eu/", "globex/"].map(organization)).await;
        let of = |log: &str| Record {
            log: Some(id(log)),
            id: AuditEntryId::parse(&format!("e-{log}")).unwrap(),
            ..record(&organization("acme/"))
        };
        let by_server = Record { log: None, ..of("server") };
        let (gone, apart) = (of("gone"), of("apart"));
        let write = async |write: &mut Write| {
            for record in [of("acme"), of("eu"), of("globex"), by_server.clone(), apart.clone()] {
                append(write, &record).await;
            }
            audit_log::append(write, &gone, &SALT, Some(&lineage("acme/eu/gone/"))).await
        };
        change(&store, write).await.unwrap();
        let mut roots = drain(&store).await;
        roots.sort();
        assert_eq!(roots, [None, Some(id("acme")), Some(id("apart")), Some(id("globex"))]);
        let mut read = admin::read(&store).await.unwrap();
        for (log, root, leaf) in [("acme", "acme", 0), ("eu", "acme", 1), ("gone", "acme", 2), ("globex", "globex", 0)] {
            let found = of(log);
            let place = audit_trees::place(&mut read, Some(&id(log)), NOW, &found.id).await.unwrap();
            assert_eq!(place, Place::Leaf(Some(id(root)), leaf), "{log}");
        }
        let of_server = audit_trees::place(&mut read, None, NOW, &by_server.id).await.unwrap();
        assert_eq!(of_server, Place::Leaf(None, 0));
        let leaves = audit_trees::leaves(&mut read, Some(&id("acme")), 1, 5).await.unwrap();
        let ids: Vec<_> = leaves.iter().map(|leaf| (leaf.record.id.to_string(), leaf.seal.len())).collect();
        assert_eq!(ids, [("e-eu".to_owned(), 16), ("e-gone".to_owned(), 16)]);
    });
}

#[test]
fn an_entry_becomes_a_leaf_once_whoever_is_faster() {
    on_each_engine(async |store| {
        plant(&store, &[organization("acme/")]).await;
        let entry = record(&organization("acme/"));
        let place = async || {
            let mut read = admin::read(&store).await.unwrap();
            audit_trees::place(&mut read, entry.log.as_ref(), NOW, &entry.id).await.unwrap()
        };
        assert_eq!(place().await, Place::Nowhere);
        change(&store, async |write| audit_log::append(write, &entry, &SALT, None).await).await.unwrap();
        assert_eq!(place().await, Place::Pending);
        let growth = waiting(&store).await.remove(0);
        let root = growth.root.clone();
        let tiles = [(TileId { level: 0, index: 0 }, vec![7; 32])];
        let grow = async |size| change(&store, async |write| audit_trees::append(write, &growth, size, &tiles).await).await;
        assert_eq!(grow(1).await, Err(Error::Conflict), "the tree has another size");
        grow(0).await.unwrap();
        assert_eq!(grow(0).await, Err(Error::Conflict));
        assert_eq!(grow(1).await, Err(Error::Conflict), "the entry waits no more");
        assert_eq!((place().await, waiting(&store).await), (Place::Leaf(root.clone(), 0), Vec::new()));
        let mut read = admin::read(&store).await.unwrap();
        let found = audit_trees::tiles(&mut read, root.as_ref(), &[tiles[0].0]).await.unwrap();
        assert_eq!(found, [vec![7; 32]]);
        let missing = audit_trees::tiles(&mut read, root.as_ref(), &[TileId { level: 1, index: 0 }]).await;
        assert!(matches!(missing, Err(Error::Inconsistent(_))), "{missing:?}");
    });
}
