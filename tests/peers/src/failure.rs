//! Why the program ended early.

use std::fmt::Display;
use std::io;
use std::path::PathBuf;

use sanad_bench::BenchError;

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A measurement of Sanad or of a limit.
    #[error(transparent)]
    Bench(#[from] BenchError),
    /// A ledger.
    #[error(transparent)]
    Ledger(#[from] sanad::LedgerError),
    /// SQLite.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Another peer.
    #[error("a peer failed: {0}")]
    Peer(String),
    /// A file.
    #[error(transparent)]
    File(#[from] io::Error),
    /// A page without a place for the figures.
    #[error("{} has no marks between which the figures belong", .0.display())]
    NoMarks(PathBuf),
    /// A curve could not be drawn.
    #[error("a curve could not be drawn: {0}")]
    Drawing(String),
    /// The program that is measured is not there.
    #[error(
        "there is no program {0}; build it with `cargo build --release -p sanad-cli`, or name it with --sanad"
    )]
    NoProgram(String),
}

impl Failure {
    pub(crate) fn peer(error: impl Display) -> Self {
        Failure::Peer(error.to_string())
    }

    pub(crate) fn drawing(error: impl Display) -> Self {
        Failure::Drawing(error.to_string())
    }
}
