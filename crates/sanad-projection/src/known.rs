//! Up to which entry the history is known.

use sanad_core::{RecordedTime, Sequence};

/// How much of the history a view may use: the recorded side of "as known on A, in force on B".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Known {
    /// All of it.
    #[default]
    Head,
    /// Up to and with this entry.
    AtEntry(Sequence),
    /// All that was recorded at or before this instant.
    At(RecordedTime),
    /// Nothing at all: the ledger before its first entry.
    Nothing,
}
