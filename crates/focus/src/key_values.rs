//! The key-value format: a flat JSON object.

use std::collections::BTreeMap;

use crate::Invalid;

/// A JSON object without another in it, with each key once, as tags and the details of a price are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValues(String);

impl KeyValues {
    /// Takes keys and their texts; of a key that is there twice the last text counts.
    pub fn new<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<Self, Invalid> {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let pairs: BTreeMap<_, _> = pairs.iter().map(|(key, value)| (key.as_ref(), value.as_ref())).collect();
        serde_json::to_string(&pairs)
            .map(Self)
            .map_err(|error| Invalid(format!("the keys and values cannot be written: {error}")))
    }

    /// The JSON.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}
