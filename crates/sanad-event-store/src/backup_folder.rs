//! A folder that holds a backup of a ledger.

use std::path::Path;

use sanad_audit_log::{Head, Identity};

use crate::backup_mark::BackupMark;
use crate::disk::Disk;
use crate::error::StoreError;
use crate::file_store::Options;
use crate::folder::{self, Folder};
use crate::identity_file;
use crate::lock::Lock;
use crate::log_copy::{Copied, LogCopy, is_empty};
use crate::reader::FileReader;
use crate::sound_log::SoundLog;

/// A backup, open to be made or gone on with; one process at a time has it.
///
/// It has the form of a ledger's folder, so everything that reads a ledger reads it, and a mark that
/// says how far it goes. It cannot be recorded to. The mark is written before the first byte is copied
/// and again when all is durable; `ledger.json` when the log is there. So a backup that did not finish
/// is told from one that did, and the next goes on with it.
#[derive(Debug)]
pub struct BackupFolder {
    folder: Folder,
    options: Options,
    mark: BackupMark,
    _lock: Lock,
}

impl BackupFolder {
    /// Opens the folder `dir` for a backup of the ledger with this identity: a new or empty one, or one
    /// that holds a backup of the same ledger.
    ///
    /// # Errors
    /// [`StoreError::NotABackup`], [`StoreError::BackupOfOtherLedger`], [`StoreError::AlreadyOpen`], or
    /// the operation that failed.
    pub fn open(dir: &Path, identity: &Identity, options: Options) -> Result<Self, StoreError> {
        let disk = &*options.disk;
        folder::ensure_dir(disk, dir)?;
        let folder = Folder::checked(dir)?;
        folder.refuse_exposed()?;
        let mark = match BackupMark::read(&folder)? {
            Some(mark) => mark,
            None if is_empty(dir)? => {
                let head = Head::empty(identity.genesis());
                let mark = BackupMark { ledger_id: identity.ledger_id(), head };
                mark.write(disk, &folder)?;
                mark
            }
            None => return Err(StoreError::NotABackup { path: dir.to_owned() }),
        };
        let path = || dir.to_owned();
        if mark.ledger_id != identity.ledger_id() {
            let (expected, found) = (identity.ledger_id(), mark.ledger_id);
            return Err(StoreError::BackupOfOtherLedger { path: path(), expected, found });
        }
        match identity_file::read(&folder) {
            Ok(found) if found != *identity => {
                return Err(StoreError::BackupDiverged { path: path(), held: mark.head });
            }
            Ok(_) | Err(StoreError::UnfinishedBackup { .. }) => {}
            Err(error) => return Err(error),
        }
        let lock = Lock::take(disk, &folder)?;
        Ok(Self { folder, options, mark, _lock: lock })
    }

    /// What the last backup into the folder that finished holds; the empty history if none did.
    pub const fn head(&self) -> Head {
        self.mark.head
    }

    /// Copies what is not there yet. Nothing in the folder is changed before it is known that the
    /// ledger goes on from what the backup holds.
    ///
    /// # Errors
    /// [`StoreError::BackupAhead`] where the ledger has lost what the backup holds,
    /// [`StoreError::BackupDiverged`] where it holds another history, or the operation that failed.
    pub fn copy(
        &mut self,
        ledger: &FileReader,
        sound: &SoundLog,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Copied, StoreError> {
        let (held, found, path) = (self.mark.head, sound.head(), self.folder.root().to_owned());
        if held.size > found.size {
            return Err(StoreError::BackupAhead { path, held, found: found.size });
        }
        if !ledger.holds(held)? {
            return Err(StoreError::BackupDiverged { path, held });
        }
        let disk = self.disk();
        let copy = LogCopy { disk, from: ledger.folder(), to: &self.folder };
        let copied = copy.run(sound, progress)?;
        if identity_file::read(&self.folder).is_err() {
            identity_file::write(disk, &self.folder, ledger.identity())?;
        }
        Ok(copied)
    }

    /// Marks the backup as finished, up to and with `head`.
    ///
    /// # Errors
    /// The operation that failed.
    pub fn finish(mut self, head: Head) -> Result<(), StoreError> {
        self.mark.head = head;
        self.mark.write(self.disk(), &self.folder)
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.folder.root()
    }

    fn disk(&self) -> &dyn Disk {
        &*self.options.disk
    }
}
