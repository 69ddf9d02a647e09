//! One segment walked record by record, every link checked.

use std::fs::File;
use std::io;

use sanad_audit_log::{Head, RawRecord, Record, layout, linked_records};

use crate::position::{Position, SPACING};
use crate::resync;
use crate::segment::{SEGMENT_HEADER, SegmentHeader};
use crate::window::{View, Window};

/// How many records are hashed together.
const TOGETHER: usize = 256;

/// How far a segment is sound.
#[derive(Debug)]
pub(crate) struct Walked {
    /// The head after the last sound record.
    pub(crate) head: Head,
    /// The last sound record's recorded time, if the segment has a record.
    pub(crate) last_us: Option<i64>,
    /// Where the sound records end, in bytes from the start of the file.
    pub(crate) sound: u64,
    /// Where the file ends.
    pub(crate) end: u64,
    /// The positions of some records.
    pub(crate) positions: Vec<Position>,
    /// Whether records behind the unsound place were written when all before them was durable. If
    /// not, what is unsound is an append that was never acknowledged.
    pub(crate) acknowledged_behind: bool,
}

/// Walks a segment with this header up to byte `end`.
pub(crate) fn walk(file: File, end: u64, header: &SegmentHeader) -> io::Result<Walked> {
    let head = Head { size: header.first.get(), hash: header.previous };
    let mut window = Window::new(file, end);
    let walked = Walked::from_start(&window, head);
    walk_on(&mut window, walked, header)
}

/// Walks the part of a segment that is behind a head which is known to be sound, and is found from a position before
/// it. `None` where it is not found there.
pub(crate) fn walk_behind(
    file: File,
    end: u64,
    header: &SegmentHeader,
    known: Head,
    near: Position,
) -> io::Result<Option<Walked>> {
    let mut window = Window::new(file, end);
    let (mut next, mut offset, mut hash) = (near.sequence.get(), near.offset, None);
    while next < known.size && offset < window.end() {
        let view = window.view(offset)?;
        let mut bytes = &view.bytes[view.at..];
        let before = next;
        while next < known.size
            && let Ok((raw, rest)) = RawRecord::split(bytes)
            && let Ok(record) = Record::decode(raw)
            && record.sequence().get() == next
        {
            (next, hash) = (next + 1, Some(record.stored_hash()));
            offset += raw.bytes().len() as u64;
            bytes = rest;
        }
        if next == before {
            break;
        }
    }
    if next != known.size || hash != Some(known.hash) {
        return Ok(None);
    }
    let walked = Walked { head: known, sound: offset, ..Walked::from_start(&window, known) };
    walk_on(&mut window, walked, header).map(Some)
}

/// Goes on from where a walk has come to.
fn walk_on(window: &mut Window, mut walked: Walked, header: &SegmentHeader) -> io::Result<Walked> {
    walked.go_on(window, header)?;
    if !walked.is_whole() {
        walked.acknowledged_behind = acknowledged_behind(window, walked.sound, walked.head)?;
    }
    Ok(walked)
}

/// Whether a segment up to byte `end` is surely not torn: its records are framed up to the end, and the last append
/// that shows is linked. A segment may be sound without.
///
/// All that stands before the first record of an append was durable before. So only the last append can be torn, and
/// what else may be wrong with the segment is damage. This reads the segment and hashes a small part of it.
pub(crate) fn is_surely_not_torn(file: File, end: u64, header: &SegmentHeader) -> io::Result<bool> {
    let mut window = Window::new(file, end);
    let mut head = Head { size: header.first.get(), hash: header.previous };
    let mut last_append = Walked::from_start(&window, head);
    let mut at = last_append.sound;
    while at < window.end() {
        let view = window.view(at)?;
        let mut rest = &view.bytes[view.at..];
        let before = at;
        while let Ok((raw, behind)) = RawRecord::split(rest) {
            let record = Record::decode(raw).ok().filter(|it| it.sequence().get() == head.size);
            let Some((record, next)) = record.and_then(|it| Some((it, it.sequence().next()?)))
            else {
                return Ok(false);
            };
            if record.is_barrier() {
                (last_append.head, last_append.sound) = (head, at);
            }
            head = Head { size: next.get(), hash: record.stored_hash() };
            at += raw.bytes().len() as u64;
            rest = behind;
        }
        if at == before {
            return Ok(false);
        }
    }
    last_append.end = window.end();
    last_append.go_on(&mut window, header)?;
    Ok(last_append.is_whole())
}

impl Walked {
    /// A walk at the start of a segment that follows `head`.
    fn from_start(window: &Window, head: Head) -> Self {
        let end = window.end();
        let sound = (SEGMENT_HEADER as u64).min(end);
        let (last_us, positions, acknowledged_behind) = (None, Vec::new(), false);
        Self { head, last_us, sound, end, positions, acknowledged_behind }
    }

    /// Goes on as far as the records are sound.
    fn go_on(&mut self, window: &mut Window, header: &SegmentHeader) -> io::Result<()> {
        while self.sound < window.end() {
            let view = window.view(self.sound)?;
            if self.step_through(&view, header) == 0 {
                break;
            }
        }
        self.end = window.end();
        Ok(())
    }

    /// Whether every byte belongs to a sound record.
    pub(crate) fn is_whole(&self) -> bool {
        self.sound == self.end
    }

    /// Takes every sound record that is whole in view; gives how many there were.
    fn step_through(&mut self, view: &View<'_>, header: &SegmentHeader) -> usize {
        let mut at = view.at;
        let mut steps = 0;
        loop {
            let framed = self.frame(view.bytes, at);
            let sound = linked_records(view.bytes, &framed);
            for &framed in &framed[..sound] {
                let Ok((raw, _)) = RawRecord::split(&view.bytes[framed as usize..]) else { break };
                let Ok(record) = Record::decode(raw) else { break };
                if self.head.size.is_multiple_of(SPACING) {
                    let (sequence, segment) = (record.sequence(), header.first);
                    self.positions.push(Position { sequence, segment, offset: self.sound });
                }
                self.head = Head { size: self.head.size + 1, hash: record.stored_hash() };
                self.last_us = Some(record.recorded_at_us());
                self.sound += raw.bytes().len() as u64;
                at += raw.bytes().len();
                steps += 1;
            }
            if sound < TOGETHER {
                return steps;
            }
        }
    }

    /// The places of some records from `at` on that are whole, one behind the other and in order from the head on.
    fn frame(&self, bytes: &[u8], mut at: usize) -> Vec<u32> {
        let mut framed = Vec::with_capacity(TOGETHER);
        for expected in (self.head.size..u64::MAX).take(TOGETHER) {
            let Ok((raw, _)) = RawRecord::split(&bytes[at..]) else { break };
            if !Record::decode(raw).is_ok_and(|record| record.sequence().get() == expected) {
                break;
            }
            // A window is far smaller than that.
            let Ok(place) = u32::try_from(at) else { break };
            framed.push(place);
            at += raw.bytes().len();
        }
        framed
    }
}

/// Whether what stands at `at`, where the record after `head` should be and is not, was acknowledged:
/// whether something behind it was written when all before that was durable.
///
/// Of an append that never finished, bytes are missing or zero. That cannot make a barrier of another
/// record, nor a sequence greater, so a barrier with a later sequence was written by a later append.
/// Nobody need believe its links for that, and they may be damaged too.
pub(crate) fn acknowledged_behind(window: &mut Window, at: u64, head: Head) -> io::Result<bool> {
    let view = window.view(at)?;
    if barrier(&view.bytes[view.at..]).is_some_and(|sequence| sequence > head.size) {
        return Ok(true);
    }
    // The append at `at` begins there, so a barrier further on is of another, even with the same
    // sequence. Between `at` and the end there is room for so many records and no more.
    let most = head.size.saturating_add((window.end() - at) / layout::MIN_RECORD as u64);
    let later = |sequence| (head.size..=most).contains(&sequence);
    let fits = |bytes: &[u8], at: usize| barrier(&bytes[at..]).is_some_and(later);
    Ok(resync::find(window, at + 1, fits)?.is_some())
}

/// The sequence in the header of a barrier at the start of `bytes`. The record need not be whole: it
/// may itself be torn.
fn barrier(bytes: &[u8]) -> Option<u64> {
    let header = bytes.first_chunk::<{ layout::HEADER_SIZE }>()?;
    let flags = header[layout::FLAGS.offset];
    let known = header[layout::VERSION.offset] == layout::VERSION_1
        && flags & !layout::KNOWN_FLAGS == 0
        && flags & layout::FLAG_BARRIER != 0;
    let sequence = header[layout::SEQUENCE.offset..].first_chunk()?;
    known.then_some(u64::from_le_bytes(*sequence))
}
