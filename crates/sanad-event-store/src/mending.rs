//! What it takes to mend a log: which records come from where.

use std::ops::Range;

use sanad_audit_log::{Head, Sequence};

use crate::own_log::OwnLog;

/// A copy of a log from which records may be taken. What it gives is proved before it is used.
pub trait Donor {
    /// The record with this sequence, as it is stored; `None` where the copy ends before it.
    ///
    /// # Errors
    /// Why it cannot be had: the copy is damaged there too, or cannot be read.
    fn record(&mut self, sequence: Sequence) -> Result<Option<Vec<u8>>, String>;
}

/// From where a run of records is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// From the ledger's own segment with this first sequence in its name.
    Own(Sequence),
    /// From the copy.
    Copy,
}

/// Records one after another from one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// Their sequences.
    pub records: Range<u64>,
    /// From where they are.
    pub origin: Origin,
}

/// A part of the log that is written anew, between two places that are sound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mend {
    /// The head before it.
    pub begins: Head,
    /// The head behind it, which the ledger's own next record follows from, or which is known otherwise.
    pub ends: Head,
    /// Its records.
    pub runs: Vec<Run>,
    /// The segment files in whose place they come, each with what is wrong with it.
    pub instead_of: Vec<(Sequence, String)>,
}

/// A part of the log that stays as it is, because something is wanting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lack {
    /// The first record that is not to be had.
    pub sequence: Sequence,
    /// The segment files that are not sound there, each with what is wrong with it.
    pub segments: Vec<(Sequence, String)>,
    /// Why the record is not to be had.
    pub why: String,
}

/// What mending a log would do. Nothing is done yet.
#[derive(Debug)]
pub struct MendingPlan {
    /// What is written anew.
    pub mends: Vec<Mend>,
    /// What stays damaged.
    pub lacks: Vec<Lack>,
    /// The head of the log as it will be; where something stays damaged, of what is behind it.
    pub head: Head,
    /// Records from `head` on that the copy has, up to a head, and that nothing vouches for.
    pub offered: Option<Head>,
    /// How many bytes at the end are an append that never finished. They are a writer's to put aside.
    pub tail: u64,
    pub(crate) own: OwnLog,
}
