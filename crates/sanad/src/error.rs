//! What can go wrong for a program that uses the library, by cause.

use std::sync::Arc;

use sanad_audit_log::{ChainFinding, IdentityError, RecordTreeError};
use sanad_codec::PayloadError;
use sanad_core::{IdError, Refusal, Sequence, TimeError};
use sanad_event_store::{AppendError, StoreError};
use sanad_projection::ProjectionError;
use sanad_publication::PublicationError;

use crate::calendar::CalendarError;

/// Why a ledger could not be created, opened or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// What identifies the ledger is refused.
    #[error("the ledger's identity is refused: {0}")]
    Identity(#[from] IdentityError),
    /// The ledger's time zone.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The files.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is published.
    #[error(transparent)]
    Publication(#[from] PublicationError),
    /// A record does not follow from the one before it.
    #[error("the history cannot be read: {0}; run a verification to see all that is wrong")]
    Chain(ChainFinding),
    /// A record follows from the one before it and holds no entry.
    #[error(
        "entry {sequence} cannot be read: {cause}; run a verification to see all that is wrong"
    )]
    Undecodable {
        /// The entry.
        sequence: Sequence,
        /// Why.
        #[source]
        cause: UndecodableEntry,
    },
    /// An entry that the history before it cannot bear.
    #[error("the history cannot be projected: {0}; run a verification to see all that is wrong")]
    Unprojectable(ProjectionError),
    /// The tree and the chain of a snapshot are not of one size.
    #[error(
        "the history cannot be read on: {0}; delete the ledger's folder `memory` and try again"
    )]
    Parted(RecordTreeError),
    /// An entry that speaks of what does not exist.
    #[error("the history is not lawful: {0}; run a verification to see all that is wrong")]
    Unlawful(Refusal),
    /// A question about an entry that is not there.
    #[error("{0}")]
    NotYet(ProjectionError),
    /// A history without entries, of which a copy was wanted.
    #[error(
        "there are no entries to take in a checkpoint or a proof; name a copy of the ledger, a backup or a publication"
    )]
    NoEntries,
    /// A proof about entries that the ledger does not hold.
    #[error("there is no such proof: it speaks of entries that the ledger does not hold")]
    NoSuchProof,
    /// The system gave no thread to record on or to read ahead.
    #[error("no thread could be started: {0}")]
    Thread(std::io::Error),
    /// The thread that records has ended.
    #[error("the ledger is closed; open it again")]
    Closed,
}

/// Why a record's bytes hold no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UndecodableEntry {
    /// The entry's id.
    #[error("its id is refused: {0}")]
    Id(#[from] IdError),
    /// The recorded time.
    #[error("its recorded time is refused: {0}")]
    Time(#[from] TimeError),
    /// The payload.
    #[error(transparent)]
    Payload(#[from] PayloadError),
}

/// Why an act was not recorded.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The rules do not allow it. Nothing has changed.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// It could not be written; it is not acknowledged, and nothing more is recorded until the ledger is opened
    /// again. A retry with the same id is safe.
    #[error("{0}")]
    NotWritten(Arc<AppendError>),
    /// What stands under the same id could not be read to compare it.
    #[error("the entry with the same id could not be read: {0}")]
    Unreadable(Arc<LedgerError>),
    /// An act before it was refused, and it was to be left then. Nothing has changed.
    #[error("not asked, because an act before it was refused")]
    NotAsked,
    /// The ledger is closed.
    #[error("the ledger is closed; open it again")]
    Closed,
}
