//! Organizations, one at a time, and what decides who may touch them.

use umbel_domain::authorization::{Bounds, RootCreation};
use umbel_domain::{Action, Day, Email, Flag, Flags, MemberStatus, Name, Principal, Profile, Role, Target, User, authorize};

use super::engines::on_each_engine;
use super::fixtures::{NOW, change, id, lineage, member, number, organization, plant, statement, user, user_id};
use crate::authorization::Memberships;
use crate::engine::Change;
use crate::{Error, Opening, Query, Read, Write, admin, members, organizations, users};

#[test]
fn an_organization_comes_back_as_it_was_stored() {
    on_each_engine(async |store| {
        let mut acme = organization("acme/");
        acme.name = Name::parse("Äcme \"Ltd\" \\ 'x' $1 ?1", 255).unwrap();
        acme.flags = Flags::ENABLED.without(Flag::MemberManagement);
        acme.profile = Some(Profile {
            business_address: "1 \"Main\" St\n\u{0}\\".into(),
            business_email: String::new(),
            business_name: "Äcme".into(),
            business_phone: "+49".into(),
            external_metadata: "{\"a\": [1]}".into(),
        });
        let mut child = organization("acme/eu/");
        child.parent_name = Some(acme.name.as_str().into());
        plant(&store, &[acme.clone(), child.clone()]).await;
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(organizations::get(&mut read, &acme.id).await, Ok(Some(acme)));
        assert_eq!(organizations::get(&mut read, &child.id).await, Ok(Some(child)));
        assert_eq!(organizations::get(&mut read, &id("ACME")).await, Ok(None));
    });
}

#[test]
fn a_change_to_what_somebody_else_has_changed_is_a_conflict() {
    on_each_engine(async |store| {
        let acme = organization("acme/");
        plant(&store, std::slice::from_ref(&acme)).await;
        let mut renamed = acme.clone();
        renamed.name = Name::parse("Emca", 255).unwrap();
        let rename = async |write: &mut Write| organizations::update(write, &renamed).await;
        assert_eq!(change(&store, rename).await, Ok(()));
        assert_eq!(change(&store, rename).await, Err(Error::Conflict));
        assert_eq!(change(&store, async |write| organizations::delete(write, &acme).await).await, Err(Error::Conflict));
        renamed.version = 2;
        assert_eq!(organizations::get(&mut admin::read(&store).await.unwrap(), &acme.id).await, Ok(Some(renamed.clone())));
        assert_eq!(change(&store, async |write| organizations::delete(write, &renamed).await).await, Ok(()));
        assert_eq!(organizations::get(&mut admin::read(&store).await.unwrap(), &acme.id).await, Ok(None));
        assert_eq!(change(&store, async |write| organizations::update(write, &renamed).await).await, Err(Error::Conflict));
    });
}

#[test]
fn a_write_that_is_not_committed_changes_nothing() {
    on_each_engine(async |store| {
        let mut write = admin::write(&store).await.unwrap();
        organizations::insert(&mut write, &organization("acme/")).await.unwrap();
        assert!(organizations::get(&mut write, &id("acme")).await.unwrap().is_some(), "it sees its own rows");
        drop(write);
        assert_eq!(organizations::get(&mut admin::read(&store).await.unwrap(), &id("acme")).await, Ok(None));
    });
}

#[test]
fn counts_go_no_further_than_they_must() {
    on_each_engine(async |store| {
        let tree: Vec<_> = ["acme/", "acme/a/", "acme/b/", "acme/b/c/", "acme/d/"].map(organization).into();
        plant(&store, &tree).await;
        let managed = async |write: &mut Write| {
            for name in ["ann", "bob"] {
                users::insert(write, &User { managed_by: Some(id("acme")), ..user(name) }, None).await?;
            }
            users::insert(write, &user("cid"), None).await
        };
        change(&store, managed).await.unwrap();
        let mut read = admin::read(&store).await.unwrap();
        for (max, children, managed) in [(1, 1, 1), (2, 2, 2), (100, 3, 2)] {
            assert_eq!(organizations::count_children(&mut read, &id("acme"), max).await, Ok(children));
            assert_eq!(organizations::count_managed_users(&mut read, &id("acme"), max).await, Ok(managed));
        }
        assert_eq!(organizations::count_children(&mut read, &id("d"), 100).await, Ok(0));
    });
}

#[test]
fn only_active_memberships_of_able_users_count() {
    on_each_engine(async |store| {
        plant(&store, &["acme/", "acme/eu/", "b/", "c/", "d/"].map(organization)).await;
        let join = async |write: &mut Write| {
            users::insert(write, &User { operator: true, ..user("ann") }, None).await?;
            users::insert(write, &User { disabled: true, ..user("bob") }, None).await?;
            users::insert(write, &user("cid"), None).await?;
            members::insert(write, &member("eu", "ann", Role::Viewer)).await?;
            members::insert(write, &member("b", "ann", Role::Billing)).await?;
            members::insert(write, &member("b", "bob", Role::Billing)).await?;
            for (at, status) in ["acme", "c", "d"].into_iter().zip(&MemberStatus::ALL[1..]) {
                members::insert(write, &umbel_domain::Member { status: *status, ..member(at, "ann", Role::Auditor) }).await?;
            }
            Ok(())
        };
        change(&store, join).await.unwrap();
        let mut opening = store.read().await.unwrap();
        for (user, operator) in [("ann", Some(true)), ("bob", None), ("cid", Some(false)), ("eve", None)] {
            assert_eq!(opening.operator(&user_id(user)).await, Ok(operator), "{user}");
        }
        let mut memberships = opening.memberships(&user_id("ann"), Memberships::All).await.unwrap();
        memberships.sort_by_key(|(lineage, _)| lineage.clone());
        let (viewer, billing) = (Role::Viewer.actions().unwrap(), Role::Billing.actions().unwrap());
        assert_eq!(memberships, [(lineage("acme/eu/"), viewer), (lineage("b/"), billing)]);
        assert_eq!(opening.memberships(&user_id("cid"), Memberships::All).await, Ok(Vec::new()));
        let below_eu = lineage("acme/eu/shop/");
        let eu_alone = vec![(lineage("acme/eu/"), viewer)];
        assert_eq!(opening.memberships(&user_id("ann"), Memberships::Above(&below_eu)).await, Ok(eu_alone));
        for none in [Memberships::Above(&lineage("acme/")), Memberships::Above(&lineage("acme/us/")), Memberships::None] {
            assert_eq!(opening.memberships(&user_id("ann"), none).await, Ok(Vec::new()), "{none:?}");
        }
        assert_eq!(opening.lineage(&id("eu")).await, Ok(Some(lineage("acme/eu/"))));
        assert_eq!(opening.lineage(&id("nowhere")).await, Ok(None));
    });
}

#[test]
fn who_is_admitted_goes_on_in_the_transaction_that_authorized() {
    on_each_engine(async |store| {
        plant(&store, &[organization("acme/")]).await;
        let mut opening = store.write().await.unwrap();
        let lineage = opening.lineage(&id("acme")).await.unwrap().unwrap();
        let principal = Principal {
            operator: true,
            memberships: Vec::new(),
            bounds: Bounds::UNBOUNDED,
            root_creation: RootCreation::Operators,
        };
        let grant = authorize(&principal, Action::CreateOrganization, Target::Place(lineage)).unwrap();
        let settled = opening.settled();
        let mut write = opening.admit(&grant);
        organizations::insert(&mut write, &organization("acme/eu/")).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(settled.wait().await, crate::Outcome::Durable);
        assert!(organizations::get(&mut admin::read(&store).await.unwrap(), &id("eu")).await.unwrap().is_some());
    });
}

/// Whether a type can run statements: an inherent constant is found before that of a trait.
struct Runs<S>(std::marker::PhantomData<S>);
trait Otherwise {
    const STATEMENTS: bool = false;
}
impl<S> Otherwise for Runs<S> {}
impl<S: Query> Runs<S> {
    const STATEMENTS: bool = true;
}

#[test]
fn a_transaction_runs_no_statements_before_somebody_is_admitted() {
    assert_eq!((Runs::<Read>::STATEMENTS, Runs::<Write>::STATEMENTS), (true, true));
    assert_eq!((Runs::<Opening<Read>>::STATEMENTS, Runs::<Opening<Write>>::STATEMENTS), (false, false));
}

#[test]
fn a_root_without_another_able_super_administrator_is_orphaned() {
    on_each_engine(async |store| {
        plant(&store, &["a/", "b/", "c/", "d/", "e/", "a/sub/"].map(organization)).await;
        let join = async |write: &mut Write| {
            users::insert(write, &user("ann"), None).await?;
            users::insert(write, &user("bob"), None).await?;
            users::insert(write, &User { disabled: true, ..user("cid") }, None).await?;
            // Alone in `a`; with Bob in `b`; beside somebody disabled in `c`, a mere administrator in `d`, an invited one in `e`.
            for at in ["a", "b", "c", "d", "e", "sub"] {
                members::insert(write, &member(at, "ann", Role::SuperAdministrator)).await?;
            }
            members::insert(write, &member("b", "bob", Role::SuperAdministrator)).await?;
            members::insert(write, &member("c", "cid", Role::SuperAdministrator)).await?;
            members::insert(write, &member("d", "bob", Role::Administrator)).await?;
            let invited = umbel_domain::Member { status: MemberStatus::Pending, ..member("e", "bob", Role::SuperAdministrator) };
            members::insert(write, &invited).await
        };
        change(&store, join).await.unwrap();
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(members::orphaned_roots(&mut read, &user_id("ann")).await, Ok(4), "a, c, d and e; not a child");
        assert_eq!(members::orphaned_roots(&mut read, &user_id("bob")).await, Ok(0));
        assert_eq!(members::orphaned_roots(&mut read, &user_id("eve")).await, Ok(0));
    });
}

#[test]
fn an_address_is_found_in_any_of_its_forms() {
    on_each_engine(async |store| {
        change(&store, async |write| users::insert(write, &user("ann"), None).await).await.unwrap();
        let mut read = admin::read(&store).await.unwrap();
        let found = users::get_by_email(&mut read, &Email::parse(" ANN@Example.COM").unwrap()).await;
        assert_eq!(found, Ok(Some(user("ann"))));
    });
}

#[test]
fn a_subtree_of_any_size_moves_with_its_accounts_and_nothing_else_does() {
    // More than one statement rewrites.
    const ROWS: &[&str] = &[
        "INSERT INTO organizations (id, parent_id, lineage, name, name_folded, create_time, flags, profile, version) \
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) \
         SELECT 'c' || CAST(i AS TEXT), 'b', 'a/b/c' || CAST(i AS TEXT) || '/', 'C', 'c', 0, 255, NULL, 1 FROM n",
        "INSERT INTO accounts (id, organization_id, lineage, name, name_folded, type, create_time, settings, profile, version) \
         SELECT 'x' || id, id, lineage || '@x' || id || '/', name, name_folded, 'standard', 0, '{}', NULL, 1 FROM organizations",
    ];
    on_each_engine(async |store| {
        let (moving, neighbours) = (organization("a/b/"), [organization("a/"), organization("a/b-/"), organization("d/")]);
        plant(&store, &neighbours).await;
        plant(&store, std::slice::from_ref(&moving)).await;
        let insert = async |write: &mut Write| {
            for rows in ROWS {
                write.execute(&statement(rows), &[]).await?;
            }
            Ok(())
        };
        change(&store, insert).await.unwrap();
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(organizations::count_subtree(&mut read, &moving.lineage).await, Ok((12_001, 12_001)));
        assert_eq!(organizations::deepest(&mut read, &moving.lineage).await, Ok(3));
        drop(read);
        let to = lineage("d/b/");
        change(&store, async |write| organizations::relocate(write, &moving, &to, Day::of(NOW)).await).await.unwrap();
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(organizations::count_subtree(&mut read, &moving.lineage).await, Ok((0, 0)));
        assert_eq!(organizations::count_subtree(&mut read, &to).await, Ok((12_001, 12_001)));
        let odd = "SELECT COUNT(*) FROM organizations o JOIN organizations p ON p.id = o.parent_id \
             WHERE o.lineage <> p.lineage || o.id || '/'";
        assert_eq!(number(&mut read, odd).await, Ok(0));
        let odd = "SELECT COUNT(*) FROM accounts a JOIN organizations o ON o.id = a.organization_id \
             WHERE a.lineage <> o.lineage || '@' || a.id || '/'";
        assert_eq!(number(&mut read, odd).await, Ok(0));
        for neighbour in &neighbours {
            assert_eq!(organizations::get(&mut read, &neighbour.id).await.unwrap().unwrap().lineage, neighbour.lineage);
        }
        drop(read);
        // The row has changed since.
        let again =
            change(&store, async |write| organizations::relocate(write, &moving, &lineage("b/"), Day::of(NOW)).await).await;
        assert_eq!(again, Err(Error::Conflict));
    });
}
