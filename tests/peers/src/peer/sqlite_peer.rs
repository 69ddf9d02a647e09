//! SQLite: a table of records with a hash chain in a column, WAL, synchronous FULL, one transaction a batch.
//!
//! The chain hash is computed as a row is written, with the function that Sanad uses, and stands in a column of its
//! own; the rest of the record stands in another, so the bytes are the same. There is no index on ids, which Sanad has.

use std::path::Path;

use rusqlite::{Connection, params};
use sanad_audit_log::{ChainHash, Record};

use crate::failure::Failure;
use crate::peer::Peer;

pub(crate) struct Sqlite {
    connection: Connection,
    last: ChainHash,
}

impl Sqlite {
    pub(crate) fn open(folder: &Path, genesis: ChainHash) -> Result<Self, Failure> {
        let connection = Connection::open(folder.join("ledger.sqlite"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE ledger (
                sequence INTEGER PRIMARY KEY,
                record BLOB NOT NULL,
                hash BLOB NOT NULL
            )",
        )?;
        Ok(Self { connection, last: genesis })
    }
}

impl Peer for Sqlite {
    fn append(&mut self, first: u64, records: &[&[u8]]) -> Result<(), Failure> {
        let transaction = self.connection.transaction()?;
        let mut last = self.last;
        {
            let insert = "INSERT INTO ledger (sequence, record, hash) VALUES (?1, ?2, ?3)";
            let mut insert = transaction.prepare_cached(insert)?;
            for (sequence, bytes) in (first..).zip(records) {
                let record =
                    Record::parse(bytes).map_err(|error| Failure::Peer(error.to_string()))?;
                last = record.computed_hash(&last);
                let body = &bytes[..bytes.len() - ChainHash::SIZE];
                insert.execute(params![sequence as i64, body, &last.as_bytes()[..]])?;
            }
        }
        transaction.commit()?;
        self.last = last;
        Ok(())
    }

    fn read_all(&mut self) -> Result<(u64, u64), Failure> {
        let select = "SELECT record, hash FROM ledger ORDER BY sequence";
        let mut select = self.connection.prepare(select)?;
        let mut rows = select.query([])?;
        let (mut count, mut length) = (0, 0);
        while let Some(row) = rows.next()? {
            let (record, hash) = (row.get_ref(0)?.as_blob(), row.get_ref(1)?.as_blob());
            let blob = |blob: Result<&[u8], _>| blob.map_or(0, <[u8]>::len) as u64;
            count += 1;
            length += blob(record) + blob(hash);
        }
        Ok((count, length))
    }
}
