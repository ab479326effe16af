//! The words that entries repeat, each known by a number.
//!
//! A word never changes its number, so a process remembers those that it has seen in committed rows. The number follows from the word:
//! two changes that need different new words at once do not run into each other, and a word that a database lost with its last
//! transactions, in a fail-over, gets the number that it had.
//!
//! Words can go (`loose_words.rs`). What a process remembers is therefore good for one version of the words, which a row of the
//! database tells; an entry is added only where the words still have the version under which its numbers were found.

use std::collections::hash_map::Entry;

use ahash::HashMap;
use parking_lot::RwLock;
use sha2::{Digest, Sha256};
use umbel_domain::audit::Word;

use super::loose_words;
use crate::engine::{Change, Session};
use crate::sql::{Builder, IN_LIST_MAX, Sql, Value, args, sql};
use crate::{Error, Lexicon, Query, Result, Write};

/// Words that a process remembers; when there are more it begins anew.
const KNOWN_MAX: usize = 100_000;

/// Numbers that are tried for a word: that of another one is not taken.
const TRIES_MAX: u8 = 16;

const ADD: Sql = sql!("INSERT INTO audit_words (code, word, folded) VALUES ($1, $2, $3) ON CONFLICT (code) DO NOTHING");

const VERSION: Sql = sql!("SELECT version FROM audit_words_version");
const NEXT_VERSION: Sql = sql!("UPDATE audit_words_version SET version = version + 1");

/// The words that a process remembers.
#[derive(Debug, Default)]
pub(crate) struct Words(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The version of all words with which the numbers may be used: none of their words is loose or gone then.
    version: Option<i64>,
    codes: HashMap<Word, i64>,
    words: HashMap<i64, Word>,
}

impl Known {
    fn spell(&mut self, learned: Vec<(Word, i64)>) {
        if self.words.len() + learned.len() > KNOWN_MAX {
            *self = Self::default();
        }
        self.words.extend(learned.into_iter().map(|(word, code)| (code, word)));
    }
}

impl Words {
    /// Remembers words of rows that are committed, for reading.
    pub(crate) fn learn(&self, learned: Vec<(Word, i64)>) {
        if !learned.is_empty() {
            self.0.write().spell(learned);
        }
    }

    /// Remembers words of rows that are committed, for entries too as long as the words have this version.
    pub(crate) fn learn_for_use(&self, version: i64, learned: HashMap<Word, i64>) {
        let mut known = self.0.write();
        known.spell(learned.iter().map(|(word, code)| (word.clone(), *code)).collect());
        if *known.version.get_or_insert(version) == version {
            known.codes.extend(learned);
        }
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        *self.0.write() = Known::default();
    }

    fn codes(&self, words: &[&Word]) -> (Option<i64>, Vec<Option<i64>>) {
        let known = self.0.read();
        (known.version, words.iter().map(|word| known.codes.get(*word).copied()).collect())
    }
}

/// Words as entries have them.
pub(crate) struct Interned {
    /// Their numbers, in their order.
    pub(crate) codes: Vec<i64>,
    /// The version of all words that they belong to. When the words have another one by now, some of these may be gone.
    pub(crate) version: i64,
}

/// The numbers of words; a word that is new is added, a loose one an ordinary one again.
pub(crate) async fn intern(write: &mut Write, words: &[&Word]) -> Result<Interned> {
    let (known, mut codes) = write.words().codes(words);
    let learned = write.learned_for_use.as_ref();
    let version = match known.or(learned.map(|(version, _)| *version)) {
        Some(version) => version,
        None => write.number(VERSION, &[]).await?,
    };
    if codes.iter().any(Option::is_none) {
        if let Some((of, learned)) = &write.learned_for_use
            && *of == version
        {
            fill(&mut codes, words, learned);
        }
        let unknown = words.iter().zip(&codes).filter(|(_, code)| code.is_none()).map(|(word, _)| &***word);
        let added = find_or_add(write, unknown.collect()).await?;
        fill(&mut codes, words, &added);
        write.learn_for_use(version, added);
    }
    let codes = codes.into_iter().map(|code| code.ok_or_else(|| Error::Inconsistent("a word was not added".into())));
    Ok(Interned { codes: codes.collect::<Result<_>>()?, version })
}

fn fill(codes: &mut [Option<i64>], words: &[&Word], known: &HashMap<Word, i64>) {
    for (code, word) in codes.iter_mut().zip(words) {
        *code = code.or_else(|| known.get(*word).copied());
    }
}

async fn find_or_add(write: &mut Write, words: Vec<&str>) -> Result<HashMap<Word, i64>> {
    let found = find(write, &words).await?;
    loose_words::fasten(write, &found).await?;
    let mut codes: HashMap<Word, i64> = found.into_iter().collect();
    for word in words {
        if !codes.contains_key(word) {
            codes.insert(word.into(), add(write, word).await?);
        }
    }
    Ok(codes)
}

/// The number of a word, which is added when it is new.
pub(crate) async fn code_of(write: &mut Write, word: &Word) -> Result<i64> {
    let mut interned = intern(write, &[word]).await?;
    interned.codes.pop().ok_or_else(|| Error::Inconsistent("a word was not added".into()))
}

/// Has every process ask again for the words that it remembers before an entry gets them.
pub(super) async fn renew(write: &mut Write) -> Result<()> {
    write.execute(NEXT_VERSION, &[]).await.map(drop)
}

/// Adds a word under the first of its numbers that no other word has.
async fn add(write: &mut Write, word: &str) -> Result<i64> {
    for number in 0..TRIES_MAX {
        let code = code(word, number);
        if write.execute(ADD, args![code, word, folded(word)]).await? == 1 {
            return Ok(code);
        }
    }
    Err(Error::Inconsistent(format!("all numbers of the word {word:?} are taken")))
}

/// A number from 1 to 2^31, the same for the same word: few bytes in a row, and small enough that a collision has to be expected.
fn code(word: &str, number: u8) -> i64 {
    let hash = Sha256::new().chain_update([number]).chain_update(word).finalize();
    i64::from(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]) >> 1) + 1
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
    let (mut words, mut unknown) = (HashMap::default(), Vec::new());
    {
        let known = query.words().0.read();
        for code in codes {
            // Most are those of an entry before.
            let Entry::Vacant(vacant) = words.entry(code) else { continue };
            match known.words.get(&code) {
                Some(word) => _ = vacant.insert(word.clone()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_small_differ_and_follow_from_their_words() {
        assert_eq!((code("update", 0), code("update", 1)), (code("update", 0), code("update", 1)));
        assert!(code("update", 0) != code("update", 1) && code("update", 0) != code("create", 0));
        assert!((0..=255).all(|number| (1..=1 << 31).contains(&code("update", number))));
    }
}
