//! Statements, written once in the dialect that SQLite and PostgreSQL share:
//!
//! 1. Column types are `TEXT` and `BIGINT`; JSON is `TEXT`, a boolean is `BIGINT` 0 or 1, a hash is hex. What has to be small is
//!    `/*postgres: BYTEA *//*sqlite: BLOB */`.
//! 2. Placeholders are `$1`, `$2`, …; in literals they become `?1`, `?2`, … for SQLite, outside of quotes. A NULL argument keeps
//!    its type.
//! 3. `ON CONFLICT … DO UPDATE SET x = excluded.x`, `RETURNING`, row values, CTEs, `IS DISTINCT FROM`, window functions: fine.
//! 4. `CAST` around `SUM`, which PostgreSQL widens to numeric.
//! 5. Search without regard to case goes through a `*_folded` column, folded in Rust, and `LIKE … ESCAPE '\'`. Never `ILIKE`.
//! 6. No `FOR UPDATE`, `SKIP LOCKED`, advisory locks, `LISTEN`, arrays, triggers, sequences, `NOW()`.
//! 7. Byte order everywhere. Migrations mark what one engine lacks: `/*postgres: … */`, `/*sqlite: … */`.
//! 8. Big tables start their primary key with `organization_id` or `account_id`.
//! 9. `IN` lists are padded to a power of two of at most [`IN_LIST_MAX`] values, so that the statement caches stay small.

/// The most values of an `IN` list.
pub const IN_LIST_MAX: usize = 128;

/// A statement known at compile time, in both spellings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) postgres: &'static str,
    pub(crate) sqlite: &'static str,
    /// File and line of the literal.
    #[cfg(test)]
    pub(crate) origin: (&'static str, u32),
}

/// A [`Sql`] from one literal; from two only for what each engine says of itself.
macro_rules! sql {
    (sqlite: $sqlite:literal, postgres: $postgres:literal) => {
        $crate::sql::Sql {
            postgres: $postgres,
            sqlite: $sqlite,
            #[cfg(test)]
            origin: (file!(), line!()),
        }
    };
    ($text:expr) => {{
        const POSTGRES: &str = $text;
        const BYTES: [u8; POSTGRES.len()] = $crate::sql::question_marks::<{ POSTGRES.len() }>(POSTGRES);
        const SQLITE: &str = match std::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("a statement is UTF-8"),
        };
        $crate::sql::Sql {
            postgres: POSTGRES,
            sqlite: SQLITE,
            #[cfg(test)]
            origin: (file!(), line!()),
        }
    }};
}
pub(crate) use sql;

/// `text` with `?` for each `$` outside of quotes.
pub(crate) const fn question_marks<const N: usize>(text: &str) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut out = [0; N];
    let mut quoted = false;
    let mut at = 0;
    while at < N {
        if bytes[at] == b'\'' {
            quoted = !quoted;
        }
        out[at] = if bytes[at] == b'$' && !quoted { b'?' } else { bytes[at] };
        at += 1;
    }
    out
}

/// An argument of a statement; NULL is an empty option of its type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Text(Option<std::borrow::Cow<'a, str>>),
    Int(Option<i64>),
    Bytes(Option<std::borrow::Cow<'a, [u8]>>),
}

impl Value<'_> {
    /// The same value, owned.
    pub(crate) fn to_static(&self) -> Value<'static> {
        match self {
            Self::Text(text) => Value::Text(text.as_ref().map(|text| text.to_string().into())),
            Self::Int(number) => Value::Int(*number),
            Self::Bytes(bytes) => Value::Bytes(bytes.as_ref().map(|bytes| bytes.to_vec().into())),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text.map(Into::into))
    }
}

impl<'a> From<std::borrow::Cow<'a, str>> for Value<'a> {
    fn from(text: std::borrow::Cow<'a, str>) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<std::borrow::Cow<'a, str>>> for Value<'a> {
    fn from(text: Option<std::borrow::Cow<'a, str>>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Self::Int(Some(i64::try_from(number).unwrap_or(i64::MAX)))
    }
}

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Self::from(number as u64)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(Some(bytes.into()))
    }
}

impl From<Option<Vec<u8>>> for Value<'_> {
    fn from(bytes: Option<Vec<u8>>) -> Self {
        Self::Bytes(bytes.map(Into::into))
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Int(Some(truth.into()))
    }
}

impl From<umbel_domain::Timestamp> for Value<'_> {
    fn from(timestamp: umbel_domain::Timestamp) -> Self {
        Self::Int(Some(timestamp.micros()))
    }
}

impl From<Option<umbel_domain::Timestamp>> for Value<'_> {
    fn from(timestamp: Option<umbel_domain::Timestamp>) -> Self {
        Self::Int(timestamp.map(umbel_domain::Timestamp::micros))
    }
}

/// The arguments of a statement, each turned into a [`Value`].
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::sql::Value::from($value)),*] };
}
pub(crate) use args;

/// A statement that is put together at run time, from literals and arguments only.
#[derive(Debug, Default)]
pub(crate) struct Builder<'a> {
    text: String,
    args: Vec<Value<'a>>,
    /// Files and lines of the literals.
    #[cfg(test)]
    pub(crate) origins: Vec<(&'static str, u32)>,
}

impl<'a> Builder<'a> {
    /// Appends a literal.
    #[cfg_attr(test, track_caller)]
    pub(crate) fn push(&mut self, literal: &'static str) -> &mut Self {
        #[cfg(test)]
        self.origins.push((std::panic::Location::caller().file(), std::panic::Location::caller().line()));
        self.text.push_str(literal);
        self
    }

    /// Appends a placeholder for `value`.
    pub(crate) fn bind(&mut self, value: impl Into<Value<'a>>) -> &mut Self {
        self.args.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.args.len().to_string());
        self
    }

    /// Appends ` IN (…)`, padded by repeating the last value; an empty list matches nothing.
    pub(crate) fn bind_list<T: AsRef<str>>(&mut self, values: &'a [T]) -> &mut Self {
        self.bind_values(values.iter().map(|value| value.as_ref().into()).collect())
    }

    /// The same for values of any type.
    pub(crate) fn bind_values(&mut self, mut values: Vec<Value<'a>>) -> &mut Self {
        debug_assert!(values.len() <= IN_LIST_MAX, "callers check the length");
        self.push(" IN (");
        match values.last().cloned() {
            None => _ = self.push("NULL"),
            Some(last) => {
                values.resize(values.len().next_power_of_two(), last);
                for (at, value) in values.into_iter().enumerate() {
                    self.push(if at == 0 { "" } else { ", " }).bind(value);
                }
            }
        }
        self.push(")")
    }

    pub(crate) fn args(&self) -> &[Value<'a>] {
        &self.args
    }

    /// The statement, for either engine: to SQLite `$1` is a name, and it numbers names in the order in which they first appear.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// A statement of either kind.
#[derive(Clone, Copy)]
pub(crate) enum Statement<'s> {
    Literal(Sql),
    Built(&'s Builder<'s>),
}

impl From<Sql> for Statement<'_> {
    fn from(sql: Sql) -> Self {
        Self::Literal(sql)
    }
}

impl<'s> From<&'s Builder<'s>> for Statement<'s> {
    fn from(builder: &'s Builder<'s>) -> Self {
        Self::Built(builder)
    }
}

/// The pattern that finds `text` where `LIKE … ESCAPE '\'` looks for it literally.
pub(crate) fn like_literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_change_outside_of_quotes_alone() {
        const STATEMENT: Sql = sql!("SELECT '$1', $2 WHERE a = $1");
        assert_eq!(STATEMENT.sqlite, "SELECT '$1', ?2 WHERE a = ?1");
        let mut builder = Builder::default();
        builder.push("SELECT '$' || ").bind("x").push(", ").bind(7_i64);
        assert_eq!(builder.text(), "SELECT '$' || $1, $2");
    }

    #[test]
    fn lists_are_padded_to_powers_of_two() {
        let values: Vec<String> = ["a", "b", "c"].map(String::from).into();
        let mut builder = Builder::default();
        builder.push("id").bind_list(&values);
        assert_eq!(builder.text(), "id IN ($1, $2, $3, $4)");
        assert_eq!(builder.args()[3], Value::from("c"));
        let mut none = Builder::default();
        assert_eq!(none.push("id").bind_list::<&str>(&[]).text(), "id IN (NULL)");
    }

    #[test]
    fn a_search_text_is_taken_literally() {
        assert_eq!(like_literal(r"50%_\x"), r"50\%\_\\x");
    }
}
