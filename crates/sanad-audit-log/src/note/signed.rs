//! Notes: text and signatures.

use std::fmt;

use super::error::NoteError;
use super::signature::NoteSignature;
use super::text::{self, NoteText};
use super::verifier_key::VerifierKey;
use super::{MAX_NOTE, MAX_SIGNATURES};
use crate::cosignature::PosixSeconds;

/// A text and signatures, none of them checked. Nothing in it may be believed before
/// [`Note::verify`].
///
/// Only canonical base64 is read, so a note that was parsed is written again byte for byte.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    text: NoteText,
    signatures: Vec<NoteSignature>,
}

/// A signature of a note that holds, by a key that was known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownSignature {
    key: VerifierKey,
    cosigned_at: Option<PosixSeconds>,
}

impl KnownSignature {
    /// The key that signed.
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// When the witness cosigned, by its own clock; `None` for a log's own signature.
    pub const fn cosigned_at(&self) -> Option<PosixSeconds> {
        self.cosigned_at
    }
}

impl Note {
    pub(super) fn signed_by(text: NoteText, signature: NoteSignature) -> Self {
        Self { text, signatures: vec![signature] }
    }

    /// Parses a note. Takes memory in proportion to `bytes`, of which at most [`MAX_NOTE`] are
    /// allowed.
    ///
    /// # Errors
    /// [`NoteError`] says what is not a note's.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLong { found: bytes.len() });
        }
        let whole = std::str::from_utf8(bytes)
            .map_err(|error| NoteError::NotUtf8 { at: error.valid_up_to() })?;
        text::checked(whole)?;
        // The text may have blank lines; the last one parts it from the signatures.
        let blank = whole.rfind("\n\n").ok_or(NoteError::NoBlankLine)?;
        let text = NoteText::new(&whole[..=blank])?;
        let signatures = NoteSignature::parse_lines(&whole[blank + 2..])?;
        Ok(Self { text, signatures })
    }

    /// The text. Believe nothing in it before [`Note::verify`].
    pub const fn text(&self) -> &NoteText {
        &self.text
    }

    /// The signatures, in their order.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature that another made over the same text. One that stands there already is not
    /// added again.
    ///
    /// # Errors
    /// [`NoteError::TooManySignatures`].
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        if self.signatures.len() == MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Checks every signature that claims to be by one of `keys`, and ignores the others, since a
    /// key that is unknown here may be known elsewhere. Gives the signatures that hold, in their
    /// order.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`] when one of them does not hold, [`NoteError::NoKnownKey`] when
    /// there is none.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Vec<KnownSignature>, NoteError> {
        let mut known = Vec::new();
        for signature in &self.signatures {
            let mut named = keys.iter().filter(|key| key.is_named_by(signature)).peekable();
            if named.peek().is_none() {
                continue;
            }
            // Two known keys can have one name and id; the signature is by one of them.
            let held = named.find_map(|key| Some((key, key.check(&self.text, signature)?)));
            let Some((key, holds)) = held else {
                let (name, id) = (signature.name().clone(), signature.id());
                return Err(NoteError::BadSignature { name, id });
            };
            known.push(KnownSignature { key: key.clone(), cosigned_at: holds.cosigned_at });
        }
        if known.is_empty() { Err(NoteError::NoKnownKey) } else { Ok(known) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}
