//! The whole log read for an audit: it never stops at damage, and says where there is some.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;

use sanad_audit_log::{Head, Identity, LedgerId, Sequence};

use crate::folder::Folder;
use crate::lock;
use crate::record_batch::RecordBatch;
use crate::recovery::seam_fault;
use crate::segment::{HeaderFault, SEGMENT_HEADER, SegmentFault, SegmentHeader, SegmentProblem};
use crate::segment_scan::{Piece, SegmentScan};
use crate::source::Source;
use crate::walk;

/// What a scan comes upon, in the log's order.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScanItem {
    /// Whole records.
    Records(RecordBatch),
    /// Bytes that are no records, with records behind them that were acknowledged, or in a segment
    /// that is not the last.
    Damage(Damage),
    /// A segment that is not the one that belongs in its place.
    Segment {
        /// What is wrong.
        problem: SegmentProblem,
        /// The head from which the log goes on, by the segment's header; `None` if the segment is
        /// passed over.
        resumes: Option<Head>,
    },
    /// The end of the log, where an append did not finish.
    TornTail(TornTail),
    /// A file that the system could not read. The scan goes on with the next segment.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The first sequence that its name states.
        segment: Sequence,
        /// What the system said.
        source: io::Error,
    },
}

/// Bytes in a segment that are no records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damage {
    /// The first sequence of the segment.
    pub segment: Sequence,
    /// Where they begin, in bytes from the start of the file.
    pub offset: u64,
    /// How many there are.
    pub length: u64,
    /// The record that should begin there.
    pub expected: Sequence,
    /// The head from which the log goes on behind them, in this segment or with the next (a chain
    /// verifier resumes at it); `None` when nothing that follows was found.
    pub resumes: Option<Head>,
}

/// The end of the last segment, where an append did not finish.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TornTail {
    /// The first sequence of the segment.
    pub segment: Sequence,
    /// Where the torn bytes begin, in bytes from the start of the file.
    pub offset: u64,
    /// How many there are.
    pub length: u64,
    /// The record that should begin there.
    pub expected: Sequence,
    /// Whether a writer holds the lock just now. Then these bytes are most likely on their way.
    pub writer_active: bool,
}

/// A walk through the whole log in constant memory, one [`ScanItem`] after another.
///
/// Records are framed by their lengths and their headers; where these do not fit, the links are
/// looked at to find where records go on. Whether the chain holds is for a
/// [`ChainVerifier`](sanad_audit_log::ChainVerifier) to say.
#[derive(Debug)]
pub struct Scan {
    folder: Folder,
    ledger_id: LedgerId,
    created_at_us: i64,
    segments: VecDeque<Sequence>,
    current: Option<SegmentScan>,
    /// The head reached, as the bytes claim.
    head: Head,
    /// Whether the last segment's links are looked at to find where a torn tail begins.
    judges_tail: bool,
    /// Whether a writer held the lock just before the last segment was read.
    writer_seen: bool,
    waiting: VecDeque<Waiting>,
}

/// An item that borrows nothing.
#[derive(Debug)]
enum Waiting {
    Damage(Damage),
    Segment(SegmentProblem, Option<Head>),
    TornTail(TornTail),
    Unreadable(PathBuf, Sequence, io::Error),
}

impl Scan {
    /// Scans `segments`, the first of which should follow `head`.
    pub(crate) fn new(
        folder: Folder,
        identity: &Identity,
        segments: Vec<Sequence>,
        head: Head,
    ) -> Self {
        Self {
            folder,
            ledger_id: identity.ledger_id(),
            created_at_us: identity.created_at_us(),
            segments: segments.into(),
            current: None,
            head,
            judges_tail: false,
            writer_seen: false,
            waiting: VecDeque::new(),
        }
    }

    /// Looks at the last segment as a writer does that opens the log, and calls a torn tail what such
    /// a writer would cut. The last segment is read twice for this.
    pub(crate) fn judging_the_tail(self) -> Self {
        Self { judges_tail: true, ..self }
    }

    /// The head reached so far, as the bytes claim.
    pub(crate) fn head(&self) -> Head {
        self.current.as_ref().map_or(self.head, SegmentScan::head)
    }

    /// Begins within the first segment, at a record that is known to stand there.
    pub(crate) fn begin_at(&mut self, offset: u64, sequence: Sequence) -> bool {
        self.open_next();
        self.current.as_mut().is_some_and(|segment| segment.begin_at(offset, sequence))
    }

    /// The next item; `None` at the log's end.
    pub fn next_item(&mut self) -> Option<ScanItem> {
        loop {
            if let Some(waiting) = self.waiting.pop_front() {
                return Some(waiting.into());
            }
            let Some(segment) = &mut self.current else {
                if self.segments.is_empty() {
                    return None;
                }
                self.open_next();
                continue;
            };
            match segment.step() {
                Ok(Piece::Records(batch)) => return Some(ScanItem::Records(batch)),
                Ok(Piece::Damage(damage)) => {
                    self.waiting.push_back(Waiting::Damage(damage));
                    if damage.resumes.is_none() {
                        // The next segment says where the log goes on.
                        self.close();
                        self.open_next();
                    }
                }
                Ok(Piece::Unfinished(damage)) => self.waiting.push_back(self.torn(damage)),
                Ok(Piece::End) => self.close(),
                Err(source) => {
                    let (path, first) = (self.folder.segment(segment.first()), segment.first());
                    self.waiting.push_back(Waiting::Unreadable(path, first, source));
                    self.close();
                }
            }
        }
    }

    fn torn(&self, damage: Damage) -> Waiting {
        let Damage { segment, offset, length, expected, .. } = damage;
        // It may have finished the append and closed the ledger since its end was read.
        let writer_active = self.writer_seen || lock::glance(&self.folder).0;
        Waiting::TornTail(TornTail { segment, offset, length, expected, writer_active })
    }

    fn close(&mut self) {
        if let Some(done) = self.current.take() {
            self.head = done.head();
        }
    }

    fn open_next(&mut self) {
        let Some(first) = self.segments.pop_front() else { return };
        if let Err(source) = self.open(first) {
            let path = self.folder.segment(first);
            self.waiting.push_back(Waiting::Unreadable(path, first, source));
        }
    }

    fn open(&mut self, first: Sequence) -> io::Result<()> {
        let is_last = self.segments.is_empty();
        if is_last && self.judges_tail {
            self.writer_seen = lock::glance(&self.folder).0;
        }
        let mut file = self.folder.open(&self.folder.segment(first))?;
        let end = file.length()?;
        let header = match SegmentHeader::read(&mut file)? {
            Ok(header) => header,
            Err(HeaderFault::TooShort { .. }) if is_last && first > Sequence::FIRST => {
                let expected = self.head.next_sequence();
                let damage =
                    Damage { segment: first, offset: 0, length: end, expected, resumes: None };
                self.waiting.push_back(self.torn(damage));
                return Ok(());
            }
            Err(fault) => return self.open_without_header(first, fault, file, end),
        };
        if let Err(fault) = header.check(self.ledger_id, first) {
            if matches!(fault, SegmentFault::Foreign { .. }) {
                self.problem(first, fault, None);
                return Ok(());
            }
            self.problem(first, fault, Some(self.head));
        }
        let (mut torn_at, created) = (None, self.created_at_us);
        let judges = is_last && self.judges_tail;
        if judges && !walk::is_surely_not_torn(file.again()?, end, &header, created)? {
            let walked = walk::walk(file.again()?, end, &header, created)?;
            let torn = !walked.is_whole() && !walked.acknowledged_behind;
            torn_at = torn.then_some(walked.sound);
        }
        let begins = header.begins();
        if begins != self.head {
            match self.waiting.back_mut() {
                // What is missing here is what was damaged there.
                Some(Waiting::Damage(damage)) if begins.size > self.head.size => {
                    damage.resumes = Some(begins);
                }
                _ => {
                    let fault = seam_fault(self.head, header.first, header.previous);
                    self.problem(first, fault, Some(begins));
                }
            }
        }
        self.current = Some(SegmentScan::new(file, end, first, begins, is_last, torn_at, created));
        Ok(())
    }

    /// Goes on with a segment's records though its header says nothing: where it is only altered,
    /// they still stand behind it.
    fn open_without_header(
        &mut self,
        first: Sequence,
        fault: HeaderFault,
        file: Source,
        end: u64,
    ) -> io::Result<()> {
        let is_last = self.segments.is_empty();
        let readable = end >= SEGMENT_HEADER as u64
            && !matches!(fault, HeaderFault::UnsupportedVersion { found: 2.. });
        let begins = Head { size: first.get(), hash: self.head.hash };
        self.problem(first, SegmentFault::Header(fault), readable.then_some(begins));
        if readable {
            let created = self.created_at_us;
            self.current = Some(SegmentScan::new(file, end, first, begins, is_last, None, created));
        }
        Ok(())
    }

    fn problem(&mut self, segment: Sequence, fault: SegmentFault, resumes: Option<Head>) {
        let path = self.folder.segment(segment);
        let problem = SegmentProblem { path, segment, fault };
        self.waiting.push_back(Waiting::Segment(problem, resumes));
    }
}

impl From<Waiting> for ScanItem {
    fn from(waiting: Waiting) -> Self {
        match waiting {
            Waiting::Damage(damage) => Self::Damage(damage),
            Waiting::Segment(problem, resumes) => Self::Segment { problem, resumes },
            Waiting::TornTail(torn) => Self::TornTail(torn),
            Waiting::Unreadable(path, segment, source) => {
                Self::Unreadable { path, segment, source }
            }
        }
    }
}
