//! Public keys as they are handed on.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, VerifyingKey};

use super::error::KeyError;
use super::kind::{KeyId, KeyKind};
use super::name::KeyName;
use super::signature::NoteSignature;
use super::text::NoteText;
use crate::cosignature::{self, PosixSeconds};

/// A public key with its name: `name+id+base64(type ‖ key)` (C2SP `signed-note`, "Verifier keys").
///
/// ```
/// use sanad_audit_log::note::{KeyKind, VerifierKey};
/// let text = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
/// let key: VerifierKey = text.parse()?;
/// assert_eq!((key.name().as_str(), key.kind()), ("example.com/foo", KeyKind::Ed25519));
/// assert_eq!(key.to_string(), text);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifierKey {
    name: KeyName,
    kind: KeyKind,
    id: KeyId,
    key: VerifyingKey,
}

/// What a signature that holds says beside the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Holds {
    pub(super) cosigned_at: Option<PosixSeconds>,
}

impl VerifierKey {
    /// The key with these parts. The id follows from them.
    ///
    /// # Errors
    /// [`KeyError::BadPoint`].
    pub fn new(name: KeyName, kind: KeyKind, public: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(public).map_err(|_| KeyError::BadPoint)?;
        // RFC 8032 has one encoding of each point; the library takes others too.
        if key.is_weak() || key.to_edwards().compress().as_bytes() != public {
            return Err(KeyError::BadPoint);
        }
        Ok(Self::from_checked(name, kind, key))
    }

    pub(super) fn from_checked(name: KeyName, kind: KeyKind, key: VerifyingKey) -> Self {
        let id = KeyId::of(&name, kind, key.as_bytes());
        Self { name, kind, id, key }
    }

    /// The name: for a log's key, the log's origin.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// What the key signs.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The short name by which signatures refer to the key.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The Ed25519 public key (RFC 8032).
    pub fn public(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whether `signature` claims to be by this key.
    pub fn is_named_by(&self, signature: &NoteSignature) -> bool {
        self.id == signature.id() && self.name == *signature.name()
    }

    /// What `signature` says, if it holds over `text`. It is checked strictly, as an author's is.
    pub(super) fn check(&self, text: &NoteText, signature: &NoteSignature) -> Option<Holds> {
        match self.kind {
            KeyKind::Ed25519 => {
                self.check_bytes(text.as_str().as_bytes(), signature.bytes())?;
                Some(Holds { cosigned_at: None })
            }
            KeyKind::Cosignature => {
                let (time, bytes) = signature.bytes().split_first_chunk()?;
                let at = PosixSeconds::new(u64::from_be_bytes(*time))?;
                self.check_bytes(&cosignature::message(text, at), bytes)?;
                Some(Holds { cosigned_at: Some(at) })
            }
        }
    }

    fn check_bytes(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        let signature = Signature::from_bytes(signature.try_into().ok()?);
        self.key.verify_strict(message, &signature).ok()
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    /// Parses the one line of text; a line feed may end it.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let mut parts = line.splitn(3, '+');
        let (Some(name), Some(id), Some(base64)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyError::NotAVerifierKey);
        };
        let name: KeyName = name.parse()?;
        let stated = KeyId::parse(id)?;
        let (kind, public) = kind_and_key(base64)?;
        let key = Self::new(name, kind, &public)?;
        if key.id == stated {
            Ok(key)
        } else {
            Err(KeyError::IdMismatch { stated, computed: key.id })
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base64 = base64_of(self.kind, self.public());
        write!(f, "{}+{}+{base64}", self.name, self.id)
    }
}

/// The base64 of a type's byte and a key.
pub(super) fn base64_of(kind: KeyKind, key: &[u8; 32]) -> String {
    let mut bytes = [kind.byte(); 33];
    bytes[1..].copy_from_slice(key);
    Base64::encode_string(&bytes)
}

/// A type and a key's 32 bytes, from their base64.
pub(super) fn kind_and_key(base64: &str) -> Result<(KeyKind, [u8; 32]), KeyError> {
    let bytes = Base64::decode_vec(base64).map_err(|_| KeyError::NotBase64)?;
    let Some((kind, key)) = bytes.split_first() else {
        return Err(KeyError::WrongLength { found: 0 });
    };
    // The type first: a key of another type has another length.
    let kind = KeyKind::from_byte(*kind)?;
    match key.try_into() {
        Ok(key) => Ok((kind, key)),
        Err(_) => Err(KeyError::WrongLength { found: bytes.len() }),
    }
}
