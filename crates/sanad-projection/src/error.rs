//! Why an entry or a question does not fit the tables.

use sanad_core::Sequence;

/// Why an entry or a question does not fit the tables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// Entries come in order, each once.
    #[error("entry {found} was given where entry {expected} comes next")]
    OutOfOrder {
        /// The sequence that comes next.
        expected: u64,
        /// The sequence that was given.
        found: u64,
    },
    /// An event speaks of a pool, holder or grant that no earlier event brought.
    #[error("entry {sequence} speaks of {what} {id}, which no entry before it brought")]
    Unknown {
        /// The entry.
        sequence: Sequence,
        /// `pool`, `holder` or `grant`.
        what: &'static str,
        /// Its identifier.
        id: String,
    },
    /// An event brings a pool, holder, grant or entry id that an earlier event brought.
    #[error("entry {sequence} brings {what} {id} a second time")]
    Repeated {
        /// The entry.
        sequence: Sequence,
        /// `pool`, `holder`, `grant` or `entry`.
        what: &'static str,
        /// Its identifier.
        id: String,
    },
    /// A question about an entry that is not there yet.
    #[error("entry {asked} is not in the ledger, which has {size} entries (the last is {last})", last = size.saturating_sub(1))]
    NotYet {
        /// The entry asked about.
        asked: Sequence,
        /// How many there are.
        size: u64,
    },
}
