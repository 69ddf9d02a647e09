//! Where some records stand, so that reading can begin near any of them.

use sanad_audit_log::Sequence;

/// The position of every so-manieth record is kept.
pub const SPACING: u64 = 1024;

/// Where a record stands. It is a hint: whoever uses it looks whether the record is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// The record.
    pub sequence: Sequence,
    /// The first sequence of the segment that it is in.
    pub segment: Sequence,
    /// Where it begins, in bytes from the start of the segment's file.
    pub offset: u64,
}

/// Positions in ascending order of sequence.
#[derive(Clone, Default, Debug)]
pub(crate) struct Positions(Vec<Position>);

impl Positions {
    /// Takes positions from anywhere, in any order.
    pub(crate) fn add(&mut self, positions: impl IntoIterator<Item = Position>) {
        self.0.extend(positions);
        // Appended positions come in order, and sorting what is sorted is one pass.
        self.0.sort_by_key(|position| position.sequence);
        self.0.dedup_by_key(|position| position.sequence);
    }

    /// Adds a position behind all others.
    pub(crate) fn push(&mut self, position: Position) {
        self.0.push(position);
    }

    /// The last position at or before `sequence`.
    pub(crate) fn before(&self, sequence: Sequence) -> Option<Position> {
        let behind = self.0.partition_point(|position| position.sequence <= sequence);
        self.0[..behind].last().copied()
    }

    /// The positions from `sequence` on.
    pub(crate) fn since(&self, sequence: Sequence) -> &[Position] {
        &self.0[self.0.partition_point(|position| position.sequence < sequence)..]
    }
}
