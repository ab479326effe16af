//! Passwords: Argon2id, never more than two at once.

use std::sync::Arc;

use argon2::password_hash::SaltString;
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use umbel_api::Code;
pub use umbel_domain::session::check_password as check;

use crate::error::{Error, Result};

/// Passwords that are hashed at once: each takes 19 MiB and a core.
const AT_ONCE_MAX: usize = 2;
/// Passwords that wait or are hashed; with one more the server says that it is busy.
const WAITING_MAX: usize = 32;

/// What stands in for the password of somebody who has none, so that it takes as long to say no.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The PHC string of a password, with the parameters that OWASP recommends: 19 MiB, two passes, one lane.
pub fn hash(password: &str, salt: [u8; 16]) -> std::result::Result<String, argon2::password_hash::Error> {
    let salt = SaltString::encode_b64(&salt)?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
}

fn verify(password: &str, phc: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|phc| Argon2::default().verify_password(password.as_bytes(), &phc).is_ok())
}

/// Where passwords are hashed, which takes long and much memory.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    waiting: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { waiting: Semaphore::new(WAITING_MAX).into(), running: Semaphore::new(AT_ONCE_MAX).into() }
    }
}

impl Passwords {
    /// The PHC string of a new password.
    pub(crate) async fn hash(&self, password: String, salt: [u8; 16]) -> Result<String> {
        let hashed = self.run(move || hash(&password, salt)).await?;
        hashed.map_err(|error| Error::new(Code::Internal, format!("a password could not be hashed: {error}")))
    }

    /// Whether this is the password; without a PHC string it is not, after as long a time.
    pub(crate) async fn verify(&self, password: String, phc: Option<String>) -> Result<bool> {
        let (exists, phc) = (phc.is_some(), phc.unwrap_or_else(|| DECOY.to_owned()));
        Ok(self.run(move || verify(&password, &phc)).await? && exists)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = || Error::new(Code::Busy, "too many people sign in at this moment; try again in a few seconds");
        let waiting = self.waiting.clone().try_acquire_owned().map_err(|_| busy())?;
        let running = self.running.clone().acquire_owned().await.map_err(|_| busy())?;
        // The permits go with the work, also when the client does not wait for it.
        let done = tokio::task::spawn_blocking(move || {
            let out = work();
            drop((waiting, running));
            out
        });
        done.await.map_err(|_| Error::new(Code::Internal, "the server failed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_one_password_and_one_salt() {
        let [one, other] = [1, 2].map(|salt| hash("correct horse", [salt; 16]).unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert!(one != other && verify("correct horse", &one) && verify("correct horse", &other));
        assert!(!verify("correct horsf", &one) && !verify("", &one) && !verify("correct horse", "no hash"));
    }

    #[tokio::test]
    async fn who_has_no_password_is_refused_after_as_much_work() {
        assert!(
            PasswordHash::new(DECOY)
                .unwrap()
                .params
                .iter()
                .eq(PasswordHash::new(&hash("", [0; 16]).unwrap()).unwrap().params.iter())
        );
        assert!(!Passwords::default().verify(String::new(), None).await.unwrap());
    }

    #[tokio::test]
    async fn when_too_many_wait_one_more_is_told_so_at_once() {
        let passwords = Passwords::default();
        let _all = passwords.waiting.clone().acquire_many_owned(u32::try_from(WAITING_MAX).unwrap()).await.unwrap();
        let refused = passwords.verify("x".into(), None).await.unwrap_err();
        assert_eq!(refused.problems()[0].code, Code::Busy.number());
    }
}
