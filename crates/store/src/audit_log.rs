//! The audit log: entries are added and read, never changed.
//!
//! An entry is a row of numbers and few texts, so that a scan of a log reads little: what repeats is a word with a number
//! (`words.rs`), ids are packed (`packed.rs`), and bodies lie in a table of their own (`bodies.rs`).

mod below;
mod bodies;
pub mod digests;
pub(crate) mod keys;
mod list;
mod loose_words;
pub(crate) mod packed;
pub(crate) mod words;

use std::collections::BTreeSet;

use umbel_domain::audit::{Field, Fields, Record, Word};
use umbel_domain::{AccountId, AuditEntryId, Lineage, OrganizationId, Timestamp};

use crate::engine::{Change, Row};
use crate::sql::{Sql, Value, args, sql};
use crate::{Error, Query, Result, Write, audit_trees};

pub use below::list_below;
#[cfg(test)]
pub(crate) use below::list_below_until;
pub(crate) use keys::with_keys;
#[cfg(test)]
pub(crate) use list::list_until;
pub use list::{Log, all, get, list, logs, numbers_of_logs};
pub(crate) use loose_words::loosen;
pub use loose_words::{Place, forget_words, loose_words, settle, without_used};
use words::Interned;
pub(crate) use words::Words;

/// What hashes of the personal fields of an entry are salted with.
pub type Salt = [u8; 16];

/// The number that stands for the server instead of an organization.
pub(crate) const SERVER: i64 = 0;

/// The columns of the fields of an entry, in their order.
macro_rules! fields {
    () => {
        "e.action_description, e.action_result, e.action_type, e.actor_context, e.actor_email, e.actor_id, e.actor_ip_address, \
         e.actor_token_id, e.actor_token_name, e.actor_type, e.raw_cf_ray_id, e.raw_method, e.raw_status_code, e.raw_uri, \
         e.raw_user_agent, e.resource_id, e.resource_product, e.resource_scope, e.resource_type"
    };
}
use fields;

/// The columns of an entry that [`Stored::read`] reads, of `audit_entries e LEFT JOIN audit_bodies b`.
macro_rules! columns {
    () => {
        concat!("e.organization, e.at, e.id, e.account, b.bodies, e.salt, ", $crate::audit_log::fields!())
    };
}
use columns;

/// What reads entries with their bodies, up to the condition.
macro_rules! select {
    () => {
        concat!(
            "SELECT ",
            $crate::audit_log::columns!(),
            " FROM audit_entries e LEFT JOIN audit_bodies b ON b.organization = e.organization AND b.at = e.at AND b.id = e.id WHERE "
        )
    };
}
use select;

/// Where the fields begin among [`columns`].
const FIRST_FIELD: usize = 6;

/// Adds an entry if the words have still the version under which its numbers were found, for what a process remembers may be gone
/// by now; if no digest covers its time; and if there are as many words as it has, none of them loose, when they are to be counted.
const INSERT: Sql = sql!(
    "INSERT INTO audit_entries (organization, at, id, account, salt, action_description, action_result, action_type, \
     actor_context, actor_email, actor_id, actor_ip_address, actor_token_id, actor_token_name, actor_type, raw_cf_ray_id, \
     raw_method, raw_status_code, raw_uri, raw_user_agent, resource_id, resource_product, resource_scope, resource_type) \
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24 \
     WHERE EXISTS (SELECT 1 FROM audit_words_version WHERE version = $25) \
     AND NOT EXISTS (SELECT 1 FROM audit_digests d WHERE d.organization = $1 AND d.until >= $2) \
     AND ($26 = 0 OR $26 = (SELECT COUNT(*) FROM audit_words w WHERE w.code IN ($1, $4, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
     $17, $18, $20, $22, $23, $24) AND NOT EXISTS (SELECT 1 FROM audit_loose_words l WHERE l.code = w.code)))"
);
const INSERT_BODIES: Sql = sql!("INSERT INTO audit_bodies (organization, at, id, bodies) VALUES ($1, $2, $3, $4)");

/// How a field is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As the number of a word.
    Word,
    /// As the bytes of an id.
    Packed,
    /// As it is.
    Plain,
}

const fn form(field: Field) -> Form {
    match field {
        Field::RawCfRayId | Field::ResourceId => Form::Packed,
        Field::RawUri => Form::Plain,
        _ => Form::Word,
    }
}

/// Appends an entry to the log that it belongs to. `near` is the place that the change was about, which tells the tree of an
/// organization that is gone by now.
pub async fn append(write: &mut Write, record: &Record, salt: &Salt, near: Option<&Lineage>) -> Result<()> {
    let log = record.log.as_ref().map(|id| Word::from(id.as_str()));
    let account = record.account.as_ref().map(|id| Word::from(id.as_str()));
    let fields = Field::ALL.into_iter().filter(|field| form(*field) == Form::Word);
    let fields = fields.filter_map(|field| record.fields.get(field));
    let words: Vec<&Word> = log.iter().chain(&account).chain(fields).collect();
    let id = packed::pack(record.id.as_str());
    let number = |interned: &Interned| log.as_ref().and_then(|_| interned.codes.first().copied()).unwrap_or(SERVER);
    let mut interned = words::intern(write, &words).await?;
    if !insert(write, record, &id, salt, &interned).await? {
        // Words that this process remembers may be loose, or gone; or a digest is there already.
        write.forget_words();
        interned = words::intern(write, &words).await?;
        digests::remove_from(write, number(&interned), record.at).await?;
        if !insert(write, record, &id, salt, &interned).await? {
            return Err(Error::Conflict);
        }
    }
    let key = (record.at, id, number(&interned));
    if let Some(bodies) = bodies::write(&record.bodies)? {
        write.execute(INSERT_BODIES, args![key.2, key.0, key.1.as_slice(), bodies.as_slice()]).await?;
    }
    audit_trees::wait(write, record, &key, near).await
}

/// Adds the row of an entry, which has these words; `false` when some of them may be loose or gone, or a digest covers its time.
async fn insert(write: &mut Write, record: &Record, id: &[u8], salt: &Salt, interned: &Interned) -> Result<bool> {
    let counted = if write.may_have_lost_words() { interned.codes.iter().collect::<BTreeSet<_>>().len() } else { 0 };
    let mut codes = interned.codes.iter().copied();
    let log = record.log.as_ref().and_then(|_| codes.next()).unwrap_or(SERVER);
    let account = record.account.as_ref().and_then(|_| codes.next());
    let mut args = args![log, record.at, id, account, salt.as_slice()].to_vec();
    args.extend(Field::ALL.map(|field| {
        let text = record.fields.get(field);
        match form(field) {
            Form::Word => Value::Int(text.and_then(|_| codes.next())),
            Form::Packed => Value::from(text.map(|text| packed::pack(text))),
            Form::Plain => Value::from(text.map(|text| &**text)),
        }
    }));
    args.extend([Value::from(interned.version), Value::from(counted)]);
    Ok(write.execute(INSERT, &args).await? == 1)
}

/// An entry as it is stored: numbers instead of words.
pub(crate) struct Stored {
    organization: i64,
    at: Timestamp,
    id: String,
    account: Option<i64>,
    bodies: Option<Vec<u8>>,
    /// A salt, or the commitment that took its place.
    pub(crate) seal: Vec<u8>,
    fields: [StoredField; Field::ALL.len()],
}

#[derive(Default)]
enum StoredField {
    #[default]
    Absent,
    Word(i64),
    Text(String),
}

impl Stored {
    fn read(row: &Row<'_>) -> Result<Self> {
        let mut fields: [StoredField; Field::ALL.len()] = Default::default();
        for (at, field) in Field::ALL.into_iter().enumerate() {
            let column = FIRST_FIELD + at;
            let found = match form(field) {
                Form::Word => row.int_or_null(column)?.map(StoredField::Word),
                Form::Packed => row.bytes_or_null(column)?.map(|bytes| StoredField::Text(packed::unpack(&bytes))),
                Form::Plain => row.text_or_null(column)?.map(StoredField::Text),
            };
            fields[at] = found.unwrap_or_default();
        }
        Ok(Self {
            organization: row.int(0)?,
            at: Timestamp::from_micros(row.int(1)?),
            id: packed::unpack(&row.bytes(2)?),
            account: row.int_or_null(3)?,
            bodies: row.bytes_or_null(4)?,
            seal: row.bytes(5)?,
            fields,
        })
    }

    /// The numbers of all words.
    fn codes(&self) -> impl Iterator<Item = i64> {
        let words = self.fields.iter().filter_map(|field| if let StoredField::Word(code) = field { Some(*code) } else { None });
        words.chain(self.account).chain(Some(self.organization).filter(|code| *code != SERVER))
    }
}

/// The entries that were stored so.
pub(crate) async fn spelled(query: &mut impl Query, stored: Vec<Stored>) -> Result<Vec<Record>> {
    let words = words::spell(query, stored.iter().flat_map(Stored::codes)).await?;
    let word =
        |code: i64| words.get(&code).ok_or_else(|| Error::Inconsistent(format!("an audit entry has the unknown word {code}")));
    let record = |stored: Stored| -> Result<Record> {
        let mut fields = Fields::default();
        for (field, found) in Field::ALL.into_iter().zip(stored.fields) {
            match found {
                StoredField::Absent => {}
                StoredField::Word(code) => fields.set(field, word(code)?.clone()),
                StoredField::Text(text) => fields.set(field, text),
            }
        }
        let log = Some(stored.organization).filter(|code| *code != SERVER).map(&word).transpose()?;
        let account = stored.account.map(&word).transpose()?;
        Ok(Record {
            id: AuditEntryId::parse(&stored.id)?,
            log: log.map(|id| OrganizationId::parse(id)).transpose()?,
            account: account.map(|id| AccountId::parse(id)).transpose()?,
            at: stored.at,
            fields,
            bodies: stored.bodies.map(|bodies| bodies::read(&bodies)).transpose()?.unwrap_or_default(),
        })
    };
    // Into room of its own: records are smaller than what they are made of, and to collect them in its place moves them once more.
    let mut records = Vec::with_capacity(stored.len());
    for stored in stored {
        records.push(record(stored)?);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_fields_stand_in_their_order_and_bear_their_names() {
        let names = Field::ALL.map(Field::name);
        let read: Vec<_> = columns!().split(", ").map(|column| column.trim_start_matches("e.")).collect();
        assert_eq!(read[FIRST_FIELD..], names);
        let (columns, _) = INSERT.sqlite.split_once(") SELECT").unwrap();
        assert!(columns.ends_with(&names.join(", ")), "{columns}");
    }
}
