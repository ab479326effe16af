//! Mail: how an invitation is written, and how it is handed to a mail server.

use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use umbel_domain::secret::SecretHash;
use umbel_domain::{Email, Invitation, Organization, Timestamp};
use url::{Host, Url};

use crate::settings::PublicUrl;

/// How long a mail server may take for one step.
const STEP_MAX: Duration = Duration::from_secs(10);
/// How long a mail server may take for a letter.
const ATTEMPT_MAX: Duration = Duration::from_secs(30);
/// The first pause before a letter is tried again, where nothing else is said.
const RETRY_PAUSE: Duration = Duration::from_secs(2);

/// The mail server that takes invitations, and whom they come from; `Debug` shows neither user nor password.
#[derive(Clone)]
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// The host that people know, in the subject.
    host: String,
    /// The first pause before a letter is tried again; each further one is four times as long.
    pub retry_pause: Duration,
}

impl Mail {
    /// Takes `smtps://USER:PASSWORD@HOST:PORT`, or `smtp://`, and a sender like `Umbel <umbel@example.com>`.
    ///
    /// The error says what is wrong without any part of the URL, for that may hold a password.
    pub fn new(smtp_url: &str, from: &str, public_url: &PublicUrl) -> Result<Self, String> {
        let url = Url::parse(smtp_url).map_err(|_| "smtp_url is no URL; give smtps://USER:PASSWORD@HOST:PORT")?;
        check(&url)?;
        let from: Mailbox =
            from.parse().map_err(|_| "smtp_from is no address; give umbel@example.com, or Umbel <umbel@example.com>")?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url);
        let builder = builder.map_err(
            |_| "smtp_url cannot be used: its user or password is not UTF-8, or the system has no certificate authorities",
        )?;
        let builder = match public_url.host() {
            Some(Host::Domain(domain)) if url.path().len() <= 1 => builder.hello_name(ClientId::Domain(domain.to_owned())),
            _ => builder,
        };
        let host = public_url.host().map(|host| host.to_string()).unwrap_or_default();
        Ok(Self { transport: builder.timeout(Some(STEP_MAX)).build(), from, host, retry_pause: RETRY_PAUSE })
    }

    /// Writes an invitation; `None` when its address is none that mail can be sent to.
    ///
    /// What strangers choose, names and addresses, is in the text and in the one address it goes to, and in no other header.
    pub(crate) fn letter(&self, invites: &Invites<'_>) -> Option<Letter> {
        let to: Address = invites.email.as_str().parse().ok()?;
        let at = invites.invitation.update_time;
        let date = SystemTime::UNIX_EPOCH + Duration::from_micros(at.micros().max(0).unsigned_abs());
        let id = format!("<{}.{}@{}>", invites.invitation.id, at.micros(), self.from.email.domain());
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(format!("You are invited to an organization on {}", self.host))
            .date(date)
            .message_id(Some(id))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(invites.text(&self.host))
            .ok()?;
        Some(Letter { envelope: message.envelope().clone(), bytes: message.formatted(), at, hash: invites.hash })
    }

    /// Hands a letter to the mail server, once.
    pub(crate) async fn send(&self, letter: &Letter) -> Result<(), Undelivered> {
        let sent = tokio::time::timeout(ATTEMPT_MAX, self.transport.send_raw(&letter.envelope, &letter.bytes)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Undelivered { reason: reason(&error), for_good: error.is_permanent() }),
            Err(_) => Err(Undelivered { reason: format!("it took more than {ATTEMPT_MAX:?}"), for_good: false }),
        }
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mail(…)")
    }
}

fn check(url: &Url) -> Result<(), &'static str> {
    let tls: Vec<_> = url.query_pairs().collect();
    let tls: Vec<_> = tls.iter().map(|(name, value)| (&**name, &**value)).collect();
    let encrypted = match (url.scheme(), tls.as_slice()) {
        ("smtps", []) | ("smtp", [("tls", "required")]) => true,
        ("smtp", [] | [("tls", "opportunistic")]) => false,
        _ => return Err("smtp_url must be smtps://…, smtp://…?tls=required, smtp://…?tls=opportunistic or smtp://…"),
    };
    if url.host_str().is_none_or(str::is_empty) {
        return Err("smtp_url names no host; give smtps://USER:PASSWORD@HOST:PORT");
    }
    match (url.username(), url.password()) {
        ("", None) => Ok(()),
        ("", Some(_)) | (_, None) => Err("smtp_url must have both a user and a password, or neither"),
        _ if !encrypted => Err("smtp_url has a password, which would be sent in plain; use smtps://, or smtp://…?tls=required"),
        _ => Ok(()),
    }
}

/// Why a mail server did not take a letter, in none of its own words but the code: they may repeat the letter.
fn reason(error: &smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_response() => "the mail server answered what is not SMTP".to_owned(),
        None => error.to_string(),
    }
}

/// What an invitation by mail says.
pub(crate) struct Invites<'a> {
    pub(crate) invitation: &'a Invitation,
    pub(crate) hash: SecretHash,
    pub(crate) organization: &'a Organization,
    pub(crate) email: &'a Email,
    pub(crate) inviter: &'a Email,
    pub(crate) link: &'a str,
}

impl Invites<'_> {
    fn text(&self, host: &str) -> String {
        // To the minute, cut off: nobody is told a time at which the link is dead.
        let end = self.invitation.expires_on.to_datetime();
        let (date, hour, minute) = (end.date(), end.hour(), end.minute());
        format!(
            "{} invites you to an organization on {host}. Its name is:\n\n    {}\n\n\
             Open this link to accept or to reject; sign in as {}:\n\n{}\n\n\
             It works once, until {date} {hour:02}:{minute:02} UTC. If you did not expect it, you need not do anything.\n",
            self.inviter.as_str(),
            self.organization.name.as_str(),
            self.email.as_str(),
            self.link,
        )
    }
}

/// An invitation as a mail server takes it. It holds the link in plain and is kept in memory alone.
pub(crate) struct Letter {
    envelope: Envelope,
    bytes: Vec<u8>,
    /// When it was written.
    pub(crate) at: Timestamp,
    /// The hash of the secret of its link.
    pub(crate) hash: SecretHash,
}

/// Why a letter did not go out.
pub(crate) struct Undelivered {
    pub(crate) reason: String,
    /// Whether trying again is in vain.
    pub(crate) for_good: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(smtp_url: &str, from: &str) -> Result<Mail, String> {
        Mail::new(smtp_url, from, &PublicUrl::parse("https://umbel.example.com").unwrap())
    }

    #[test]
    fn a_mail_server_is_named_by_a_url_and_its_password_never_told() {
        for good in [
            "smtps://user:hunter2@mail.example.com",
            "smtps://user:hunter2@mail.example.com:465",
            "smtp://user:hunter2@mail.example.com:587?tls=required",
            "smtp://mail.example.com?tls=opportunistic",
            "smtp://127.0.0.1:2525",
            "smtp://[::1]:2525",
        ] {
            let mail = made(good, "Umbel <umbel@example.com>").unwrap_or_else(|error| panic!("{good}: {error}"));
            assert_eq!(format!("{mail:?}"), "Mail(…)");
        }
        for bad in [
            "hunter2",
            "https://user:hunter2@mail.example.com",
            "smtp:hunter2",
            "smtps://user:hunter2@",
            "smtps://:hunter2@mail.example.com",
            "smtps://hunter2@mail.example.com",
            "smtp://user:hunter2@mail.example.com",
            "smtp://user:hunter2@mail.example.com?tls=opportunistic",
            "smtps://user:hunter2@mail.example.com?tls=hunter2",
            "smtps://user:hunter2%ff@mail.example.com",
            "smtps://user:hunter2@mail.example.com:hunter2",
        ] {
            let error = made(bad, "umbel@example.com").unwrap_err();
            assert!(error.starts_with("smtp_url ") && !error.contains("hunter2"), "{bad}: {error}");
        }
        for from in ["", "umbel", "a@example.com\r\nBcc: b@example.com", "a@example.com, b@example.com"] {
            assert!(made("smtp://localhost", from).unwrap_err().starts_with("smtp_from "), "{from:?}");
        }
    }
}
