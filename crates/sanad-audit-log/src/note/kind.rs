//! What a key signs, and its short name.

use std::fmt;

use sha2::{Digest, Sha256};

use super::error::KeyError;
use super::name::KeyName;

/// What a key signs: the signature types of C2SP `signed-note` that are read here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum KeyKind {
    /// Ed25519 over the note's text: a log's own signature. Type 0x01.
    Ed25519,
    /// Ed25519 over a time and the note's text: a witness's cosignature. Type 0x04.
    Cosignature,
}

impl KeyKind {
    /// The type's byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    /// The type with this byte.
    ///
    /// # Errors
    /// [`KeyError::UnknownKind`].
    pub const fn from_byte(byte: u8) -> Result<Self, KeyError> {
        match byte {
            0x01 => Ok(Self::Ed25519),
            0x04 => Ok(Self::Cosignature),
            found => Err(KeyError::UnknownKind { found }),
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "log key (Ed25519, type 0x01)",
            Self::Cosignature => "witness key (cosignature/v1, type 0x04)",
        })
    }
}

/// The short name of a key. It finds a key among the known ones and proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// The id with these bytes.
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The bytes, as they begin a signature.
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }

    /// The first 4 bytes of SHA-256(`name` ‖ 0x0A ‖ type ‖ `public key`).
    pub fn of(name: &KeyName, kind: KeyKind, public: &[u8; 32]) -> Self {
        let hash = Sha256::new()
            .chain_update(name.as_str())
            .chain_update([b'\n', kind.byte()])
            .chain_update(public)
            .finalize();
        Self([hash[0], hash[1], hash[2], hash[3]])
    }

    /// Parses 8 lower-case hexadecimal digits.
    pub(super) fn parse(text: &str) -> Result<Self, KeyError> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 8 || !digits {
            return Err(KeyError::BadId);
        }
        let number = u32::from_str_radix(text, 16).map_err(|_| KeyError::BadId)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}
