//! Where records go on after bytes that are none.

use std::io;

use sanad_audit_log::layout::{HASH_SIZE, MAX_RECORD};
use sanad_audit_log::{ChainHash, Head, Record, linked_record_at, plausible_record_at};

use crate::window::Window;

/// How many bytes are hashed at the most for each byte that is searched. Random bytes cost about two.
const HASHED_PER_BYTE: u64 = 16;

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
    mut fits: impl FnMut(&[u8], usize) -> bool,
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
///
/// Bytes that were written for the purpose can look like the header of a long record in many places. So no more is
/// hashed than [`HASHED_PER_BYTE`] times what is searched; what is longer than the rest of that is passed over.
pub(crate) fn resume(window: &mut Window, from: u64, expected: u64) -> io::Result<Option<Resumed>> {
    let searched = window.end().saturating_sub(from);
    let sequences = expected..=u64::MAX;
    let mut left = searched.saturating_mul(HASHED_PER_BYTE).saturating_add(MAX_RECORD as u64);
    let linked = |bytes: &[u8], at| {
        let Some(record) = plausible_record_at(bytes, at, &sequences) else { return false };
        let length = record.raw().bytes().len() as u64;
        match left.checked_sub(length) {
            Some(rest) => {
                left = rest;
                record.follows(&hash_before(bytes, at))
            }
            None => false,
        }
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::OsDisk;
    use crate::source::Source;

    #[test]
    fn every_place_is_looked_at_once_however_often_the_window_slides() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("segment");
        let length = 5_000_000;
        std::fs::write(&path, vec![0; length]).unwrap();
        let disk: std::sync::Arc<dyn crate::disk::Disk> = std::sync::Arc::new(OsDisk);
        let mut window = Window::new(Source::open(&disk, &path).unwrap(), length as u64);
        let mut looked = 0;
        let from = 200_u64;
        let found = find(&mut window, from, |_, _| {
            looked += 1;
            false
        });
        assert_eq!((found.unwrap(), looked), (None, length as u64 - from));
    }
}
