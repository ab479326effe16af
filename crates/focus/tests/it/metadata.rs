//! The documents beside a file.

use time::macros::utc_datetime;
use umbel_focus::metadata::{
    COST_AND_USAGE, Completeness, DataGenerator, DatasetInstance, Metadata, Recency, Schema, TimeSector,
};
use umbel_focus::{Period, Version};

#[test]
fn the_document_says_what_is_in_the_file_and_how_recent_it_is() {
    let (day, next) = (utc_datetime!(2026-10-01 00:00), utc_datetime!(2026-10-02 00:00));
    let (id, updated) = ("0ae2-cost-and-usage", utc_datetime!(2026-10-02 04:05:06));
    let sector = |start, end, completeness| TimeSector::new(Period::new(start, end).unwrap(), completeness, updated);
    let metadata = Metadata {
        data_generator: DataGenerator { data_generator: "Umbel Hosting" },
        dataset_instance: [DatasetInstance {
            dataset_instance_id: id,
            dataset_instance_name: "Acme",
            focus_dataset_id: COST_AND_USAGE,
        }],
        schema: [Schema::new("018f4e1c-7d2a-7000-8000-000000000001", id, Version::V1_3, day, "0.1.0")],
        recency: [Recency {
            dataset_instance_id: id,
            dataset_instance_last_updated: updated,
            recency_last_updated: updated,
            time_sectors: vec![
                sector(day, next, Completeness::Complete),
                sector(next, utc_datetime!(2026-10-03 00:00), Completeness::Open),
            ],
        }],
    };
    insta::assert_json_snapshot!(metadata);
}
