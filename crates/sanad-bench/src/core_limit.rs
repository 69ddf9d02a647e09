//! What the processor can do: the bare hashing and decoding of the same records, on one core or on all.

use std::ops::Range;
use std::thread;
use std::time::Duration;

use sanad::EntryId;
use sanad_audit_log::tree::{Frontier, TreeHash};
use sanad_audit_log::{ChainHash, LinkedRun};

use crate::error::{BenchError, expect};
use crate::specimens::{Specimens, records};
use crate::stopwatch::timed;

/// Records that are hashed side by side, in cache.
const RUN: usize = 512;

/// Work that a reader of a log cannot do without, run by run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// The BLAKE3 chain hash of every record, compared with the stored one; several records at once, as the processor's
    /// vectors allow, since each follows from what is stored before it.
    pub chain: bool,
    /// The SHA-256 hash of every record as a leaf, and those of the nodes above.
    pub tree: bool,
    /// Every payload decoded into an entry.
    pub decode: bool,
}

impl Work {
    /// The chain alone.
    pub const CHAIN: Self = Self { chain: true, tree: false, decode: false };
    /// The tree alone.
    pub const TREE: Self = Self { chain: false, tree: true, decode: false };
    /// Decoding alone.
    pub const DECODE: Self = Self { chain: false, tree: false, decode: true };
    /// All hashing.
    pub const HASHES: Self = Self { chain: true, tree: true, decode: false };
    /// What a replay cannot do without.
    pub const OF_REPLAY: Self = Self { chain: true, tree: false, decode: true };
    /// What a verification cannot do without.
    pub const OF_VERIFYING: Self = Self { chain: true, tree: true, decode: true };
}

/// Does the work for all records, shared by so many threads.
///
/// # Errors
/// [`BenchError::Wrong`] where a record fails, which ours do not.
pub fn work(specimens: &Specimens, work: Work, threads: usize) -> Result<Duration, BenchError> {
    let count = specimens.count();
    let share = count.div_ceil(threads.max(1)).max(1);
    let (sound, took) = timed(|| {
        thread::scope(|scope| {
            let shares = (0..count).step_by(share).map(|first| first..count.min(first + share));
            let working: Vec<_> =
                shares.map(|share| scope.spawn(|| worked(specimens, work, share))).collect();
            working.into_iter().map(|done| done.join().unwrap_or(0)).sum::<u64>()
        })
    });
    expect("the bare work on the records", sound, u64::try_from(count).unwrap_or(0))?;
    Ok(took)
}

/// Does a share of the work; gives how many records were found sound.
fn worked(specimens: &Specimens, work: Work, share: Range<usize>) -> u64 {
    let mut sound = 0;
    let mut tree = Frontier::new();
    for first in share.clone().step_by(RUN) {
        let run = first..share.end.min(first + RUN);
        if work.tree {
            for record in records(specimens.slice(run.clone())) {
                tree.append(TreeHash::leaf(record.raw().bytes()));
            }
        }
        let fine = (!work.chain || linked(specimens, run.clone()))
            && (!work.decode || records(specimens.slice(run.clone())).all(decodes));
        sound += if fine { run.len() as u64 } else { 0 };
    }
    std::hint::black_box(tree.root());
    sound
}

/// Whether the records of a run follow from one another.
fn linked(specimens: &Specimens, run: Range<usize>) -> bool {
    let bytes = specimens.linked_slice(run);
    let mut at = ChainHash::SIZE;
    let ends = records(&bytes[at..]).map(|record| record.raw().bytes().len());
    let offsets: Vec<u32> = ends
        .filter_map(|length| {
            let offset = u32::try_from(at);
            at += length;
            offset.ok()
        })
        .collect();
    LinkedRun::verify(specimens.ledger_id(), bytes, &offsets).is_some()
}

fn decodes(record: sanad_audit_log::Record<'_>) -> bool {
    let Ok(id) = EntryId::new(record.entry_id().uuid()) else { return false };
    let decoded = sanad_codec::decode(record.payload_schema(), id, record.payload());
    std::hint::black_box(decoded).is_ok()
}

/// How many threads the machine can run at once.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{Windows, Workload};

    #[test]
    fn every_kind_of_work_finds_every_record_sound_on_any_number_of_threads() {
        let specimens = Specimens::of(&Workload::new(1, Windows::OnDays), 100);
        for kind in [Work::CHAIN, Work::TREE, Work::DECODE, Work::HASHES, Work::OF_VERIFYING] {
            for threads in [1, 2, 7, 1_000] {
                assert!(work(&specimens, kind, threads).is_ok(), "{kind:?} on {threads}");
            }
        }
    }
}
