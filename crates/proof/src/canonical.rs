//! Writing canonical JSON (RFC 8785) as far as it occurs here: objects, arrays, strings and integers.

use crate::hex;

/// An object that is being written; its members come in ascending order of their names.
pub(crate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

/// Appends an object with the members that `members` writes.
pub(crate) fn object(out: &mut Vec<u8>, members: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    members(&mut Object { out, empty: true });
    out.push(b'}');
}

impl Object<'_> {
    /// Appends the name of a member, which is ASCII without anything to be escaped.
    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        self.out.extend_from_slice(if self.empty { b"\"" } else { b",\"" });
        self.empty = false;
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// A text, if there is one.
    pub(crate) fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            string(self.name(name), value);
        }
    }

    /// A number, if there is one.
    pub(crate) fn number(&mut self, name: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.name(name).extend_from_slice(value.to_string().as_bytes());
        }
    }

    /// Bytes in hex.
    pub(crate) fn hex(&mut self, name: &str, value: &[u8]) {
        quoted_hex(self.name(name), value);
    }

    /// An array of bytes in hex.
    pub(crate) fn hex_array(&mut self, name: &str, values: &[[u8; 32]]) {
        let out = self.name(name);
        out.push(b'[');
        for (position, value) in values.iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            quoted_hex(out, value);
        }
        out.push(b']');
    }

    /// `true`.
    pub(crate) fn yes(&mut self, name: &str) {
        self.name(name).extend_from_slice(b"true");
    }

    /// An object, also when it has no members.
    pub(crate) fn object(&mut self, name: &str, members: impl FnOnce(&mut Object<'_>)) {
        object(self.name(name), members);
    }

    /// An object, unless it has no members.
    pub(crate) fn group(&mut self, name: &str, members: impl FnOnce(&mut Object<'_>)) {
        let (length, empty) = (self.out.len(), self.empty);
        self.object(name, members);
        if self.out.ends_with(b"{}") {
            self.out.truncate(length);
            self.empty = empty;
        }
    }
}

fn quoted_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    hex::append(out, bytes);
    out.push(b'"');
}

/// Appends a string; only what JSON demands is escaped (RFC 8785, section 3.2.2.2).
fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, from) = rest.split_at(plain_length(rest));
        out.extend_from_slice(plain);
        let Some((escaped, after)) = from.split_first() else { break };
        escape(out, *escaped);
        rest = after;
    }
    out.push(b'"');
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    out.push(b'\\');
    match byte {
        0x08 => out.push(b'b'),
        b'\t' => out.push(b't'),
        b'\n' => out.push(b'n'),
        0x0c => out.push(b'f'),
        b'\r' => out.push(b'r'),
        b'"' | b'\\' => out.push(byte),
        control => {
            out.extend_from_slice(b"u00");
            hex::append(out, &[control]);
        }
    }
}

/// How many bytes come before the first that is escaped.
fn plain_length(bytes: &[u8]) -> usize {
    let is_escaped = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    // Without an early exit within 16 bytes they are looked at all at once, which is most of the speed of this module.
    let (chunks, _) = bytes.as_chunks::<16>();
    let plain = chunks.iter().take_while(|chunk| !chunk.iter().fold(false, |any, byte| any | is_escaped(byte))).count() * 16;
    plain + bytes[plain..].iter().position(is_escaped).unwrap_or(bytes.len() - plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(members: impl FnOnce(&mut Object<'_>)) -> String {
        let mut out = Vec::new();
        object(&mut out, members);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn members_that_are_absent_leave_nothing_behind() {
        let json = written(|o| {
            o.group("a", |_| {});
            o.text("b", None);
            o.group("c", |o| o.text("d", Some("e")));
            o.group("f", |o| o.group("g", |o| o.number("h", None)));
            o.object("i", |_| {});
            o.number("j", Some(7));
        });
        assert_eq!(json, r#"{"c":{"d":"e"},"i":{},"j":7}"#);
    }

    #[test]
    fn a_text_that_ends_like_an_empty_object_is_no_empty_object() {
        assert_eq!(written(|o| o.group("a", |o| o.text("b", Some("{}")))), r#"{"a":{"b":"{}"}}"#);
    }

    #[test]
    fn strings_are_escaped_as_the_standard_says() {
        let json = written(|o| o.text("a", Some("\u{20ac}$\u{f}\nA'\u{42}\"\\/\u{7f}\u{2028}\u{8}\u{c}\r\t")));
        assert_eq!(json, "{\"a\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\/\u{7f}\u{2028}\\b\\f\\r\\t\"}");
    }

    #[test]
    fn every_character_is_escaped_or_not_wherever_it_stands() {
        for character in (0..=0x17f).map(|code| char::from_u32(code).unwrap()) {
            for place in 0..34 {
                let text = format!("{}{character}{}", "x".repeat(place), "\u{ff}y\"".repeat(3));
                assert_eq!(written(|o| o.text("a", Some(&text))), serde_json::json!({ "a": text }).to_string());
            }
        }
    }

    proptest! {
        #[test]
        fn every_string_is_read_back_and_has_no_other_form(text: String) {
            let json = written(|o| o.text("a", Some(&text)));
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(&read["a"], &text);
            prop_assert_eq!(read.to_string(), json);
        }
    }
}
