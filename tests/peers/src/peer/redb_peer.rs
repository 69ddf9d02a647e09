//! redb: a table from sequence to record, one write transaction a batch with the durability `Immediate`.

use std::path::Path;

use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};

use crate::failure::Failure;
use crate::peer::Peer;

const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");

pub(crate) struct Redb {
    database: Database,
}

impl Redb {
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        Ok(Self { database: Database::create(folder.join("ledger.redb")).map_err(Failure::peer)? })
    }
}

impl Peer for Redb {
    fn append(&mut self, first: u64, records: &[&[u8]]) -> Result<(), Failure> {
        let mut transaction = self.database.begin_write().map_err(Failure::peer)?;
        transaction.set_durability(Durability::Immediate).map_err(Failure::peer)?;
        {
            let mut table = transaction.open_table(RECORDS).map_err(Failure::peer)?;
            for (sequence, record) in (first..).zip(records) {
                table.insert(sequence, *record).map_err(Failure::peer)?;
            }
        }
        transaction.commit().map_err(Failure::peer)
    }

    fn read_all(&mut self) -> Result<(u64, u64), Failure> {
        let transaction = self.database.begin_read().map_err(Failure::peer)?;
        let table = transaction.open_table(RECORDS).map_err(Failure::peer)?;
        let (mut count, mut length) = (0, 0);
        for row in table.iter().map_err(Failure::peer)? {
            let (_, record) = row.map_err(Failure::peer)?;
            count += 1;
            length += record.value().len() as u64;
        }
        Ok((count, length))
    }
}
