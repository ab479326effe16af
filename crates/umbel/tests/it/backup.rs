//! `backup` and `restore`.

use umbel_client::api::CreateOrganization;

use crate::process::{Server, bootstrap, refused, succeed};

#[test]
fn a_backup_brings_back_what_was_there_when_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("umbel.db").display());
    let file = folder.path().join("backup.db");
    let (database, file) = (database.as_str(), file.to_str().unwrap());
    let token = bootstrap(database);
    let server = Server::start(database);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let create = |server: &Server, name: &str| {
        runtime.block_on(server.client(&token).create_organization(&CreateOrganization::root(name))).unwrap().id
    };
    let before = create(&server, "Before");
    succeed(&["backup", "--database", database, file]);
    let after = create(&server, "After");
    assert!(refused(&["backup", "--database", database, file]).contains("is there already; name a new file"));

    let restore = ["restore", "--database", database, file];
    let replace = ["restore", "--database", database, "--replace", file];
    assert!(refused(&replace).contains("stop it first"));
    assert_eq!(server.terminate(), Some(0));
    assert!(refused(&restore).contains("`--replace` replaces it"));
    succeed(&replace);
    let said = || succeed(&["export", "--database", database]).matches(r#""description":"Restore Database""#).count();
    assert_eq!(said(), 2, "the logs of the server and of its root say that it was restored");
    succeed(&["restore", "--database", database, "--done"]);
    assert_eq!(said(), 4);
    assert!(refused(&["restore", "--database", "sqlite:/nowhere/umbel.db", "--done"]).contains("there is no database"));

    let server = Server::start(database);
    let client = server.client(&token);
    assert_eq!(runtime.block_on(client.organization(&before)).unwrap().name, "Before");
    assert!(runtime.block_on(client.organization(&after)).is_err());
}

#[test]
fn for_postgres_both_verbs_say_how() {
    let database = "postgres://umbel:hunter2@db.example/umbel";
    let (backup, restore) =
        (refused(&["backup", "--database", database, "f"]), refused(&["restore", "--database", database, "f"]));
    assert!(backup.contains("`pg_dump --format=custom --file=f 'postgres://umbel@db.example/umbel'`"), "{backup}");
    assert!(restore.contains("pg_restore") && !(backup + &restore).contains("hunter2"));
}
