//! Chain hashes, and the contexts that keep the uses of BLAKE3 apart.
//!
//! Every hash here is BLAKE3 in key derivation mode under a fixed context string, so a value made
//! for one purpose can never be passed off as one made for another.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use blake3::Hasher;
use blake3::hazmat::{ContextKey, HasherExt, hash_derive_key_context};

use crate::chain_chunk::chain_hash;

/// The context of a record's chain hash.
pub(crate) const CHAIN_CONTEXT: &str = "sanad 2026-11-24 chain hash v1";
/// The context of a ledger's genesis hash.
pub(crate) const GENESIS_CONTEXT: &str = "sanad 2026-11-24 genesis v1";
/// The context of a segment header's digest.
const SEGMENT_CONTEXT: &str = "sanad 2026-11-24 segment header v1";
/// The context of digests inside a ledger's derived memory.
const MEMORY_CONTEXT: &str = "sanad 2026-11-24 derived memory v1";

// A context is itself hashed first; doing that once a process halves the cost of a short record.
pub(crate) static CHAIN_KEY: LazyLock<ContextKey> =
    LazyLock::new(|| hash_derive_key_context(CHAIN_CONTEXT));
static MEMORY_KEY: LazyLock<ContextKey> = LazyLock::new(|| hash_derive_key_context(MEMORY_CONTEXT));

/// The hash that ends a record and commits to every record up to it; also the genesis hash.
///
/// It is written as 64 lower-case hexadecimal digits:
///
/// ```
/// use sanad_audit_log::ChainHash;
/// let hash = ChainHash::from_bytes([0xab; 32]);
/// assert_eq!(hash.to_string().parse::<ChainHash>(), Ok(hash));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainHash([u8; 32]);

impl ChainHash {
    /// The hash's size in bytes.
    pub const SIZE: usize = 32;

    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The chain hash of a record: of what `hashed` holds, after `previous`.
    pub(crate) fn following(previous: &ChainHash, hashed: &[u8]) -> Self {
        chain_hash(previous, hashed).unwrap_or_else(|| {
            let mut hasher = Hasher::new_from_context_key(&CHAIN_KEY);
            hasher.update(&previous.0).update(hashed);
            Self(*hasher.finalize().as_bytes())
        })
    }

    /// As [`ChainHash::following`], where the hash before stands in front of what is hashed.
    pub(crate) fn of_joined(joined: &[u8]) -> Self {
        let mut hasher = Hasher::new_from_context_key(&CHAIN_KEY);
        Self(*hasher.update(joined).finalize().as_bytes())
    }

    /// The genesis hash of a ledger whose canonical identity is `canonical`.
    pub(crate) fn genesis(canonical: &[u8]) -> Self {
        Self(blake3::derive_key(GENESIS_CONTEXT, canonical))
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainHash({self})")
    }
}

/// A text that is not a chain hash.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashParseError {
    /// The text does not have 64 characters.
    #[error("a chain hash has 64 hexadecimal digits, but {found} bytes were given")]
    WrongLength {
        /// How many bytes the text has.
        found: usize,
    },
    /// A character is no hexadecimal digit.
    #[error("a chain hash has hexadecimal digits only; the one at {at} is none")]
    NotHex {
        /// Where, in bytes from the start.
        at: usize,
    },
}

impl FromStr for ChainHash {
    type Err = HashParseError;

    fn from_str(text: &str) -> Result<Self, HashParseError> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return Err(HashParseError::WrongLength { found: text.len() });
        }
        let digit = |at: usize| match (text[at] as char).to_digit(16) {
            Some(value) => Ok(value as u8),
            None => Err(HashParseError::NotHex { at }),
        };
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = digit(2 * i)? << 4 | digit(2 * i + 1)?;
        }
        Ok(Self(bytes))
    }
}

/// The BLAKE3 digest of a document, in plain mode, so that `b3sum` gives the same.
///
/// # Errors
/// What reading gives.
pub fn document_digest(mut document: impl std::io::Read) -> std::io::Result<[u8; 32]> {
    let mut hasher = Hasher::new();
    hasher.update_reader(&mut document)?;
    Ok(*hasher.finalize().as_bytes())
}

/// The digest of a segment file's header (`docs/format/segment.md`), over its parts joined.
pub fn segment_header_digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Hasher::new_derive_key(SEGMENT_CONTEXT);
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

/// The digest by which derived memory is checked, over its parts joined.
///
/// Parts are not separated, so all but the last must be of a length that both sides know.
pub fn memory_digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Hasher::new_from_context_key(&MEMORY_KEY);
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prepared_context_gives_what_derive_key_gives() {
        let previous = ChainHash::from_bytes([7; 32]);
        let joined = [&[7; 32][..], b"record"].concat();
        let expected = ChainHash(blake3::derive_key(CHAIN_CONTEXT, &joined));
        assert_eq!(ChainHash::following(&previous, b"record"), expected);
    }

    #[test]
    fn digests_of_parts_are_of_all_their_bytes() {
        let header = segment_header_digest(&[b"head", b"er"]);
        assert_eq!(header, blake3::derive_key(SEGMENT_CONTEXT, b"header"));
        assert_eq!(memory_digest(&[b"a", b"b"]), memory_digest(&[b"ab"]));
        assert_ne!(memory_digest(&[b"a"]), memory_digest(&[b"b"]));
    }

    #[test]
    fn a_document_has_the_digest_that_b3sum_gives() {
        let digest = ChainHash::from_bytes(document_digest(&b"abc"[..]).unwrap());
        let b3sum = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";
        assert_eq!(digest.to_string(), b3sum);
    }

    #[test]
    fn a_hash_is_read_as_it_was_written() {
        let hash = ChainHash::from_bytes(std::array::from_fn(|n| (n * 37) as u8));
        assert_eq!(hash.to_string()[..8], *"00254a6f");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!(format!("{hash:?}"), format!("ChainHash({hash})"));
    }

    #[test]
    fn a_text_that_is_no_hash_is_refused_with_the_reason() {
        assert_eq!("00".parse::<ChainHash>(), Err(HashParseError::WrongLength { found: 2 }));
        let text = format!("{}g", "0".repeat(63));
        assert_eq!(text.parse::<ChainHash>(), Err(HashParseError::NotHex { at: 63 }));
        let multibyte = "é".repeat(32);
        assert_eq!(multibyte.parse::<ChainHash>(), Err(HashParseError::NotHex { at: 0 }));
    }
}
