//! Why a measurement could not be made.

use std::io;
use std::path::PathBuf;

use sanad::{LedgerError, RecordError};

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// A number that is asked for is out of bounds.
    #[error("{what} is {given}; give {least} to {most}")]
    OutOfBounds {
        /// Which number.
        what: &'static str,
        /// What was given.
        given: u64,
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// The folder is a ledger's own.
    #[error("{} is a ledger's folder, and nothing is measured inside one; name another folder", .0.display())]
    InsideALedger(PathBuf),
    /// The disk is too full.
    #[error(
        "{} has {free} bytes free and the measurement may need {need}; ask for fewer entries or name another folder",
        folder.display()
    )]
    NoRoom {
        /// The folder.
        folder: PathBuf,
        /// What it may need, in bytes.
        need: u64,
        /// What is free, in bytes.
        free: u64,
    },
    /// A file or folder.
    #[error("could not {doing} {}: {source}", path.display())]
    File {
        /// What was to be done.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it could not.
        source: io::Error,
    },
    /// The ledger that is measured.
    #[error("the ledger that is measured failed: {0}")]
    Ledger(#[source] Box<LedgerError>),
    /// An act of the workload was not recorded.
    #[error("the ledger that is measured did not record: {0}")]
    Record(#[from] RecordError),
    /// What was measured gave a wrong answer, so its time means nothing.
    #[error("{what} gave {found} where {expected} was expected; nothing was measured")]
    Wrong {
        /// What was measured.
        what: &'static str,
        /// What it gave.
        found: u64,
        /// What it must give.
        expected: u64,
    },
    /// A program that was run as a process of its own.
    #[error("{command} ended with {status}: {said}")]
    Program {
        /// What was run.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it said on standard error.
        said: String,
    },
}

impl From<LedgerError> for BenchError {
    fn from(error: LedgerError) -> Self {
        BenchError::Ledger(Box::new(error))
    }
}

/// Adds to a failure of the system what was being done.
pub(crate) trait Doing<T> {
    /// Says what was being done with which path.
    fn doing(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T, BenchError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T, BenchError> {
        self.map_err(|source| BenchError::File { doing, path: path.into(), source })
    }
}

/// Holds an answer against what it must be.
pub(crate) fn expect(what: &'static str, found: u64, expected: u64) -> Result<(), BenchError> {
    if found == expected { Ok(()) } else { Err(BenchError::Wrong { what, found, expected }) }
}
