//! An author's own signature over what was recorded.
//!
//! The chain proves that a history was not rewritten after the fact; an author section proves who
//! asked for an entry. The signature is over the ledger, the entry and the payload, and over neither
//! the sequence nor the time, which the author cannot know beforehand.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::id::{EntryId, LedgerId};
use crate::layout::{AUTHOR_KEY_SIZE, AUTHOR_SIGNATURE_SIZE, AUTHOR_SIZE};

/// What every signed message begins with, so that it can be taken for nothing else.
pub(crate) const MESSAGE_TAG: &[u8; 16] = b"sanad author v1\n";

/// An author's Ed25519 public key (RFC 8032), not yet known to be a point on the curve.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AuthorPublicKey([u8; AUTHOR_KEY_SIZE]);

impl AuthorPublicKey {
    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; AUTHOR_KEY_SIZE]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; AUTHOR_KEY_SIZE] {
        &self.0
    }
}

impl fmt::Display for AuthorPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What an author signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuthorMessage<'a> {
    /// The ledger that the entry is for.
    pub ledger_id: LedgerId,
    /// The entry.
    pub entry_id: EntryId,
    /// The payload's schema number.
    pub payload_schema: u16,
    /// The payload.
    pub payload: &'a [u8],
}

impl AuthorMessage<'_> {
    /// The signed bytes: tag, ledger id, entry id, schema (little-endian), payload.
    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(MESSAGE_TAG.len() + 16 + 16 + 2 + self.payload.len());
        bytes.extend_from_slice(MESSAGE_TAG);
        bytes.extend_from_slice(self.ledger_id.as_bytes());
        bytes.extend_from_slice(self.entry_id.as_bytes());
        bytes.extend_from_slice(&self.payload_schema.to_le_bytes());
        bytes.extend_from_slice(self.payload);
        bytes
    }
}

/// Why an author section does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorError {
    /// The public key is not a point on the curve.
    #[error("the author's public key is not an Ed25519 key")]
    BadKey,
    /// The signature is not this key's over this message.
    #[error("the author's signature is not over this ledger, entry and payload by this key")]
    BadSignature,
}

impl AuthorError {
    /// A stable name of the cause.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadKey => "author-bad-key",
            Self::BadSignature => "author-bad-signature",
        }
    }
}

/// A public key and a signature, as they stand in a record. Unchecked until [`AuthorSection::verify`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuthorSection {
    key: AuthorPublicKey,
    signature: [u8; AUTHOR_SIGNATURE_SIZE],
}

impl AuthorSection {
    /// Takes key and signature out of a section's bytes.
    pub fn from_bytes(bytes: &[u8; AUTHOR_SIZE]) -> Self {
        let (mut key, mut signature) = ([0; AUTHOR_KEY_SIZE], [0; AUTHOR_SIGNATURE_SIZE]);
        key.copy_from_slice(&bytes[..AUTHOR_KEY_SIZE]);
        signature.copy_from_slice(&bytes[AUTHOR_KEY_SIZE..]);
        Self { key: AuthorPublicKey(key), signature }
    }

    /// The section's bytes.
    pub fn to_bytes(&self) -> [u8; AUTHOR_SIZE] {
        let mut bytes = [0; AUTHOR_SIZE];
        bytes[..AUTHOR_KEY_SIZE].copy_from_slice(&self.key.0);
        bytes[AUTHOR_KEY_SIZE..].copy_from_slice(&self.signature);
        bytes
    }

    /// The key that the section names. Whether that key may speak for anybody is not known here.
    pub const fn key(&self) -> AuthorPublicKey {
        self.key
    }

    /// Checks the signature over `message`, strictly: no malleable signature and no key of small
    /// order is accepted, so all verifiers agree.
    ///
    /// # Errors
    /// [`AuthorError`] says whether the key or the signature is at fault.
    pub fn verify(&self, message: &AuthorMessage<'_>) -> Result<(), AuthorError> {
        let key = VerifyingKey::from_bytes(&self.key.0).map_err(|_| AuthorError::BadKey)?;
        // RFC 8032 has one encoding of each point; the library takes others too.
        if key.to_edwards().compress().as_bytes() != &self.key.0 {
            return Err(AuthorError::BadKey);
        }
        let signature = Signature::from_bytes(&self.signature);
        let checked = key.verify_strict(&message.to_bytes(), &signature);
        checked.map_err(|_| AuthorError::BadSignature)
    }
}

/// An author's private key.
///
/// ```
/// use sanad_audit_log::{AuthorKey, AuthorMessage, EntryId, LedgerId};
/// # let uuid = "0197a3b0-5c1e-7d00-8000-000000000001".parse()?;
/// # let (ledger_id, entry_id) = (LedgerId::new(uuid), EntryId::new(uuid));
/// let message = AuthorMessage { ledger_id, entry_id, payload_schema: 1, payload: b"grant 300 MW" };
/// let section = AuthorKey::from_seed(&[7; 32]).sign(&message);
/// assert!(section.verify(&message).is_ok());
/// assert!(section.verify(&AuthorMessage { payload: b"grant 900 MW", ..message }).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AuthorKey(SigningKey);

impl AuthorKey {
    /// The key with this 32-byte seed (RFC 8032's private key). The caller draws it at random.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    pub fn public(&self) -> AuthorPublicKey {
        AuthorPublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs `message`.
    pub fn sign(&self, message: &AuthorMessage<'_>) -> AuthorSection {
        let signature = self.0.sign(&message.to_bytes()).to_bytes();
        AuthorSection { key: self.public(), signature }
    }
}

impl fmt::Debug for AuthorKey {
    // The private half must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthorKey(public {})", self.public())
    }
}
