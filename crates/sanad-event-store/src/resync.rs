//! Where records go on after bytes that are none.

use std::io;

use sanad_audit_log::layout::{HASH_SIZE, MAX_RECORD};
use sanad_audit_log::{ChainHash, Head, Record, linked_record_at};

use crate::window::Window;

/// A place where the chain goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Resumed {
    /// Where the record stands, in bytes from the start of the segment.
    pub(crate) offset: u64,
    /// The head before the record, by its sequence and the bytes before it.
    pub(crate) before: Head,
}

/// The first place from `from` on that `fits`, which is given bytes and a place in them: at least one
/// whole record's length is there behind it, unless the file ends.
pub(crate) fn find(
    window: &mut Window,
    from: u64,
    fits: impl Fn(&[u8], usize) -> bool,
) -> io::Result<Option<u64>> {
    let mut offset = from;
    while offset < window.end() {
        let view = window.view(offset)?;
        // A record that begins later may not be whole in memory; the next view has it.
        let spare = if view.to_end { 0 } else { MAX_RECORD };
        let last = view.bytes.len() - spare;
        if let Some(at) = (view.at..last).find(|&at| fits(view.bytes, at)) {
            return Ok(Some(offset + (at - view.at) as u64));
        }
        offset += (last - view.at) as u64;
    }
    Ok(None)
}

/// Looks from `from` on for a record that follows the 32 bytes before it and has a sequence of at
/// least `expected`.
pub(crate) fn resume(window: &mut Window, from: u64, expected: u64) -> io::Result<Option<Resumed>> {
    let sequences = expected..=u64::MAX;
    let linked = |bytes: &[u8], at| linked_record_at(bytes, at, &sequences).is_some();
    let Some(offset) = find(window, from, linked)? else { return Ok(None) };
    let view = window.view(offset)?;
    let record = linked_record_at(view.bytes, view.at, &sequences);
    let before = |record: Record<'_>| {
        let hash = hash_before(view.bytes, view.at);
        Resumed { offset, before: Head { size: record.sequence().get(), hash } }
    };
    Ok(record.map(before))
}

/// The chain hash in the 32 bytes before `at`, which are there.
pub(crate) fn hash_before(bytes: &[u8], at: usize) -> ChainHash {
    let mut hash = [0; HASH_SIZE];
    hash.copy_from_slice(&bytes[at - HASH_SIZE..at]);
    ChainHash::from_bytes(hash)
}
