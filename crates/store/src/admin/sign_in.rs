//! How users sign in, as the command line sets it.

use umbel_domain::audit::Entry;
use umbel_domain::secret::Secret;
use umbel_domain::{Timestamp, User};

use super::Sources;
use super::operators::{Error, Result, command, note, parse_email};
use crate::{Store, Write, sessions, sign_in, users};

/// Gives a user another password, by its PHC string; every session of theirs ends.
pub async fn set_password(store: &Store, sources: &Sources, email: &str, hash: &str) -> Result<User> {
    command(store, async |write| {
        let user = found(write, email).await?;
        sign_in::set_password(write, &user.id, hash).await?;
        sign_in::delete_links(write, &user.id).await?;
        sessions::delete_others(write, &user.id, None).await?;
        note(write, sources, Entry::password_set(&user.id)).await?;
        Ok(user)
    })
    .await
}

/// Makes a link by which a user signs in once, within so many seconds; one from before counts no more.
pub async fn make_link(store: &Store, sources: &Sources, email: &str, seconds: i64) -> Result<(Secret, Timestamp)> {
    let secret = Secret::new_sign_in_link(sources.random());
    let expires_at = sources.now.plus_seconds(seconds);
    command(store, async |write| {
        let user = found(write, email).await?;
        sign_in::delete_links(write, &user.id).await?;
        sign_in::insert_link(write, &user.id, &secret.hash(), expires_at).await?;
        note(write, sources, Entry::sign_in_link_created(&user.id)).await
    })
    .await?;
    Ok((secret, expires_at))
}

/// Lets a user who has lost their authenticator sign in without it; every session of theirs ends.
pub async fn remove_second_factor(store: &Store, sources: &Sources, email: &str) -> Result<User> {
    command(store, async |write| {
        let user = found(write, email).await?;
        if !user.two_factor_authentication_enabled {
            return Err(Error::NoSecondFactor(email.to_owned()));
        }
        sign_in::delete_second_factor(write, &user.id).await?;
        sign_in::delete_links(write, &user.id).await?;
        sessions::delete_others(write, &user.id, None).await?;
        note(write, sources, Entry::second_factor_removed(&user.id)).await?;
        Ok(user)
    })
    .await
}

async fn found(write: &mut Write, email: &str) -> Result<User> {
    let user = users::get_by_email(write, &parse_email(email)?).await?;
    user.ok_or_else(|| Error::UnknownUser(email.to_owned()))
}
