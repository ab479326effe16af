//! Invitations, and how long they live.

use umbel_domain::{Delivery, Invitation, InvitationId, Member, MemberStatus, Role, secret};

use super::engines::on_each_engine;
use super::fixtures::{NOW, change, id, invitation, member, user, user_id};
use crate::{Error, Read, Write, admin, invitations, members, users};

#[test]
fn an_invitation_lives_as_long_as_its_member_is_pending_and_only_that_user_finds_it() {
    on_each_engine(async |store| {
        let pending = |user| Member { status: MemberStatus::Pending, ..member("a", user, Role::Viewer) };
        let hashes = ["one", "two", "three"].map(secret::hash);
        let insert = async |write: &mut Write| {
            for (name, hash) in ["ann", "bob", "cid"].into_iter().zip(&hashes) {
                users::insert(write, &user(name), None).await?;
                members::insert(write, &pending(name)).await?;
                invitations::insert(write, &invitation("a", name), hash).await?;
            }
            Ok(())
        };
        change(&store, insert).await.unwrap();
        let again = Invitation { id: InvitationId::parse("again").unwrap(), ..invitation("a", "bob") };
        let twice = change(&store, async |write| invitations::insert(write, &again, &secret::hash("x")).await).await;
        assert_eq!(twice, Err(Error::Conflict), "a member has one invitation");
        let shown = async || {
            let page = invitations::page(&mut admin::read(&store).await.unwrap(), &id("a"), "", 10).await.unwrap();
            page.items.iter().map(|open| open.email.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(shown().await, ["ann@example.com", "bob@example.com", "cid@example.com"]);
        let mut read = admin::read(&store).await.unwrap();
        let found = invitations::get(&mut read, &id("a"), &invitation("a", "bob").id).await.unwrap().unwrap();
        let expected = (invitation("a", "bob"), user("bob").email, Role::Viewer, Some(user("ann").email));
        assert_eq!((found.invitation, found.email, found.role, found.inviter), expected);
        assert_eq!(invitations::get(&mut read, &id("b"), &invitation("a", "bob").id).await, Ok(None));
        let by_hash = async |read: &mut Read, user, hash| invitations::get_by_hash(read, &user_id(user), hash).await.unwrap();
        assert_eq!(by_hash(&mut read, "bob", &hashes[1]).await, Some(invitation("a", "bob")));
        assert_eq!(by_hash(&mut read, "ann", &hashes[1]).await, None);
        drop(read);
        // Another role leaves it; a status that is not pending and removal end it.
        let auditor = Member { role: Role::Auditor, ..pending("ann") };
        change(&store, async |write| members::update(write, &auditor).await).await.unwrap();
        assert_eq!(shown().await.len(), 3);
        change(&store, async |write| members::update(write, &member("a", "ann", Role::Viewer)).await).await.unwrap();
        change(&store, async |write| members::delete(write, &pending("cid")).await).await.unwrap();
        assert_eq!(shown().await, ["bob@example.com"]);
        assert_eq!(invitations::count(&mut admin::read(&store).await.unwrap(), &id("a"), 10).await, Ok(1));
    });
}

#[test]
fn what_becomes_of_a_link_is_noted_only_while_it_is_the_one() {
    on_each_engine(async |store| {
        let (old, new) = (secret::hash("old"), secret::hash("new"));
        let member = Member { status: MemberStatus::Pending, ..member("a", "bob", Role::Viewer) };
        let insert = async |write: &mut Write| {
            users::insert(write, &user("bob"), None).await?;
            members::insert(write, &member).await?;
            invitations::insert(write, &invitation("a", "bob"), &old).await
        };
        change(&store, insert).await.unwrap();
        let renewed = Invitation { expires_on: NOW.plus_seconds(90), update_time: NOW.plus_seconds(1), ..invitation("a", "bob") };
        change(&store, async |write| invitations::renew(write, &renewed, &new).await).await.unwrap();
        let delivery = async |hash| {
            change(&store, async |write| invitations::set_delivery(write, hash, Delivery::Sent).await).await.unwrap();
            let mut read = admin::read(&store).await.unwrap();
            invitations::get(&mut read, &id("a"), &renewed.id).await.unwrap().unwrap().invitation
        };
        assert_eq!(delivery(&old).await, renewed);
        assert_eq!(delivery(&new).await, Invitation { delivery: Delivery::Sent, ..renewed.clone() });
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(invitations::get_by_hash(&mut read, &user_id("bob"), &old).await, Ok(None), "the old link is dead");
        drop(read);
        let gone = Invitation { organization_id: id("b"), ..renewed.clone() };
        assert_eq!(change(&store, async |write| invitations::renew(write, &gone, &new).await).await, Err(Error::Conflict));
    });
}
