//! One segment walked record by record, every link checked.

use std::fs::File;
use std::io;

use sanad_audit_log::{Head, RawRecord, Record};

use crate::position::{Position, SPACING};
use crate::resync;
use crate::segment::{SEGMENT_HEADER, SegmentHeader};
use crate::window::Window;

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
    let mut window = Window::new(file, end);
    let head = Head { size: header.first.get(), hash: header.previous };
    let sound = (SEGMENT_HEADER as u64).min(end);
    let mut walked = Walked {
        head,
        last_us: None,
        sound,
        end,
        positions: Vec::new(),
        acknowledged_behind: false,
    };
    while walked.sound < window.end() {
        let view = window.view(walked.sound)?;
        let steps = walked.step_through(&view.bytes[view.at..], header);
        if steps == 0 {
            break;
        }
    }
    walked.end = window.end();
    if walked.sound < walked.end {
        walked.acknowledged_behind = acknowledged_behind(&mut window, walked.sound, walked.head)?;
    }
    Ok(walked)
}

impl Walked {
    /// Takes every sound record that is whole in `bytes`; gives how many there were.
    fn step_through(&mut self, mut bytes: &[u8], header: &SegmentHeader) -> usize {
        let mut steps = 0;
        while let Ok((raw, rest)) = RawRecord::split(bytes) {
            let Ok(record) = Record::decode(raw) else { break };
            let in_place = record.sequence() == self.head.next_sequence();
            let Some(next) = record.sequence().next().filter(|_| in_place) else { break };
            if !record.follows(&self.head.hash) {
                break;
            }
            if self.head.size.is_multiple_of(SPACING) {
                let (sequence, segment) = (record.sequence(), header.first);
                self.positions.push(Position { sequence, segment, offset: self.sound });
            }
            self.head = Head { size: next.get(), hash: record.stored_hash() };
            self.last_us = Some(record.recorded_at_us());
            self.sound += raw.bytes().len() as u64;
            bytes = rest;
            steps += 1;
        }
        steps
    }
}

/// Whether what stands at `at`, where the record after `head` should be and is not, was acknowledged:
/// whether something behind it was written when all before that was durable.
pub(crate) fn acknowledged_behind(window: &mut Window, at: u64, head: Head) -> io::Result<bool> {
    let view = window.view(at)?;
    let whole = RawRecord::split(&view.bytes[view.at..]).ok();
    let decoded = whole.and_then(|(raw, rest)| Some((Record::decode(raw).ok()?, rest)));
    if let Some((record, rest)) = decoded {
        // A torn write leaves bytes missing or zero. It cannot make a sequence greater.
        if record.is_barrier() && record.sequence() > head.next_sequence() {
            return Ok(true);
        }
        // Were only this record's chain hash damaged, the next follows what it should have been.
        let should_be = record.computed_hash(&head.hash);
        let next = RawRecord::split(rest).and_then(|(raw, _)| Record::decode(raw));
        if next.is_ok_and(|next| next.is_barrier() && next.follows(&should_be)) {
            return Ok(true);
        }
    }
    Ok(resync::find(window, at + 1, head.size, true)?.is_some())
}
