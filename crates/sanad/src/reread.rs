//! Entries that stand, read again for acts that ask for them again.

use std::collections::VecDeque;

use sanad_audit_log::ChainHash;
use sanad_core::{RecordedEntry, Sequence};
use sanad_event_store::EventStore;

use crate::error::LedgerError;
use crate::reading::{decoded, entry_of};

/// How many entries are read together once they are asked for in order: about as many as one look into the log passes
/// over anyway.
const AHEAD: u64 = 1_024;

/// Reads entries again. A file that is applied a second time asks for them in order, so then some are read ahead.
#[derive(Default)]
pub(crate) struct Reread {
    /// The entry after the one that was asked for last.
    next: Option<u64>,
    ahead: VecDeque<(RecordedEntry, ChainHash)>,
}

impl Reread {
    /// Reads an entry.
    pub(crate) fn entry(
        &mut self,
        store: &(impl EventStore + ?Sized),
        sequence: Sequence,
    ) -> Result<(RecordedEntry, ChainHash), LedgerError> {
        let in_order = self.next == Some(sequence.0);
        self.next = Some(sequence.0 + 1);
        if !in_order {
            self.ahead.clear();
        }
        if self.ahead.is_empty() {
            let end = if in_order { sequence.0 + AHEAD } else { sequence.0 + 1 };
            self.read(store, sequence.0, end.min(store.head().size))?;
        }
        self.ahead.pop_front().ok_or(LedgerError::Closed)
    }

    /// Reads as far as it can; only an entry that cannot be read in the first place is an error.
    fn read(
        &mut self,
        store: &(impl EventStore + ?Sized),
        from: u64,
        end: u64,
    ) -> Result<(), LedgerError> {
        let mut records = store.read(from..end)?;
        for _ in from..end {
            let read = records.next_record().map_err(LedgerError::from).and_then(|raw| {
                let record = decoded(raw.ok_or(LedgerError::Closed)?)?;
                Ok((entry_of(&record)?, record.stored_hash()))
            });
            match read {
                Ok(read) => self.ahead.push_back(read),
                Err(error) if self.ahead.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sanad_audit_log::{Record, Sealer, Unsealed};
    use sanad_event_store::{FileReader, RamStore, RecordStream, SealedBatch};

    use super::*;
    use crate::{Act, Command, CreateOptions, Ledger, OnRefusal, RegisterHolder};

    fn act(number: u32) -> Act {
        let holder = format!("h{number}").parse().unwrap();
        let register = RegisterHolder { holder, title: "H".parse().unwrap() };
        let mut act = Act::new("mof".parse().unwrap(), vec![Command::RegisterHolder(register)]);
        act.id = Some(format!("01970e3c-7b7a-7000-8000-{:012x}", number + 1).parse().unwrap());
        act
    }

    /// A file of a million acts that was applied again looked for each entry anew, and took hours.
    #[test]
    fn retries_in_any_order_get_the_receipts_that_were_given_first() {
        let folder = tempfile::tempdir().unwrap();
        let ledger =
            Ledger::create(&folder.path().join("ledger"), CreateOptions::default()).unwrap();
        let ask = |numbers: &[u32]| -> Vec<_> {
            let acts = numbers.iter().map(|number| act(*number)).collect();
            let answers = ledger.record_many(acts, OnRefusal::GoOn);
            answers.into_iter().map(Result::unwrap).collect()
        };
        let all: Vec<u32> = (0..2_500).collect();
        let first = ask(&all);
        // In order past several readings ahead, backwards, several times the same, and with new acts between.
        let backwards: Vec<u32> = (0..40).rev().collect();
        for order in [&all[..], &backwards, &[7, 7, 7, 8, 9, 2_500, 10, 2_501, 2_500, 2_501, 11]] {
            for (number, receipt) in order.iter().zip(ask(order)) {
                let Some(first) = first.get(*number as usize) else { continue };
                assert!(receipt.repeated);
                assert_eq!((receipt.sequence, receipt.hash), (first.sequence, first.hash));
            }
        }
        assert_eq!(ledger.view(crate::Known::Head).unwrap().basis().size, 2_502);
    }

    /// A store of a ledger's entries, but for this one, which holds none.
    fn store_without(missing: u64, entries: u32) -> RamStore {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger");
        let ledger = Ledger::create(&path, CreateOptions::default()).unwrap();
        let acts = (0..entries).map(act).collect();
        ledger.record_many(acts, OnRefusal::GoOn).into_iter().for_each(|done| drop(done.unwrap()));
        drop(ledger);
        let reader = FileReader::open(&path).unwrap();
        let mut store = RamStore::new(reader.identity());
        let (epoch, head, mut bytes) = (store.epoch(), store.head(), Vec::new());
        let mut sealer = Sealer::new(head, None);
        let mut records = reader.records(0..entries.into()).unwrap();
        while let Some(raw) = records.next_record().unwrap() {
            let record = Record::decode(raw).unwrap();
            let holds_none = record.sequence().get() == missing;
            let unsealed = Unsealed {
                entry_id: record.entry_id(),
                recorded_at_us: record.recorded_at_us(),
                payload_schema: record.payload_schema(),
                payload: if holds_none { b"no entry" } else { record.payload() },
                author: None,
                barrier: record.is_barrier(),
            };
            sealer.seal(&unsealed, &mut bytes).unwrap();
        }
        store.append(epoch, head, &SealedBatch::following(head, &bytes).unwrap()).unwrap();
        store
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_an_error_when_it_is_asked_for_and_not_before() {
        let (store, mut reread) = (store_without(6, 9), Reread::default());
        let mut entry = |n| reread.entry(&store, Sequence(n)).map(|(entry, _)| entry.sequence.0);
        // From the second on, others are read ahead.
        for n in 0..6 {
            assert_eq!(entry(n).unwrap(), n);
        }
        let error = entry(6).unwrap_err();
        assert!(matches!(error, LedgerError::Undecodable { sequence: Sequence(6), .. }), "{error}");
        assert_eq!((entry(7).unwrap(), entry(8).unwrap()), (7, 8));
    }
}
