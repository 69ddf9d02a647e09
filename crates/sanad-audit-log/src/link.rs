//! Finding the chain again after damage.

use std::ops::RangeInclusive;

use crate::chain_lanes::chain_hashes;
use crate::hash::ChainHash;
use crate::layout;
use crate::record::{RawRecord, Record};

/// The record that stands at `offset` in `bytes`, if one stands there whose sequence is one of
/// `sequences` and whose chain hash follows from the 32 bytes directly before `offset`.
///
/// In a log every record is preceded by the chain hash it follows from (the last bytes of the record
/// before, or of the segment's header), so this tells where records go on after a damaged length.
/// It costs a few comparisons in nearly every wrong place, so it can be asked of every offset.
///
/// Bytes that are there by chance do not pass: the hash would have to fit. A payload written for
/// the purpose can pass, since the chain has no secret. So what this finds after damage is a reason
/// to refuse or to report, never a reason to trust.
pub fn linked_record_at<'a>(
    bytes: &'a [u8],
    offset: usize,
    sequences: &RangeInclusive<u64>,
) -> Option<Record<'a>> {
    let record = plausible_record_at(bytes, offset, sequences)?;
    let previous = bytes[offset - layout::HASH_SIZE..].first_chunk::<{ layout::HASH_SIZE }>()?;
    record.follows(&ChainHash::from_bytes(*previous)).then_some(record)
}

/// How many of the records that begin at `offsets` in `bytes` have a chain hash that follows from the 32 bytes directly
/// before them, up to the first that has not. Nothing else about them is looked at.
///
/// It costs less than half of what [`linked_record_at`] does for each, because they are hashed side by side.
pub fn linked_records(bytes: &[u8], offsets: &[u32]) -> usize {
    let framed = |&at: &u32| {
        let at = at as usize;
        let (raw, _) = RawRecord::split(bytes.get(at..)?).ok()?;
        let hashed = bytes.get(at.checked_sub(layout::HASH_SIZE)?..at + raw.hashed_size())?;
        Some((hashed, raw.stored_hash()))
    };
    let (inputs, stored): (Vec<_>, Vec<_>) = offsets.iter().map_while(framed).unzip();
    let hashes = chain_hashes(&inputs);
    hashes.iter().zip(&stored).take_while(|(hash, stored)| hash == stored).count()
}

/// The record that stands at `offset` in `bytes` by its header alone, as [`linked_record_at`] looks at it before it
/// hashes anything: 32 bytes are before it, it is whole, and its sequence is one of `sequences`.
pub fn plausible_record_at<'a>(
    bytes: &'a [u8],
    offset: usize,
    sequences: &RangeInclusive<u64>,
) -> Option<Record<'a>> {
    offset.checked_sub(layout::HASH_SIZE)?;
    let at = bytes.get(offset..)?;
    // Version first: it rules out 255 of 256 places with one load.
    if at.get(layout::VERSION.offset) != Some(&layout::VERSION_1) {
        return None;
    }
    let (raw, _) = RawRecord::split(at).ok()?;
    let record = Record::decode(raw).ok()?;
    sequences.contains(&record.sequence().get()).then_some(record)
}
