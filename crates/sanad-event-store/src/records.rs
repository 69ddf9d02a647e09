//! A range of records streamed from a log.

use std::ops::Range;

use sanad_audit_log::{RawRecord, Sequence};

use crate::error::StoreError;
use crate::folder::Folder;
use crate::record_batch::RecordBatch;
use crate::scan::{Scan, ScanItem};
use crate::store::RecordStream;

/// Records of a log, in order, framed and in their place; their links are not checked.
#[derive(Debug)]
pub struct Records {
    scan: Scan,
    folder: Folder,
    range: Range<u64>,
    /// The records of the scan that were not looked at yet.
    left: Option<RecordBatch>,
    /// Records of the range, from the `next` one on to be given.
    found: Option<RecordBatch>,
    next: usize,
}

impl Records {
    pub(crate) fn new(scan: Scan, folder: Folder, range: Range<u64>) -> Self {
        Self { scan, folder, range, left: None, found: None, next: 0 }
    }

    /// The next records of the range, up to `most` together; `None` after the last. They can be handed to another
    /// thread.
    ///
    /// # Errors
    /// As [`next_record`](RecordStream::next_record): every record before the place was given by then.
    pub fn next_batch(&mut self, most: usize) -> Result<Option<RecordBatch>, StoreError> {
        if !self.find()? {
            return Ok(None);
        }
        let Some(found) = &mut self.found else { return Ok(None) };
        let _ = found.take_front(std::mem::take(&mut self.next));
        Ok(Some(found.take_front(most)))
    }

    /// Finds records of the range, where all that were found are given; `false` after the last.
    fn find(&mut self) -> Result<bool, StoreError> {
        if self.found.as_ref().is_some_and(|found| self.next < found.len()) {
            return Ok(true);
        }
        if self.range.is_empty() {
            return Ok(false);
        }
        let sought = self.seek();
        self.range.start = match &sought {
            Ok(found) => self.range.start + found.len() as u64,
            Err(_) => self.range.end,
        };
        (self.found, self.next) = (Some(sought?), 0);
        Ok(true)
    }

    /// Moves to the next batch; `false` at the log's end.
    fn advance(&mut self) -> Result<bool, StoreError> {
        self.left = None;
        let range = &self.range;
        let damaged = |segment, offset, sequence| {
            let path = self.folder.segment(segment);
            Err(StoreError::Damaged { path, offset, sequence })
        };
        match self.scan.next_item() {
            None => Ok(false),
            Some(ScanItem::Records(batch)) => {
                // Most batches before the range are passed over by a look at their last record.
                let last = batch.sequence(batch.len().saturating_sub(1));
                self.left = last.is_none_or(|last| last >= range.start).then_some(batch);
                Ok(true)
            }
            // The log ends here, as far as it is acknowledged.
            Some(ScanItem::TornTail(_)) => Ok(false),
            // Damage before the range does not keep anybody from reading the range.
            Some(ScanItem::Damage(found))
                if found.resumes.is_some_and(|head| head.size <= range.start) =>
            {
                Ok(true)
            }
            Some(ScanItem::Damage(found)) => damaged(found.segment, found.offset, found.expected),
            Some(ScanItem::Segment { problem, .. }) => Err(StoreError::Segment(problem)),
            Some(ScanItem::Unreadable { path, source, .. }) => {
                Err(StoreError::Io { operation: "read", path, source })
            }
        }
    }

    /// The next records of the range, at least one.
    fn seek(&mut self) -> Result<RecordBatch, StoreError> {
        loop {
            if let Some(batch) = self.seek_in_batch()? {
                return Ok(batch);
            }
            if !self.advance()? {
                let (asked, size) = (self.range.end, self.scan.head().size);
                return Err(StoreError::OutOfRange { asked, size });
            }
        }
    }

    /// The next records of the range in the batch that is left.
    fn seek_in_batch(&mut self) -> Result<Option<RecordBatch>, StoreError> {
        let Some(left) = &mut self.left else { return Ok(None) };
        let asked = self.range.clone();
        let before =
            (0..left.len()).take_while(|n| left.sequence(*n).is_some_and(|n| n < asked.start));
        let _ = left.take_front(before.count());
        let in_place =
            asked.enumerate().take_while(|(n, sequence)| left.sequence(*n) == Some(*sequence));
        let found = left.take_front(in_place.count());
        if !found.is_empty() {
            return Ok(Some(found));
        }
        match left.get(0) {
            None => Ok(None),
            Some((offset, _)) => {
                let path = self.folder.segment(left.segment());
                let sequence = Sequence::new(self.range.start);
                Err(StoreError::Damaged { path, offset, sequence })
            }
        }
    }
}

impl RecordStream for Records {
    fn next_record(&mut self) -> Result<Option<RawRecord<'_>>, StoreError> {
        if !self.find()? {
            return Ok(None);
        }
        let n = self.next;
        self.next += 1;
        Ok(self.found.as_ref().and_then(|found| found.get(n)).map(|(_, raw)| raw))
    }
}
