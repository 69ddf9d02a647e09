//! Where two histories part.

use std::ops::Range;

use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{ChainHash, Record};
use sanad_core::{RecordedEntry, Sequence};
use sanad_publication::Source;

use super::side::Side;
use crate::error::LedgerError;
use crate::progress::{Progress, REPORT_EVERY, Stage};
use crate::reading::parts_of;

/// How closely two histories with entries are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thoroughness {
    /// Every byte of every entry. O(n).
    Bytes,
    /// By halving, since a chain hash stands for all entries before it: O(log n) reads. Both sides must be sound by
    /// themselves; a verification says whether they are.
    Hashes,
}

/// What comparing two histories gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// How many entries each side has.
    pub sizes: [u64; 2],
    /// How they stand to one another.
    pub outcome: Outcome,
}

/// How two histories stand to one another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// They are the same for as many entries as the shorter one has; the longer one, if there is one, goes on from
    /// there.
    Same,
    /// They part.
    Part {
        /// The first entry that is not the same on both sides is one of these; it is exactly one where both sides have
        /// their entries.
        first: Range<u64>,
        /// That entry on each side, where it is exactly one and can be read.
        entries: Box<[Option<PartedEntry>; 2]>,
    },
    /// They are of different ledgers, by their origins.
    OtherLedgers {
        /// The origins.
        origins: [String; 2],
    },
    /// What is known of the two does not suffice: neither has what would show it.
    Unknown,
}

/// An entry as one side has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartedEntry {
    /// Its chain hash, where it is a record.
    pub hash: Option<ChainHash>,
    /// What it says, where it can be read.
    pub recorded: Option<RecordedEntry>,
}

/// Finds the first entry at which two histories part. `progress` hears how far it has come.
///
/// Two checkpoints of different sizes alone show nothing: one of the sides must have entries, or both be of one size.
///
/// # Errors
/// [`LedgerError`] where a side cannot be read.
pub fn compare<A: Source, B: Source>(
    one: &Side<A>,
    other: &Side<B>,
    thoroughness: Thoroughness,
    progress: &mut dyn FnMut(Progress),
) -> Result<Comparison, LedgerError> {
    let sizes = [one.size(), other.size()];
    let outcome = if one.origin() != other.origin() {
        Outcome::OtherLedgers { origins: [one.origin().to_owned(), other.origin().to_owned()] }
    } else if one.has_entries() && other.has_entries() {
        let common = sizes[0].min(sizes[1]);
        let first = match thoroughness {
            Thoroughness::Bytes => first_by_bytes(one, other, common, progress)?,
            Thoroughness::Hashes => first_by_hashes(one, other, common)?,
        };
        match first {
            None => Outcome::Same,
            Some(first) => Outcome::Part {
                first: first..first + 1,
                entries: Box::new([parted(one, first)?, parted(other, first)?]),
            },
        }
    } else {
        by_roots(one, other)?
    };
    Ok(Comparison { sizes, outcome })
}

fn first_by_bytes<A: Source, B: Source>(
    one: &Side<A>,
    other: &Side<B>,
    common: u64,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<u64>, LedgerError> {
    let (mut ones, mut others) = (one.entries(0, common)?, other.entries(0, common)?);
    for index in 0..common {
        if ones.next()? != others.next()? {
            return Ok(Some(index));
        }
        if index.is_multiple_of(REPORT_EVERY) {
            progress(Progress { stage: Stage::Comparing, done: index, total: common });
        }
    }
    Ok(None)
}

fn first_by_hashes<A: Source, B: Source>(
    one: &Side<A>,
    other: &Side<B>,
    common: u64,
) -> Result<Option<u64>, LedgerError> {
    let same = |index: u64| -> Result<bool, LedgerError> {
        Ok(chain_hash(one.entry(index)?) == chain_hash(other.entry(index)?))
    };
    let Some(last) = common.checked_sub(1) else { return Ok(None) };
    if same(last)? {
        return Ok(None);
    }
    // The entries before `begin` are the same, and those from `end` on are not.
    let (mut begin, mut end) = (0, last);
    while begin < end {
        let middle = begin + (end - begin) / 2;
        if same(middle)? { begin = middle + 1 } else { end = middle }
    }
    Ok(Some(begin))
}

fn chain_hash(entry: Option<Vec<u8>>) -> Option<ChainHash> {
    entry.and_then(|bytes| Some(Record::parse(&bytes).ok()?.stored_hash()))
}

fn parted<S: Source>(side: &Side<S>, index: u64) -> Result<Option<PartedEntry>, LedgerError> {
    let Some(bytes) = side.entry(index)? else { return Ok(None) };
    let record = Record::parse(&bytes).ok();
    let recorded = record.and_then(|record| parts_of(&record, Sequence(index)).ok());
    Ok(Some(PartedEntry { hash: record.map(|record| record.stored_hash()), recorded }))
}

/// Compares the roots at the smaller size, and what a proof shows of the tree below them.
fn by_roots<A: Source, B: Source>(one: &Side<A>, other: &Side<B>) -> Result<Outcome, LedgerError> {
    let size = match (one.has_entries(), other.has_entries()) {
        // Of what has no entries only one root is known.
        (true, false) => other.size(),
        (false, true) => one.size(),
        _ => one.size().min(other.size()),
    };
    let (Some(left), Some(right)) = (one.root_at(size)?, other.root_at(size)?) else {
        return Ok(Outcome::Unknown);
    };
    if left == right {
        return Ok(Outcome::Same);
    }
    let first = match proved_index(one).or(proved_index(other)) {
        Some(index) => by_paths(one, other, index, size)?,
        None => 0..size,
    };
    let entries = match first.end - first.start {
        1 => [parted(one, first.start)?, parted(other, first.start)?],
        _ => [None, None],
    };
    Ok(Outcome::Part { first, entries: Box::new(entries) })
}

fn proved_index<S: Source>(side: &Side<S>) -> Option<u64> {
    match side {
        Side::Proof(proof) => Some(proof.inclusion().index()),
        _ => None,
    }
}

/// The leftmost subtree in which the two differ, by their ways from one entry up. A way whose root is another is not
/// looked at: it shows nothing.
fn by_paths<A: Source, B: Source>(
    one: &Side<A>,
    other: &Side<B>,
    index: u64,
    size: u64,
) -> Result<Range<u64>, LedgerError> {
    let ways = [way(one, index, size)?, way(other, index, size)?];
    let [Some(left), Some(right)] = ways else { return Ok(0..size) };
    let differing = left.into_iter().zip(right).filter(|(one, other)| one.1 != other.1);
    let first = differing.map(|(one, _)| one.0).min_by_key(|run| run.start);
    Ok(first.unwrap_or(0..size))
}

/// Runs of leaves, each with its hash.
type Way = Vec<(Range<u64>, TreeHash)>;

/// The runs of leaves that an entry and the way from it to the root stand for.
fn way<S: Source>(side: &Side<S>, index: u64, size: u64) -> Result<Option<Way>, LedgerError> {
    let (Some(proof), Some(root)) = (side.path_of(index, size)?, side.root_at(size)?) else {
        return Ok(None);
    };
    let Some(entry) = side.entry(index)? else { return Ok(None) };
    let leaf = TreeHash::leaf(&entry);
    if proof.verify(&leaf, &root).is_err() {
        return Ok(None);
    }
    let mut way = vec![(index..index + 1, leaf)];
    way.extend(proof.runs().into_iter().zip(proof.path().iter().copied()));
    Ok(Some(way))
}
