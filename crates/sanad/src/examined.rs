//! What can be said of records apart from those before them, so that every core says it of some.

use sanad_audit_log::tree::{Grove, TreeHash};
use sanad_audit_log::{LedgerId, LinkedRun, Record};
use sanad_codec::Decoder;
use sanad_core::{RecordedEntry, Sequence};
use sanad_event_store::{RecordBatch, Scan, ScanItem};

use crate::error::UndecodableEntry;
use crate::reading::parts_by;

/// How many records are examined together. They fit into a core's cache, and what is made of them is little memory.
pub(crate) const TOGETHER: usize = 2_048;

/// What a scan comes upon, its records in handy batches.
pub(crate) struct Pieces {
    scan: Scan,
    records: Option<RecordBatch>,
    /// How many records are handed on together, at most.
    together: usize,
    /// Records that are still to be handed on before a place where a batch ends.
    before_cut: Option<u64>,
}

impl Pieces {
    /// A batch ends at `cut`, a number of records, if there are as many.
    pub(crate) fn of(scan: Scan, cut: Option<u64>) -> Self {
        Self { scan, records: None, together: TOGETHER, before_cut: cut }
    }

    #[cfg(test)]
    pub(crate) fn of_so_many(scan: Scan, together: usize) -> Self {
        Self { together, ..Self::of(scan, None) }
    }

    pub(crate) fn next(&mut self) -> Option<ScanItem> {
        let records = match self.records.take() {
            Some(records) => records,
            None => match self.scan.next_item()? {
                ScanItem::Records(records) => records,
                other => return Some(other),
            },
        };
        let mut rest = records;
        let cut = self.before_cut.filter(|records| *records > 0).map(usize::try_from);
        let front = rest.take_front(match cut {
            Some(Ok(records)) => records.min(self.together),
            _ => self.together,
        });
        self.before_cut = self.before_cut.map(|cut| cut.saturating_sub(front.len() as u64));
        self.records = (!rest.is_empty()).then_some(rest);
        Some(ScanItem::Records(front))
    }
}

/// The entry that a record holds, or why it holds none.
pub(crate) type Content = Result<RecordedEntry, UndecodableEntry>;

/// Records, with what was found out about them.
pub(crate) struct Examined {
    pub(crate) records: RecordBatch,
    /// `None` where anything about their links is not as it should be: then they are to be looked at one by one.
    pub(crate) sound: Option<Box<Sound>>,
}

/// Records that follow from one another, and the first from what stands before it.
pub(crate) struct Sound {
    pub(crate) run: LinkedRun,
    /// Their leaves of the tree, as subtrees; each grove ends at a size whose root is asked for, or with the records.
    pub(crate) groves: Vec<Grove>,
    /// What each record holds.
    pub(crate) contents: Vec<Content>,
}

/// Examines records of one ledger.
pub(crate) struct Examiner {
    ledger_id: LedgerId,
    /// The sizes at which the root of the tree is asked for, in ascending order.
    sizes: Vec<u64>,
}

impl Examiner {
    pub(crate) fn new(ledger_id: LedgerId, sizes: impl IntoIterator<Item = u64>) -> Self {
        let mut sizes: Vec<_> = sizes.into_iter().collect();
        sizes.sort_unstable();
        Self { ledger_id, sizes }
    }

    pub(crate) fn examine(&self, records: RecordBatch) -> Examined {
        let sound = self.linked(&records).map(|run| {
            let (groves, contents) = (self.groves(&run, &records), contents(&records));
            Box::new(Sound { run, groves, contents })
        });
        Examined { records, sound }
    }

    /// The run that records are, if each follows from the one before it.
    pub(crate) fn linked(&self, records: &RecordBatch) -> Option<LinkedRun> {
        records.linked(self.ledger_id)
    }

    /// The leaves of a run; each grove ends at a size whose root is asked for, or with the records.
    pub(crate) fn groves(&self, run: &LinkedRun, records: &RecordBatch) -> Vec<Grove> {
        let first = run.first().get();
        let mut sizes = self.sizes[self.sizes.partition_point(|size| *size <= first)..].iter();
        let mut cut = sizes.next();
        let (mut groves, mut grove) = (Vec::new(), Grove::new(first));
        for (_, raw) in records.iter() {
            grove.push(TreeHash::leaf(raw.bytes()));
            if cut.is_some_and(|cut| *cut == grove.end()) {
                let next = Grove::new(grove.end());
                groves.push(std::mem::replace(&mut grove, next));
                cut = sizes.next();
            }
        }
        groves.push(grove);
        groves
    }
}

/// Looks at the entry of each record where it lies, since it is large; `None` where a record holds none.
pub(crate) fn each_entry(
    records: &RecordBatch,
    mut look: impl FnMut(&RecordedEntry),
) -> Option<()> {
    let mut decoder = Decoder::default();
    records.iter().try_for_each(|(_, raw)| {
        let record = Record::decode(raw).ok()?;
        let content = parts_by(&mut decoder, &record, Sequence(record.sequence().get()));
        content.as_ref().ok().map(&mut look)
    })
}

fn contents(records: &RecordBatch) -> Vec<Content> {
    let (mut contents, mut decoder) = (Vec::with_capacity(records.len()), Decoder::default());
    // Linked records can be decoded.
    let decoded = records.iter().filter_map(|(_, raw)| Record::decode(raw).ok());
    decoded.for_each(|record| {
        contents.push(parts_by(&mut decoder, &record, Sequence(record.sequence().get())));
    });
    contents
}
