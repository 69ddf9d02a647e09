//! Where records go on after bytes that are none.

use std::io;

use sanad_audit_log::layout::{HASH_SIZE, MAX_RECORD};
use sanad_audit_log::{ChainHash, Head, linked_record_at};

use crate::window::Window;

/// A place where the chain goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Resumed {
    /// Where the record stands, in bytes from the start of the segment.
    pub(crate) offset: u64,
    /// The head before the record, by its sequence and the bytes before it.
    pub(crate) before: Head,
}

/// Looks from `from` on for a record that follows the 32 bytes before it and has a sequence of at
/// least `expected`; with `barrier`, for one that was written when all before it was durable.
pub(crate) fn find(
    window: &mut Window,
    from: u64,
    expected: u64,
    barrier: bool,
) -> io::Result<Option<Resumed>> {
    let sequences = expected..=u64::MAX;
    let mut offset = from;
    while offset < window.end() {
        let view = window.view(offset)?;
        // A record that begins later may not be whole in memory; the next view has it.
        let spare = if view.to_end { 0 } else { MAX_RECORD };
        let last = view.bytes.len() - spare;
        for at in view.at..last {
            let found = linked_record_at(view.bytes, at, &sequences);
            if let Some(record) = found.filter(|record| record.is_barrier() || !barrier) {
                let hash = hash_before(view.bytes, at);
                let before = Head { size: record.sequence().get(), hash };
                return Ok(Some(Resumed { offset: offset + (at - view.at) as u64, before }));
            }
        }
        offset += (last - view.at) as u64;
    }
    Ok(None)
}

/// The chain hash in the 32 bytes before `at`, which are there.
pub(crate) fn hash_before(bytes: &[u8], at: usize) -> ChainHash {
    let mut hash = [0; HASH_SIZE];
    hash.copy_from_slice(&bytes[at - HASH_SIZE..at]);
    ChainHash::from_bytes(hash)
}
