//! fjall: a keyspace from sequence to record, one batch a batch, its journal made durable with `fdatasync`.

use std::path::Path;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};

use crate::failure::Failure;
use crate::peer::Peer;

pub(crate) struct Fjall {
    database: Database,
    records: Keyspace,
}

impl Fjall {
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let database = Database::builder(folder.join("fjall")).open().map_err(Failure::peer)?;
        let records = database.keyspace("records", KeyspaceCreateOptions::default);
        Ok(Self { records: records.map_err(Failure::peer)?, database })
    }
}

impl Peer for Fjall {
    fn append(&mut self, first: u64, records: &[&[u8]]) -> Result<(), Failure> {
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for (sequence, record) in (first..).zip(records) {
            batch.insert(&self.records, sequence.to_be_bytes(), *record);
        }
        batch.commit().map_err(Failure::peer)
    }

    fn read_all(&mut self) -> Result<(u64, u64), Failure> {
        let (mut count, mut length) = (0, 0);
        for row in self.records.iter() {
            count += 1;
            length += row.value().map_err(Failure::peer)?.len() as u64;
        }
        Ok((count, length))
    }
}
