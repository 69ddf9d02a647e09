//! Private keys as they are kept.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signer, SigningKey};

use super::error::KeyError;
use super::kind::{KeyId, KeyKind};
use super::name::KeyName;
use super::signature::NoteSignature;
use super::signed::Note;
use super::text::NoteText;
use super::verifier_key::{VerifierKey, base64_of, kind_and_key};
use crate::cosignature::{self, PosixSeconds};

/// What the text of a private key begins with.
const PRIVATE: &str = "PRIVATE+KEY+";

/// A private key of either type.
#[derive(Clone)]
struct PrivateKey {
    verifier: VerifierKey,
    signing: SigningKey,
}

impl PrivateKey {
    fn new(name: KeyName, kind: KeyKind, seed: &[u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(seed);
        let verifier = VerifierKey::from_checked(name, kind, signing.verifying_key());
        Self { verifier, signing }
    }

    fn parse(text: &str, wanted: KeyKind) -> Result<Self, KeyError> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let rest = line.strip_prefix(PRIVATE).ok_or(KeyError::NotAPrivateKey)?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(id), Some(base64)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyError::NotAPrivateKey);
        };
        let name: KeyName = name.parse()?;
        let stated = KeyId::parse(id)?;
        let (found, seed) = kind_and_key(base64)?;
        if found != wanted {
            return Err(KeyError::WrongKind { found, wanted });
        }
        let key = Self::new(name, found, &seed);
        let computed = key.verifier.id();
        if computed == stated { Ok(key) } else { Err(KeyError::IdMismatch { stated, computed }) }
    }

    fn to_secret_text(&self) -> String {
        let base64 = base64_of(self.verifier.kind(), &self.signing.to_bytes());
        format!("{PRIVATE}{}+{}+{base64}", self.verifier.name(), self.verifier.id())
    }

    fn signature(&self, message: &[u8], before: &[u8]) -> NoteSignature {
        let bytes = [before, &self.signing.sign(message).to_bytes()].concat();
        NoteSignature::new(self.verifier.name().clone(), self.verifier.id(), bytes)
    }
}

/// A log's private key: it signs notes (type 0x01).
///
/// Its text is `PRIVATE+KEY+name+id+base64(type ‖ seed)`, as Go's `sumdb/note` writes and reads it.
///
/// ```
/// use sanad_audit_log::note::{NoteText, SignerKey};
/// let key = SignerKey::from_seed("ledger.example/pk".parse()?, &[7; 32]);
/// let note = key.sign(NoteText::new("300 MW to Acme\n")?);
/// assert!(note.verify(&[key.verifier_key()]).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SignerKey(PrivateKey);

impl SignerKey {
    /// The key with this 32-byte seed (RFC 8032's private key). The caller draws it at random.
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Self {
        Self(PrivateKey::new(name, KeyKind::Ed25519, seed))
    }

    /// The public half.
    pub fn verifier_key(&self) -> VerifierKey {
        self.0.verifier.clone()
    }

    /// The key's name.
    pub const fn name(&self) -> &KeyName {
        self.0.verifier.name()
    }

    /// The key's short name.
    pub const fn id(&self) -> KeyId {
        self.0.verifier.id()
    }

    /// The key's text, which whoever has it can sign with.
    pub fn to_secret_text(&self) -> String {
        self.0.to_secret_text()
    }

    /// The note with `text` and this key's signature.
    pub fn sign(&self, text: NoteText) -> Note {
        let signature = self.signature(&text);
        Note::signed_by(text, signature)
    }

    /// This key's signature over `text`, to be added to a note that others signed.
    pub fn signature(&self, text: &NoteText) -> NoteSignature {
        self.0.signature(text.as_str().as_bytes(), &[])
    }
}

/// A witness's private key: it cosigns checkpoints (type 0x04). See
/// [`CosignerKey::cosign`](crate::note::CosignerKey::cosign).
///
/// Its text is that of a [`SignerKey`] with another type and id.
#[derive(Clone)]
pub struct CosignerKey(PrivateKey);

impl CosignerKey {
    /// The key with this 32-byte seed, which the caller draws at random and uses for nothing else:
    /// the message that is signed does not name the witness (C2SP `tlog-cosignature`).
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Self {
        Self(PrivateKey::new(name, KeyKind::Cosignature, seed))
    }

    /// The public half.
    pub fn verifier_key(&self) -> VerifierKey {
        self.0.verifier.clone()
    }

    /// The key's name.
    pub const fn name(&self) -> &KeyName {
        self.0.verifier.name()
    }

    /// The key's short name.
    pub const fn id(&self) -> KeyId {
        self.0.verifier.id()
    }

    /// The key's text, which whoever has it can sign with.
    pub fn to_secret_text(&self) -> String {
        self.0.to_secret_text()
    }

    /// This witness's cosignature over a checkpoint's text, made at a time that is passed in.
    pub(crate) fn signature(&self, text: &NoteText, at: PosixSeconds) -> NoteSignature {
        self.0.signature(&cosignature::message(text, at), &at.get().to_be_bytes())
    }
}

impl FromStr for SignerKey {
    type Err = KeyError;

    /// Parses the one line of text; a line feed may end it.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        PrivateKey::parse(text, KeyKind::Ed25519).map(Self)
    }
}

impl FromStr for CosignerKey {
    type Err = KeyError;

    /// Parses the one line of text; a line feed may end it.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        PrivateKey::parse(text, KeyKind::Cosignature).map(Self)
    }
}

impl fmt::Debug for SignerKey {
    // The private half must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey(public {})", self.0.verifier)
    }
}

impl fmt::Debug for CosignerKey {
    // The private half must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosignerKey(public {})", self.0.verifier)
    }
}
