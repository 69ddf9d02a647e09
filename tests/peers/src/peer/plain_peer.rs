//! A plain file: the records one behind the other, `fdatasync` after each batch.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::peer::Peer;

pub(crate) struct Plain {
    path: PathBuf,
    file: File,
    batch: Vec<u8>,
}

impl Plain {
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join("records");
        let file = File::options().append(true).create_new(true).open(&path)?;
        Ok(Self { path, file, batch: Vec::new() })
    }
}

impl Peer for Plain {
    fn append(&mut self, _first: u64, records: &[&[u8]]) -> Result<(), Failure> {
        self.batch.clear();
        records.iter().for_each(|record| self.batch.extend_from_slice(record));
        self.file.write_all(&self.batch)?;
        Ok(self.file.sync_data()?)
    }

    fn read_all(&mut self) -> Result<(u64, u64), Failure> {
        let bytes = fs::read(&self.path)?;
        let (mut count, mut length) = (0, 0);
        for record in sanad_bench::records(&bytes) {
            count += 1;
            length += record.raw().bytes().len() as u64;
        }
        Ok((count, length))
    }
}
