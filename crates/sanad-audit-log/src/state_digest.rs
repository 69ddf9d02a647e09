//! The digest of a projected state, for two programs to compare their replays by.
//!
//! What the bytes are is for the projection to say (`docs/format/state.md`).

use std::fmt;

use blake3::Hasher;

/// The context of a state's digest.
const STATE_CONTEXT: &str = "sanad 2026-11-24 state v1";

/// What a history amounts to, as a hash; written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateDigest([u8; 32]);

impl StateDigest {
    /// The digest with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for StateDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for StateDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateDigest({self})")
    }
}

/// Digests a state's canonical bytes, given piece by piece.
///
/// ```
/// use sanad_audit_log::StateHasher;
/// let mut whole = StateHasher::default();
/// whole.update(b"state");
/// let mut pieces = StateHasher::default();
/// pieces.update(b"sta");
/// pieces.update(b"te");
/// assert_eq!(whole.finish(), pieces.finish());
/// ```
#[derive(Clone, Debug)]
pub struct StateHasher(Hasher);

impl Default for StateHasher {
    fn default() -> Self {
        Self(Hasher::new_derive_key(STATE_CONTEXT))
    }
}

impl StateHasher {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes taken.
    pub fn finish(&self) -> StateDigest {
        StateDigest(*self.0.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_of_all_bytes_that_were_taken_and_is_shown_in_full() {
        let mut hasher = StateHasher::default();
        assert_eq!(hasher.finish().as_bytes(), &blake3::derive_key(STATE_CONTEXT, b""));
        hasher.update(b"sta");
        hasher.update(b"te");
        let digest = hasher.finish();
        assert_eq!(digest.as_bytes(), &blake3::derive_key(STATE_CONTEXT, b"state"));
        let hex: String = digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest.to_string(), hex);
        assert_eq!(format!("{digest:?}"), format!("StateDigest({hex})"));
        assert_eq!(StateDigest::from_bytes(*digest.as_bytes()), digest);
    }
}
