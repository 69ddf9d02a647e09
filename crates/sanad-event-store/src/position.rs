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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_kept_in_order_and_once_and_found_from_any_record() {
        let at = |sequence: u64| Position {
            sequence: Sequence::new(sequence),
            segment: Sequence::FIRST,
            offset: 10 * sequence,
        };
        let mut positions = Positions::default();
        positions.add([at(8), at(2)]);
        positions.add([at(4), at(2)]);
        positions.push(at(9));
        let before = |n| positions.before(Sequence::new(n)).map(|it| it.sequence.get());
        assert_eq!(
            [1, 2, 3, 4, 7, 8, 9, 100].map(before),
            [None, Some(2), Some(2), Some(4), Some(4), Some(8), Some(9), Some(9)]
        );
        assert_eq!(positions.since(Sequence::new(4)), [at(4), at(8), at(9)]);
        assert_eq!(positions.since(Sequence::new(5)), [at(8), at(9)]);
    }
}
