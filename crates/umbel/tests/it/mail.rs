//! What `serve` says of a mail server.

use crate::process::{refused, succeed, umbel};

#[test]
fn a_mail_server_without_links_and_a_sender_stops_the_start_and_its_password_is_never_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("umbel.db");
    let database = format!("sqlite:{}", path.display());
    let refused = |args: &[&str]| refused(&[&["serve", "--listen=127.0.0.1:0", "--database", &database], args].concat());
    let alone = refused(&["--smtp-url=smtps://umbel:hunter2@mail.example.com"]);
    assert_eq!(alone, "umbel: smtp_url needs public_url, for the links, and smtp_from, for the sender; set all three\n");
    let others = ["--public-url=https://umbel.example.com", "--smtp-from=umbel@example.com"];
    let plain = refused(&[&["--smtp-url=smtp://umbel:hunter2@mail.example.com"], others.as_slice()].concat());
    let advice = "use smtps://, or smtp://…?tls=required";
    assert_eq!(plain, format!("umbel: smtp_url has a password, which would be sent in plain; {advice}\n"));
    assert!(!path.exists(), "nothing was begun");
    let help = umbel(&["serve", "--help"]).env("UMBEL_SMTP_URL", "smtps://umbel:hunter2@mail.example.com").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("UMBEL_SMTP_URL") && !help.contains("hunter2"), "{help}");
    assert!(succeed(&["serve", "--help"]).contains("--invitations"));
}
