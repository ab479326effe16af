//! Reads JSON bodies strictly, and says everything that is wrong with one at once.

mod shape;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::{self, Write};

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_path_to_error::Segment;

pub(crate) use shape::Shape;
use shape::{Kind, NodeId, Schema};

/// The most levels of objects and arrays in each other.
pub(crate) const DEPTH_MAX: usize = 32;
/// The most faults that one answer names.
pub(crate) const FAULTS_MAX: usize = 32;
/// The most characters of a pointer; a longer one is cut.
const POINTER_LENGTH_MAX: usize = 256;

/// What is wrong with one place of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The place, as a JSON pointer (RFC 6901); empty for the whole body.
    pub(crate) pointer: String,
    /// A sentence without its subject, which is the place.
    pub(crate) reason: String,
}

/// Reads a body that fits `shape`; unknown members are ignored.
///
/// The text is walked twice: once for syntax, depth, duplicate members and shape, without building a tree; and once to make
/// the value, so that a type may keep the text of its numbers.
pub(crate) fn parse<T: DeserializeOwned>(shape: &Shape, text: &[u8]) -> Result<T, Vec<Fault>> {
    if text.trim_ascii().is_empty() {
        return Err(vec![Fault { pointer: String::new(), reason: "is empty: send a JSON object".into() }]);
    }
    check(shape, text)?;
    let mut json = serde_json::Deserializer::from_slice(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let reason = error.inner().to_string();
        let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason).to_owned();
        vec![Fault { pointer: pointer(error.path()), reason }]
    })
}

fn check(shape: &Shape, text: &[u8]) -> Result<(), Vec<Fault>> {
    let mut walk = Walk { shape, pointer: String::new(), depth: 0, faults: Vec::new(), given_up: false };
    let mut json = serde_json::Deserializer::from_slice(text);
    let walked = Here { walk: &mut walk, node: Some(shape.root()) }.deserialize(&mut json).and_then(|()| json.end());
    match walked {
        // The members of what is not JSON cannot be judged, so that its other faults are not told.
        Err(error) if !walk.given_up => Err(vec![Fault { pointer: walk.pointer, reason: format!("is not JSON: {error}") }]),
        _ if walk.faults.is_empty() => Ok(()),
        _ => Err(walk.faults),
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key: name } | Segment::Enum { variant: name } => push(&mut pointer, name),
            Segment::Unknown => {}
        }
    }
    pointer
}

fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    if name.contains(['~', '/']) {
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    } else {
        pointer.push_str(name);
    }
}

/// What a walk through a text knows: where it stands and what it found.
struct Walk<'s> {
    shape: &'s Shape,
    pointer: String,
    depth: usize,
    faults: Vec<Fault>,
    /// Whether the walk ended itself; an error is one of syntax otherwise.
    given_up: bool,
}

impl Walk<'_> {
    fn fault<E: Error>(&mut self, reason: String) -> Result<(), E> {
        // Names of members are the client's, of any length, and come back once for each fault.
        let pointer = self.pointer.chars().take(POINTER_LENGTH_MAX).collect();
        self.faults.push(Fault { pointer, reason });
        if self.faults.len() == FAULTS_MAX { self.give_up() } else { Ok(()) }
    }

    fn give_up<E: Error>(&mut self) -> Result<(), E> {
        self.given_up = true;
        Err(E::custom("given up"))
    }

    fn enter<E: Error>(&mut self) -> Result<(), E> {
        if self.depth == DEPTH_MAX {
            self.fault(format!("is nested deeper than {DEPTH_MAX} levels"))?;
            self.give_up()?;
        }
        self.depth += 1;
        Ok(())
    }
}

/// The value that comes next in the text, with the schema that it must fit, if there is one.
struct Here<'w, 's> {
    walk: &'w mut Walk<'s>,
    node: Option<NodeId>,
}

impl<'s> Here<'_, 's> {
    /// The schema of the value, when there is one and it accepts values of this kind.
    fn expect<E: Error>(&mut self, found: Kind) -> Result<Option<&'s Schema>, E> {
        let Some(node) = self.node else { return Ok(None) };
        let (schema, or_null) = self.walk.shape.schema(node);
        let fits = match found {
            _ if schema.kinds.is_empty() || schema.kinds.contains(&found) => true,
            Kind::Integer => schema.kinds.contains(&Kind::Number),
            Kind::Null => or_null,
            _ => false,
        };
        if fits {
            return Ok(Some(schema));
        }
        let mut nouns: Vec<&str> = schema.kinds.iter().filter(|kind| **kind != Kind::Null).map(|kind| kind.noun()).collect();
        nouns.extend(or_null.then_some(Kind::Null.noun()));
        let reason = match found {
            Kind::Number if schema.kinds.contains(&Kind::Integer) => {
                "must be an integer of 64 bits, without point and exponent".into()
            }
            Kind::Integer => format!("must be {}, not {}", nouns.join(" or "), Kind::Number.noun()),
            _ => format!("must be {}, not {}", nouns.join(" or "), found.noun()),
        };
        self.walk.fault(reason)?;
        Ok(None)
    }
}

impl<'de> DeserializeSeed<'de> for Here<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Here<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.expect(Kind::Null).map(drop)
    }

    fn visit_bool<E: Error>(mut self, _: bool) -> Result<(), E> {
        self.expect(Kind::Boolean).map(drop)
    }

    fn visit_i64<E: Error>(mut self, _: i64) -> Result<(), E> {
        self.expect(Kind::Integer).map(drop)
    }

    fn visit_u64<E: Error>(mut self, _: u64) -> Result<(), E> {
        self.expect(Kind::Integer).map(drop)
    }

    fn visit_f64<E: Error>(mut self, _: f64) -> Result<(), E> {
        self.expect(Kind::Number).map(drop)
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        match self.expect(Kind::String)? {
            Some(schema) if !schema.words.is_empty() && schema.words.iter().all(|word| word != text) => {
                self.walk.fault(format!("must be one of: {}", schema.words.join(", ")))
            }
            _ => Ok(()),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let schema = self.expect(Kind::Array)?;
        let walk = self.walk;
        walk.enter()?;
        let here = walk.pointer.len();
        let mut count = 0;
        loop {
            let _ = write!(walk.pointer, "/{count}"); // a string takes everything
            let item = Here { walk: &mut *walk, node: schema.and_then(|schema| schema.items) };
            if items.next_element_seed(item)?.is_none() {
                break;
            }
            walk.pointer.truncate(here);
            count += 1;
        }
        walk.pointer.truncate(here);
        walk.depth -= 1;
        match schema {
            Some(Schema { items_min: min, items_max: Some(max), .. }) if !(*min..=*max).contains(&count) => {
                walk.fault(format!("must have {min} to {max} items, not {count}"))
            }
            Some(Schema { items_min: min, .. }) if *min > count => {
                walk.fault(format!("must have {min} or more items, not {count}"))
            }
            _ => Ok(()),
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let nothing = Schema::default();
        let schema = self.expect(Kind::Object)?.unwrap_or(&nothing);
        let walk = self.walk;
        walk.enter()?;
        let here = walk.pointer.len();
        let mut seen = vec![false; schema.members.len()];
        let mut seen_others = HashSet::new();
        while let Some(Name(name)) = members.next_key()? {
            push(&mut walk.pointer, &name);
            let (is_new, node) = match schema.members.iter().position(|member| member.name == name) {
                Some(i) => (!std::mem::replace(&mut seen[i], true), Some(schema.members[i].node)),
                None => (seen_others.insert(name), schema.other_members),
            };
            if !is_new {
                walk.fault("appears twice".into())?;
            }
            members.next_value_seed(Here { walk: &mut *walk, node })?;
            walk.pointer.truncate(here);
        }
        walk.depth -= 1;
        for (member, _) in schema.members.iter().zip(seen).filter(|(member, seen)| member.required && !seen) {
            push(&mut walk.pointer, &member.name);
            walk.fault("is missing".into())?;
            walk.pointer.truncate(here);
        }
        Ok(())
    }
}

/// A member's name, borrowed from the text unless it is spelled with escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
