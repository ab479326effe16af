//! `umbel focus check`.

use serde_json::Value;
use time::macros::utc_datetime;
use umbel_focus::row::{ChargeCategory, ChargeClass, ChargeFrequency, Named, Service};
use umbel_focus::{Format, Period, Row, Version, Writer};

use crate::process::{refused, said, succeed, umbel};

/// A file with one credit.
fn written(format: Format) -> Vec<u8> {
    let month = Period::new(utc_datetime!(2026-10-01 00:00), utc_datetime!(2026-11-01 00:00)).unwrap();
    let cost = "-12.5".parse().unwrap();
    let mut writer = Writer::new(format, Version::V1_3, Vec::new()).unwrap();
    let row = Row {
        billed_cost: cost,
        effective_cost: cost,
        list_cost: cost,
        contracted_cost: cost,
        billing_currency: "EUR",
        billing_account: Named { id: "a", name: "Web shop" },
        sub_account: None,
        billing_period: month,
        charge_period: month,
        charge_category: ChargeCategory::Credit,
        charge_class: ChargeClass::Ordinary,
        charge_description: Some("Goodwill"),
        charge_frequency: ChargeFrequency::OneTime,
        consumed: None,
        pricing: None,
        invoice_id: Some("INV-7"),
        invoice_issuer: "Umbel Hosting",
        service_provider: "Umbel Hosting",
        host_provider: None,
        service: Service { name: "Plans", category: "Web", subcategory: "Application Platforms" },
        region: None,
        availability_zone: None,
        resource: None,
        tags: None,
        organization: None,
        billable_metric: None,
        product_family: None,
        zone: None,
    };
    writer.write(&row).unwrap();
    writer.finish().unwrap()
}

#[test]
fn a_file_is_checked_and_the_exit_status_tells_whether_it_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    for format in Format::ALL {
        let good = file(&format!("good.{format}"), &written(format));
        let out = succeed(&["focus", "check", &good, "--invoice", "INV-7=-12.50"]);
        assert!(out.starts_with("FOCUS 1.3: 1 rows, 72 columns\n  billed: -12.5 EUR\n"), "{out}");
        assert!(out.ends_with("the file conforms: 37 of 37 checks passed\n"), "{out}");
        let complaint = refused(&["focus", "check", &good, "--invoice", "INV-7=12"]);
        assert!(complaint.ends_with(" does not conform to FOCUS 1.3\n"), "{complaint}");
        refused(&["focus", "check", &good, "--focus-version", "1.2"]);
    }

    let text = String::from_utf8(written(Format::Csv)).unwrap();
    let bad = file("bad.csv", text.replace(",EUR,2026", ",Euro,2026").as_bytes());
    let output = umbel(&["focus", "check", &bad, "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_str(&said(&output.stdout)).unwrap();
    let failed = report["checks"].as_array().unwrap().iter().filter(|outcome| outcome["failures"] != 0);
    let failed: Vec<_> = failed.map(|outcome| (outcome["check"].as_str().unwrap(), &outcome["examples"][0]["row"])).collect();
    assert_eq!((failed.as_slice(), &report["conforms"]), (&[("currencies", &Value::from(1))][..], &Value::from(false)));
}

#[test]
fn what_cannot_be_checked_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("charges.txt");
    std::fs::write(&path, written(Format::Ndjson)).unwrap();
    let path = path.to_str().unwrap();
    assert!(refused(&["focus", "check", path]).contains("use --format"));
    succeed(&["focus", "check", path, "--format", "ndjson"]);
    assert!(refused(&["focus", "check", path, "--format", "parquet"]).contains("charges.txt: the file is no Parquet file"));
    assert!(refused(&["focus", "check", "none.csv"]).contains("cannot read none.csv"));
    assert!(refused(&["focus", "check", path, "--format", "ndjson", "--invoice", "A=1,5"]).contains("is no decimal number"));
}
