//! One segment walked record by record, every link checked.

use std::io;

use sanad_audit_log::{Head, RawRecord, Record, layout};

use crate::links::linked_on_all_cores;
use crate::position::{Position, SPACING};
use crate::resync;
use crate::segment::{SEGMENT_HEADER, SegmentHeader};
use crate::source::Source;
use crate::window::{View, Window};

/// How many records are looked at together, at the most: about as many as are in view.
const TOGETHER: usize = 1 << 14;

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

/// Walks a segment with this header up to byte `end`, in a ledger that was made at that time.
pub(crate) fn walk(
    file: Source,
    end: u64,
    header: &SegmentHeader,
    created_at_us: i64,
) -> io::Result<Walked> {
    let mut window = Window::new(file, end);
    let mut walked = Walked::from_start(&window, header.begins());
    walked.go_on(&mut window, header)?;
    if !walked.is_whole() {
        let since_us = walked.last_us.unwrap_or(created_at_us);
        walked.acknowledged_behind =
            acknowledged_behind(&mut window, walked.sound, walked.head, since_us)?;
    }
    Ok(walked)
}

/// The head that a segment leads to, as far as it is sound, where one in it is known to be sound already and is found
/// from a position before it: what is before that is not walked. `None` where it is not found there.
pub(crate) fn head_behind(
    file: Source,
    end: u64,
    header: &SegmentHeader,
    known: Head,
    near: Position,
) -> io::Result<Option<Head>> {
    let mut window = Window::new(file, end);
    let (mut next, mut offset, mut last) = (near.sequence.get(), near.offset, None);
    loop {
        let view = window.view(offset)?;
        let mut bytes = &view.bytes[view.at..];
        let before = next;
        while next < known.size
            && let Ok((raw, rest)) = RawRecord::split(bytes)
            && let Ok(record) = Record::decode(raw)
            && record.sequence().get() == next
        {
            (next, last) = (next + 1, Some(record.stored_hash()));
            offset += raw.bytes().len() as u64;
            bytes = rest;
        }
        if next == before {
            break;
        }
    }
    if last.is_none_or(|hash| Head { size: next, hash } != known) {
        return Ok(None);
    }
    let mut walked = Walked { sound: offset, ..Walked::from_start(&window, known) };
    walked.go_on(&mut window, header)?;
    Ok(Some(walked.head))
}

/// Whether a segment up to byte `end` is surely not torn: its records are framed up to the end, and the last append
/// that shows is linked. A segment may be sound without.
///
/// All that stands before the first record of an append was durable before. So only the last append can be torn, and
/// what else may be wrong with the segment is damage: if [`acknowledged_behind`] takes the append for a later one,
/// wherever that is. This reads the segment and hashes a small part of it.
pub(crate) fn is_surely_not_torn(
    file: Source,
    end: u64,
    header: &SegmentHeader,
    created_at_us: i64,
) -> io::Result<bool> {
    let mut window = Window::new(file, end);
    let (mut since_us, until_us) = (created_at_us, created_at_us.saturating_add(LATER_AT_MOST_US));
    let mut head = header.begins();
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
            let (at_us, is_first) = (record.recorded_at_us(), record.is_barrier());
            let is_taken = !is_first || !record.entry_id().uuid().is_nil();
            if !(since_us..=until_us).contains(&at_us) || !is_taken {
                return Ok(false);
            }
            since_us = at_us;
            if is_first {
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
        while self.step_through(&window.view(self.sound)?, header) > 0 {}
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
            let sound = linked_on_all_cores(view.bytes, &framed);
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
/// whether something behind it was written when all before that was durable. No later append was
/// recorded before `since_us`.
///
/// Of an append that never finished, bytes are missing or zero. That cannot make a barrier of another
/// record, nor a sequence greater, so a barrier with a later sequence was written by a later append.
/// Nobody need believe its links for that, and they may be damaged too.
pub(crate) fn acknowledged_behind(
    window: &mut Window,
    at: u64,
    head: Head,
    since_us: i64,
) -> io::Result<bool> {
    let view = window.view(at)?;
    if Barrier::at(&view.bytes[view.at..]).is_some_and(|barrier| barrier.sequence > head.size) {
        return Ok(true);
    }
    // The append at `at` begins there, so a barrier further on is of another, even with the same
    // sequence. Between `at` and the end there is room for so many records and no more.
    let most = head.size.saturating_add((window.end() - at) / layout::MIN_RECORD as u64);
    let sequences = head.size..=most;
    let later = |barrier: Barrier| {
        sequences.contains(&barrier.sequence) && barrier.is_whole() && barrier.is_after(since_us)
    };
    let fits = |bytes: &[u8], at: usize| Barrier::at(&bytes[at..]).is_some_and(later);
    Ok(resync::find(window, at + 1, fits)?.is_some())
}

/// No entry is recorded so long after the one before it, in microseconds: 142 years.
const LATER_AT_MOST_US: i64 = 1 << 52;

/// What looks like the header of an append's first record. The record need not be whole: it may itself
/// be torn.
///
/// Two small numbers that stand together in a payload look like the version and the flags, and where zeros
/// follow because the rest did not reach the disk, a third looks like a sequence. So the other fields are
/// looked at too: there, such a place has zeros, or what means something else.
struct Barrier {
    length: usize,
    sequence: u64,
    recorded_at_us: i64,
    has_id: bool,
}

impl Barrier {
    fn at(bytes: &[u8]) -> Option<Self> {
        // Version first: it rules out nearly all places with one load.
        if bytes.get(layout::VERSION.offset) != Some(&layout::VERSION_1) {
            return None;
        }
        let header = bytes.first_chunk::<{ layout::HEADER_SIZE }>()?;
        let flags = header[layout::FLAGS.offset];
        if flags & !layout::KNOWN_FLAGS != 0 || flags & layout::FLAG_BARRIER == 0 {
            return None;
        }
        let length = u16::from_le_bytes(*header[layout::LENGTH.offset..].first_chunk()?);
        let recorded_at_us = *header[layout::RECORDED_AT_US.offset..].first_chunk()?;
        Some(Self {
            length: length.into(),
            sequence: u64::from_le_bytes(*header[layout::SEQUENCE.offset..].first_chunk()?),
            recorded_at_us: i64::from_le_bytes(recorded_at_us),
            has_id: header[layout::ENTRY_ID.offset..].iter().any(|&byte| byte != 0),
        })
    }

    /// Whether no field is one that no record has.
    fn is_whole(&self) -> bool {
        self.length >= layout::MIN_RECORD && self.has_id
    }

    /// Whether it was recorded when a later append may have been.
    fn is_after(&self, since_us: i64) -> bool {
        (since_us..=since_us.saturating_add(LATER_AT_MOST_US)).contains(&self.recorded_at_us)
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
