//! What can be said of records apart from those before them, so that every core says it of some.

use sanad_audit_log::tree::{Grove, TreeHash};
use sanad_audit_log::{LedgerId, LinkedRun, Record};
use sanad_codec::Decoder;
use sanad_core::{RecordedEntry, Sequence};
use sanad_event_store::RecordBatch;
use sanad_projection::Sheet;

use crate::error::UndecodableEntry;
use crate::reading::parts_by;

/// How many records are examined together. They fit into a core's cache, and what is made of them is little memory.
pub(crate) const TOGETHER: usize = 1_024;

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
    /// The entries as rows, up to where they are asked for as such; none where a record holds no entry.
    pub(crate) sheet: Option<Sheet>,
}

/// Examines records of one ledger.
pub(crate) struct Examiner {
    ledger_id: LedgerId,
    /// The sizes at which the root of the tree is asked for, in ascending order.
    sizes: Vec<u64>,
    /// Entries before this one are asked for as rows.
    rows_until: u64,
}

impl Examiner {
    pub(crate) fn new(
        ledger_id: LedgerId,
        sizes: impl IntoIterator<Item = u64>,
        rows_until: u64,
    ) -> Self {
        let mut sizes: Vec<_> = sizes.into_iter().collect();
        sizes.sort_unstable();
        Self { ledger_id, sizes, rows_until }
    }

    pub(crate) fn examine(&self, records: RecordBatch) -> Examined {
        let sound = records.linked(self.ledger_id).map(|run| {
            let contents = contents(&records);
            let sheet = self.sheet(&contents);
            Box::new(Sound { run, groves: self.groves(&run, &records), contents, sheet })
        });
        Examined { records, sound }
    }

    fn groves(&self, run: &LinkedRun, records: &RecordBatch) -> Vec<Grove> {
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

    fn sheet(&self, contents: &[Content]) -> Option<Sheet> {
        let mut sheet = Sheet::with_room_for(contents.len());
        for content in contents {
            match content {
                Ok(recorded) if recorded.sequence.0 < self.rows_until => sheet.add(recorded),
                Ok(_) => break,
                Err(_) => return None,
            }
        }
        Some(sheet)
    }
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
