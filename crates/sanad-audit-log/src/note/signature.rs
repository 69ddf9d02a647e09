//! One signature of a note.

use std::fmt;

use base64ct::{Base64, Encoding};

use super::MAX_SIGNATURES;
use super::error::NoteError;
use super::kind::KeyId;
use super::name::KeyName;

/// What a signature line begins with: an em dash and a space.
const LINE_START: &str = "\u{2014} ";

/// A signature as it stands in a note, by whatever key. It is not checked, and may be of a type
/// that is not known here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoteSignature {
    name: KeyName,
    id: KeyId,
    bytes: Vec<u8>,
}

impl NoteSignature {
    pub(super) const fn new(name: KeyName, id: KeyId, bytes: Vec<u8>) -> Self {
        Self { name, id, bytes }
    }

    /// The name of the key that signed, as is claimed.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// The id of the key that signed, as is claimed.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The signature, without the key's id.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Parses signature lines, each ended by a line feed: the end of a note, and a witness's
    /// answer. At least one, and at most [`MAX_SIGNATURES`], are read.
    ///
    /// # Errors
    /// [`NoteError`] names the first line that is not one.
    pub fn parse_lines(text: &str) -> Result<Vec<Self>, NoteError> {
        let Some(lines) = text.strip_suffix('\n') else {
            return Err(if text.is_empty() {
                NoteError::NoSignature
            } else {
                NoteError::NoLastLineFeed
            });
        };
        let mut signatures = Vec::new();
        for (n, line) in lines.split('\n').enumerate() {
            if n == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            let signature = Self::parse_line(line);
            signatures.push(signature.ok_or(NoteError::BadSignatureLine { line: n + 1 })?);
        }
        Ok(signatures)
    }

    /// Parses a line without its line feed.
    fn parse_line(line: &str) -> Option<Self> {
        let (name, base64) = line.strip_prefix(LINE_START)?.split_once(' ')?;
        let name = name.parse().ok()?;
        let decoded = Base64::decode_vec(base64).ok()?;
        let (id, bytes) = decoded.split_first_chunk()?;
        if bytes.is_empty() {
            return None;
        }
        Some(Self { name, id: KeyId::from_bytes(*id), bytes: bytes.to_vec() })
    }
}

impl fmt::Display for NoteSignature {
    /// The line, without its line feed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = [self.id.as_bytes(), &self.bytes[..]].concat();
        write!(f, "{LINE_START}{} {}", self.name, Base64::encode_string(&joined))
    }
}
