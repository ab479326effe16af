//! Query parameters: one definition that both reads and documents them.

use std::collections::BTreeMap;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Required, Schema};

/// The most values that one parameter may have.
pub const VALUES_MAX: usize = 128;

/// The parameters of a request by name, and what was found wrong with them so far.
#[derive(Debug, Default)]
pub struct Values {
    given: BTreeMap<String, Vec<String>>,
    /// Names of parameters, and what is wrong with each.
    pub faults: Vec<(String, String)>,
}

impl Values {
    /// Takes the decoded pairs of a query string, in order.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut values = Self::default();
        for (name, value) in pairs {
            values.given.entry(name).or_default().push(value);
        }
        values
    }

    pub(crate) fn fault(&mut self, name: &str, reason: impl Into<String>) {
        self.faults.push((name.to_owned(), reason.into()));
    }

    fn single(&mut self, name: &str) -> Option<String> {
        let mut given = self.given.remove(name)?;
        if given.len() > 1 {
            self.fault(name, "is given more than once");
            return None;
        }
        // No text that is kept has it, and not every database can be asked for it.
        if given.iter().any(|value| value.contains('\0')) {
            self.fault(name, "must not contain the character U+0000");
            return None;
        }
        given.pop()
    }

    /// The values of a parameter that is given several times or as a list with commas.
    fn repeated(&mut self, name: &str) -> Vec<String> {
        if let Some(given) = self.given.get_mut(name) {
            *given = given.iter().flat_map(|value| value.split(',')).map(str::to_owned).collect();
        }
        self.each(name, VALUES_MAX)
    }

    /// The values of a parameter that is given several times, at most `max` times; commas are part of a value.
    pub(crate) fn each(&mut self, name: &str, max: usize) -> Vec<String> {
        let values = self.given.remove(name).unwrap_or_default();
        if values.len() > max {
            self.fault(name, format!("has {} values; at most {max} are taken", values.len()));
            return Vec::new();
        }
        if values.iter().any(String::is_empty) {
            self.fault(name, "has an empty value");
        }
        // No text that is kept has it, and not every database can be asked for it.
        if values.iter().any(|value| value.contains('\0')) {
            self.fault(name, "must not contain the character U+0000");
        }
        values
    }
}

/// The query parameters of a route.
pub trait Parameters: Sized {
    /// Takes the parameters that the route knows out of `values`; the others are ignored.
    fn read(values: &mut Values) -> Self;

    /// The parameters as pairs of a query string; those that are not set are left out.
    fn pairs(&self) -> Vec<(&'static str, String)>;

    /// The parameters as OpenAPI documents them.
    fn document() -> Vec<Parameter>;
}

/// What a query parameter can be.
pub trait ParameterValue: Sized {
    /// Whether a request must have it.
    const REQUIRED: bool = false;

    /// Takes the value out of `values`, and notes there what is wrong with it.
    fn read(values: &mut Values, name: &str) -> Self;

    /// The value as it is written, once for each time that the parameter is repeated.
    fn write(&self) -> Vec<String>;

    /// The schema of the value.
    fn schema() -> RefOr<Schema>;
}

impl ParameterValue for Option<String> {
    fn read(values: &mut Values, name: &str) -> Self {
        values.single(name)
    }

    fn write(&self) -> Vec<String> {
        self.iter().cloned().collect()
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).build().into()
    }
}

impl ParameterValue for Vec<String> {
    fn read(values: &mut Values, name: &str) -> Self {
        values.repeated(name)
    }

    fn write(&self) -> Vec<String> {
        self.clone()
    }

    fn schema() -> RefOr<Schema> {
        let items = ObjectBuilder::new().schema_type(Type::String);
        ArrayBuilder::new().items(items).max_items(Some(VALUES_MAX)).build().into()
    }
}

impl ParameterValue for Option<bool> {
    fn read(values: &mut Values, name: &str) -> Self {
        match values.single(name)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                values.fault(name, "must be `true` or `false`");
                None
            }
        }
    }

    fn write(&self) -> Vec<String> {
        self.iter().map(ToString::to_string).collect()
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Boolean).build().into()
    }
}

impl ParameterValue for Option<i64> {
    fn read(values: &mut Values, name: &str) -> Self {
        let number = values.single(name)?.parse();
        number.map_err(|_| values.fault(name, "must be an integer")).ok()
    }

    fn write(&self) -> Vec<String> {
        self.iter().map(ToString::to_string).collect()
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Integer).build().into()
    }
}

/// A value that is one of a few words.
pub trait Word: Copy + PartialEq + 'static {
    /// The words, and what they stand for.
    const WORDS: &'static [(&'static str, Self)];
}

impl<T: Word> ParameterValue for Option<T> {
    fn read(values: &mut Values, name: &str) -> Self {
        let text = values.single(name)?;
        let found = T::WORDS.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            values.fault(name, must_be_one_of::<T>());
        }
        found
    }

    fn write(&self) -> Vec<String> {
        self.iter().map(|value| word(*value)).collect()
    }

    fn schema() -> RefOr<Schema> {
        schema_of_words::<T>().into()
    }
}

impl<T: Word> ParameterValue for Vec<T> {
    fn read(values: &mut Values, name: &str) -> Self {
        let mut read = Self::new();
        for text in values.repeated(name) {
            match T::WORDS.iter().find(|(word, _)| *word == text) {
                Some((_, value)) if read.contains(value) => {}
                Some((_, value)) => read.push(*value),
                None => values.fault(name, must_be_one_of::<T>()),
            }
        }
        read
    }

    fn write(&self) -> Vec<String> {
        self.iter().map(|value| word(*value)).collect()
    }

    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(schema_of_words::<T>()).max_items(Some(VALUES_MAX)).build().into()
    }
}

fn must_be_one_of<T: Word>() -> String {
    one_of(&T::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>())
}

/// What is said of a value that is none of these words.
pub(crate) fn one_of(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    format!("must be {}", words.join(" or "))
}

fn word<T: Word>(value: T) -> String {
    T::WORDS.iter().filter(|(_, of)| *of == value).map(|(word, _)| (*word).to_owned()).collect()
}

fn schema_of_words<T: Word>() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(T::WORDS.iter().map(|(word, _)| *word)))
}

/// The direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the first to the last.
    Ascending,
    /// From the last to the first.
    Descending,
}

impl Word for Direction {
    const WORDS: &'static [(&'static str, Self)] = &[("asc", Self::Ascending), ("desc", Self::Descending)];
}

/// How many items a page has: 1 to 1000; 10 when none or 0 is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(pub usize);

impl Default for PageSize {
    fn default() -> Self {
        Self(Self::DEFAULT)
    }
}

impl PageSize {
    const DEFAULT: usize = 10;
    const MAX: usize = 1000;
}

impl ParameterValue for PageSize {
    fn read(values: &mut Values, name: &str) -> Self {
        let Some(text) = values.single(name) else { return Self(Self::DEFAULT) };
        match text.parse() {
            Ok(0) => Self(Self::DEFAULT),
            Ok(size) if size <= Self::MAX => Self(size),
            _ => {
                values.fault(name, format!("must be an integer from 0 to {}", Self::MAX));
                Self(Self::DEFAULT)
            }
        }
    }

    fn write(&self) -> Vec<String> {
        vec![self.0.to_string()]
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(0))
            .maximum(Some(Self::MAX))
            .default(Some(Self::DEFAULT.into()))
            .build()
            .into()
    }
}

/// How many items a page of the audit log has: 1 to 1000; 100 when none is given. A number like `25.0` is one, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub usize);

impl Default for Limit {
    fn default() -> Self {
        Self(Self::DEFAULT)
    }
}

impl Limit {
    const DEFAULT: usize = 100;
    const MAX: usize = 1000;
}

impl ParameterValue for Limit {
    fn read(values: &mut Values, name: &str) -> Self {
        let Some(text) = values.single(name) else { return Self::default() };
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
        let is_whole = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
        match whole.parse() {
            Ok(limit) if is_whole && (1..=Self::MAX).contains(&limit) => Self(limit),
            _ => {
                values.fault(name, format!("must be an integer from 1 to {}", Self::MAX));
                Self::default()
            }
        }
    }

    fn write(&self) -> Vec<String> {
        vec![self.0.to_string()]
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(Self::MAX))
            .default(Some(Self::DEFAULT.into()))
            .build()
            .into()
    }
}

/// A point in time that a request must name: `2026-01-02`, its first moment in UTC, or a time of RFC 3339, which without a zone
/// is in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub OffsetDateTime);

impl Default for Moment {
    fn default() -> Self {
        Self(OffsetDateTime::UNIX_EPOCH)
    }
}

impl Moment {
    /// Reads a date or a time.
    pub fn parse(text: &str) -> Option<Self> {
        let date = format_description!("[year]-[month]-[day]");
        if let Ok(date) = Date::parse(text, date) {
            return Some(Self(date.midnight().assume_utc()));
        }
        // A plus sign that was not escaped arrives as a space.
        let text = text.replace(' ', "+");
        let time = OffsetDateTime::parse(&text, &Rfc3339).or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339));
        time.ok().map(Self)
    }
}

impl ParameterValue for Moment {
    const REQUIRED: bool = true;

    fn read(values: &mut Values, name: &str) -> Self {
        let missing = !values.given.contains_key(name);
        let moment = values.single(name).as_deref().and_then(Self::parse);
        if moment.is_none() && values.faults.last().is_none_or(|(faulty, _)| faulty != name) {
            let how = "a date like `2026-01-02` or a time like `2026-01-02T03:04:05Z`";
            values.fault(name, if missing { format!("is missing; give {how}") } else { format!("must be {how}") });
        }
        moment.unwrap_or_default()
    }

    fn write(&self) -> Vec<String> {
        self.0.format(&Rfc3339).into_iter().collect()
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).examples(["2026-01-02", "2026-01-02T03:04:05Z"]).build().into()
    }
}

impl<A: Parameters, B: Parameters> Parameters for (A, B) {
    fn read(values: &mut Values) -> Self {
        (A::read(values), B::read(values))
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        [self.0.pairs(), self.1.pairs()].concat()
    }

    fn document() -> Vec<Parameter> {
        [A::document(), B::document()].concat()
    }
}

/// Documents one query parameter.
pub fn document<T: ParameterValue>(name: &str, description: &str) -> Parameter {
    documented(name, description, if T::REQUIRED { Required::True } else { Required::False }, T::schema())
}

/// Documents one query parameter whose values look so.
pub(crate) fn documented(name: &str, description: &str, required: Required, schema: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(required)
        .description(Some(description.trim()))
        .schema(Some(schema))
        .build()
}

/// Defines a struct of query parameters together with their names on the wire.
macro_rules! parameters {
    ($(#[doc = $about:literal])+ $struct:ident { $($(#[doc = $doc:literal])+ $field:ident: $type:ty = $name:literal,)+ }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Default)]
        pub struct $struct {
            $($(#[doc = $doc])+ pub $field: $type),+
        }

        impl $crate::parameters::Parameters for $struct {
            fn read(values: &mut $crate::parameters::Values) -> Self {
                Self { $($field: $crate::parameters::ParameterValue::read(values, $name)),+ }
            }

            fn pairs(&self) -> Vec<(&'static str, String)> {
                let mut pairs = Vec::new();
                $(pairs.extend($crate::parameters::ParameterValue::write(&self.$field).into_iter().map(|value| ($name, value)));)+
                pairs
            }

            fn document() -> Vec<utoipa::openapi::path::Parameter> {
                vec![$($crate::parameters::document::<$type>($name, concat!($($doc),+))),+]
            }
        }
    };
}
pub(crate) use parameters;

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro makes what it defines public")]
mod tests {
    use super::*;

    parameters! {
        /// For the tests.
        Probe {
            /// Some.
            word: Option<String> = "a.word",
            /// Many.
            list: Vec<String> = "list",
            /// How many.
            page_size: PageSize = "page_size",
            /// Whether.
            flag: Option<bool> = "flag",
        }
    }

    fn read(pairs: &[(&str, &str)]) -> (Probe, Vec<(String, String)>) {
        let mut values = Values::new(pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        (Probe::read(&mut values), values.faults)
    }

    #[test]
    fn lists_are_repeated_or_separated_by_commas() {
        let (probe, faults) = read(&[("list", "a"), ("list", "b,c"), ("other", "ignored")]);
        assert_eq!((probe.list, faults), (vec!["a".to_owned(), "b".into(), "c".into()], vec![]));
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let too_many = vec![("list", "x"); VALUES_MAX + 1];
        let bad = [("a.word", "x"), ("a.word", "y"), ("page_size", "-1"), ("flag", "yes")];
        let (_, faults) = read(&[bad.as_slice(), &too_many].concat());
        let names: Vec<_> = faults.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a.word", "list", "page_size", "flag"]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let (list, word) = (vec!["a".to_owned(), "b".into()], Some("x y".to_owned()));
        let written = Probe { word, list, page_size: PageSize(7), flag: Some(false) };
        let mut values = Values::new(written.pairs().into_iter().map(|(name, value)| (name.to_owned(), value)));
        let read = Probe::read(&mut values);
        assert_eq!(
            (read.word, read.list, read.page_size, read.flag),
            (written.word, written.list, written.page_size, written.flag)
        );
    }

    #[test]
    fn a_page_has_10_items_unless_1_to_1000_are_asked_for() {
        for (text, size) in
            [("0", Some(10)), ("1000", Some(1000)), ("1", Some(1)), ("1001", None), ("x", None), ("", None), ("1.0", None)]
        {
            let (probe, faults) = read(&[("page_size", text)]);
            assert_eq!(faults.is_empty().then_some(probe.page_size.0), size, "{text:?}");
        }
    }
}
