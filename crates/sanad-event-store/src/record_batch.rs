//! Records that a scan framed.

use std::ops::Range;
use std::sync::Arc;

use sanad_audit_log::{LedgerId, LinkedRun, RawRecord, Record, Sequence};

/// Records that stand one after another in a segment. It holds their bytes, so it can be handed to another thread while
/// the scan goes on; a clone or a part holds the same bytes.
#[derive(Clone, Debug)]
pub struct RecordBatch {
    segment: Sequence,
    /// Where `bytes` begins, in bytes from the start of the file.
    base: u64,
    bytes: Arc<Vec<u8>>,
    /// Where each record begins in `bytes`.
    offsets: Arc<Vec<u32>>,
    /// Which of them belong to this batch.
    part: Range<usize>,
}

impl RecordBatch {
    /// The records of a segment that begin at `offsets` in `bytes`, which hold the 32 bytes before the first too, if
    /// any are.
    pub(crate) fn new(
        segment: Sequence,
        base: u64,
        bytes: Arc<Vec<u8>>,
        offsets: Vec<u32>,
    ) -> Self {
        let part = 0..offsets.len();
        Self { segment, base, bytes, offsets: Arc::new(offsets), part }
    }

    /// The first sequence of the segment that they are in.
    pub const fn segment(&self) -> Sequence {
        self.segment
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.part.len()
    }

    /// Whether there are none, which does not happen in what a scan gives.
    pub fn is_empty(&self) -> bool {
        self.part.is_empty()
    }

    fn offsets(&self) -> &[u32] {
        &self.offsets[self.part.clone()]
    }

    /// The n-th record, with its place in bytes from the start of the file.
    pub fn get(&self, n: usize) -> Option<(u64, RawRecord<'_>)> {
        let at = *self.offsets().get(n)?;
        let (raw, _) = RawRecord::split(self.bytes.get(at as usize..)?).ok()?;
        Some((self.base + u64::from(at), raw))
    }

    /// The records, each with its place in bytes from the start of the file.
    pub fn iter(&self) -> impl Iterator<Item = (u64, RawRecord<'_>)> {
        (0..self.len()).filter_map(|n| self.get(n))
    }

    /// The sequence that the n-th record claims.
    pub(crate) fn sequence(&self, n: usize) -> Option<u64> {
        let (_, raw) = self.get(n)?;
        Record::decode(raw).ok().map(|record| record.sequence().get())
    }

    /// Takes up to `most` records off the front.
    #[must_use]
    pub fn take_front(&mut self, most: usize) -> Self {
        let middle = self.part.start + most.min(self.len());
        let front = Self { part: self.part.start..middle, ..self.clone() };
        self.part.start = middle;
        front
    }

    /// Verifies that each follows from the one before it, and the first from the bytes before it; `None` if anything
    /// about them is not as it should be.
    pub fn linked(&self, ledger_id: LedgerId) -> Option<LinkedRun> {
        LinkedRun::verify(ledger_id, &self.bytes, self.offsets())
    }
}
