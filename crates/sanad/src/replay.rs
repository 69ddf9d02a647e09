//! A book caught up with its log: the chain checked and the entries read on all cores, the tables filled in order.

use sanad_audit_log::{ChainVerifier, RawRecord};
use sanad_core::Sequence;
use sanad_event_store::{FileReader, RecordBatch, StoreError};

use crate::book::Book;
use crate::crew::in_order;
use crate::error::LedgerError;
use crate::examined::{Examined, Examiner, Sound, TOGETHER};
use crate::progress::{Progress, REPORT_EVERY, Stage};
use crate::reading::entry_of;

/// Takes in the entries behind the book's head up to `total`, checking the chain as it goes.
///
/// # Errors
/// What is wrong with the first record that cannot be taken in. The book is of no use then.
pub(crate) fn replay(
    reader: &FileReader,
    book: &mut Book,
    total: u64,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), LedgerError> {
    let (ledger_id, head) = (reader.identity().ledger_id(), book.head());
    let last_us = book.projection.last_recorded_at(head.size).map(|time| time.us());
    let chain = ChainVerifier::resumed(ledger_id, head, last_us);
    let mut records = reader.records(head.size..total)?;
    let examiner = Examiner::new(ledger_id, []);
    let mut replay = Replay { chain, book };
    let mut reported = head.size;
    in_order(
        || records.next_batch(TOGETHER).transpose(),
        |records| records.map(|records| examiner.examine(records)),
        |examined: Result<Examined, StoreError>| {
            replay.take(examined?)?;
            let done = replay.book.head().size;
            if done >= reported + REPORT_EVERY {
                reported = done;
                progress(Progress { stage: Stage::Replaying, done, total });
            }
            Ok(())
        },
    )
}

struct Replay<'b> {
    chain: ChainVerifier,
    book: &'b mut Book,
}

impl Replay<'_> {
    /// Takes examined records in. Where they are not the next of the chain they are taken one by one, up to what is
    /// wrong.
    fn take(&mut self, examined: Examined) -> Result<(), LedgerError> {
        match examined.sound.filter(|sound| self.chain.pass(&sound.run)) {
            Some(sound) => self.passed(sound),
            None => self.one_by_one(&examined.records),
        }
    }

    fn passed(&mut self, sound: Sound) -> Result<(), LedgerError> {
        for content in sound.contents.iter().map_while(|content| content.as_ref().ok()) {
            self.book.projection.take(content).map_err(LedgerError::Unprojectable)?;
        }
        let each = (sound.run.first().get()..).zip(sound.contents);
        if let Some((sequence, Err(cause))) = each.into_iter().find(|(_, content)| content.is_err())
        {
            return Err(LedgerError::Undecodable { sequence: Sequence(sequence), cause });
        }
        // No root on the way is asked for, so they are one grove.
        let mut groves = sound.groves.iter();
        let added = groves.try_for_each(|all| self.book.tree.append_grove(all, sound.run.after()));
        added.map_err(LedgerError::Parted)
    }

    fn one_by_one(&mut self, records: &RecordBatch) -> Result<(), LedgerError> {
        records.iter().try_for_each(|(_, raw)| self.one(raw))
    }

    fn one(&mut self, raw: RawRecord<'_>) -> Result<(), LedgerError> {
        let verified = self.chain.check_raw(raw).map_err(LedgerError::Chain)?;
        let entry = entry_of(&verified.record())?;
        self.book.projection.take(&entry).map_err(LedgerError::Unprojectable)?;
        self.book.tree.append(&verified).map_err(LedgerError::Parted)?;
        Ok(())
    }
}
