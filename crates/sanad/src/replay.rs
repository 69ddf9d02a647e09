//! Tables caught up with their log: the chain checked and the entries read on all cores, the tables filled in order.
//!
//! Where there is much to replay it is done in bulk first. Anything that is wrong, or may be, ends that: the entries
//! are then taken one by one from the first on, which tells what it is and in which of them.

use sanad_audit_log::tree::Grove;
use sanad_audit_log::{ChainVerifier, Head, LedgerId, LinkedRun, RawRecord, RecordTree};
use sanad_event_store::{FileReader, RecordBatch};
use sanad_projection::{Bulk, Doubt, Projection, Sheet};

use crate::crew::in_order;
use crate::error::LedgerError;
use crate::examined::{TOGETHER, each_entry};
use crate::growth::grove;
use crate::progress::{Progress, Reports, Stage};
use crate::reading::entry_of;

/// Fewer entries than this are taken one by one: their ids are looked up sooner than all ids are looked at.
const MANY: u64 = 1_024;

/// What is caught up.
pub(crate) struct Replayed<'b> {
    pub(crate) projection: &'b mut Projection,
    /// Only where it is asked for: hashing it is a good part of the work.
    pub(crate) tree: Option<&'b mut RecordTree>,
}

/// Takes in the entries behind a head up to `total`, checking the chain as it goes; gives the head that it comes to.
///
/// # Errors
/// What is wrong with the first record that cannot be taken in. What was to be caught up is of no use then.
pub(crate) fn replay(
    reader: &FileReader,
    replayed: Replayed<'_>,
    head: Head,
    total: u64,
    progress: &mut dyn FnMut(Progress),
) -> Result<Head, LedgerError> {
    let last_us = replayed.projection.last_recorded_at(head.size).map(|time| time.us());
    let chain = ChainVerifier::resumed(reader.identity().ledger_id(), head, last_us);
    let mut reports = Reports::behind(head.size, total, Stage::Replaying, progress);
    if total.saturating_sub(head.size) >= MANY
        && let Ok(filled) = in_bulk(reader, &replayed, chain.clone(), total, &mut reports)
    {
        *replayed.projection = filled.projection;
        if let (Some(grown), Some(tree)) = (filled.tree, replayed.tree) {
            *tree = grown;
        }
        return Ok(filled.head);
    }
    one_by_one(reader, replayed, chain, total, &mut reports)
}

/// What a replay in bulk comes to.
struct Filled {
    projection: Projection,
    tree: Option<RecordTree>,
    head: Head,
}

/// What a core makes of some records.
struct Examined {
    run: LinkedRun,
    sheet: Sheet,
    grove: Option<Grove>,
}

fn in_bulk(
    reader: &FileReader,
    replayed: &Replayed<'_>,
    mut chain: ChainVerifier,
    total: u64,
    reports: &mut Reports<'_>,
) -> Result<Filled, Doubt> {
    let ledger_id = reader.identity().ledger_id();
    let mut tree = replayed.tree.as_deref().cloned();
    let grows = tree.is_some();
    let mut bulk = Bulk::behind(replayed.projection.clone());
    let range = chain.head().size..total;
    let mut records = reader.records(range).map_err(|_| Doubt)?;
    in_order(
        || records.next_batch(TOGETHER).transpose(),
        |records| examined(&records.ok()?, ledger_id, grows),
        |examined: Option<Examined>| {
            let Examined { run, sheet, grove } = examined.ok_or(Doubt)?;
            if !chain.pass(&run) {
                return Err(Doubt);
            }
            bulk.take(&sheet)?;
            if let (Some(tree), Some(grove)) = (&mut tree, grove) {
                tree.append_grove(&grove, run.after()).map_err(|_| Doubt)?;
            }
            reports.tell(bulk.size());
            Ok(())
        },
    )?;
    Ok(Filled { projection: bulk.finish()?, tree, head: chain.head() })
}

/// `None` where anything about the records is not as it should be.
fn examined(records: &RecordBatch, ledger_id: LedgerId, grows: bool) -> Option<Examined> {
    let run = records.linked(ledger_id)?;
    let mut sheet = Sheet::with_room_for(records.len());
    each_entry(records, |entry| sheet.add(entry))?;
    let grove = grows.then(|| grove(&run, records));
    Some(Examined { run, sheet, grove })
}

fn one_by_one(
    reader: &FileReader,
    mut replayed: Replayed<'_>,
    mut chain: ChainVerifier,
    total: u64,
    reports: &mut Reports<'_>,
) -> Result<Head, LedgerError> {
    let mut records = reader.records(chain.head().size..total)?;
    while let Some(batch) = records.next_batch(TOGETHER)? {
        batch.iter().try_for_each(|(_, raw)| replayed.take(&mut chain, raw))?;
        reports.tell(chain.head().size);
    }
    Ok(chain.head())
}

impl Replayed<'_> {
    fn take(&mut self, chain: &mut ChainVerifier, raw: RawRecord<'_>) -> Result<(), LedgerError> {
        let verified = chain.check_raw(raw).map_err(LedgerError::Chain)?;
        let entry = entry_of(&verified.record())?;
        self.projection.take(&entry).map_err(LedgerError::Unprojectable)?;
        if let Some(tree) = &mut self.tree {
            tree.append(&verified).map_err(LedgerError::Parted)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
