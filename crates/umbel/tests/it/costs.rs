//! Costs and files of FOCUS with the real program.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::process::{Server, bootstrap, on_each_engine, said, succeed, umbel};
use crate::stub::{Answer, Stub};

/// Two organizations, an account in each, and what they used on three days.
fn lines() -> String {
    let mut lines = vec![
        json!({"kind": "organization", "id": "acme", "name": "Acme"}),
        json!({"kind": "organization", "id": "globex", "name": "Globex"}),
        json!({"kind": "account", "id": "web", "organization_id": "acme", "name": "Web shop"}),
        json!({"kind": "account", "id": "lab", "organization_id": "globex", "name": "Lab"}),
        json!({"kind": "metric", "id": "requests", "name": "Requests", "event_type": "com.example.request", "aggregation": "sum",
            "value_property": "count", "unit": "Requests", "pricing_unit": "1000 Requests", "pricing_block_size": "1000",
            "service_name": "Edge", "service_category": "Networking"}),
        json!({"kind": "price", "id": "p1", "metric_id": "requests", "currency": "USD", "list_unit_price": "0.0625",
            "effective_from": "2025-01-01", "free_quantity": "1500"}),
    ];
    for (day, quantity) in [("2026-01-30", "1000"), ("2026-01-31", "2000.5"), ("2026-02-01", "3000")] {
        for account in ["web", "lab"] {
            lines.push(
                json!({"kind": "usage_daily", "account_id": account, "metric_id": "requests", "day": day, "quantity": quantity}),
            );
        }
    }
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

/// A server with all of it, and the token to ask it with.
fn served(database: &str) -> (Server, String) {
    let token = bootstrap(database);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), lines()).unwrap();
    succeed(&["import", file.path().to_str().unwrap(), "--database", database]);
    (Server::start(database), token)
}

fn run(server: &Server, token: &str, line: &str, more: &[&str]) -> Output {
    let words: Vec<&str> = line.split_whitespace().chain(more.iter().copied()).collect();
    umbel(&[&words, &["--url", server.url.as_str()][..]].concat()).env("UMBEL_TOKEN", token).output().unwrap()
}

fn good(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(&output.stderr));
    said(&output.stdout)
}

#[test]
fn costs_are_a_table_with_bars_and_json_has_their_digits() {
    on_each_engine(|database| {
        let (server, token) = served(database);
        let table = good(&run(&server, &token, "cost acme --from 2026-01-30 --to 2026-02-01", &[]));
        let bar = "█".repeat(42);
        let expected = format!(
            "COSTS OF    LIST        CONTRACTED  BILLED      CURRENCY\n\
             2026-01-30  0.0625      0.0625      0           USD\n\
             2026-01-31  0.12503125  0.12503125  0.09378125  USD       {bar}\n\
             2026-02-01  0.1875      0.1875      0.09375     USD       {bar}\n"
        );
        assert_eq!(table, expected);
        let json = good(&run(&server, &token, "cost acme --from 2026-01-30 --to 2026-02-01 --by account --json", &[]));
        let expected = json!([{"account_id": "web", "account_name": "Web shop", "currency": "USD", "list_cost": "0.37503125",
            "contracted_cost": "0.37503125", "billed_cost": "0.18753125"}]);
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), expected);
        let nothing = good(&run(&server, &token, "cost acme --from 2020-01-30 --to 2020-02-01", &[]));
        assert_eq!(nothing, "nothing that has a price was used\n");
    });
}

#[test]
fn an_exported_file_conforms_whatever_its_format_and_version() {
    on_each_engine(|database| {
        let (server, token) = served(database);
        let folder = tempfile::tempdir().unwrap();
        for (name, version) in [("a.csv", "1.2"), ("b.ndjson", "1.3"), ("c.parquet", "1.3"), ("d.parquet", "1.4")] {
            let file = folder.path().join(name);
            let file = file.to_str().unwrap();
            let line = format!("focus export acme --from 2026-01-01 --to 2026-02-28 --focus-version {version} --out");
            good(&run(&server, &token, &line, &[file]));
            let checked = succeed(&["focus", "check", file, "--focus-version", version]);
            assert!(checked.contains("billed: 0.18753125 USD\n") && checked.contains(" 5 rows,"), "{checked}");
        }
        let out = good(&run(&server, &token, "focus export acme --from 2026-01-01 --to 2026-02-28 --format csv --out -", &[]));
        assert!(out.starts_with("AllocatedMethodDetails,") && out.ends_with("\r\n") && out.lines().count() == 6);
        for (line, complaint) in [
            ("focus export acme --out costs.txt", "does not tell the format"),
            ("focus export nowhere --out costs.csv", "code 1200"),
        ] {
            let refused = run(&server, &token, line, &[]);
            assert_eq!(refused.status.code(), Some(1), "{line}");
            assert!(said(&refused.stderr).contains(complaint), "{line}: {}", said(&refused.stderr));
        }
        assert!(!Path::new("costs.csv").exists() && !Path::new("costs.txt").exists());
    });
}

/// The files below a folder, by their names in it.
fn files(folder: &Path, below: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().into_string().unwrap());
        if entry.path().is_dir() { found.extend(files(&entry.path(), &format!("{name}/"))) } else { found.push(name) }
    }
    found.sort();
    found
}

#[test]
fn a_folder_gets_a_file_for_each_day_and_metadata_that_goes_on() {
    on_each_engine(|database| {
        let (server, token) = served(database);
        let folder = tempfile::tempdir().unwrap();
        let export = |organization: &str, days: &str| {
            let line = format!("focus export {organization} {days} --partitioned");
            run(&server, &token, &line, &[folder.path().to_str().unwrap()])
        };
        good(&export("acme", "--from 2026-01-30 --to 2026-01-31"));
        good(&export("acme", "--from 2026-01-31 --to 2026-02-02"));
        let base = "focus/v1.3/cost_and_usage";
        let day = |day: &str| format!("{base}/billing_period={}/day={day}/part-0.parquet", &day[..7]);
        let days = ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"];
        let metadata =
            ["data_generator", "dataset_instance", "recency", "schema"].map(|name| format!("{base}/metadata/{name}.json"));
        assert_eq!(files(folder.path(), ""), [&days.map(day)[..], &metadata].concat());
        for (day, rows) in [(day(days[0]), 1), (day(days[1]), 2), (day(days[3]), 0)] {
            let checked = succeed(&["focus", "check", folder.path().join(day).to_str().unwrap()]);
            assert!(checked.contains(&format!(" {rows} rows,")), "{checked}");
        }
        let read = |name: &str| serde_json::from_slice::<Value>(&std::fs::read(folder.path().join(name)).unwrap()).unwrap();
        let recency = read(&metadata[2]);
        let sectors = recency[0]["TimeSectors"].as_array().unwrap().iter();
        let starts: Vec<_> = sectors.map(|sector| &sector["TimeSectorStart"].as_str().unwrap()[..10]).collect();
        assert_eq!(starts, days);
        assert_eq!(read(&metadata[3])[0]["ColumnDefinition"].as_array().unwrap().len(), 72);
        let other = export("globex", "--from 2026-01-30 --to 2026-01-31");
        assert_eq!(other.status.code(), Some(1));
        assert!(said(&other.stderr).contains("there are files of \"acme-cost-and-usage\" already"), "{}", said(&other.stderr));
    });
}

#[test]
fn a_bucket_gets_the_same_and_the_metadata_last() {
    let folder = tempfile::tempdir().unwrap();
    let (server, token) = served(&format!("sqlite:{}", folder.path().join("umbel.db").display()));
    let said_xml = |xml: &str| Answer::Said(200, "content-type: application/xml\r\n", xml.to_owned());
    let begun = "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";
    let done = "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>";
    let put = || Answer::Said(200, "etag: \"e\"\r\n", String::new());
    let none = Answer::Said(404, "content-type: application/xml\r\n", "<Error><Code>NoSuchKey</Code></Error>".to_owned());
    let bucket = Stub::start([none, said_xml(begun), put(), said_xml(done), put(), put(), put(), put()]);
    let line = "focus export acme --from 2026-01-31 --to 2026-01-31 --format ndjson --partitioned s3://lake/raw/ --url";
    let words: Vec<&str> = line.split_whitespace().chain([server.url.as_str()]).collect();
    let mut command = umbel(&words);
    command.env("UMBEL_TOKEN", &token).env("AWS_ENDPOINT", &bucket.url).env("AWS_ALLOW_HTTP", "true");
    command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret").env("AWS_REGION", "us-east-1");
    good(&command.output().unwrap());
    let asked = bucket.asked();
    let lines: Vec<_> = asked.iter().map(|request| request.line.split('?').next().unwrap().replace("%3D", "=")).collect();
    let base = "/lake/raw/focus/v1.3/cost_and_usage";
    let file = format!("{base}/billing_period=2026-01/day=2026-01-31/part-0.ndjson");
    let metadata = |name: &str| format!("PUT {base}/metadata/{name}.json");
    let expected = [
        format!("GET {base}/metadata/recency.json"),
        format!("POST {file}"),
        format!("PUT {file}"),
        format!("POST {file}"),
        metadata("data_generator"),
        metadata("dataset_instance"),
        metadata("schema"),
        metadata("recency"),
    ];
    assert_eq!(lines, expected);
    let rows: Vec<Value> = asked[2].body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.iter().map(|row| row["SkuPriceId"].as_str().unwrap()).collect::<Vec<_>>(), ["p1/free", "p1"]);
}
