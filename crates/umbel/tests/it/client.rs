//! The Rust client against a server that misbehaves.

use futures_util::TryStreamExt as _;
use serde_json::json;
use umbel_client::api::{AddMember, CreateRole, ListAccess, ListAccountMembers, ListOrganizations};
use umbel_client::{Client, Error};

use crate::process::{Server, bootstrap};
use crate::stub::{Answer, Stub, good, refusal};

fn block_on<T>(run: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(run)
}

fn client(stub: &Stub) -> Client {
    Client::new(&stub.url, "token").unwrap()
}

fn viewers() -> CreateRole {
    CreateRole { name: "viewers".into(), description: None, actions: vec!["read_organization".into()] }
}

fn role() -> serde_json::Value {
    json!({"id": "r", "name": "viewers", "description": "", "built_in": false, "actions": ["read_organization"]})
}

#[test]
fn a_post_is_repeated_with_its_key_and_the_next_one_has_another() {
    let busy = refusal(503, "retry-after-ms: 1\r\n", &[(1501, "busy", None)]);
    let stub = Stub::start([busy, Answer::Nothing, good(&role(), &json!(null)), good(&role(), &json!(null))]);
    let client = client(&stub);
    assert_eq!(block_on(client.create_role("acme", &viewers())).unwrap().id, "r");
    block_on(client.create_role("acme", &viewers())).unwrap();
    let keys: Vec<_> = stub.asked().into_iter().map(|request| request.idempotency_key.unwrap()).collect();
    assert_eq!((keys.len(), &keys[1], &keys[2]), (4, &keys[0], &keys[0]));
    assert_ne!(keys[3], keys[0]);
}

#[test]
fn three_tries_are_enough() {
    let busy = || refusal(503, "retry-after-ms: 1\r\n", &[(1501, "busy", None)]);
    let stub = Stub::start([busy(), busy(), busy(), good(&role(), &json!(null))]);
    assert!(matches!(block_on(client(&stub).role("acme", "r")), Err(Error::Refused { status: 503, .. })));
    assert_eq!(stub.lines(), ["GET /umbel/v1/organizations/acme/roles/r"; 3]);

    let stub = Stub::start([Answer::Nothing, Answer::Nothing, Answer::Nothing]);
    assert!(matches!(block_on(client(&stub).role("acme", "r")), Err(Error::Unreachable(_))));
    assert_eq!(stub.asked().len(), 3);
}

#[test]
fn a_request_is_a_span_that_shows_no_secret() {
    let written = tempfile::NamedTempFile::new().unwrap();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(written.reopen().unwrap()))
        .finish();
    let busy = refusal(503, "retry-after-ms: 1\r\n", &[(1501, "busy", None)]);
    let stub = Stub::start([busy, good(&role(), &json!(null))]);
    let client = Client::new(&stub.url, "secret-of-the-test").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tracing::subscriber::with_default(subscriber, || runtime.block_on(client.role("acme", "r"))).unwrap();
    let text = std::fs::read_to_string(written.path()).unwrap();
    let closed = text.lines().find(|line| line.contains("close")).unwrap();
    for member in [
        "umbel_request",
        "http.request.method=GET",
        "url.path=\"/umbel/v1/organizations/acme/roles/r\"",
        "http.response.status_code=200",
        "http.request.resend_count=1",
    ] {
        assert!(closed.contains(member), "{member}: {text}");
    }
    assert!(!text.contains("secret-of-the-test"), "{text}");
}

#[expect(dead_code, reason = "its main")]
#[path = "../../../client/examples/tree.rs"]
mod example;

#[test]
fn the_example_runs_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("umbel.db").display());
    let token = bootstrap(&database);
    let server = Server::start(&database);
    let client = server.client(&token);
    block_on(example::run(&client)).unwrap();
    assert!(block_on(client.list_organizations(&ListOrganizations::default())).unwrap().items.is_empty());
}

#[test]
fn a_conflict_of_business_is_final_and_every_problem_is_told() {
    let problems = [(1402, "is there already", Some("/email")), (1301, "the flag is disabled", None)];
    let stub = Stub::start([refusal(409, "x-should-retry: false\r\n", &problems)]);
    let new = AddMember { email: "ann@example.com".into(), role: "viewer".into(), status: None };
    let error = block_on(client(&stub).add_member("acme", &new)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the server answered 409; is there already (code 1402 at /email); the flag is disabled (code 1301)"
    );
    assert_eq!(stub.lines(), [r#"POST /umbel/v1/organizations/acme/members {"email":"ann@example.com","role":"viewer"}"#]);
}

fn access(id: &str) -> serde_json::Value {
    json!({"user": {"id": id, "email": "a@example.com"}, "operator": false, "actions": [], "withheld": [], "grants": []})
}

#[test]
fn a_list_is_followed_by_its_tokens() {
    let pages =
        [good(&json!([access("1"), access("2")]), &json!({"next_page_token": "t+1"})), good(&json!([access("3")]), &json!({}))];
    let stub = Stub::start(pages);
    let filters = ListAccess { user: Some("ann@example.com".into()), ..ListAccess::default() };
    let all: Vec<_> = block_on(client(&stub).organization_access("acme", filters).try_collect()).unwrap();
    assert_eq!(all.into_iter().map(|access| access.user.id).collect::<Vec<_>>(), ["1", "2", "3"]);
    let path = "GET /umbel/v1/organizations/acme/access?user=ann%40example.com&page_size=10";
    assert_eq!(stub.lines(), [path.to_owned(), format!("{path}&page_token=t%2B1")]);
}

#[test]
fn a_list_is_followed_by_the_number_of_its_pages_until_one_is_not_full() {
    let member = |id| {
        let user = json!({"id": id, "email": "a@example.com", "two_factor_authentication_enabled": false});
        json!({"id": id, "roles": [], "status": "accepted", "user": user})
    };
    let info = |page: u32| json!({"page": page, "per_page": 2});
    let stub = Stub::start([
        good(&json!([member("1"), member("2")]), &info(1)),
        good(&json!([member("3"), member("4")]), &info(2)),
        good(&json!([]), &info(3)),
    ]);
    let filters = ListAccountMembers { page: Some(1), per_page: Some(2), ..ListAccountMembers::default() };
    let all: Vec<_> = block_on(client(&stub).account_members("shop", filters).try_collect()).unwrap();
    assert_eq!(all.len(), 4);
    let path = |page| format!("GET /client/v4/accounts/shop/members?page={page}&per_page=2");
    assert_eq!(stub.lines(), [path(1), path(2), path(3)]);
}

#[test]
fn what_is_no_id_makes_no_other_request() {
    let stub = Stub::start([]);
    for id in ["", "..", "a/b", "a?b", "%2e", "ö"] {
        assert!(matches!(block_on(client(&stub).delete_organization(id)), Err(Error::Invalid(_))), "{id}");
    }
    assert!(stub.asked().is_empty());
}

#[test]
fn a_redirect_is_an_answer_and_not_followed() {
    let stub = Stub::start([Answer::Said(302, "location: http://127.0.0.1:1/\r\n", String::new())]);
    let error = block_on(client(&stub).create_role("acme", &viewers())).unwrap_err();
    assert!(matches!(&error, Error::Refused { status: 302, problems } if problems.is_empty()), "{error}");
}

#[test]
fn what_is_no_url_and_no_token_is_refused_before_anything_is_sent() {
    for url in ["", "localhost", "ftp://example.com", "http://example.com/?a", "127.0.0.1:8787"] {
        assert!(matches!(Client::new(url, "token"), Err(Error::Invalid(_))), "{url}");
    }
    assert!(matches!(Client::new("http://example.com", "to\nken"), Err(Error::Invalid(_))));
}
