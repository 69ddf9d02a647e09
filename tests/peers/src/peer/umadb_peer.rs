//! UmaDB's embedded core: an event a record, one `append` a batch, without tags and without a condition, which is what
//! costs it least.

use std::path::Path;
use std::sync::Arc;

use umadb_core::db::UmaDb;
use umadb_core::mvcc::{Mvcc, StorageOptions};
use umadb_dcb::{DcbEvent, DcbEventStoreSync};

use crate::failure::Failure;
use crate::peer::Peer;

pub(crate) struct Uma {
    store: UmaDb,
}

impl Uma {
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let options = StorageOptions::default().db_path(folder);
        let storage = Mvcc::new(false, options).map_err(Failure::peer)?;
        Ok(Self { store: UmaDb::from_arc(Arc::new(storage)) })
    }
}

impl Peer for Uma {
    fn append(&mut self, _first: u64, records: &[&[u8]]) -> Result<(), Failure> {
        let event = |record: &&[u8]| DcbEvent::new().event_type("granted").data(*record);
        let events = records.iter().map(event).collect();
        self.store.append(events, None, None).map_err(Failure::peer)?;
        Ok(())
    }

    fn read_all(&mut self) -> Result<(u64, u64), Failure> {
        let (mut count, mut length) = (0, 0);
        for event in self.store.read(None, None, false, None).map_err(Failure::peer)? {
            count += 1;
            length += event.map_err(Failure::peer)?.event.data.len() as u64;
        }
        Ok((count, length))
    }
}
