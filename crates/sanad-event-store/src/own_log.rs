//! What a damaged log still holds: sound segments, and records in the others.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use sanad_audit_log::{Head, Identity, RawRecord, Record, Sequence};

use crate::disk;
use crate::error::StoreError;
use crate::folder::Folder;
use crate::scan::{Scan, ScanItem};
use crate::segment::{HeaderFault, SegmentFault, SegmentHeader};
use crate::walk::{self, Walked};

/// A sequence that is so much further on than records were found for was altered.
const NEAR: u64 = 65_536;

/// The segments of a log, damaged or not, in the order of their names.
#[derive(Debug)]
pub(crate) struct OwnLog {
    folder: Folder,
    pub(crate) segments: Vec<OwnSegment>,
    /// The records in segments that are not sound, in order of the sequences that they claim.
    candidates: Vec<Candidate>,
    /// The segment that was read from last.
    open: RefCell<Option<(usize, File)>>,
}

/// A segment file.
#[derive(Debug)]
pub(crate) struct OwnSegment {
    /// The first sequence by its name.
    pub(crate) name: Sequence,
    /// The first sequence by its header, where that can be believed; else by its name.
    pub(crate) place: u64,
    pub(crate) state: OwnState,
    /// Whether its header says that it is another ledger's.
    pub(crate) is_foreign: bool,
    /// The last record that should stand in it where none could be framed.
    pub(crate) gap: Option<u64>,
}

/// What a segment is, looked at by itself.
#[derive(Debug)]
pub(crate) enum OwnState {
    /// Every record follows from the one before, and the first from what the header says.
    Sound {
        begins: Head,
        ends: Head,
        /// How many bytes behind that were never acknowledged.
        tail: u64,
    },
    /// The last file, too short to hold a record: a writer was about to begin it.
    Headless(u64),
    /// Anything else.
    Unsound(String),
}

/// A record that can be framed. Whether it belongs where it says is for the chain to tell.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    sequence: u64,
    /// Which of the segments.
    segment: usize,
    offset: u64,
    length: usize,
}

impl OwnLog {
    /// Looks at every segment of a folder.
    pub(crate) fn read(
        folder: &Folder,
        identity: &Identity,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, StoreError> {
        let names = match folder.segments() {
            Err(StoreError::NoSegments { .. }) => Vec::new(),
            names => names?,
        };
        let last = names.len().saturating_sub(1);
        let mut segments = Vec::with_capacity(names.len());
        for (n, &name) in names.iter().enumerate() {
            segments.push(look(folder, identity, name, n == last, n > 0));
            progress(name.get());
        }
        let (folder, candidates, open) = (folder.clone(), Vec::new(), RefCell::default());
        let mut own = Self { folder, segments, candidates, open };
        own.part_overlaps();
        for n in 0..own.segments.len() {
            if own.segments[n].has_candidates() {
                own.collect(n, identity);
            }
        }
        own.candidates.sort_by_key(|candidate| candidate.sequence);
        Ok(own)
    }

    /// A sound segment that goes on into the next sound one is looked at record by record.
    fn part_overlaps(&mut self) {
        let mut next: Option<u64> = None;
        for segment in self.segments.iter_mut().rev() {
            let OwnState::Sound { ends, .. } = segment.state else { continue };
            if next.is_some_and(|next| ends.size > next) {
                let why = "it goes on into the segment behind it".to_owned();
                segment.state = OwnState::Unsound(why);
            }
            next = Some(segment.name.get());
        }
    }

    /// Takes note of the records in a segment that is not sound.
    fn collect(&mut self, segment: usize, identity: &Identity) {
        let first = self.segments[segment].name;
        // A file that is not there behind it: then the segment is read as one that is not the last.
        let names = vec![first, Sequence::new(u64::MAX)];
        let head =
            Head { size: first.get(), hash: sanad_audit_log::ChainHash::from_bytes([0; 32]) };
        let mut scan = Scan::new(self.folder.clone(), identity, names, head);
        let (mut gap, mut found) = (None, Vec::new());
        while let Some(item) = scan.next_item() {
            match item {
                ScanItem::Records(batch) => {
                    for (offset, raw) in batch.iter() {
                        if let Ok(record) = Record::decode(raw) {
                            let (sequence, length) = (record.sequence().get(), raw.bytes().len());
                            found.push(Candidate { sequence, segment, offset, length });
                        }
                    }
                }
                ScanItem::Damage(damage) => gap = gap.max(Some(damage.expected.get())),
                ScanItem::Segment { problem, resumes: None }
                    if !matches!(problem.fault, SegmentFault::Foreign { .. }) =>
                {
                    gap = Some(u64::MAX);
                }
                ScanItem::Unreadable { segment, .. } if segment == first => gap = Some(u64::MAX),
                _ => {}
            }
        }
        let own = &mut self.segments[segment];
        own.gap = gap;
        // Where its header says nothing, its records tell where a file belongs, whatever its name.
        let first = found.iter().map(|it| it.sequence).min();
        own.place = first.map_or(own.place, |first| own.place.min(first));
        between_neighbours(&mut found, own.place);
        self.candidates.append(&mut found);
    }

    /// The ledger's own record that follows from `head`, with its segment.
    pub(crate) fn following(&self, head: Head) -> Option<(Vec<u8>, usize)> {
        let from = self.candidates.partition_point(|it| it.sequence < head.size);
        let here = self.candidates[from..].iter().take_while(|it| it.sequence == head.size);
        here.filter_map(|it| Some((self.bytes(it).ok()?, it.segment)))
            .find(|(bytes, _)| follows(bytes, head).is_some())
    }

    /// Whether the segments `of` claim records from `size` on, as many as have room in a segment.
    pub(crate) fn claims_beyond(&self, size: u64, of: std::ops::Range<usize>) -> bool {
        let from = self.candidates.partition_point(|it| it.sequence < size);
        let near = size.saturating_add(self.candidates.len() as u64 + NEAR);
        let beyond = self.candidates[from..].iter().take_while(|it| it.sequence < near);
        beyond.into_iter().any(|it| of.contains(&it.segment))
    }

    fn bytes(&self, candidate: &Candidate) -> io::Result<Vec<u8>> {
        let mut open = self.open.borrow_mut();
        if open.as_ref().is_none_or(|(segment, _)| *segment != candidate.segment) {
            let path = self.folder.segment(self.segments[candidate.segment].name);
            *open = Some((candidate.segment, disk::open_to_read(&path)?));
        }
        let Some((_, file)) = &mut *open else { return Err(io::ErrorKind::NotFound.into()) };
        file.seek(SeekFrom::Start(candidate.offset))?;
        let mut bytes = vec![0; candidate.length];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl OwnSegment {
    /// Whether there may be records of the ledger's that are not to be had as a whole segment.
    fn has_candidates(&self) -> bool {
        !matches!(self.state, OwnState::Sound { tail: 0, .. } | OwnState::Headless(_))
    }

    /// The head from which a sound segment goes on.
    pub(crate) fn begins(&self) -> Option<Head> {
        match self.state {
            OwnState::Sound { begins, .. } => Some(begins),
            _ => None,
        }
    }
}

/// Gives a record whose sequence was altered the one between its neighbours', so that it makes no claim
/// to a place that it never had. Whether it belongs there is for the chain to tell all the same.
fn between_neighbours(found: &mut [Candidate], place: u64) {
    for n in 1..found.len() {
        let before = n.checked_sub(2).map_or(place, |n| found[n].sequence.saturating_add(1));
        let (this, next) = (found[n - 1], found[n]);
        let is_next = next.offset == this.offset + this.length as u64;
        if is_next && next.sequence == before.saturating_add(1) {
            found[n - 1].sequence = before;
        }
    }
}

/// The head after a record, if it is one that follows from `head`.
pub(crate) fn follows(bytes: &[u8], head: Head) -> Option<(Head, bool)> {
    let record = Record::decode(RawRecord::exact(bytes).ok()?).ok()?;
    let in_place = record.sequence() == head.next_sequence();
    let next = record.sequence().next().filter(|_| in_place && record.follows(&head.hash))?;
    Some((Head { size: next.get(), hash: record.stored_hash() }, record.is_barrier()))
}

fn look(
    folder: &Folder,
    identity: &Identity,
    name: Sequence,
    is_last: bool,
    is_behind: bool,
) -> OwnSegment {
    let (mut place, mut is_foreign) = (name.get(), false);
    let state = match walked(folder, identity, name) {
        Ok(Ok((header, walked))) => match header.check(identity.ledger_id(), name) {
            Err(fault) => {
                if let SegmentFault::Name { stated } = fault {
                    place = stated.get();
                }
                is_foreign = matches!(fault, SegmentFault::Foreign { .. });
                OwnState::Unsound(fault.to_string())
            }
            Ok(()) => state(&header, &walked, is_last),
        },
        Ok(Err((HeaderFault::TooShort { .. }, length))) if is_last && is_behind => {
            OwnState::Headless(length)
        }
        Ok(Err((fault, _))) => OwnState::Unsound(fault.to_string()),
        Err(error) => OwnState::Unsound(format!("it cannot be read: {error}")),
    };
    OwnSegment { name, place, state, is_foreign, gap: None }
}

/// What a segment is whose header is its own.
fn state(header: &SegmentHeader, walked: &Walked, is_last: bool) -> OwnState {
    if walked.is_whole() || is_last && !walked.acknowledged_behind {
        let (begins, tail) = (header.begins(), walked.end - walked.sound);
        return OwnState::Sound { begins, ends: walked.head, tail };
    }
    let (size, at) = (walked.head.size, walked.sound);
    OwnState::Unsound(format!("record {size} does not stand at byte {at}, where it belongs"))
}

type Looked = Result<(SegmentHeader, Walked), (HeaderFault, u64)>;

fn walked(folder: &Folder, identity: &Identity, name: Sequence) -> io::Result<Looked> {
    let mut file = folder.open(&folder.segment(name))?;
    let (length, created_at_us) = (file.length()?, identity.created_at_us());
    let header = match SegmentHeader::read(&mut file)? {
        Ok(header) => header,
        Err(fault) => return Ok(Err((fault, length))),
    };
    if matches!(header.check(identity.ledger_id(), name), Err(SegmentFault::Foreign { .. })) {
        // What is in it is of no concern; only its header is looked at.
        return Ok(Ok((header, walk::walk(file, 0, &header, created_at_us)?)));
    }
    Ok(Ok((header, walk::walk(file, length, &header, created_at_us)?)))
}
