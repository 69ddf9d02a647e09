//! What can be wrong with notes and keys.

use super::kind::{KeyId, KeyKind};
use super::name::{KeyName, KeyNameError};
use super::{MAX_NOTE, MAX_SIGNATURES};

/// Why a text is not a key. No message shows any part of a private key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text has not the parts of a public key.
    #[error("this is not a verifier key; one reads NAME+ID+BASE64 on one line")]
    NotAVerifierKey,
    /// The text has not the parts of a private key.
    #[error("this is not a private key; one reads PRIVATE+KEY+NAME+ID+BASE64 on one line")]
    NotAPrivateKey,
    /// The name cannot name a key.
    #[error(transparent)]
    Name(#[from] KeyNameError),
    /// The id is not 8 lower-case hexadecimal digits.
    #[error("the key's id is not 8 lower-case hexadecimal digits")]
    BadId,
    /// The id is another key's.
    #[error("the key states the id {stated} and has {computed}; part of it was altered")]
    IdMismatch {
        /// The id in the text.
        stated: KeyId,
        /// The id of this name and key.
        computed: KeyId,
    },
    /// The last part is not base64.
    #[error("the last part of the key is not base64 in its canonical form")]
    NotBase64,
    /// The last part has not the size of a key of its type.
    #[error("the last part of the key has {found} bytes; type and key have 33")]
    WrongLength {
        /// How many bytes it has.
        found: usize,
    },
    /// The type is not known here.
    #[error("the key has type {found:#04x}; the types 0x01 and 0x04 are known here")]
    UnknownKind {
        /// The type's byte.
        found: u8,
    },
    /// The key is of another type than is asked for.
    #[error("the key is a {found}; a {wanted} is asked for here")]
    WrongKind {
        /// The type of the key.
        found: KeyKind,
        /// The type that is asked for.
        wanted: KeyKind,
    },
    /// The public key is not an Ed25519 key under which signatures mean anything.
    #[error("the public key is not a point on the curve, or one of small order")]
    BadPoint,
}

/// Why bytes are not a note, or a note is not to be believed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// There are more bytes than a note may have.
    #[error("the note has {found} bytes; at most {MAX_NOTE} are read")]
    TooLong {
        /// How many bytes there are.
        found: usize,
    },
    /// The bytes are not UTF-8.
    #[error("the note is not UTF-8 from byte {at} on")]
    NotUtf8 {
        /// Where, in bytes from the start.
        at: usize,
    },
    /// There is a control character other than the line feed.
    #[error("the note has the control character {character:?} at byte {at}")]
    ControlCharacter {
        /// The first such character.
        character: char,
        /// Where, in bytes from the start.
        at: usize,
    },
    /// The last line does not end.
    #[error("the note does not end in a line feed; its end is cut off")]
    NoLastLineFeed,
    /// No blank line parts the text from the signatures.
    #[error("the note has no blank line between its text and its signatures")]
    NoBlankLine,
    /// Nobody signed.
    #[error("the note has no signature")]
    NoSignature,
    /// A line after the blank one is not a signature.
    #[error("line {line} of the signatures does not read — NAME BASE64")]
    BadSignatureLine {
        /// Which, counted from 1.
        line: usize,
    },
    /// There are more signatures than a note may have.
    #[error("the note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// None of the known keys signed.
    #[error("the note is signed by none of the known keys")]
    NoKnownKey,
    /// A known key's signature does not hold, so the whole note is refused.
    #[error(
        "the signature of the known key {} ({id}) does not hold; the note was altered",
        name.shown()
    )]
    BadSignature {
        /// The key's name.
        name: KeyName,
        /// The key's id.
        id: KeyId,
    },
}

impl NoteError {
    /// A stable name of the cause.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "note-too-long",
            Self::NotUtf8 { .. } => "note-not-utf8",
            Self::ControlCharacter { .. } => "note-control-character",
            Self::NoLastLineFeed => "note-no-last-line-feed",
            Self::NoBlankLine => "note-no-blank-line",
            Self::NoSignature => "note-no-signature",
            Self::BadSignatureLine { .. } => "note-bad-signature-line",
            Self::TooManySignatures => "note-too-many-signatures",
            Self::NoKnownKey => "note-no-known-key",
            Self::BadSignature { .. } => "note-bad-signature",
        }
    }
}
