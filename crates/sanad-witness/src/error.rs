//! What can go wrong with a witness's folder and with setting a witness up, by cause.

use std::io;
use std::path::{Path, PathBuf};

use sanad::CalendarError;
use sanad_audit_log::note::{KeyError, KeyName};

/// Why a witness's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// There is no witness's folder.
    #[error("{} holds no witness; create one in a new folder", .path.display())]
    NotAWitness {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A witness was to be created where something lies already.
    #[error("{} exists and is not empty; a witness is created in a new folder", .path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A symbolic link lies where a file of the witness must.
    #[error("{} is a symbolic link, which is not followed", .path.display())]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// Another process has the folder open.
    #[error("another witness process has {} open; two at once could sign two histories", .path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The lock file was deleted or replaced while the witness ran.
    #[error("the lock file of {} was deleted or replaced; nothing more is signed until the witness is started again", .path.display())]
    LockLost {
        /// The folder.
        path: PathBuf,
    },
    /// A file is not what the witness wrote.
    #[error("{} is damaged: {why}; nothing is signed on it", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Others may read the private key.
    #[error("others may read the private key in {} (mode {mode:03o}); whoever read it can sign: take the right away (chmod 600) or make a new key", .path.display())]
    KeyExposed {
        /// The key's file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key's file holds no key of a witness.
    #[error("{}: {cause}", .path.display())]
    Key {
        /// The key's file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: KeyError,
    },
    /// The log was never enrolled.
    #[error("the log {origin} is not enrolled with this witness; enrol it first")]
    NotEnrolled {
        /// The log.
        origin: KeyName,
    },
    /// The log is enrolled already.
    #[error("the log {origin} is enrolled with this witness already")]
    AlreadyEnrolled {
        /// The log.
        origin: KeyName,
    },
    /// The file system.
    #[error("could not {doing} {}: {source}", .path.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Says what was attempted with which path.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, StateError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, StateError> {
        self.map_err(|source| StateError::Io { doing, path: path.to_owned(), source })
    }
}

/// Why a witness cannot be set up with these logs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// A log came without a key, with keys of several names, or with a key that is no log's.
    #[error("the log {origin} needs keys of type 0x01, all with its own name")]
    LogKeys {
        /// The log.
        origin: KeyName,
    },
    /// A log came twice.
    #[error("the log {origin} is given twice")]
    Twice {
        /// The log.
        origin: KeyName,
    },
    /// A witness of lawful histories was given a log whose records it cannot read.
    #[error(
        "this witness signs lawful histories only, and the records of {origin} are not given; \
         say where they are published"
    )]
    NoRecords {
        /// The log.
        origin: KeyName,
    },
    /// The identity is another ledger's.
    #[error("the identity is that of the ledger {found}, and the log is {origin}")]
    OtherIdentity {
        /// The log.
        origin: KeyName,
        /// The origin in the identity.
        found: String,
    },
    /// The ledger's time zone.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}
