//! A range of records streamed from a log.

use std::ops::Range;

use sanad_audit_log::{RawRecord, Record, Sequence};

use crate::error::StoreError;
use crate::folder::Folder;
use crate::scan::{RecordBatch, Scan, ScanItem};
use crate::store::RecordStream;

/// Records of a log, in order, framed and in their place; their links are not checked.
#[derive(Debug)]
pub struct Records {
    scan: Scan,
    folder: Folder,
    range: Range<u64>,
    /// The next record in the scan's current batch.
    next: usize,
}

impl Records {
    pub(crate) fn new(scan: Scan, folder: Folder, range: Range<u64>) -> Self {
        Self { scan, folder, range, next: 0 }
    }

    /// Moves to the next batch; `false` at the log's end.
    fn advance(&mut self) -> Result<bool, StoreError> {
        self.next = 0;
        let range = &self.range;
        let damaged = |segment, offset, sequence| {
            let path = self.folder.segment(segment);
            Err(StoreError::Damaged { path, offset, sequence })
        };
        match self.scan.next_item() {
            None => Ok(false),
            Some(ScanItem::Records(batch)) => {
                // Most batches before the range are passed over by a look at their last record.
                if sequence_of(&batch, batch.len() - 1).is_some_and(|last| last < range.start) {
                    self.next = batch.len();
                }
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

    /// Moves to the next record of the range; gives its place in the current batch.
    fn seek(&mut self) -> Result<usize, StoreError> {
        loop {
            if let Some(n) = self.seek_in_batch()? {
                return Ok(n);
            }
            if !self.advance()? {
                let (asked, size) = (self.range.end, self.scan.head().size);
                return Err(StoreError::OutOfRange { asked, size });
            }
        }
    }

    /// Where the next record of the range is in the current batch.
    fn seek_in_batch(&mut self) -> Result<Option<usize>, StoreError> {
        let Some(batch) = self.scan.batch() else { return Ok(None) };
        while self.next < batch.len() {
            let n = self.next;
            self.next += 1;
            let sequence = sequence_of(&batch, n);
            if sequence.is_some_and(|sequence| sequence < self.range.start) {
                continue;
            }
            if sequence != Some(self.range.start) {
                let offset = batch.get(n).map_or(0, |(offset, _)| offset);
                let path = self.folder.segment(batch.segment());
                let sequence = Sequence::new(self.range.start);
                return Err(StoreError::Damaged { path, offset, sequence });
            }
            return Ok(Some(n));
        }
        Ok(None)
    }
}

impl RecordStream for Records {
    fn next_record(&mut self) -> Result<Option<RawRecord<'_>>, StoreError> {
        if self.range.is_empty() {
            return Ok(None);
        }
        match self.seek() {
            Ok(n) => {
                self.range.start += 1;
                Ok(self.scan.batch().and_then(|batch| batch.get(n)).map(|(_, raw)| raw))
            }
            Err(error) => {
                self.range = 0..0;
                Err(error)
            }
        }
    }
}

fn sequence_of(batch: &RecordBatch<'_>, n: usize) -> Option<u64> {
    let (_, raw) = batch.get(n)?;
    Record::decode(raw).ok().map(|record| record.sequence().get())
}
