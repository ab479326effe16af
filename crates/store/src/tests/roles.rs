//! Roles that roots made.

use umbel_domain::{Action, Actions, CustomRole, Role};

use super::engines::on_each_engine;
use super::fixtures::{
    account, account_id, account_member, change, custom_role, id, lineage, member, organization, plant, token, user, user_id,
};
use crate::authorization::Memberships;
use crate::{Error, Store, Write, account_members, accounts, admin, api_tokens, members, roles, users};

async fn plant_role(store: &Store) -> CustomRole {
    let role = custom_role("acme", &[Action::ReadBilling]);
    plant(store, &["acme/", "acme/eu/", "b/", "b/c/"].map(organization)).await;
    let insert = async |write: &mut Write| {
        users::insert(write, &user("ann"), None).await?;
        roles::insert(write, &role).await
    };
    change(store, insert).await.unwrap();
    role
}

#[test]
fn a_custom_role_allows_what_its_root_says_and_outside_of_that_tree_nothing() {
    on_each_engine(async |store| {
        let role = plant_role(&store).await;
        let custom = Role::Custom(role.id);
        let join = async |write: &mut Write| {
            accounts::insert(write, &account("acme/eu/@shop/")).await?;
            account_members::insert(write, &account_member("shop", "ann", custom)).await?;
            members::insert(write, &member("eu", "ann", custom)).await?;
            members::insert(write, &member("c", "ann", custom)).await
        };
        change(&store, join).await.unwrap();
        let held = async || {
            let mut held = store.read().await.unwrap().memberships(&user_id("ann"), Memberships::All).await.unwrap();
            held.sort_by_key(|(lineage, _)| lineage.clone());
            held
        };
        let places =
            |actions| [(lineage("acme/eu/"), actions), (lineage("acme/eu/@shop/"), actions), (lineage("b/c/"), Actions::NONE)];
        assert_eq!(held().await, places(role.actions));
        let wider = CustomRole { actions: role.actions.union(Actions::of(&[Action::CreateAccount])), ..role.clone() };
        change(&store, async |write| roles::update(write, &wider).await).await.unwrap();
        assert_eq!(held().await, places(wider.actions), "a change counts at once");
        change(&store, async |write| roles::delete(write, &role).await).await.unwrap();
        assert_eq!(held().await, places(Actions::NONE), "and a role that is gone allows nothing");
        assert_eq!(change(&store, async |write| roles::update(write, &role).await).await, Err(Error::Conflict));
    });
}

#[test]
fn uses_of_a_custom_role_are_counted_wherever_it_stands() {
    on_each_engine(async |store| {
        let role = plant_role(&store).await;
        let custom = Role::Custom(role.id);
        let uses = async |max| roles::uses(&mut admin::read(&store).await.unwrap(), role.id, max).await.unwrap();
        let below = async |at| roles::used_below(&mut admin::read(&store).await.unwrap(), &lineage(at)).await.unwrap();
        assert_eq!((uses(10).await, below("acme/").await), (0, false));
        let mut several = account_member("shop", "ann", Role::Viewer);
        several.roles = vec![Role::Viewer, custom, Role::Billing];
        let mut capped = token("t", "ann");
        capped.scope.role = Some(custom);
        let join = async |write: &mut Write| {
            accounts::insert(write, &account("acme/eu/@shop/")).await?;
            account_members::insert(write, &several).await?;
            api_tokens::insert(write, &capped, &[7; 32]).await
        };
        change(&store, join).await.unwrap();
        assert_eq!(uses(10).await, 1, "a token does not count");
        assert!(below("acme/").await && below("acme/eu/@shop/").await && !below("b/").await);
        let mut read = admin::read(&store).await.unwrap();
        let stored = account_members::get_by_user(&mut read, &account_id("shop"), &user_id("ann")).await.unwrap().unwrap();
        drop(read);
        assert_eq!(stored.member.roles, [custom, Role::Viewer, Role::Billing], "it comes first");
        change(&store, async |write| members::insert(write, &member("eu", "ann", custom)).await).await.unwrap();
        assert_eq!((uses(10).await, uses(1).await), (2, 1));
    });
}

#[test]
fn the_roles_of_a_root_are_its_own() {
    on_each_engine(async |store| {
        let role = plant_role(&store).await;
        let of = async |root: &str| roles::of_root(&mut admin::read(&store).await.unwrap(), &id(root)).await.unwrap();
        assert_eq!((of("acme").await, of("b").await), (vec![role.clone()], Vec::new()));
        change(&store, async |write| roles::delete_of_organization(write, &id("acme")).await).await.unwrap();
        assert_eq!(of("acme").await, []);
    });
}
