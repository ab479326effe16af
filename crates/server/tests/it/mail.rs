//! Invitations that go by mail.

use serde_json::{Value, json};
use umbel_domain::Role;

use crate::audit_retention::until;
use crate::harness::TestApp;
use crate::harness::mail_server::{MailServer, mail};
use crate::harness::world::{World, invitation_of};
use crate::invitations::{accept, add, inviting, open, resend};
use crate::operations::worker;

/// The company, where who is added is invited by mail.
fn mailing(server: &MailServer) -> World {
    inviting().settings(|settings| settings.mail = Some(server.mail()))
}

async fn delivery(app: &TestApp, organization: &str) -> Vec<String> {
    open(app, organization).await.iter().map(|open| open["delivery"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn by_mail_the_link_goes_to_the_invited_user_and_the_inviter_never_sees_it() {
    let server = MailServer::start();
    mailing(&server).on_each_engine(async |app| {
        let added = add(app, "eu", "Ned@example.com", Role::Viewer).by("adam").idempotency_key("k").await.expect(200);
        assert_eq!((added.text("status").as_str(), &added.result()["invitation"]), ("pending", &Value::Null));
        assert!(!added.to_string().contains("umi_"), "{added}");
        add(app, "eu", "Ned@example.com", Role::Viewer).by("adam").idempotency_key("k").await.expect(200);
        // What is refused sends nothing, and nor does a part of it.
        let batch = json!({"members": [{"user": {"email": "x@example.com"}}, {"user": {"email": "ned@example.com"}}]});
        app.post("/organizations/eu/members:batchCreate", batch).by("ann").await.expect(409);
        app.app.finish().await;
        let letters = server.take();
        assert_eq!((letters.len(), delivery(app, "eu").await), (1, vec!["sent".to_owned()]), "{letters:?}");
        let letter = &letters[0];
        assert_eq!(
            (letter.from.as_str(), letter.to.as_slice()),
            ("umbel@example.com", ["ned@example.com".to_owned()].as_slice())
        );
        assert_eq!((letter.header("from"), letter.header("to")), ("Umbel <umbel@example.com>", "ned@example.com"));
        assert_eq!(letter.header("subject"), "You are invited to an organization on umbel.example.com");
        assert_eq!(letter.header("date"), "Fri, 02 Jan 2026 03:04:05 +0000");
        assert_eq!(letter.header("auto-submitted"), "auto-generated");
        let token = letter.token();
        let expected = format!(
            "adam@example.com invites you to an organization on umbel.example.com. Its name is:\n\n    eu\n\n\
             Open this link to accept or to reject; sign in as ned@example.com:\n\n\
             https://umbel.example.com/base/console/invitations#{token}\n\n\
             It works once, until 2026-01-09 03:04 UTC. If you did not expect it, you need not do anything."
        );
        assert_eq!(letter.text.trim_end(), expected);
        accept(app, &token).by("ned").await.expect(200);
    });
}

#[test]
fn sending_again_by_mail_ends_the_old_link_and_shows_no_new_one() {
    let server = MailServer::start();
    mailing(&server).invitation("eu", "ned", Role::Viewer).on_each_engine(async |app| {
        let sent = resend(app, "eu", "i-eu-ned").by("adam").await.expect(200);
        assert_eq!((sent.text("delivery").as_str(), &sent.result()["token"]), ("queued", &Value::Null));
        assert_eq!(sent.result()["invited_by"], json!({"id": "adam", "email": "adam@example.com"}));
        app.app.finish().await;
        accept(app, invitation_of("eu", "ned").reveal()).by("ned").await.expect_error(404, 1200, "/token");
        let letters = server.take();
        assert_eq!((letters.len(), delivery(app, "eu").await), (1, vec!["sent".to_owned()]));
        accept(app, &letters[0].token()).by("ned").await.expect(200);
    });
}

#[test]
fn no_name_and_no_address_gets_into_a_header_or_the_envelope() {
    let hostile = [
        "Bcc: evil@example.com",
        "=?utf-8?q?=0D=0ABcc:_evil@example.com?=",
        "a\u{2028}Bcc: evil@example.com",
        "ÄÖÜ € \u{202e}gnp",
        ".",
        "<script>alert(1)</script>",
        &"é".repeat(255),
    ];
    let server = MailServer::start();
    let organizations = hostile.iter().enumerate();
    let world = organizations.fold(mailing(&server), |world, (n, name)| {
        world.named(&format!("h{n}"), name).member(&format!("h{n}"), "ann", Role::SuperAdministrator)
    });
    world.on_each_engine(async |app| {
        for name in ["a\r\nBcc: evil@example.com", "a\nb", "a\u{85}b", "a\0b"] {
            let body = json!({"name": name});
            app.post("/organizations", body).by("ann").await.expect_error(400, 1100, "/name");
        }
        for n in 0..hostile.len() {
            add(app, &format!("h{n}"), "ned@example.com", Role::Viewer).by("ann").await.expect(200);
        }
        for email in ["a@example.com\r\nRCPT TO:<evil@example.com>", "a@example.com\nBcc: evil@example.com", "a\0@example.com"] {
            add(app, "us", email, Role::Viewer).by("ann").await.expect_error(400, 1100, "/email");
        }
        // Of what may be an address here but not in mail nothing is sent.
        let none = [
            "nobody",
            "a@example.com, evil@example.com",
            "a@example.com> BODY=8BITMIME",
            "Evil <evil@example.com>",
            "<evil@example.com>",
            "a b@example.com",
            "@example.com",
            "a@",
        ];
        for email in none {
            let added = add(app, "us", email, Role::Viewer).by("ann").await.expect(200).result();
            assert_eq!((&added["status"], &added["invitation"]), (&json!("pending"), &Value::Null));
        }
        app.app.finish().await;
        assert_eq!(delivery(app, "us").await, vec!["failed"; none.len()]);
        let mut letters = server.take();
        letters.sort_by_key(|letter| hostile.iter().position(|name| letter.text.contains(&format!("\n    {name}\n"))));
        assert_eq!(letters.len(), hostile.len());
        for (letter, name) in letters.iter().zip(hostile) {
            assert!(letter.text.contains(&format!("Its name is:\n\n    {name}\n\nOpen this link")), "{letter:?}");
            assert_eq!(letter.to, ["ned@example.com"]);
            let names: Vec<_> = letter.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
            let expected = ["from", "to", "subject", "date", "message-id", "auto-submitted", "content-type"];
            assert_eq!(
                names.iter().filter(|name| !expected.contains(&name.as_str())).collect::<Vec<_>>(),
                ["content-transfer-encoding"]
            );
            assert!(letter.headers.iter().all(|(_, value)| !value.contains("evil") && !value.contains("Bcc")), "{letter:?}");
        }
    });
}

#[test]
fn a_letter_is_tried_again_until_the_server_takes_it_or_refuses_it_for_good() {
    for (answers, expected, tries) in [
        (&["451 later", "451 later", "250 ok"] as &'static [&'static str], "sent", 3),
        (&["451 later"], "failed", 4),
        (&["550 no such user"], "failed", 1),
    ] {
        let server = MailServer::answering(answers);
        mailing(&server).on_each_engine(async |app| {
            add(app, "eu", "ned@example.com", Role::Viewer).by("adam").await.expect(200);
            app.app.finish().await;
            assert_eq!(delivery(app, "eu").await, [expected], "{answers:?}");
            assert_eq!((server.take_recipients(), server.take().len()), (tries, usize::from(expected == "sent")), "{answers:?}");
        });
    }
}

#[test]
fn that_a_letter_could_not_be_sent_shows_at_the_worker() {
    let server = MailServer::answering(&["550 no such user"]);
    mailing(&server).on_each_engine(async |app| {
        add(app, "eu", "ned@example.com", Role::Viewer).by("adam").await.expect(200);
        let error = json!({"time": "2026-01-02T03:04:05.123456Z", "message": "an invitation could not be sent"});
        until("the worker has failed", async || worker(app, "mail").await["last_error"] == error).await;
    });
}

#[test]
fn a_dead_mail_server_is_nobodys_business_but_the_deliverys() {
    let nobody = ([127, 0, 0, 1], 1).into();
    inviting().settings(|settings| settings.mail = Some(mail(nobody))).on_each_engine(async |app| {
        let added = add(app, "eu", "ned@example.com", Role::Viewer).by("adam").await.expect(200);
        assert_eq!(added.text("status"), "pending");
        app.app.finish().await;
        assert_eq!(delivery(app, "eu").await, ["failed"]);
        // Nothing sends it any more, so that sending again fails at once.
        let id = open(app, "eu").await[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(resend(app, "eu", &id).by("adam").await.expect(200).text("delivery"), "failed");
    });
}

#[test]
fn when_too_many_letters_wait_one_more_fails_at_once_and_all_do_when_the_server_stops() {
    let server = MailServer::silent();
    mailing(&server).on_each_engine(async |app| {
        // Four are under way, which no longer wait.
        for batch in 0..104 {
            let members: Vec<_> = (0..10).map(|n| json!({"user": {"email": format!("m{batch}-{n}@example.com")}})).collect();
            app.post("/organizations/us/members:batchCreate", json!({"members": members})).by("ann").await.expect(200);
        }
        let rows = app.rows("invitations").await;
        let failed = rows.iter().filter(|row| row["delivery"] == "failed").count();
        assert_eq!((rows.len(), failed), (1040, 1040 - 1024 - 4));
        app.app.finish().await;
        assert!(app.rows("invitations").await.iter().all(|row| row["delivery"] == "failed"));
    });
}

#[test]
fn mail_that_was_lost_with_its_process_has_failed_after_an_hour() {
    let server = MailServer::silent();
    mailing(&server).on_each_engine(async |app| {
        add(app, "eu", "ned@example.com", Role::Viewer).by("adam").await.expect(200);
        app.sources.advance_seconds(60 * 60 - 1);
        assert_eq!(delivery(app, "eu").await, ["queued"]);
        app.sources.advance_seconds(1);
        assert_eq!(delivery(app, "eu").await, ["failed"]);
    });
}
