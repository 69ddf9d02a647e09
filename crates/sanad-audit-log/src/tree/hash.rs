//! Hashes of the Merkle tree.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding};

use super::sha256;

/// What a leaf's hash begins with, so that no leaf can be passed off as a node (RFC 6962, 2.1).
const LEAF_PREFIX: u8 = 0x00;
/// What a node's hash begins with.
const NODE_PREFIX: u8 = 0x01;

/// A SHA-256 hash in a Merkle tree: of a leaf, of two subtrees joined, or of a whole tree.
///
/// It is written in base64, as C2SP's texts have it. Only the one canonical encoding is read.
///
/// ```
/// use sanad_audit_log::tree::TreeHash;
/// let root = TreeHash::node(&TreeHash::leaf(b"grant"), &TreeHash::leaf(b"revoke"));
/// assert_eq!(root.to_string().parse::<TreeHash>(), Ok(root));
/// assert_eq!(TreeHash::EMPTY.to_string(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeHash([u8; 32]);

impl TreeHash {
    /// The hash's size in bytes.
    pub const SIZE: usize = 32;
    /// The length of the base64 text of a hash.
    pub const TEXT_SIZE: usize = 44;
    /// The root of the tree without leaves: the hash of no bytes.
    pub const EMPTY: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash of a leaf: SHA-256(0x00 ‖ `data`). A record's leaf is all of its stored bytes.
    pub fn leaf(data: &[u8]) -> Self {
        Self(sha256::tagged(LEAF_PREFIX, data))
    }

    /// The hash of a node: SHA-256(0x01 ‖ `left` ‖ `right`).
    pub fn node(left: &Self, right: &Self) -> Self {
        Self(sha256::tagged_pair(NODE_PREFIX, &left.0, &right.0))
    }

    /// The root of the tree with these leaf hashes. Takes no memory beyond O(log n) hashes.
    pub fn root(leaves: &[Self]) -> Self {
        let mut frontier = super::Frontier::new();
        for leaf in leaves {
            frontier.append(*leaf);
        }
        frontier.root()
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; Self::TEXT_SIZE];
        f.write_str(Base64::encode(&self.0, &mut text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TreeHash({self})")
    }
}

/// A text that is not a tree hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeHashParseError {
    /// The text has not the length of 32 bytes in base64.
    #[error("a hash of the tree has 44 characters of base64, but {found} bytes were given")]
    WrongLength {
        /// How many bytes the text has.
        found: usize,
    },
    /// The text is not base64, or not the canonical form of it.
    #[error("a hash of the tree is written in base64 with padding, and this is not its only form")]
    NotBase64,
}

impl FromStr for TreeHash {
    type Err = TreeHashParseError;

    fn from_str(text: &str) -> Result<Self, TreeHashParseError> {
        if text.len() != Self::TEXT_SIZE {
            return Err(TreeHashParseError::WrongLength { found: text.len() });
        }
        // One byte more than a hash: 44 characters can hold 33 bytes when padding is missing.
        let mut bytes = [0; 33];
        match Base64::decode(text, &mut bytes) {
            Ok(decoded) => match decoded.try_into() {
                Ok(hash) => Ok(Self(hash)),
                Err(_) => Err(TreeHashParseError::NotBase64),
            },
            Err(_) => Err(TreeHashParseError::NotBase64),
        }
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_empty_root_is_the_hash_of_no_bytes() {
        assert_eq!(TreeHash::EMPTY.0, <[u8; 32]>::from(Sha256::digest([])));
        assert_eq!(TreeHash::root(&[]), TreeHash::EMPTY);
    }

    #[test]
    fn a_text_with_another_encoding_of_the_same_bytes_is_refused() {
        let text = TreeHash::EMPTY.to_string();
        let loose = text.replace("uFU=", "uFV=");
        assert_eq!(loose.parse::<TreeHash>(), Err(TreeHashParseError::NotBase64));
        let unpadded = "A".repeat(44);
        assert_eq!(unpadded.parse::<TreeHash>(), Err(TreeHashParseError::NotBase64));
        let short = &text[..43];
        assert_eq!(short.parse::<TreeHash>(), Err(TreeHashParseError::WrongLength { found: 43 }));
        let multibyte = "é".repeat(22);
        assert_eq!(multibyte.parse::<TreeHash>(), Err(TreeHashParseError::NotBase64));
    }
}
