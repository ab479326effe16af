//! Units of measure: `GB`, `GB-Hours`, `Requests`, `1000 Tokens`, `Units/3 Months`.

/// Abbreviations of amounts of data, the only ones there are.
const DATA: [&str; 26] = [
    "b", "Kb", "Mb", "Gb", "Tb", "Pb", "Eb", "B", "KB", "MB", "GB", "TB", "PB", "EB", "Kib", "Mib", "Gib", "Tib", "Pib", "Eib",
    "KiB", "MiB", "GiB", "TiB", "PiB", "EiB",
];

/// Words and abbreviations that look like a unit and are none, because there is another for the same.
const WRONG: [&str; 12] =
    ["Hr", "Hrs", "Min", "Mins", "Sec", "Secs", "Gigabyte", "Gigabytes", "Megabyte", "Megabytes", "Terabyte", "Terabytes"];

/// Whether it is written as units are.
pub fn is_unit(text: &str) -> bool {
    match text.split_once('/') {
        Some((above, below)) => is_amount(above) && is_amount(below),
        None => is_amount(text),
    }
}

/// Units, times a positive integer or not.
fn is_amount(text: &str) -> bool {
    let is_count = |count: &str| count.bytes().all(|byte| byte.is_ascii_digit()) && !count.starts_with('0');
    let units = match text.split_once(' ') {
        Some((count, units)) if !count.is_empty() && is_count(count) => units,
        _ => text,
    };
    units.split('-').all(is_base)
}

/// A unit of data, or a noun that begins with a capital letter.
fn is_base(text: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_uppercase()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    DATA.contains(&text) || (!WRONG.contains(&text) && text.split(' ').all(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_data_times_and_nouns() {
        for unit in ["GB", "GiB", "b", "GB-Hours", "Requests", "1000 Requests", "1000000 Tokens", "Units/3 Months", "GB/Hour"] {
            assert!(is_unit(unit), "{unit}");
        }
        assert!(is_unit("Class A Operations") && is_unit("Core-Hours/Day") && is_unit("10 GB/Hour"));
    }

    #[test]
    fn what_is_written_in_another_way_is_no_unit() {
        for text in ["", "gigabytes", "Gigabytes", "GB Hours-", "0 GB", "01 GB", "-1 GB", "1.5 GB", "GB/", "/GB", "requests"] {
            assert!(!is_unit(text), "{text}");
        }
        assert!(!is_unit("Hrs") && !is_unit("GB//Hour") && !is_unit("GB/Hour/Day") && !is_unit("GB  Hours"));
    }
}
