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

/// Bytes that are no tables of this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// They end too early, or go on too long.
    #[error("the remembered {table} are not as long as they say")]
    Short {
        /// The table in which they end.
        table: &'static str,
    },
    /// A value does not fit its type, or speaks of what there is not.
    #[error("the remembered {table} hold a value that is none")]
    Value {
        /// The table that holds it.
        table: &'static str,
    },
    /// Bytes behind the last row.
    #[error("what is remembered goes on {bytes} bytes behind its end")]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// A table that this version does not know.
    #[error("what is remembered speaks of table {number}, which there is not")]
    Table {
        /// The number by which it is called.
        number: u8,
    },
}
