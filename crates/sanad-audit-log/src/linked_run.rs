//! Records that stand one after another, verified together and apart from those before them.

use crate::chain::author_holds;
use crate::chain_lanes::chain_hashes;
use crate::hash::ChainHash;
use crate::head::{Head, Sequence};
use crate::id::LedgerId;
use crate::layout::HASH_SIZE;
use crate::record::{RawRecord, Record};

/// Records of which each was found to follow from the one before it, and the first from the 32 bytes before it: their
/// sequences have no gap, their hashes follow, their times do not go backwards and their authors' signatures hold.
///
/// A record's hash is of the hash that is stored before it, so a long history is verified by several threads, each with
/// a run of its own. That a run has its place in a history says [`ChainVerifier::pass`](crate::ChainVerifier::pass).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkedRun {
    ledger_id: LedgerId,
    before: Head,
    after: Head,
    first_us: i64,
    last_us: i64,
}

impl LinkedRun {
    /// Verifies the records that begin at `offsets` in `bytes`, each where the one before it ends.
    ///
    /// `None` when anything about them is not as it should be. What it is, a [`ChainVerifier`](crate::ChainVerifier)
    /// says that takes them in order.
    pub fn verify(ledger_id: LedgerId, bytes: &[u8], offsets: &[u32]) -> Option<Self> {
        let (mut run, mut end) = (None, None);
        let mut inputs = Vec::with_capacity(offsets.len());
        let mut stored = Vec::with_capacity(offsets.len());
        for at in offsets.iter().map(|&at| at as usize) {
            if end.is_some_and(|end| end != at) {
                return None;
            }
            let (raw, _) = RawRecord::split(bytes.get(at..)?).ok()?;
            // The hash before the record, and what of the record is hashed, stand together.
            let hashed = at + raw.hashed_size();
            let input = bytes.get(at.checked_sub(HASH_SIZE)?..hashed)?;
            let previous = ChainHash::from_bytes(*input.first_chunk()?);
            let next = Self::of(ledger_id, &Record::decode(raw).ok()?, previous)?;
            inputs.push(input);
            stored.push(next.after.hash);
            end = Some(hashed + HASH_SIZE);
            run = Some(match run {
                None => next,
                Some(run) => Self::joined(run, &next)?,
            });
        }
        run.filter(|_| chain_hashes(&inputs) == stored)
    }

    /// The run of one record, whose hash is not looked at yet.
    fn of(ledger_id: LedgerId, record: &Record<'_>, previous: ChainHash) -> Option<Self> {
        let (sequence, at_us) = (record.sequence(), record.recorded_at_us());
        author_holds(ledger_id, record).ok()?;
        let before = Head { size: sequence.get(), hash: previous };
        let after = Head { size: sequence.next()?.get(), hash: record.stored_hash() };
        Some(Self { ledger_id, before, after, first_us: at_us, last_us: at_us })
    }

    /// A run and the one that follows it.
    fn joined(run: Self, next: &Self) -> Option<Self> {
        let follows = run.after.size == next.before.size && run.last_us <= next.first_us;
        follows.then_some(Self { after: next.after, last_us: next.last_us, ..run })
    }

    /// The ledger whose authors' signatures were checked.
    pub const fn ledger_id(&self) -> LedgerId {
        self.ledger_id
    }

    /// The head that the first record says it follows.
    pub const fn before(&self) -> Head {
        self.before
    }

    /// The first record's sequence.
    pub const fn first(&self) -> Sequence {
        self.before.next_sequence()
    }

    /// The head that ends with the last record.
    pub const fn after(&self) -> Head {
        self.after
    }

    /// The recorded time of the first record, in microseconds.
    pub const fn first_us(&self) -> i64 {
        self.first_us
    }

    /// The recorded time of the last record, in microseconds.
    pub const fn last_us(&self) -> i64 {
        self.last_us
    }
}
