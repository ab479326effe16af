//! The three formats.

use bytes::Bytes;
use parquet::basic::{LogicalType, Type};
use parquet::data_type::ByteArrayType;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use time::macros::utc_datetime;
use umbel_decimal::Decimal;
use umbel_focus::row::{ChargeCategory, ChargeClass, ChargeFrequency, Named, Service};
use umbel_focus::{Error, Format, Period, Row, Version, Writer};

use crate::files::written;

fn row() -> Row<'static> {
    let cost = "-0.000000000000000001".parse().unwrap();
    let month = Period::new(utc_datetime!(2026-10-01 00:00), utc_datetime!(2026-11-01 00:00)).unwrap();
    Row {
        billed_cost: cost,
        effective_cost: Decimal::MAX,
        list_cost: Decimal::from(1000_i64),
        contracted_cost: Decimal::ZERO,
        billing_currency: "EUR",
        billing_account: Named { id: "a", name: "=京都, \"x\"\n" },
        sub_account: None,
        billing_period: month,
        charge_period: month,
        charge_category: ChargeCategory::Adjustment,
        charge_class: ChargeClass::Ordinary,
        charge_description: Some(""),
        charge_frequency: ChargeFrequency::OneTime,
        consumed: None,
        pricing: None,
        invoice_id: None,
        invoice_issuer: "Umbel",
        service_provider: "Umbel",
        host_provider: None,
        service: Service { name: "Plans", category: "Other", subcategory: "Other (Other)" },
        region: None,
        availability_zone: None,
        resource: None,
        tags: None,
        organization: None,
        billable_metric: None,
        product_family: None,
        zone: None,
    }
}

fn text(format: Format) -> String {
    let mut writer = Writer::new(format, Version::V1_3, Vec::new()).unwrap();
    writer.write(&row()).unwrap();
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

#[test]
fn a_row_is_written_with_all_its_digits_and_no_formula() {
    insta::assert_snapshot!("csv", text(Format::Csv).replace("\r\n", "\n"));
    insta::assert_snapshot!("ndjson", text(Format::Ndjson));
    assert_eq!(text(Format::Csv).matches("\r\n").count(), 2);
}

#[test]
fn a_row_that_lacks_what_must_be_there_is_refused_and_not_written() {
    for format in Format::ALL {
        let mut writer = Writer::new(format, Version::V1_3, Vec::new()).unwrap();
        writer.write(&row()).unwrap();
        let refused = writer.write(&Row { invoice_issuer: "", ..row() }).unwrap_err();
        assert_eq!(refused.to_string(), "row 2: it has no InvoiceIssuerName, which must not be null");
        assert!(matches!(refused, Error::Row { number: 2, .. }));
        assert_eq!(writer.rows(), 1);
    }
}

#[test]
fn a_file_can_be_taken_in_pieces() {
    for format in Format::ALL {
        let mut writer = Writer::new(format, Version::V1_2, Vec::new()).unwrap();
        let mut pieces = Vec::new();
        crate::sample::rows(3, |row| {
            writer.write(row)?;
            pieces.extend(writer.take());
            Ok(())
        })
        .unwrap();
        pieces.extend(writer.finish().unwrap());
        assert_eq!(pieces, written(format, Version::V1_2, 3), "{format}");
    }
}

#[test]
fn a_parquet_file_is_of_exact_decimals_and_times_in_utc() {
    let reader = SerializedFileReader::new(Bytes::from(written(Format::Parquet, Version::V1_3, 2))).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr();
    let column = |name: &str| schema.columns().iter().find(|column| column.name() == name).unwrap().clone();
    let cost = column("BilledCost");
    assert_eq!((cost.physical_type(), cost.type_length()), (Type::FIXED_LEN_BYTE_ARRAY, 16));
    assert_eq!(cost.logical_type_ref(), Some(&LogicalType::decimal(18, 38)));
    let start = column("ChargePeriodStart");
    assert_eq!(start.physical_type(), Type::INT64);
    assert!(matches!(start.logical_type_ref(), Some(LogicalType::Timestamp(time)) if time.is_adjusted_to_u_t_c));
    assert_eq!(column("Tags").logical_type_ref(), Some(&LogicalType::String));
    let names: Vec<_> = Version::V1_3.columns().map(|column| column.name).collect();
    assert_eq!(schema.columns().iter().map(|column| column.name()).collect::<Vec<_>>(), names);
}

#[test]
fn a_long_parquet_file_is_written_in_groups_and_repeats_no_text() {
    let mut writer = Writer::new(Format::Parquet, Version::V1_3, Vec::new()).unwrap();
    let mut longest = 0;
    for number in 0..70_000_u32 {
        let id = (number / 1000).to_string();
        writer.write(&Row { billing_account: Named { id: &id, name: "A" }, ..row() }).unwrap();
        longest = longest.max(writer.take().len());
    }
    // What is left is the second group and the end of the file; the first group is gone.
    let end = writer.finish().unwrap();
    assert!((10_000..60_000).contains(&longest) && end.len() < 60_000, "{longest} {}", end.len());
}

#[test]
fn long_texts_end_a_group_before_it_is_full() {
    let mut writer = Writer::new(Format::Parquet, Version::V1_3, Vec::new()).unwrap();
    let mut file = Vec::new();
    for number in 0..100_u32 {
        let description = format!("{number}{}", "x".repeat(1024 * 1024));
        writer.write(&Row { charge_description: Some(&description), ..row() }).unwrap();
        file.extend(writer.take());
    }
    file.extend(writer.finish().unwrap());
    let reader = SerializedFileReader::new(Bytes::from(file)).unwrap();
    let rows: Vec<_> = reader.metadata().row_groups().iter().map(parquet::file::metadata::RowGroupMetaData::num_rows).collect();
    assert_eq!((rows.iter().sum::<i64>(), rows.len()), (100, 4), "{rows:?}");
    let group = reader.get_row_group(3).unwrap();
    let at = Version::V1_3.columns().position(|column| column.name == "ChargeDescription").unwrap();
    let mut texts = Vec::new();
    let mut column = group.get_column_reader(at).unwrap();
    let parquet::column::reader::ColumnReader::ByteArrayColumnReader(column) = &mut column else { panic!("no texts") };
    let _: &mut parquet::column::reader::ColumnReaderImpl<ByteArrayType> = column;
    column.read_records(100, Some(&mut Vec::new()), None, &mut texts).unwrap();
    assert!(texts.last().unwrap().as_utf8().unwrap().starts_with("99xxx"));
}
