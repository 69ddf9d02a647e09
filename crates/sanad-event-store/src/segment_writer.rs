//! The segment that is appended to.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use sanad_audit_log::Sequence;

use crate::disk::Disk;
use crate::error::{Doing, Failed};
use crate::folder::Folder;
use crate::segment::{SEGMENT_HEADER, SegmentHeader};

/// The last segment, open to append.
#[derive(Debug)]
pub(crate) struct SegmentWriter {
    disk: Arc<dyn Disk>,
    file: File,
    path: PathBuf,
    first: Sequence,
    /// How long the file is with all that is acknowledged, in bytes.
    durable: u64,
}

impl SegmentWriter {
    /// Makes a new segment: under its name only once its header is whole and durable.
    pub(crate) fn create(
        disk: &Arc<dyn Disk>,
        folder: &Folder,
        header: &SegmentHeader,
    ) -> Result<Self, Failed> {
        let path = folder.segment(header.first);
        let temporary = path.with_extension("seg.tmp");
        // One may be left of a creation that did not finish. It holds a header and nothing else.
        disk.remove(&temporary).doing("remove", &temporary)?;
        let mut file = disk.create_new(&temporary).doing("create", &temporary)?;
        disk.write_all(&mut file, &header.encode()).doing("write to", &temporary)?;
        disk.sync_all(&file).doing("make durable", &temporary)?;
        disk.rename(&temporary, &path).doing("put in place", &path)?;
        Self::open(disk, folder, header.first, SEGMENT_HEADER as u64)
    }

    /// Opens a segment that is `length` bytes long, and makes these and its name durable: whoever
    /// wrote them may have ended before that.
    pub(crate) fn open(
        disk: &Arc<dyn Disk>,
        folder: &Folder,
        first: Sequence,
        length: u64,
    ) -> Result<Self, Failed> {
        let (path, log) = (folder.segment(first), folder.log());
        let file = disk.open_append(&path).doing("open", &path)?;
        disk.sync_all(&file).doing("make durable", &path)?;
        disk.sync_dir(&log).doing("make durable the folder", &log)?;
        Ok(Self { disk: Arc::clone(disk), file, path, first, durable: length })
    }

    /// The first sequence in the segment.
    pub(crate) fn first(&self) -> Sequence {
        self.first
    }

    /// How many bytes are durable in it.
    pub(crate) fn length(&self) -> u64 {
        self.durable
    }

    /// Whether `more` bytes would make a segment that has records longer than `most`.
    pub(crate) fn is_full(&self, more: usize, most: u64) -> bool {
        self.durable > SEGMENT_HEADER as u64 && self.durable.saturating_add(more as u64) > most
    }

    /// Appends `bytes` durably. On failure it tries to take them back, so that other programs see
    /// no torn tail; what is left is cut when the ledger is opened again.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Failed> {
        let written = self.disk.write_all(&mut self.file, bytes).doing("write to", &self.path);
        let synced = written
            .and_then(|()| self.disk.sync_data(&self.file).doing("make durable", &self.path));
        match synced {
            Ok(()) => {
                self.durable += bytes.len() as u64;
                Ok(())
            }
            Err(failed) => {
                let _ = self.disk.truncate(&self.file, self.durable);
                let _ = self.disk.sync_all(&self.file);
                Err(failed)
            }
        }
    }
}
