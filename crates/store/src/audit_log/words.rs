//! The words that entries repeat, each known by a number.
//!
//! A word never changes its number, so a process remembers those that it has seen in committed rows.

use std::collections::HashMap;

use parking_lot::RwLock;
use umbel_domain::audit::Word;

use crate::engine::Session;
use crate::sql::{Builder, IN_LIST_MAX, Sql, Value, args, sql};
use crate::{Error, Lexicon, Query, Result, Write};

/// Words that a process remembers; when there are more it begins anew.
const KNOWN_MAX: usize = 100_000;

const ADD: Sql = sql!(
    "INSERT INTO audit_words (code, word, folded) SELECT COALESCE(MAX(code), 0) + 1, $1, $2 FROM audit_words RETURNING code"
);

/// The words that a process remembers.
#[derive(Debug, Default)]
pub(crate) struct Words(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    codes: HashMap<Word, i64>,
    words: HashMap<i64, Word>,
}

impl Words {
    /// Remembers words of committed rows.
    pub(crate) fn learn(&self, learned: Vec<(Word, i64)>) {
        if learned.is_empty() {
            return;
        }
        let mut known = self.0.write();
        if known.codes.len() + learned.len() > KNOWN_MAX {
            *known = Known::default();
        }
        for (word, code) in learned {
            known.codes.insert(word.clone(), code);
            known.words.insert(code, word);
        }
    }

    fn codes(&self, words: &[&Word]) -> Vec<Option<i64>> {
        let known = self.0.read();
        words.iter().map(|word| known.codes.get(*word).copied()).collect()
    }
}

/// The numbers of words, in their order; a word that is new is added.
pub(crate) async fn intern(write: &mut Write, words: &[&Word]) -> Result<Vec<i64>> {
    let mut codes = write.words().codes(words);
    if codes.iter().any(Option::is_none) {
        let unknown: Vec<&str> = words.iter().zip(&codes).filter(|(_, code)| code.is_none()).map(|(word, _)| &***word).collect();
        let mut added: HashMap<Word, i64> = find(write, &unknown).await?.into_iter().collect();
        for word in unknown {
            if !added.contains_key(word) {
                let code = write.number(ADD, args![word, folded(word)]).await?;
                added.insert(word.into(), code);
            }
        }
        for (word, code) in words.iter().zip(&mut codes) {
            *code = code.or_else(|| added.get(*word).copied());
        }
        write.learn(added.into_iter().collect());
    }
    codes.into_iter().map(|code| code.ok_or_else(|| Error::Inconsistent("a word was not added".into()))).collect()
}

/// Those of these words that there are, with their numbers.
pub(crate) async fn find<T: AsRef<str>>(query: &mut impl Query, words: &[T]) -> Result<Vec<(Word, i64)>> {
    let mut found = Vec::new();
    for chunk in words.chunks(IN_LIST_MAX) {
        let mut statement = Builder::default();
        statement.push("SELECT word, code FROM audit_words WHERE word").bind_list(chunk);
        found.extend(query.rows(&statement, statement.args(), |row| Ok((Word::from(row.text(0)?), row.int(1)?))).await?);
    }
    Ok(found)
}

/// The numbers of those of these words that any entry has; with `fold` also of words that differ in case alone.
pub(crate) async fn look_up(query: &mut impl Query, words: &[String], fold: bool) -> Result<Vec<i64>> {
    if !fold {
        return Ok(find(query, words).await?.into_iter().map(|(_, code)| code).collect());
    }
    let wanted: Vec<String> = words.iter().map(|word| folded(word)).collect();
    let mut codes = Vec::new();
    for chunk in wanted.chunks(IN_LIST_MAX) {
        let mut statement = Builder::default();
        statement.push("SELECT code FROM audit_words WHERE folded").bind_list(chunk);
        codes.extend(query.rows(&statement, statement.args(), |row| row.int(0)).await?);
    }
    Ok(codes)
}

/// The words of these numbers.
pub(crate) async fn spell(query: &mut impl Query, codes: impl Iterator<Item = i64>) -> Result<HashMap<i64, Word>> {
    let (mut words, mut unknown) = (HashMap::new(), Vec::new());
    {
        let known = query.words().0.read();
        for code in codes {
            match known.words.get(&code) {
                Some(word) => _ = words.insert(code, word.clone()),
                None => unknown.push(code),
            }
        }
    }
    unknown.sort_unstable();
    unknown.dedup();
    for chunk in unknown.chunks(IN_LIST_MAX) {
        let mut statement = Builder::default();
        statement.push("SELECT word, code FROM audit_words WHERE code");
        statement.bind_values(chunk.iter().map(|code| Value::from(*code)).collect());
        let found = query.rows(&statement, statement.args(), |row| Ok((Word::from(row.text(0)?), row.int(1)?))).await?;
        words.extend(found.iter().map(|(word, code)| (*code, word.clone())));
        query.learn(found);
    }
    Ok(words)
}

fn folded(word: &str) -> String {
    word.to_lowercase()
}
