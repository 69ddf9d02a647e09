//! One segment scanned for an audit, damaged or not.

use std::io;
use std::sync::Arc;

use sanad_audit_log::layout::{HASH_SIZE, MAX_RECORD};
use sanad_audit_log::{Head, RawRecord, Record, Sequence, linked_record_at};

use crate::record_batch::RecordBatch;
use crate::resync;
use crate::scan::Damage;
use crate::segment::SEGMENT_HEADER;
use crate::source::Source;
use crate::walk;
use crate::window::{View, Window};

/// A record is taken only where this much is in memory behind its start: itself and the next.
const MARGIN: usize = 2 * MAX_RECORD;

/// What a step came upon.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Records.
    Records(RecordBatch),
    /// Damage.
    Damage(Damage),
    /// The rest of the last segment is an append that was never acknowledged.
    Unfinished(Damage),
    /// The segment's end.
    End,
}

/// A walk through one segment.
#[derive(Debug)]
pub(crate) struct SegmentScan {
    window: Window,
    first: Sequence,
    is_last: bool,
    /// Where the next record should begin.
    at: u64,
    /// The head reached, as the bytes claim.
    head: Head,
    /// The recorded time of the last record; of the ledger's creation before the first.
    since_us: i64,
    /// The places of the records that are being framed, from the start of the window.
    offsets: Vec<u32>,
    /// Whether what stands at `at` is known to be no record.
    damaged: bool,
    /// How many bytes of an unfinished append stand behind the window's end.
    torn: u64,
}

impl SegmentScan {
    /// Scans `file` up to byte `end`; its header says that it follows `begins`. From `torn_at` on,
    /// where that is known, it is an append that was never acknowledged.
    pub(crate) fn new(
        file: Source,
        end: u64,
        first: Sequence,
        begins: Head,
        is_last: bool,
        torn_at: Option<u64>,
        created_at_us: i64,
    ) -> Self {
        let at = (SEGMENT_HEADER as u64).min(end);
        let window = Window::new(file, torn_at.unwrap_or(end));
        let torn = torn_at.map_or(0, |torn_at| end - torn_at);
        let (head, since_us, offsets) = (begins, created_at_us, Vec::new());
        Self { window, first, is_last, at, head, since_us, offsets, damaged: false, torn }
    }

    /// Begins further on, if the record with this sequence stands there and follows.
    pub(crate) fn begin_at(&mut self, offset: u64, sequence: Sequence) -> bool {
        let beyond = offset >= self.window.end() || offset < SEGMENT_HEADER as u64;
        let Some(view) = (!beyond).then(|| self.window.view(offset).ok()).flatten() else {
            return false;
        };
        let number = sequence.get();
        let there = linked_record_at(view.bytes, view.at, &(number..=number)).is_some();
        if there {
            self.at = offset;
            self.head = Head { size: number, hash: resync::hash_before(view.bytes, view.at) };
        }
        there
    }

    pub(crate) fn first(&self) -> Sequence {
        self.first
    }

    pub(crate) fn head(&self) -> Head {
        self.head
    }

    /// Goes on to the next piece.
    pub(crate) fn step(&mut self) -> io::Result<Piece> {
        if !self.damaged {
            if self.at >= self.window.end() {
                return Ok(self.end());
            }
            self.frame_records()?;
            if !self.offsets.is_empty() {
                return Ok(Piece::Records(self.batch()));
            }
        }
        self.pass_damage()
    }

    /// The records that were framed.
    fn batch(&mut self) -> RecordBatch {
        // The next batch will have about as many.
        let next = Vec::with_capacity(self.offsets.len());
        let offsets = std::mem::replace(&mut self.offsets, next);
        let (base, bytes) = self.window.loaded();
        RecordBatch::new(self.first, base, Arc::clone(bytes), offsets)
    }

    /// The end, or before it what is torn there.
    fn end(&mut self) -> Piece {
        let length = std::mem::take(&mut self.torn);
        if length == 0 {
            return Piece::End;
        }
        let (segment, offset, expected) = (self.first, self.at, self.head.next_sequence());
        Piece::Unfinished(Damage { segment, offset, length, expected, resumes: None })
    }

    /// Takes all records that are in view, up to the first place where none is.
    fn frame_records(&mut self) -> io::Result<()> {
        let view = self.window.view(self.at)?;
        let mut at = view.at;
        while at < view.bytes.len() {
            let plain = plausible(&view.bytes[at..], self.head.size);
            if !view.to_end && view.bytes.len() - at < MARGIN {
                // What follows might not be whole in memory, so it waits for the next view. So does
                // the record before, if what follows may mean that its length is wrong.
                if plain.is_none() {
                    at = take_back(&mut self.offsets, &mut self.head, &view).unwrap_or(at);
                }
                break;
            }
            let plain = plain.map(|length| (length, self.head.size.saturating_add(1)));
            let Some((length, size)) = plain.or_else(|| confirmed(&view, at)) else {
                self.damaged = true;
                break;
            };
            self.offsets.push(at as u32);
            at += length;
            self.head = Head { size, hash: resync::hash_before(view.bytes, at) };
        }
        if self.damaged
            && let Some(&last) = self.offsets.last()
            && !follows(&view, last as usize)
        {
            // No record stands behind this one because its own length is wrong.
            at = take_back(&mut self.offsets, &mut self.head, &view).unwrap_or(at);
        }
        if let Some(&last) = self.offsets.last() {
            self.since_us = recorded_at_us(&view.bytes[last as usize..]).unwrap_or(self.since_us);
        }
        self.at += (at - view.at) as u64;
        Ok(())
    }

    /// Says what is damaged at the current place and goes on behind it.
    fn pass_damage(&mut self) -> io::Result<Piece> {
        self.damaged = false;
        let (offset, end, size) = (self.at, self.window.end(), self.head.size);
        let (window, head) = (&mut self.window, self.head);
        let acknowledged =
            !self.is_last || walk::acknowledged_behind(window, offset, head, self.since_us)?;
        let resumed = match acknowledged {
            true => resync::resume(&mut self.window, offset + 1, size)?,
            false => None,
        };
        self.at = resumed.map_or(end, |resumed| resumed.offset);
        let (segment, expected) = (self.first, self.head.next_sequence());
        let resumes = resumed.map(|resumed| resumed.before);
        let damage = Damage { segment, offset, length: self.at - offset, expected, resumes };
        if let Some(head) = resumes {
            self.head = head;
        }
        Ok(if acknowledged { Piece::Damage(damage) } else { Piece::Unfinished(damage) })
    }
}

/// Takes the last record out of a batch again; gives its place in the view.
fn take_back(offsets: &mut Vec<u32>, head: &mut Head, view: &View<'_>) -> Option<usize> {
    let at = offsets.pop()? as usize;
    *head = Head { size: head.size.saturating_sub(1), hash: resync::hash_before(view.bytes, at) };
    Some(at)
}

/// The length of the record at the start of `bytes`, if its header is that of record `expected`.
fn plausible(bytes: &[u8], expected: u64) -> Option<usize> {
    let (raw, _) = RawRecord::split(bytes).ok()?;
    let record = Record::decode(raw).ok()?;
    (record.sequence().get() == expected).then_some(raw.bytes().len())
}

/// The recorded time of the record at the start of `bytes`.
fn recorded_at_us(bytes: &[u8]) -> Option<i64> {
    let (raw, _) = RawRecord::split(bytes).ok()?;
    Record::decode(raw).ok().map(|record| record.recorded_at_us())
}

/// The length of the record at `at` and the sequence after it, if its header is not as expected but
/// its length is right: the next record follows its last bytes, or it ends the file and follows.
fn confirmed(view: &View<'_>, at: usize) -> Option<(usize, u64)> {
    let (raw, rest) = RawRecord::split(&view.bytes[at..]).ok()?;
    let length = raw.bytes().len();
    if rest.is_empty() && view.to_end {
        let record = Record::decode(raw).ok()?;
        let size = record.sequence().get().saturating_add(1);
        return record.follows(&resync::hash_before(view.bytes, at)).then_some((length, size));
    }
    let next = linked_record_at(view.bytes, at + length, &(0..=u64::MAX))?;
    Some((length, next.sequence().get()))
}

/// Whether the record at `at` follows the bytes before it.
fn follows(view: &View<'_>, at: usize) -> bool {
    at >= HASH_SIZE && linked_record_at(view.bytes, at, &(0..=u64::MAX)).is_some()
}
