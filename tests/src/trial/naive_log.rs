//! What `docs/format/segment.md` says of a segment's bytes, in loops: no code is shared with the store.

use std::ops::Range;

use sanad_audit_log::{ChainHash, Head, Identity, Record, segment_header_digest};

/// The size of a segment's header.
pub(super) const HEADER: usize = 104;

/// The header of the segment that follows `head`.
pub(super) fn header(identity: &Identity, head: Head) -> Vec<u8> {
    let mut bytes = b"SANADSEG\x01\x00\x00\x00\x68\x00\x00\x00".to_vec();
    bytes.extend_from_slice(identity.ledger_id().as_bytes());
    bytes.extend_from_slice(&head.size.to_le_bytes());
    let digest = segment_header_digest(&[&bytes, head.hash.as_bytes()]);
    bytes.extend_from_slice(&digest);
    bytes.extend_from_slice(head.hash.as_bytes());
    bytes
}

/// The records of a segment that are sound, and what stands behind them.
#[derive(Debug)]
pub(super) struct NaiveLog {
    /// Where each sound record stands.
    pub(super) sound: Vec<Range<usize>>,
    /// The head after them.
    pub(super) head: Head,
    /// Where they end.
    pub(super) end: usize,
    /// Whether what stands there was acknowledged, so that it may not be cut.
    pub(super) is_damaged: bool,
}

impl NaiveLog {
    /// Reads a segment whose header says that it follows `head`.
    pub(super) fn read(bytes: &[u8], head: Head, created_at_us: i64) -> Self {
        let (mut sound, mut head, mut end) = (Vec::new(), head, HEADER);
        let mut since_us = created_at_us;
        while let Some(record) = record_at(bytes, end, head) {
            sound.push(end..end + record.raw().bytes().len());
            end += record.raw().bytes().len();
            since_us = record.recorded_at_us();
            head = Head { size: head.size + 1, hash: record.stored_hash() };
        }
        let is_damaged = (end..bytes.len()).any(|at| barrier_at(bytes, at, end, head, since_us));
        Self { sound, head, end, is_damaged }
    }
}

/// The record at a place, if it is sound behind `head`.
fn record_at(bytes: &[u8], at: usize, head: Head) -> Option<Record<'_>> {
    let length = usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let record = Record::parse(bytes.get(at..at + length)?).ok()?;
    let before = ChainHash::from_bytes(*bytes[at - 32..].first_chunk()?);
    let is_sound =
        record.sequence().get() == head.size && before == head.hash && record.follows(&before);
    // The sequence 2^64 - 1 has no next.
    (is_sound && head.size < u64::MAX).then_some(record)
}

/// Whether at `at` stands what only a later append than the one at `end` writes.
fn barrier_at(bytes: &[u8], at: usize, end: usize, head: Head, since_us: i64) -> bool {
    let Some(header) = bytes[at..].first_chunk::<38>() else { return false };
    let number = |from: usize| u64::from_le_bytes(*header[from..].first_chunk().expect("8 bytes"));
    let (version, flags, sequence) = (header[2], header[3], number(6));
    if version != 1 || flags & !0b11 != 0 || flags & 0b10 == 0 {
        return false;
    }
    if at == end {
        return sequence > head.size;
    }
    let length = u16::from_le_bytes([header[0], header[1]]);
    let recorded_at_us = number(14).cast_signed();
    let room = ((bytes.len() - end) / 70) as u64;
    length >= 70
        && header[22..].iter().any(|byte| *byte != 0)
        && (head.size..=head.size.saturating_add(room)).contains(&sequence)
        && (since_us..=since_us.saturating_add(1 << 52)).contains(&recorded_at_us)
}
