//! Records that stand one after another, verified together and apart from those before them.

use crate::chain::author_holds;
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
        let mut ends = offsets.iter().skip(1).map(|&at| at as usize);
        let mut run: Option<Self> = None;
        for &at in offsets {
            let begin = (at as usize).checked_sub(HASH_SIZE)?;
            let previous = ChainHash::from_bytes(*bytes.get(begin..)?.first_chunk()?);
            let (raw, _) = RawRecord::split(&bytes[begin + HASH_SIZE..]).ok()?;
            let end = begin + HASH_SIZE + raw.bytes().len();
            let record = Record::decode(raw).ok()?;
            let next = Self::of(ledger_id, &record, previous)?;
            if ends.next().is_some_and(|next| next != end) {
                return None;
            }
            run = Some(match run {
                None => next,
                Some(run) => run.joined(&next)?,
            });
        }
        run
    }

    /// The run of one record.
    fn of(ledger_id: LedgerId, record: &Record<'_>, previous: ChainHash) -> Option<Self> {
        let (sequence, at_us) = (record.sequence(), record.recorded_at_us());
        let after = Head { size: sequence.next()?.get(), hash: record.stored_hash() };
        let holds = record.follows(&previous) && author_holds(ledger_id, record).is_ok();
        let before = Head { size: sequence.get(), hash: previous };
        holds.then_some(Self { ledger_id, before, after, first_us: at_us, last_us: at_us })
    }

    /// This run and the one that follows it.
    fn joined(self, next: &Self) -> Option<Self> {
        let follows = self.after == next.before && self.last_us <= next.first_us;
        follows.then_some(Self { after: next.after, last_us: next.last_us, ..self })
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
