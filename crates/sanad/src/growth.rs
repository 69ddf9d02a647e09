//! The tree over a log's records, grown when somebody asks for it: to hash them is a good part of reading them, and
//! most questions need no tree.

use sanad_audit_log::tree::{Grove, TreeHash};
use sanad_audit_log::{ChainVerifier, LinkedRun, RawRecord, RecordTree};
use sanad_event_store::{FileReader, RecordBatch, StoreError};

use crate::crew::in_order;
use crate::error::LedgerError;
use crate::examined::TOGETHER;

/// Grows a tree by the records behind it, up to `total`, on all cores; they are checked to be those of its chain.
///
/// # Errors
/// What is wrong with the first record that does not follow.
pub(crate) fn grow(
    reader: &FileReader,
    tree: &mut RecordTree,
    total: u64,
) -> Result<(), LedgerError> {
    let ledger_id = reader.identity().ledger_id();
    let mut chain = ChainVerifier::resumed(ledger_id, tree.head(), None);
    let mut records = reader.records(tree.head().size..total)?;
    let hashed = |records: RecordBatch| {
        let run = records.linked(ledger_id);
        let linked = run.map(|run| (run, grove(&run, &records)));
        (records, linked)
    };
    in_order(
        || records.next_batch(TOGETHER).transpose(),
        |records| records.map(hashed),
        |hashed: Result<(RecordBatch, Option<(LinkedRun, Grove)>), StoreError>| {
            let (records, linked) = hashed?;
            match linked.filter(|(run, _)| chain.pass(run)) {
                Some((run, grove)) => {
                    tree.append_grove(&grove, run.after()).map_err(LedgerError::Parted)
                }
                None => records.iter().try_for_each(|(_, raw)| append(tree, &mut chain, raw)),
            }
        },
    )
}

/// The leaves of records that follow from one another.
pub(crate) fn grove(run: &LinkedRun, records: &RecordBatch) -> Grove {
    let mut grove = Grove::new(run.first().get());
    records.iter().for_each(|(_, raw)| grove.push(TreeHash::leaf(raw.bytes())));
    grove
}

fn append(
    tree: &mut RecordTree,
    chain: &mut ChainVerifier,
    raw: RawRecord<'_>,
) -> Result<(), LedgerError> {
    let verified = chain.check_raw(raw).map_err(LedgerError::Chain)?;
    tree.append(&verified).map_err(LedgerError::Parted)?;
    Ok(())
}
