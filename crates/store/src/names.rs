//! Filters by name.

use umbel_domain::name::fold;

use crate::sql::{Builder, like_literal};

/// What a name must look like, whatever the case; everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamePatterns {
    /// It is this.
    pub equals: Option<String>,
    /// It starts so.
    pub starts_with: Option<String>,
    /// It ends so.
    pub ends_with: Option<String>,
    /// It has this in it.
    pub contains: Option<String>,
}

impl NamePatterns {
    /// Whether anything is asked of names.
    pub fn any(&self) -> bool {
        self.equals.is_some() || self.starts_with.is_some() || self.ends_with.is_some() || self.contains.is_some()
    }

    /// Appends the conditions on the column `name_folded`.
    pub(crate) fn push(&self, statement: &mut Builder<'_>) {
        self.push_on(statement, "name_folded");
    }

    /// Appends the conditions on a column that holds folded text.
    pub(crate) fn push_on(&self, statement: &mut Builder<'_>, column: &'static str) {
        if let Some(name) = &self.equals {
            statement.push(" AND ").push(column).push(" = ").bind(fold(name));
        }
        let literal = |text: &String| like_literal(&fold(text));
        let patterns = [
            self.starts_with.as_ref().map(|text| literal(text) + "%"),
            self.ends_with.as_ref().map(|text| format!("%{}", literal(text))),
            self.contains.as_ref().map(|text| format!("%{}%", literal(text))),
        ];
        for pattern in patterns.into_iter().flatten() {
            statement.push(" AND ").push(column).push(" LIKE ").bind(pattern).push(" ESCAPE '\\'");
        }
    }
}
