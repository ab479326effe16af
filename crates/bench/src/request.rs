//! The requests that are measured, as bytes.

use std::io::Write as _;
use std::sync::Arc;

use crate::load::Compose;
use crate::people::{DEEP_ACCOUNTS, People};
use crate::random::Random;
use crate::serial::Shape;
use crate::tree::{self, STORE_PREFIX, Tree};
use crate::usage::Usage;

/// The credential of who may do everything.
pub(crate) const TOKEN: &str = "known-to-the-bench-and-to-nobody-else-0001";
/// The credential of who is a member of very many organizations.
pub(crate) const BUSY_TOKEN: &str = "known-to-the-bench-and-to-nobody-else-0002";
/// The most results of a page.
const PAGE_SIZE: u32 = 50;
/// Entries of a page of the audit log.
pub(crate) const LIMIT: u64 = 100;
/// Events of a batch.
pub(crate) const BATCH: u32 = 1_000;
/// The month in which something was used.
const FIRST_DAY: &str = "2024-03-01";
const LAST_DAY: &str = "2024-03-31";
/// Members of a page, as many as the small group has.
const MEMBERS_SIZE: u32 = 10;

/// Reads a path that needs no id.
pub(crate) fn get(path: &'static str) -> Compose {
    Arc::new(move |_, request| begin(request, "GET", path).end("", ""))
}

/// Reads one of the organizations, with further lines of the head.
pub(crate) fn get_organization(tree: Tree, head: &'static str) -> Compose {
    Arc::new(move |random, request| {
        let path = format!("/client/v4/organizations/{}", tree::id(random.below(tree.size)));
        begin(request, "GET", &path).end(head, "");
    })
}

/// Reads the first page of what stands below one organization and has a name that starts in a certain way.
pub(crate) fn list_stores(tree: Tree, options: &'static str) -> Compose {
    Arc::new(move |random, request| {
        let parent = tree::id(random.below(tree.full_parents()));
        let filter = format!("parent.id={parent}&name.startsWith={STORE_PREFIX}&page_size={PAGE_SIZE}");
        begin(request, "GET", &format!("/client/v4/organizations?{filter}{options}")).end("", "");
    })
}

/// Reads one of the accounts at the end of the line.
pub(crate) fn get_deep_account() -> Compose {
    Arc::new(|random, request| {
        let path = format!("/client/v4/accounts/{}", People::deep_account(random.below(DEEP_ACCOUNTS)));
        begin(request, "GET", &path).end("", "");
    })
}

/// Reads the first page of all that somebody sees who is a member of very many organizations.
pub(crate) fn list_as_busy_user(options: &'static str) -> Compose {
    Arc::new(move |_, request| {
        begin_as(request, BUSY_TOKEN, "GET", &format!("/client/v4/organizations?page_size={PAGE_SIZE}{options}")).end("", "");
    })
}

/// Reads the first page of the members of an organization.
pub(crate) fn list_members(organization: String, options: &'static str) -> Compose {
    Arc::new(move |_, request| {
        let path = format!("/client/v4/organizations/{organization}/members?page_size={MEMBERS_SIZE}{options}");
        begin(request, "GET", &path).end("", "");
    })
}

/// Reads the newest page of a log before a point in time, in microseconds since 1970, with further options.
pub(crate) fn audit_log(organization: &str, before_micros: u64, options: &str) -> Compose {
    let path = page_of_log(organization, before_micros) + options;
    Arc::new(move |_, request| begin(request, "GET", &path).end("", ""))
}

/// The same page, once.
pub(crate) fn newest_page(organization: &str, before_micros: u64) -> Vec<u8> {
    last_request(&page_of_log(organization, before_micros))
}

fn page_of_log(organization: &str, before_micros: u64) -> String {
    format!("/client/v4/organizations/{organization}/logs/audit?{}&limit={LIMIT}", until(before_micros))
}

/// Writes an entry into the log of an organization.
pub(crate) fn rename_organization(organization: String) -> Compose {
    Arc::new(move |random, request| {
        let body = format!(r#"{{"name":"Store {}"}}"#, random.below(1_000_000));
        begin(request, "PUT", &format!("/client/v4/organizations/{organization}")).end("", &body);
    })
}

/// The export of the log of an organization before a time, in microseconds since 1970.
pub(crate) fn audit_export(organization: &str, before_micros: u64) -> Vec<u8> {
    audit(organization, &format!("export?{}", until(before_micros)))
}

/// What is asked of the log of an organization under our own routes.
pub(crate) fn audit(organization: &str, what: &str) -> Vec<u8> {
    last_request(&format!("/umbel/v1/organizations/{organization}/logs/audit/{what}"))
}

/// The parameters of everything that was written before a time.
fn until(before_micros: u64) -> String {
    let (seconds, micros) = (before_micros / 1_000_000, before_micros % 1_000_000);
    let before = time::OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).unwrap_or_default())
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    let (date, time) = (before.date(), before.time());
    let (hour, minute, second) = time.as_hms();
    format!("since=2020-01-01&before={date}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Records a batch of usage.
pub(crate) fn record_usage(usage: Usage) -> Compose {
    Arc::new(move |random, request| {
        let events: Vec<String> = (0..BATCH).map(|_| usage.event(random)).collect();
        let body = format!("[{}]", events.join(","));
        let head = "content-type: application/cloudevents-batch+json\r\n";
        begin(request, "POST", "/umbel/v1/usage/events").end(head, &body);
    })
}

/// Adds up what all accounts cost in the month that is known.
pub(crate) fn costs(options: &str) -> Compose {
    let path = format!("/umbel/v1/organizations/{}/costs?from={FIRST_DAY}&to={LAST_DAY}{options}", Usage::organization());
    Arc::new(move |_, request| begin(request, "GET", &path).end("", ""))
}

/// Reads what all accounts used on days of the month that is known, and closes the connection.
pub(crate) fn billable_usage(last: &str) -> Vec<u8> {
    last_request(&format!("/client/v4/organizations/{}/billable/usage?from={FIRST_DAY}&to={last}", Usage::organization()))
}

/// Exports what all accounts cost in the month that is known, and closes the connection.
pub(crate) fn focus(format: &str) -> Vec<u8> {
    let organization = Usage::organization();
    last_request(&format!("/umbel/v1/organizations/{organization}/focus?from={FIRST_DAY}&to={LAST_DAY}&format={format}"))
}

fn last_request(path: &str) -> Vec<u8> {
    let mut request = Vec::new();
    begin(&mut request, "GET", path).end("connection: close\r\n", "");
    request
}

/// Moves an organization below another one.
pub(crate) fn move_organization(organization: &str, parent: &str) -> Vec<u8> {
    let (mut request, body) = (Vec::new(), format!(r#"{{"parent_id":"{parent}"}}"#));
    let path = format!("/umbel/v1/organizations/{organization}/move");
    begin(&mut request, "POST", &path).end("content-type: application/json\r\n", &body);
    request
}

/// Creates an organization.
pub(crate) fn create_organization(tree: Tree, shape: Shape) -> Compose {
    Arc::new(move |random, request| {
        let parent = tree::id(shape.parent(tree, random));
        let key = match shape {
            Shape::Ordered => String::new(),
            Shape::Scattered => format!("idempotency-key: {}\r\n", key(random)),
        };
        let body = format!(r#"{{"name":"Store Rotterdam {:07}","parent":{{"id":"{parent}"}}}}"#, random.below(10_000_000));
        begin(request, "POST", "/client/v4/organizations").end(&format!("content-type: application/json\r\n{key}"), &body);
    })
}

/// A key that no other request has.
pub(crate) fn key(random: &mut Random) -> String {
    format!("{:016x}{:016x}", random.next(), random.next())
}

/// A request whose first lines are written.
struct Begun<'b>(&'b mut Vec<u8>);

fn begin<'b>(request: &'b mut Vec<u8>, method: &str, path: &str) -> Begun<'b> {
    begin_as(request, TOKEN, method, path)
}

fn begin_as<'b>(request: &'b mut Vec<u8>, token: &str, method: &str, path: &str) -> Begun<'b> {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\nuser-agent: umbel-bench\r\n\
         accept: application/json\r\n"
    );
    request.extend_from_slice(head.as_bytes());
    Begun(request)
}

impl Begun<'_> {
    fn end(self, head: &str, body: &str) {
        let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        // Writing into memory does not fail.
        _ = write!(self.0, "{head}{length}\r\n{body}");
    }
}
