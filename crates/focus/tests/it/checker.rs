//! Each check against a file that fails it and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parquet::column::writer::ColumnWriter;
use parquet::data_type::{DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use umbel_focus::check::{self, Check, Example};
use umbel_focus::{Error, Format, Version};

use crate::files::{checked, expected, failed, written};
use crate::table::Table;

/// A change that makes a good file fail one check.
type Change = fn(&mut Table);

/// A change for each check that a file of comma-separated values can fail.
const CHANGES: &[(Check, Change)] = &[
    (Check::ColumnsPresent, |table| table.remove("HostProviderName")),
    (Check::ColumnsPresent, |table| table.remove("ProviderName")),
    (Check::ColumnsPresent, |table| table.remove("PublisherName")),
    (Check::ColumnsUnique, |table| table.insert(0, "RegionId", "eu-central")),
    (Check::ColumnsKnown, |table| table.insert(0, "AccountId", "1")),
    (Check::ColumnsKnown, |table| table.insert(0, "InvoiceDetailId", "1")),
    (Check::ColumnNames, |table| table.insert(table.names.len(), "x_zone-id", "1")),
    (Check::ColumnNames, |table| table.insert(table.names.len(), &format!("x_{}", "A".repeat(49)), "1")),
    (Check::ColumnsOrdered, |table| table.insert(3, "x_First", "1")),
    (Check::Types, |table| _ = table.usage().set("BilledCost", "12,50")),
    (Check::Types, |table| _ = table.usage().set("BilledCost", "+1.0")),
    (Check::Types, |table| _ = table.usage().set("BilledCost", "0.1234567890123456789")),
    (Check::Times, |table| _ = table.usage().set("ChargePeriodStart", "2026-10-01 00:00:00")),
    (Check::Times, |table| _ = table.usage().set("BillingPeriodEnd", "2026-11-01T00:00:00+00:00")),
    (Check::NotNull, |table| _ = table.usage().set("ServiceName", "")),
    (Check::NotNull, |table| _ = table.usage().set("EffectiveCost", "")),
    (Check::NotNull, |table| _ = table.usage().set("PricingCurrency", "")),
    (Check::NotNull, |table| _ = table.usage().set("ServiceSubcategory", "")),
    (Check::AllowedValues, |table| _ = table.usage().set("ChargeClass", "X")),
    (Check::AllowedValues, |table| _ = table.usage().set("PricingCategory", "Free")),
    (Check::AllowedValues, |table| _ = table.usage().set("ServiceSubcategory", "Delivery")),
    (Check::Currencies, |table| _ = table.usage().set("BillingCurrency", "Euro")),
    (Check::Units, |table| _ = table.usage().set("PricingUnit", "gigabytes")),
    (Check::Prices, |table| _ = table.usage().set("PricingCurrencyListUnitPrice", "-0.5")),
    (Check::KeyValues, |table| _ = table.usage().set("Tags", r#"{"a":{"b":1}}"#)),
    (Check::KeyValues, |table| _ = table.usage().set("Tags", r#"{"a":"1","a":"2"}"#)),
    (Check::KeyValues, |table| _ = table.usage().set("SkuPriceDetails", "x_Tier=1")),
    (Check::Objects, |table| _ = table.usage().set("ContractApplied", "[1]")),
    (Check::BillingPeriods, |table| _ = table.usage().set("BillingPeriodEnd", "2026-10-01T00:00:00Z")),
    (Check::ChargePeriods, |table| _ = table.usage().set("ChargePeriodEnd", "2026-10-01T00:00:00Z")),
    (Check::ChargeInBillingPeriod, |table| _ = table.usage().set("ChargePeriodEnd", "2026-11-01T00:00:01Z")),
    (Check::ListCost, |table| {
        let cost = format!("{}1", table.usage().get("ListCost"));
        table.usage().set("ListCost", &cost);
    }),
    (Check::ContractedCost, |table| {
        let cost = format!("{}1", table.usage().get("ContractedCost"));
        table.usage().set("ContractedCost", &cost);
    }),
    (Check::Priced, |table| _ = table.usage().set("PricingCategory", "")),
    (Check::Priced, |table| _ = table.usage().set("SkuId", "").set("SkuMeter", "")),
    (Check::TaxUnpriced, |table| _ = table.row_with([("ChargeCategory", "Tax")]).set("PricingCategory", "Standard")),
    (Check::PricingUnit, |table| _ = table.usage().set("PricingUnit", "")),
    (Check::PricingUnit, |table| _ = table.row_with([("ChargeCategory", "Credit")]).set("PricingUnit", "Requests")),
    (Check::Consumed, |table| _ = table.usage().set("ConsumedQuantity", "").set("ConsumedUnit", "")),
    (Check::ConsumedByUsage, |table| {
        table.row_with([("ChargeCategory", "Purchase")]).set("ConsumedQuantity", "1.0").set("ConsumedUnit", "Months");
    }),
    (Check::ConsumedUnit, |table| _ = table.usage().set("ConsumedUnit", "")),
    (Check::ConsumedUnit, |table| _ = table.row_with([("ChargeCategory", "Purchase")]).set("ConsumedUnit", "Months")),
    (Check::PurchaseFrequency, |table| {
        table.row_with([("ChargeCategory", "Purchase")]).set("ChargeFrequency", "Usage-Based");
    }),
    (Check::Subcategory, |table| _ = table.usage().set("ServiceSubcategory", "Object Storage")),
    (Check::ServiceCategory, |table| {
        table.usage().set("ServiceCategory", "Other").set("ServiceSubcategory", "Other (Other)");
    }),
    (Check::SkuOfPrice, |table| _ = table.usage().set("SkuId", "SKU-OTHER")),
    (Check::SkuDetails, |table| _ = table.row_with([("ChargeCategory", "Credit")]).set("SkuMeter", "Requests")),
    (Check::SkuDetails, |table| _ = table.row_with([("ChargeCategory", "Credit")]).set("SkuPriceDetails", "{}")),
    (Check::SubAccount, |table| _ = table.usage().set("SubAccountName", "")),
    (Check::SubAccount, |table| {
        table.usage().set("SubAccountId", "").set("SubAccountName", "").set("SubAccountType", "Group");
    }),
    (Check::Region, |table| _ = table.usage().set("RegionName", "")),
    (Check::Region, |table| _ = table.usage().set("RegionId", "")),
    (Check::Region, |table| table.clear("RegionName")),
    (Check::Resource, |table| _ = table.usage().set("ResourceType", "")),
    (Check::Resource, |table| _ = table.row_with([("ChargeCategory", "Credit")]).set("ResourceName", "example.com")),
    (Check::HostProvider, |table| _ = table.usage().set("HostProviderName", "Another Cloud")),
    (Check::HostProvider, |table| _ = table.usage().set("HostProviderName", "")),
    (Check::Provider, |table| _ = table.usage().set("ProviderName", "Another Cloud")),
];

#[test]
fn a_good_file_passes_every_check_in_each_format_and_version() {
    for format in Format::ALL {
        for version in Version::ALL {
            let report = checked(format, &expected(version), written(format, version, 32));
            assert_eq!(failed(&report), [""; 0], "{format} {version}\n{report}");
            assert!(report.conforms && report.rows > 1_500, "{report}");
        }
    }
}

#[test]
fn each_change_of_a_good_file_fails_one_check() {
    for (number, (check, change)) in CHANGES.iter().enumerate() {
        let mut table = Table::sample();
        change(&mut table);
        let report = checked(Format::Csv, &expected(Version::V1_3), table.into_csv());
        assert_eq!(failed(&report), [check.name()], "change {number}\n{report}");
        let conforms = check.weight() == check::Weight::Should;
        assert_eq!(report.conforms, conforms, "change {number}\n{report}");
    }
}

#[test]
fn every_check_has_a_file_that_fails_it() {
    let mut failed: BTreeSet<_> = CHANGES.iter().map(|(check, _)| check.name()).collect();
    // Comma-separated values have no empty texts, and totals come from elsewhere: below.
    failed.extend([Check::EmptyTexts.name(), Check::InvoiceTotal.name()]);
    let all: BTreeSet<_> = Check::ALL.iter().map(|check| check.name()).collect();
    assert_eq!(failed, all);
    assert_eq!(all.len(), Check::ALL.len());
}

#[test]
fn the_page_about_focus_has_every_check() {
    const PAGE: &str = include_str!("../../../../docs/focus.md");
    let line =
        |check: &Check| format!("| `{}` | {:?} | {} |", check.name(), check.weight(), check.rule()).replace("Must", "must");
    for line in Check::ALL.iter().map(line).map(|line| line.replace("Should", "should")) {
        assert!(PAGE.contains(&line), "docs/focus.md lacks the line {line}");
    }
    assert_eq!(PAGE.matches("| must |").count() + PAGE.matches("| should |").count(), Check::ALL.len());
}

/// A line of NDJSON in which one text is another.
fn ndjson_with(text: &str, replacement: &str) -> Vec<u8> {
    let file = String::from_utf8(written(Format::Ndjson, Version::V1_3, 1)).unwrap();
    assert!(file.contains(text));
    file.replacen(text, replacement, 1).into_bytes()
}

#[test]
fn cells_of_ndjson_have_the_types_of_their_columns() {
    for (text, replacement, check) in [
        (r#""RegionId":"eu-central""#, r#""RegionId":"""#, Check::EmptyTexts),
        (r#""x_ZoneName":"example.com""#, r#""x_ZoneName":"""#, Check::EmptyTexts),
        (r#""BilledCost":0"#, r#""BilledCost":"0""#, Check::Types),
        (r#""BilledCost":0"#, r#""BilledCost":true"#, Check::Types),
        (r#""ServiceName":"Workers""#, r#""ServiceName":1"#, Check::Types),
        (r#""ChargeDescription":"Workers requests""#, r#""ChargeDescription":["Workers requests"]"#, Check::Types),
        (r#""owner":"#, r#""env":"#, Check::KeyValues),
    ] {
        let report = checked(Format::Ndjson, &expected(Version::V1_3), ndjson_with(text, replacement));
        assert_eq!(failed(&report), [check.name()], "{replacement}\n{report}");
    }
}

/// A Parquet file of two columns with one row.
fn parquet_of(schema: &str, write: impl Fn(&mut SerializedColumnWriter<'_>)) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(&format!("message focus {{ {schema} }}")).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    while let Some(mut column) = group.next_column().unwrap() {
        write(&mut column);
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}

/// What the check of types says of it, and the sum of its costs.
fn types_of(file: Vec<u8>) -> (Vec<String>, Option<String>) {
    let report = checked(Format::Parquet, &expected(Version::V1_3), file);
    let types = report.failed().find(|outcome| outcome.check == Check::Types.name());
    let examples = types.map(|outcome| outcome.examples.iter().map(|example| example.what.clone()).collect());
    (examples.unwrap_or_default(), report.billed_cost.get("EUR").cloned().flatten())
}

#[test]
fn cells_of_parquet_have_the_types_of_their_columns() {
    let double = parquet_of("required double BilledCost;", |column| {
        column.typed::<DoubleType>().write_batch(&[0.1], None, None).unwrap();
    });
    assert_eq!(types_of(double).0, ["BilledCost: a binary fraction"]);
    let local = parquet_of("required int64 ChargePeriodStart (TIMESTAMP(MICROS,false));", |column| {
        column.typed::<Int64Type>().write_batch(&[0], None, None).unwrap();
    });
    assert_eq!(types_of(local).0, ["ChargePeriodStart: a time without a zone"]);
    let integer = parquet_of("required int64 RegionId;", |column| {
        column.typed::<Int64Type>().write_batch(&[7], None, None).unwrap();
    });
    assert_eq!(types_of(integer).0, ["RegionId: a number"]);
}

#[test]
fn decimals_of_every_width_and_scale_are_read_exactly() {
    let cost_in = |schema: &str, write: fn(&mut SerializedColumnWriter<'_>)| {
        let file = parquet_of(&format!("required binary BillingCurrency (STRING); {schema}"), |column| match column.untyped() {
            ColumnWriter::ByteArrayColumnWriter(texts) => _ = texts.write_batch(&["EUR".into()], None, None).unwrap(),
            _ => write(column),
        });
        types_of(file)
    };
    let short = cost_in("required int32 BilledCost (DECIMAL(9,2));", |column| {
        column.typed::<Int32Type>().write_batch(&[-1205], None, None).unwrap();
    });
    assert_eq!(short, (vec![], Some("-12.05".into())));
    let narrow = cost_in("required fixed_len_byte_array(3) BilledCost (DECIMAL(6,0));", |column| {
        let bytes = FixedLenByteArray::from(vec![0xff, 0xff, 0xfe]);
        column.typed::<FixedLenByteArrayType>().write_batch(&[bytes], None, None).unwrap();
    });
    assert_eq!(narrow, (vec![], Some("-2".into())));
    let fine = |last: u8| {
        let mut bytes = vec![0; 16];
        bytes[15] = last;
        FixedLenByteArray::from(bytes)
    };
    let file = |last: u8| {
        parquet_of("required fixed_len_byte_array(16) BilledCost (DECIMAL(38,20));", |column| {
            column.typed::<FixedLenByteArrayType>().write_batch(&[fine(last)], None, None).unwrap();
        })
    };
    assert_eq!(types_of(file(100)).0, [""; 0]);
    assert_eq!(types_of(file(101)).0, ["BilledCost: a decimal that needs more digits"]);
}

#[test]
fn the_same_number_in_another_form_is_the_same() {
    let file = ndjson_with(r#""PricingQuantity":0.1"#, r#""PricingQuantity":1.0e-1"#);
    assert!(checked(Format::Ndjson, &expected(Version::V1_3), file).conforms);
}

#[test]
fn an_invoice_must_come_to_its_total() {
    let file = written(Format::Csv, Version::V1_3, 31);
    let sum = checked(Format::Csv, &expected(Version::V1_3), file.clone()).billed_cost["EUR"].clone().unwrap();
    let invoiced = |id: &str, total: &str| {
        let mut expected = expected(Version::V1_3);
        expected.invoices = BTreeMap::from([(id.to_owned(), total.parse().unwrap())]);
        checked(Format::Csv, &expected, file.clone())
    };
    assert!(invoiced("INV-2026-10", &sum).conforms);
    let report = invoiced("INV-2026-10", "12.34");
    assert_eq!(failed(&report), ["invoice_total"]);
    assert!(report.to_string().contains(&format!("the rows of \"INV-2026-10\" come to {sum}, not 12.34")), "{report}");
    assert_eq!(failed(&invoiced("INV-2026-11", "12.34")), ["invoice_total"]);
}

#[test]
fn a_feature_that_a_service_lacks_is_not_asked_for_and_half_of_one_is() {
    let mut table = Table::sample();
    table.clear("PricingCategory");
    table.clear("ResourceType");
    assert!(checked(Format::Csv, &expected(Version::V1_3), table.clone().into_csv()).conforms);
    let at = table.column("PricingCategory");
    "Standard".clone_into(&mut table.rows[0][at]);
    assert_eq!(failed(&checked(Format::Csv, &expected(Version::V1_3), table.into_csv())), ["priced"]);
}

#[test]
fn a_file_of_one_version_is_none_of_another() {
    let file = written(Format::Csv, Version::V1_3, 1);
    let failed_as = |version| failed(&checked(Format::Csv, &expected(version), file.clone()));
    assert_eq!(failed_as(Version::V1_2), ["columns_known"]);
    assert_eq!(failed_as(Version::V1_4), ["columns_known"]);
}

#[test]
fn a_report_says_where_and_what() {
    let mut table = Table::sample();
    table.row_with([("BillingAccountName", "Web shop")]).set("RegionName", "").set("ChargeFrequency", "\u{1b}[31mred\u{202e}");
    let list_cost = table.column("ListCost");
    table.rows.iter_mut().for_each(|row| row[list_cost].push('1'));
    let report = checked(Format::Csv, &expected(Version::V1_3), table.into_csv());
    insta::assert_snapshot!(report);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!((&json["conforms"], &json["version"], &json["rows"]), (&false.into(), &"1.3".into(), &report.rows.into()));
    let region = report.failed().find(|outcome| outcome.check == "region").unwrap();
    assert_eq!(region.examples, [Example { row: Some(1), what: "there is a RegionId and no RegionName".into() }]);
}

#[test]
fn what_is_no_file_of_its_format_is_refused() {
    let expected = expected(Version::V1_3);
    let refused = |result: Result<check::Report, Error>| result.unwrap_err().to_string();
    assert_eq!(refused(check::csv(&b"A,B\n1,2\n3\n"[..], &expected, drop)), "row 2: it has 1 cells where there are 2 columns");
    assert_eq!(refused(check::csv(&b"A,B\n1,\xff\n"[..], &expected, drop)), "row 1: it is not UTF-8");
    assert_eq!(refused(check::ndjson(&b"{\"A\":1}\n[1]\n"[..], &expected, drop)), "row 2: it is no JSON object");
    let other = refused(check::ndjson(&b"{\"A\":1}\n{\"B\":1}\n"[..], &expected, drop));
    assert_eq!(other, "row 2: it has the member \"B\", which the first row does not have");
    let long = " ".repeat(check::LINE_LENGTH_MAX + 1);
    assert!(refused(check::ndjson(long.as_bytes(), &expected, drop)).starts_with("row 1: it has more than"));
    let no_parquet = check::parquet(bytes::Bytes::from_static(b"PAR1 and nothing more"), &expected, drop);
    assert!(refused(no_parquet).starts_with("the file is no Parquet file"));
    // Nothing at all has no columns.
    assert_eq!(failed(&check::ndjson(&b""[..], &expected, drop).unwrap()), ["columns_present"]);
}
