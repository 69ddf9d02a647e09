//! The name that a witness gives a log in a URL.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::note::KeyName;

/// The SHA-256 hash of a log's origin, written as 64 lower-case hexadecimal digits: where a witness
/// shows the checkpoint that it cosigned last (C2SP `tlog-witness`, "Monitor Retrieval Mechanism").
///
/// ```
/// use sanad_audit_log::witness::OriginHash;
/// let hash = OriginHash::of(&"ledger.example/pk".parse()?);
/// assert_eq!(hash.to_string().len(), 64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OriginHash([u8; 32]);

impl OriginHash {
    /// The hash of this origin.
    pub fn of(origin: &KeyName) -> Self {
        Self(Sha256::digest(origin.as_str()).into())
    }
}

impl fmt::Display for OriginHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
