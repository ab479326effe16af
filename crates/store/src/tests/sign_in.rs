//! Sessions, passwords, second factors, links and identities.

use umbel_domain::{LinkedIdentity, LinkedIdentityId, Session, SessionId, secret};

use super::engines::on_each_engine;
use super::fixtures::{NOW, account_id, change, user, user_id};
use crate::{Result, Store, Write, admin, linked_identities, sessions, sign_in, users};

/// A session of ann that ends in a day.
pub(super) fn session(id: &str) -> Session {
    Session {
        id: SessionId::parse(id).unwrap(),
        user_id: user_id("ann"),
        create_time: NOW,
        expires_at: NOW.plus_seconds(86_400),
        last_used_on: None,
        by_link: true,
        ip_address: "203.0.113.7".into(),
        user_agent: "Browser/1".into(),
    }
}

/// Who ann is at a provider.
fn identity(id: &str, issuer: &str) -> LinkedIdentity {
    LinkedIdentity {
        id: LinkedIdentityId::parse(id).unwrap(),
        user_id: user_id("ann"),
        issuer: issuer.into(),
        subject: "ann-there".into(),
        create_time: NOW,
        last_used_on: NOW,
    }
}

/// Runs every statement of this noun; ann and the account shop are there.
pub(super) async fn use_everything(store: &Store) {
    change(store, use_sessions).await.unwrap();
    let mut opening = store.read().await.unwrap();
    let (signed_in, found) = opening.credential_by_session(&secret::hash("s2")).await.unwrap().unwrap();
    assert_eq!((signed_in.id, found.last_used_on), (user_id("ann"), Some(NOW)));
    let by_email = opening.sign_in_by_email(&user("ann").email).await.unwrap().unwrap();
    assert_eq!((by_email.password.as_deref(), by_email.second_factor), (Some("$second"), None));
    let by_link = opening.sign_in_by_link(&secret::hash("link"), NOW).await.unwrap().unwrap();
    assert_eq!(by_link.user.id, user_id("ann"));
    let found = opening.sign_in_by_identity("https://one.example", "ann-there", None).await.unwrap().unwrap();
    assert_eq!(found.user.id, user_id("ann"));
    // By the address only where the provider does not know the user by another subject.
    let email = user("ann").email;
    assert!(opening.sign_in_by_identity("https://one.example", "other", Some(&email)).await.unwrap().is_none());
    assert!(opening.sign_in_by_identity("https://two.example", "other", Some(&email)).await.unwrap().is_some());
    assert!(opening.sign_in_by_identity("https://two.example", "other", None).await.unwrap().is_none());
    assert!(!opening.enforces_second_factor(&account_id("shop")).await.unwrap());
    drop(opening);
    for counted in [true, false] {
        assert_eq!(store.write().await.unwrap().try_code(&user_id("ann"), 1).await, Ok(counted));
    }
    change(store, use_up).await.unwrap();
}

async fn use_sessions(write: &mut Write) -> Result<()> {
    let ann = user_id("ann");
    for id in ["s1", "s2", "s3"] {
        sessions::insert(write, &session(id), &secret::hash(id)).await?;
    }
    sessions::touch(write, &[(session("s2").id, NOW)]).await?;
    assert_eq!(sessions::list(write, &ann, NOW).await?.len(), 3);
    assert!(sessions::get(write, &ann, &session("s3").id, NOW).await?.is_some());
    sessions::delete(write, &ann, &session("s3").id).await?;
    sessions::delete_others(write, &ann, Some(&session("s2").id)).await?;
    sessions::forget_link(write, &session("s2").id).await?;
    sign_in::set_password(write, &ann, "$first").await?;
    sign_in::set_password(write, &ann, "$second").await?;
    sign_in::begin_second_factor(write, &ann, "SECRET").await?;
    for (id, issuer) in [("i1", "https://one.example"), ("i0", "https://zero.example")] {
        linked_identities::insert(write, &identity(id, issuer)).await?;
    }
    sign_in::insert_link(write, &ann, &secret::hash("link"), NOW.plus_seconds(60)).await
}

async fn use_up(write: &mut Write) -> Result<()> {
    let (ann, link) = (user_id("ann"), secret::hash("link"));
    assert!(sign_in::use_step(write, &ann, 7).await? && !sign_in::use_step(write, &ann, 7).await?);
    assert!(users::get(write, &ann).await?.unwrap().two_factor_authentication_enabled);
    assert!(sign_in::use_link(write, &ann, &link, NOW).await? && !sign_in::use_link(write, &ann, &link, NOW).await?);
    sign_in::purge_links(write, NOW).await?;
    assert_eq!(sessions::purge(write, NOW.plus_seconds(86_400), 10).await?, 1);
    let (one, zero) = (identity("i1", "https://one.example"), identity("i0", "https://zero.example"));
    assert_eq!(linked_identities::of_user(write, &ann).await?, [one.clone(), zero.clone()]);
    let later = NOW.plus_seconds(1);
    assert!(
        !linked_identities::use_once(write, &one.id, NOW).await? && linked_identities::use_once(write, &one.id, later).await?
    );
    let used = linked_identities::by_subject(write, &one.issuer, &one.subject).await?;
    assert_eq!(used, Some(LinkedIdentity { last_used_on: later, ..one }));
    assert!(linked_identities::delete(write, &ann, &zero.id).await? && !linked_identities::delete(write, &ann, &zero.id).await?);
    sign_in::delete_second_factor(write, &ann).await?;
    assert!(!users::get(write, &ann).await?.unwrap().two_factor_authentication_enabled);
    sign_in::delete_links(write, &ann).await?;
    sign_in::delete_of_user(write, &ann).await
}

#[test]
fn a_user_has_so_many_sessions_and_with_one_more_the_oldest_ends() {
    on_each_engine(async |store| {
        change(&store, async |write| {
            users::insert(write, &user("ann"), None).await?;
            for n in 0..=sessions::PER_USER_MAX {
                let id = format!("s{n:03}");
                sessions::insert(write, &session(&id), &secret::hash(&id)).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
        let kept = sessions::list(&mut admin::read(&store).await.unwrap(), &user_id("ann"), NOW).await.unwrap();
        assert_eq!((kept.len(), kept.last().unwrap().id.as_str()), (sessions::PER_USER_MAX, "s001"));
    });
}
