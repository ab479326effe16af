//! Ids in few bytes: those of 8 or 16 bytes in hex, which nearly all are, take half their length.

/// The first byte of a text of another kind that has as many bytes as a packed one; no UTF-8 begins with it.
const MARK: u8 = 0xff;

/// Packs an id.
pub(crate) fn pack(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if matches!(text.len(), 16 | 32) {
        let pairs = text.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?));
        if let Some(bytes) = pairs.collect() {
            return bytes;
        }
    }
    let mark = matches!(text.len(), 8 | 16).then_some(MARK);
    mark.into_iter().chain(text.bytes()).collect()
}

/// The id that was packed.
pub(crate) fn unpack(bytes: &[u8]) -> String {
    match bytes {
        bytes if matches!(bytes.len(), 8 | 16) => crate::credentials::to_hex(bytes),
        [MARK, text @ ..] | text => String::from_utf8_lossy(text).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_in_hex_take_half_their_length() {
        for (text, length) in
            [("8e8dd2156ef28414", 8), ("019c4f65e7607d8c9f6f6b58aa3aff50", 16), ("8E8DD2156EF28414", 17), ("acme", 4)]
        {
            assert_eq!(pack(text).len(), length, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked_as_it_was(text in "[a-f0-9]{7,33}|\\PC{0,40}") {
            prop_assert_eq!(unpack(&pack(&text)), text);
        }
    }
}
