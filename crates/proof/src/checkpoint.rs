//! What a log says of itself at one size (C2SP tlog-checkpoint).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::note::Note;
use crate::{Hash, Invalid, Signer, VerifierKey, check_size};

/// The size and the root of a log: whoever keeps one notices when anything before it is changed later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log it is; also the name of the key that signs for it.
    pub origin: String,
    /// How many leaves the log has.
    pub size: u64,
    /// The root of the tree of these leaves.
    pub root: Hash,
    /// Lines whose meaning others may know.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// Signs the checkpoint as the log, whose key has the origin as its name, and as others beside it.
    pub fn sign(&self, log: &Signer, others: &[&Signer]) -> Result<Note, Invalid> {
        self.check_name(log.verifier_key())?;
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root));
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        // Whoever reads the text must find exactly this checkpoint in it.
        if Self::parse(&text)? != *self {
            return Err(Invalid(format!("the checkpoint of {:?} has a line break in a line", self.origin)));
        }
        let signers: Vec<_> = std::iter::once(log).chain(others.iter().copied()).collect();
        Note::sign(&text, &signers)
    }

    /// Reads a checkpoint that the log with this key signed.
    pub fn open(note: &Note, log: &VerifierKey) -> Result<Self, Invalid> {
        let checkpoint = Self::parse(note.verify(log)?)?;
        checkpoint.check_name(log)?;
        Ok(checkpoint)
    }

    /// Reads the text of a checkpoint, whoever may have signed it; any deviation from the format is refused.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let wrong = |why: &str| Invalid(format!("the checkpoint {text:?} {why}"));
        let lines = text.strip_suffix('\n').ok_or_else(|| wrong("does not end in a line"))?;
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(wrong("has not the three lines origin, size and root"));
        };
        let extensions: Vec<_> = lines.map(str::to_owned).collect();
        if origin.is_empty() || extensions.iter().any(String::is_empty) {
            return Err(wrong("has an empty line"));
        }
        let number = size.parse().ok().filter(|number: &u64| number.to_string() == size);
        let number = number.ok_or_else(|| wrong("has a size that is no decimal number"))?;
        check_size(number)?;
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
        let root = root.ok_or_else(|| wrong("has a root that is not the base64 of 32 bytes"))?;
        Ok(Self { origin: origin.to_owned(), size: number, root, extensions })
    }

    /// With the name bound to the origin, a key that is trusted for one log says nothing about another.
    fn check_name(&self, log: &VerifierKey) -> Result<(), Invalid> {
        if self.origin != log.name() {
            return Err(Invalid(format!("the key {log} is not that of the log {:?}", self.origin)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SIZE_MAX;

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "umbel/audit/a".into(), size: 17, root: [9; 32], extensions: Vec::new() }
    }

    fn signer() -> Signer {
        Signer::new("umbel/audit/a", &[7; 32]).unwrap()
    }

    #[test]
    fn a_checkpoint_is_three_lines_and_extensions() {
        let text = "umbel/audit/a\n17\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n";
        assert_eq!(Checkpoint::parse(text), Ok(checkpoint()));
        assert_eq!(checkpoint().sign(&signer(), &[]).unwrap().unverified_text(), text);
        let extended = Checkpoint { extensions: vec!["one".into(), "two".into()], ..checkpoint() };
        assert_eq!(Checkpoint::parse(&format!("{text}one\ntwo\n")), Ok(extended.clone()));
        assert_eq!(Checkpoint::open(&extended.sign(&signer(), &[]).unwrap(), signer().verifier_key()), Ok(extended));
    }

    #[test]
    fn a_checkpoint_that_deviates_from_the_format_is_refused() {
        let text = "umbel/audit/a\n17\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n";
        for bad in [
            "",
            "\n",
            text.trim_end(),
            &format!("\n{text}"),
            &format!("{text}\n"),
            &format!("{text}one\n\n"),
            &text.replace("umbel/audit/a", ""),
            &text.replace("17", "017"),
            &text.replace("17", "+17"),
            &text.replace("17", "-1"),
            &text.replace("17", ""),
            &text.replace("17", "17 "),
            &text.replace("17", &(SIZE_MAX + 1).to_string()),
            &text.replace("CQk=", "CQl="),
            &text.replace("CQk=", "CQk"),
            &text.replace("CQk=", ""),
            "umbel/audit/a\n17\n",
        ] {
            assert!(Checkpoint::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_line_break_within_a_line_is_not_signed() {
        let evil = Checkpoint { extensions: vec!["one\ntwo".into()], ..checkpoint() };
        assert!(evil.sign(&signer(), &[]).is_err());
    }

    #[test]
    fn a_key_signs_for_the_log_of_its_name_only() {
        let other = Signer::new("umbel/audit/b", &[7; 32]).unwrap();
        assert!(checkpoint().sign(&other, &[]).unwrap_err().0.contains("is not that of the log \"umbel/audit/a\""));
        let note = checkpoint().sign(&signer(), &[&other]).unwrap();
        assert_eq!(Checkpoint::open(&note, signer().verifier_key()), Ok(checkpoint()));
        assert!(Checkpoint::open(&note, other.verifier_key()).is_err());
    }
}
