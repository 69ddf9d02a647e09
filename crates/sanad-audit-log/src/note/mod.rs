//! Signed notes and the keys that sign them (C2SP `signed-note`).
//!
//! | file | noun |
//! |---|---|
//! | `name.rs` | [`KeyName`]: who signs; also a log's origin |
//! | `kind.rs` | [`KeyKind`], [`KeyId`]: what a key signs, and its short name |
//! | `verifier_key.rs` | [`VerifierKey`]: a public key as it is handed on |
//! | `signer_key.rs` | [`SignerKey`], [`CosignerKey`]: private keys as they are kept |
//! | `text.rs` | [`NoteText`]: what is signed |
//! | `signature.rs` | [`NoteSignature`]: one signature line, not checked |
//! | `signed.rs` | [`Note`] → [`KnownSignature`]: a note parsed, then verified |
//! | `error.rs` | [`NoteError`], [`KeyError`] |

mod error;
mod kind;
mod name;
mod signature;
mod signed;
mod signer_key;
mod text;
mod verifier_key;

pub use error::{KeyError, NoteError};
pub use kind::{KeyId, KeyKind};
pub use name::{KeyName, KeyNameError};
pub use signature::NoteSignature;
pub use signed::{KnownSignature, Note};
pub use signer_key::{CosignerKey, SignerKey};
pub use text::NoteText;
pub use verifier_key::VerifierKey;

/// The longest note that is read, in bytes. Go's `sumdb/note` has the same bound.
pub const MAX_NOTE: usize = 1_000_000;
/// The most signatures of a note that is read. Go's `sumdb/note` has the same bound; C2SP asks for
/// 16 at least.
pub const MAX_SIGNATURES: usize = 100;
