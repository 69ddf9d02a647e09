//! The legal document behind an entry.

use std::fmt;
use std::str::FromStr;

use crate::text::Reference;

/// Why a text is no document digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DigestError {
    /// Not `blake3:` and 64 hexadecimal digits.
    #[error("a document's digest is written blake3: and 64 hexadecimal digits")]
    Form,
}

/// The BLAKE3 digest of a document's file, written `blake3:` and 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Takes the 32 bytes of a digest.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let hex = text.strip_prefix("blake3:").ok_or(DigestError::Form)?.as_bytes();
        if hex.len() != 64 {
            return Err(DigestError::Form);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let digit = |c: u8| char::from(c).to_digit(16).ok_or(DigestError::Form);
            let value = digit(pair[0])? * 16 + digit(pair[1])?;
            *byte = u8::try_from(value).map_err(|_| DigestError::Form)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("blake3:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A reference to the document and, where there is a file, its digest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Instrument {
    /// How the document is cited.
    pub reference: Reference,
    /// The digest of its file.
    pub digest: Option<Digest>,
}
