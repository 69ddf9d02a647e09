//! The stores that Sanad stands beside, one a file, all under one rule: when `append` returns, the records are durable.

mod fjall_peer;
mod plain_peer;
mod redb_peer;
mod sqlite_peer;
mod umadb_peer;

use std::path::Path;

use sanad_bench::Specimens;

use crate::failure::Failure;

/// A store of records, open in a folder of its own.
pub(crate) trait Peer {
    /// Adds records behind those that are there; they are durable when this returns.
    fn append(&mut self, first: u64, records: &[&[u8]]) -> Result<(), Failure>;

    /// Reads every record back; gives how many there are and their bytes.
    fn read_all(&mut self) -> Result<(u64, u64), Failure>;
}

/// Which peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A plain file.
    Plain,
    /// SQLite with a hash chain.
    Sqlite,
    /// redb.
    Redb,
    /// fjall.
    Fjall,
    /// UmaDB's embedded core.
    UmaDb,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Kind; 5] =
        [Kind::Plain, Kind::Sqlite, Kind::Redb, Kind::Fjall, Kind::UmaDb];

    /// What it is called in the results.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Plain => "plain file",
            Kind::Sqlite => "SQLite, hash chain",
            Kind::Redb => "redb",
            Kind::Fjall => "fjall",
            Kind::UmaDb => "UmaDB core",
        }
    }

    /// Opens a new store in a folder where nothing is.
    pub(crate) fn open(
        self,
        folder: &Path,
        specimens: &Specimens,
    ) -> Result<Box<dyn Peer>, Failure> {
        std::fs::create_dir(folder)?;
        Ok(match self {
            Kind::Plain => Box::new(plain_peer::Plain::open(folder)?),
            Kind::Sqlite => Box::new(sqlite_peer::Sqlite::open(folder, specimens.genesis())?),
            Kind::Redb => Box::new(redb_peer::Redb::open(folder)?),
            Kind::Fjall => Box::new(fjall_peer::Fjall::open(folder)?),
            Kind::UmaDb => Box::new(umadb_peer::Uma::open(folder)?),
        })
    }
}
