//! How far something long has come.

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Entries are replayed to rebuild what the ledger remembers.
    Replaying,
    /// Records are verified.
    Verifying,
    /// Records are published, or copied into a mirror.
    Publishing,
    /// Records are copied into or out of a backup.
    Copying,
    /// Records are looked for to mend a log.
    Mending,
    /// Two histories are compared.
    Comparing,
}

/// How far it has come, in entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Entries done.
    pub done: u64,
    /// Entries altogether.
    pub total: u64,
}

/// How many entries are done between two reports.
pub(crate) const REPORT_EVERY: u64 = 4_096;
