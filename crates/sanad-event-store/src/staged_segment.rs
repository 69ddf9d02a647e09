//! A segment written whole beside the log before it is put in its place.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use sanad_audit_log::{Head, Sequence};

use crate::disk::Disk;
use crate::error::{Doing, StoreError};
use crate::folder::{self, Folder};
use crate::recovery;
use crate::segment::SegmentHeader;
use crate::walk;

/// A segment under a name that is none of a segment's, so that nobody takes it for one yet.
#[derive(Debug)]
pub(crate) struct StagedSegment {
    first: Sequence,
    file: File,
    temporary: PathBuf,
    /// How many bytes were written.
    length: u64,
}

impl StagedSegment {
    /// Begins the segment that is to be named after `first`.
    pub(crate) fn create(
        disk: &dyn Disk,
        folder: &Folder,
        first: Sequence,
    ) -> Result<Self, StoreError> {
        let temporary = folder.segment(first).with_extension("seg.tmp");
        // One may be left of a writing that did not finish; it holds nothing that stands nowhere else.
        disk.remove(&temporary).doing("remove", &temporary)?;
        let file = disk.create_new(&temporary).doing("create", &temporary)?;
        Ok(Self { first, file, temporary, length: 0 })
    }

    pub(crate) fn write(&mut self, disk: &dyn Disk, bytes: &[u8]) -> Result<(), StoreError> {
        disk.write_all(&mut self.file, bytes).doing("write to", &self.temporary)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// How many bytes were written.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    pub(crate) const fn first(&self) -> Sequence {
        self.first
    }

    /// Makes it durable, and reads it again: gives the head that its records lead to, or `None` where
    /// what is there is no sound segment.
    pub(crate) fn checked(
        &self,
        disk: &dyn Disk,
        folder: &Folder,
    ) -> Result<Option<Head>, StoreError> {
        let path = &self.temporary;
        disk.sync_all(&self.file).doing("make durable", path)?;
        let mut file = folder.open(path).doing("read", path)?;
        let Ok(header) = SegmentHeader::read(&mut file).doing("read", path)? else {
            return Ok(None);
        };
        // Whether something was acknowledged behind it is not asked.
        let walked = walk::walk(file, self.length, &header, i64::MIN).doing("read", path)?;
        Ok((walked.is_whole() && walked.end == self.length).then_some(walked.head))
    }

    /// Puts it in its place; of what is there, a copy is kept aside and named. The names are durable
    /// only once the folders are synced.
    pub(crate) fn put_in_place(
        self,
        disk: &dyn Disk,
        folder: &Folder,
    ) -> Result<Option<PathBuf>, StoreError> {
        let path = folder.segment(self.first);
        let kept_as = keep_aside(disk, folder, &path, self.first)?;
        disk.rename(&self.temporary, &path).doing("put in place", &path)?;
        Ok(kept_as)
    }

    /// Takes back what was written, as far as the disk lets it be done.
    pub(crate) fn discard(self, disk: &dyn Disk) {
        let _ = disk.remove(&self.temporary);
    }
}

/// Copies a segment file, if it is there, into the folder `aside`, durably; gives the copy's name.
fn keep_aside(
    disk: &dyn Disk,
    folder: &Folder,
    path: &Path,
    first: Sequence,
) -> Result<Option<PathBuf>, StoreError> {
    match fs::symlink_metadata(path) {
        Err(error) if folder::is_absent(&error) => return Ok(None),
        found => found.doing("look at", path)?,
    };
    folder::ensure_dir(disk, &folder.aside())?;
    let kept_as = folder.free_aside(first, "seg");
    recovery::keep(disk, folder, path, 0, &kept_as)?;
    disk.sync_dir(&folder.aside()).doing("make durable the folder", &folder.aside())?;
    Ok(Some(kept_as))
}

/// Moves a segment file into the folder `aside`; gives its name there.
pub(crate) fn move_aside(
    disk: &dyn Disk,
    folder: &Folder,
    first: Sequence,
) -> Result<PathBuf, StoreError> {
    let path = folder.segment(first);
    folder::ensure_dir(disk, &folder.aside())?;
    let kept_as = folder.free_aside(first, "seg");
    disk.rename(&path, &kept_as).doing("put aside", &path)?;
    disk.sync_dir(&folder.aside()).doing("make durable the folder", &folder.aside())?;
    Ok(kept_as)
}
