//! What a ledger remembers about its log: what it amounts to, positions, and how far the log went.
//!
//! All of it is derived from the log and can be thrown away. Whatever does not check (a digest, the
//! ledger, the layout) is an error or missing, and never used; the caller then makes it anew.
//!
//! Most of it is blocks that never change: they are appended to a file, and the manifest, which is replaced as a whole,
//! says which of them count. So remembering costs what is new, and a reader beside a writer sees what was remembered
//! before or after, and nothing between.
//!
//! The remembered head also tells when acknowledged records are missing from the log's end. That is
//! best effort: whoever deletes the memory deletes this too. A checkpoint kept elsewhere is the proof.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanad_audit_log::{Head, LedgerId};

use crate::block_file;
use crate::disk::{self, Disk};
use crate::error::Doing;
use crate::folder;
use crate::lock::Lock;
use crate::manifest::{self, BlockEntry, Manifest};
use crate::memory_error::MemoryError;
use crate::position::Position;

/// How the names of files of blocks begin; a number follows.
const BLOCKS: &str = "blocks.";

/// What is to be remembered, up to a head that is durable in the log.
#[derive(Clone, Copy, Debug)]
pub struct Remembered<'a> {
    /// The head. Tell a memory only of records that are acknowledged.
    pub head: Head,
    /// The caller's number for how blocks and rest are to be read. What is remembered is only given back to who asks
    /// for the same number.
    pub version: u32,
    /// How many of the blocks that are there already stay; those behind them do not count any more.
    pub keep: usize,
    /// The blocks behind those.
    pub blocks: &'a [&'a [u8]],
    /// What is not in blocks: it replaces the rest that is there.
    pub rest: &'a [u8],
    /// Where some of the new records stand.
    pub positions: &'a [Position],
}

/// The blocks, as they were read, and the rest.
pub type Recalled<'m, B> = (Vec<B>, &'m [u8]);

/// What a ledger remembers.
#[derive(Debug)]
pub struct Memory {
    path: PathBuf,
    disk: Arc<dyn Disk>,
    ledger_id: LedgerId,
    manifest: Option<Manifest>,
    /// The file of blocks that the manifest names: it stays readable if it is replaced.
    blocks: Option<File>,
    _lock: Option<Arc<Lock>>,
}

impl Memory {
    /// Opens the memory in the folder `path` (`memory` in a ledger's folder), or an empty one where there is none. To
    /// read from it, nothing is written.
    ///
    /// # Errors
    /// [`MemoryError`] when it cannot be used.
    pub fn open(path: &Path, ledger_id: LedgerId) -> Result<Self, MemoryError> {
        Self::open_on(&(Arc::new(disk::OsDisk) as Arc<dyn Disk>), path, ledger_id)
    }

    /// As [`Memory::open`], on a given disk.
    pub(crate) fn open_on(
        disk: &Arc<dyn Disk>,
        path: &Path,
        ledger_id: LedgerId,
    ) -> Result<Self, MemoryError> {
        let (path, disk) = (path.to_owned(), Arc::clone(disk));
        let empty = Self { path, disk, ledger_id, manifest: None, blocks: None, _lock: None };
        let Some(bytes) = empty.manifest_bytes()? else { return Ok(empty) };
        let manifest = Manifest::decode(&bytes, ledger_id)?;
        let blocks =
            if manifest.blocks.is_empty() { None } else { Some(empty.open_blocks(&manifest)?) };
        Ok(Self { manifest: Some(manifest), blocks, ..empty })
    }

    fn manifest_bytes(&self) -> Result<Option<Vec<u8>>, MemoryError> {
        if fs::symlink_metadata(&self.path).is_ok_and(|found| !found.is_dir()) {
            return Err(MemoryError::Damaged { what: "the folder, which is none," });
        }
        let path = self.path.join(manifest::NAME);
        let mut file = match self.disk.open_to_read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return if self.is_empty() {
                    Ok(None)
                } else {
                    Err(MemoryError::Damaged { what: "the manifest, which is missing," })
                };
            }
            opened => opened.doing("open", &path)?,
        };
        let mut bytes = Vec::new();
        self.disk.read(&mut file, manifest::MOST_BYTES, &mut bytes).doing("read", &path)?;
        Ok(Some(bytes))
    }

    /// Whether there is nothing in the folder, or only what a first remembering that did not finish left there.
    fn is_empty(&self) -> bool {
        let Ok(entries) = fs::read_dir(&self.path) else { return true };
        let mut names = entries.flatten().map(|entry| entry.file_name());
        names.all(|name| {
            name.to_str().is_some_and(|name| name.starts_with(BLOCKS) || name.ends_with(".tmp"))
        })
    }

    fn open_blocks(&self, manifest: &Manifest) -> Result<File, MemoryError> {
        let path = self.block_file(manifest.file);
        let damaged = || MemoryError::Damaged { what: "the file of blocks" };
        let file = match self.disk.open_to_read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(damaged()),
            opened => opened.doing("open", &path)?,
        };
        let found = file.metadata().doing("look at", &path)?;
        // More may be there, of a remembering that did not finish.
        if found.is_file() && found.len() >= manifest.counted() { Ok(file) } else { Err(damaged()) }
    }

    fn block_file(&self, number: u64) -> PathBuf {
        self.path.join(format!("{BLOCKS}{number}"))
    }

    /// Keeps the ledger's lock for as long as the memory is open.
    pub(crate) fn under(self, lock: &Arc<Lock>) -> Self {
        Self { _lock: Some(Arc::clone(lock)), ..self }
    }

    /// Deletes the memory in the folder `path` and makes an empty one.
    ///
    /// # Errors
    /// [`MemoryError`] when that is not possible.
    pub fn rebuild(path: &Path, ledger_id: LedgerId) -> Result<Self, MemoryError> {
        Self::rebuild_on(&(Arc::new(disk::OsDisk) as Arc<dyn Disk>), path, ledger_id)
    }

    /// As [`Memory::rebuild`], on a given disk.
    pub(crate) fn rebuild_on(
        disk: &Arc<dyn Disk>,
        path: &Path,
        ledger_id: LedgerId,
    ) -> Result<Self, MemoryError> {
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => fs::remove_dir_all(path),
            Ok(_) => fs::remove_file(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
        .doing("remove", path)?;
        Self::open_on(disk, path, ledger_id)
    }

    /// The head up to which everything is remembered; `None` if nothing is.
    pub fn head(&self) -> Option<Head> {
        self.manifest.as_ref().map(|manifest| manifest.head)
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> usize {
        self.manifest.as_ref().map_or(0, |manifest| manifest.blocks.len())
    }

    /// The positions that were remembered, ascending. Hints: see [`Position`].
    pub fn positions(&self) -> &[Position] {
        self.manifest.as_ref().map_or(&[], |manifest| &manifest.positions)
    }

    /// Remembers what is new since [`Memory::head`]. O(what is new), but for some bytes a block.
    ///
    /// # Errors
    /// [`MemoryError`]; then what was remembered before still stands.
    pub fn remember(&mut self, what: &Remembered<'_>) -> Result<(), MemoryError> {
        let given = what.head.size;
        if let Some(remembered) = self.head().map(|head| head.size).filter(|&size| size > given) {
            return Err(MemoryError::Backwards { remembered, given });
        }
        let mut next = self.next(what);
        let kept = next.blocks.len();
        next.blocks.extend(what.blocks.iter().map(|block| BlockEntry::of(block)));
        folder::ensure_dir(&*self.disk, &self.path).map_err(|error| self.failed(error))?;
        let path = self.block_file(next.file);
        if kept < next.blocks.len() {
            let from = next.blocks[..kept].iter().map(|block| u64::from(block.length)).sum();
            block_file::write(&*self.disk, &path, from, what.blocks)?;
        }
        // Up to here nothing is named in the manifest, so nothing half written is ever used.
        let bytes = next.encode(self.ledger_id);
        disk::replace(&*self.disk, &self.path.join(manifest::NAME), &bytes)?;
        let file = next.file;
        if self.manifest.replace(next).is_none_or(|before| before.file != file) {
            self.blocks = None;
            self.remove_other_blocks(file)?;
        }
        Ok(())
    }

    /// Removes the files of blocks that the manifest does not name.
    fn remove_other_blocks(&self, named: u64) -> Result<(), MemoryError> {
        let named = self.block_file(named);
        for entry in fs::read_dir(&self.path).doing("list", &self.path)? {
            let path = entry.doing("list", &self.path)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if path != named && name.is_some_and(|name| name.starts_with(BLOCKS)) {
                self.disk.remove(&path).doing("remove", &path)?;
            }
        }
        Ok(())
    }

    /// The manifest to come, with the blocks that stay.
    fn next(&self, what: &Remembered<'_>) -> Manifest {
        let (head, version, rest) = (what.head, what.version, what.rest.to_vec());
        let mut next = match &self.manifest {
            Some(before) if before.blocks.len() == what.keep => {
                Manifest { head, version, rest, ..before.clone() }
            }
            // Readers may be at the blocks that no longer count, so others go into another file.
            Some(before) => {
                let (file, positions) = (before.file + 1, before.positions.clone());
                Manifest { head, version, file, blocks: Vec::new(), positions, rest }
            }
            None => {
                let (blocks, positions) = (Vec::new(), Vec::new());
                Manifest { head, version, file: 0, blocks, positions, rest }
            }
        };
        let last = next.positions.last().map(|last| last.sequence);
        let new = what.positions.iter().filter(|position| Some(position.sequence) > last);
        next.positions.extend(new);
        next
    }

    fn failed(&self, error: crate::error::StoreError) -> MemoryError {
        let source = io::Error::other(error.to_string());
        MemoryError::Io { operation: "use the folder", path: self.path.clone(), source }
    }

    /// What is remembered with this version: each block as `read` takes it, in order, and the rest. Blocks are read and
    /// checked on all cores. `None` where nothing with that version is remembered.
    ///
    /// # Errors
    /// [`MemoryError::Damaged`] when a block is not as it was written, or `read` does not take it.
    pub fn recall<B: Send>(
        &self,
        version: u32,
        read: impl Fn(Vec<u8>) -> Option<B> + Sync,
    ) -> Result<Option<Recalled<'_, B>>, MemoryError> {
        let Some(manifest) = self.manifest.as_ref().filter(|it| it.version == version) else {
            return Ok(None);
        };
        let blocks = match &self.blocks {
            Some(file) => block_file::read(file, &manifest.blocks, &read)?,
            None if manifest.blocks.is_empty() => Vec::new(),
            None => {
                let file = self.open_blocks(manifest)?;
                block_file::read(&file, &manifest.blocks, &read)?
            }
        };
        Ok(Some((blocks, &manifest.rest)))
    }
}
