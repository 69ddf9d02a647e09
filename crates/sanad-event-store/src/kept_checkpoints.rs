//! Checkpoints that a ledger keeps: what was signed, beside what was recorded.
//!
//! They cannot be made again from the log, so they are files of their own and not part of the memory: one note each,
//! named for its size, never changed once it is there but by more signatures over the same text.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanad_audit_log::OpenedCheckpoint;
use sanad_audit_log::note::MAX_NOTE;

use crate::disk::{self, Disk};
use crate::error::{Doing, StoreError};
use crate::folder::{self, Folder};
use crate::source::Source;

/// The folder of a ledger's kept checkpoints.
#[derive(Debug)]
pub struct KeptCheckpoints {
    folder: PathBuf,
    disk: Arc<dyn Disk>,
}

/// A file among the kept checkpoints.
#[derive(Debug)]
pub struct KeptCheckpoint {
    /// The file.
    pub path: PathBuf,
    /// The size that its name states.
    pub size: u64,
    /// The note in it, unchecked; or why it holds none.
    pub note: Result<OpenedCheckpoint, String>,
}

impl KeptCheckpoints {
    /// The checkpoints kept in the ledger folder `dir`. Nothing is read or made yet.
    ///
    /// # Errors
    /// [`StoreError::Symlink`].
    pub fn of(dir: &Path) -> Result<Self, StoreError> {
        Self::on(disk::os(), dir)
    }

    /// As [`KeptCheckpoints::of`], on a given disk.
    ///
    /// # Errors
    /// As [`KeptCheckpoints::of`].
    #[doc(hidden)]
    pub fn on(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, StoreError> {
        Ok(Self { folder: Folder::checked_on(&disk, dir)?.checkpoints(), disk })
    }

    /// All of them, in ascending order of size. A file that holds no checkpoint is told as such.
    ///
    /// # Errors
    /// [`StoreError`] when the folder cannot be listed; that it does not exist is no error.
    pub fn all(&self) -> Result<Vec<KeptCheckpoint>, StoreError> {
        let entries = match self.disk.list(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).doing("list", &self.folder)?,
        };
        let mut kept = Vec::new();
        for entry in entries {
            let path = entry.doing("list", &self.folder)?.path();
            let size = path.file_name().and_then(|name| size_of_name(name.to_str()?));
            if let Some(size) = size {
                let note = match self.read(&path) {
                    Ok(note) => note.ok_or_else(|| "the file is gone".to_owned()).flatten(),
                    Err(error) => Err(error.to_string()),
                };
                kept.push(KeptCheckpoint { path, size, note });
            }
        }
        kept.sort_by_key(|kept| kept.size);
        Ok(kept)
    }

    /// Keeps a checkpoint, durably. One of the same size that says the same is replaced, as it may have fewer
    /// signatures; one that says something else is left, and is an error.
    ///
    /// # Errors
    /// [`StoreError::OtherCheckpoint`], or the operation that failed.
    pub fn keep(&self, checkpoint: &OpenedCheckpoint) -> Result<PathBuf, StoreError> {
        let claimed = checkpoint.claimed();
        let path = self.folder.join(format!("{:020}.note", claimed.size()));
        // One that cannot be read might say something else.
        let there = self.read(&path).doing("read", &path)?;
        if there.is_some_and(|there| there.is_ok_and(|there| there.claimed() != claimed)) {
            return Err(StoreError::OtherCheckpoint { path });
        }
        folder::ensure_dir(&*self.disk, &self.folder)?;
        disk::replace(&*self.disk, &path, checkpoint.note().to_string().as_bytes())?;
        Ok(path)
    }

    /// The checkpoint in a file, or why it holds none; `None` where there is no such file.
    fn read(&self, path: &Path) -> io::Result<Option<Result<OpenedCheckpoint, String>>> {
        let mut bytes = Vec::new();
        let most = u64::try_from(MAX_NOTE).unwrap_or(u64::MAX).saturating_add(1);
        match Source::open(&self.disk, path).and_then(|mut file| file.read_at(0, most, &mut bytes))
        {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        Ok(Some(OpenedCheckpoint::parse(&bytes).map_err(|error| error.to_string())))
    }
}

/// The size in a kept checkpoint's name: exactly 20 digits and `.note`.
fn size_of_name(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".note")?;
    let proper = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if proper { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use sanad_audit_log::note::SignerKey;
    use sanad_audit_log::tree::TreeHash;
    use sanad_audit_log::{Checkpoint, OpenedCheckpoint};

    fn signed(size: u64, root: u8) -> OpenedCheckpoint {
        let key = SignerKey::from_seed("ledger.example/pk".parse().unwrap(), &[7; 32]);
        let root = TreeHash::from_bytes([root; 32]);
        let checkpoint = Checkpoint::new(key.name().clone(), size, root).unwrap();
        OpenedCheckpoint::from_note(key.sign(checkpoint.to_text())).unwrap()
    }

    #[test]
    fn checkpoints_are_kept_in_order_and_none_is_replaced_by_one_that_says_something_else() {
        let home = tempfile::tempdir().unwrap();
        let kept = KeptCheckpoints::of(home.path()).unwrap();
        assert!(kept.all().unwrap().is_empty());
        for size in [300, 2, 70_000] {
            kept.keep(&signed(size, 1)).unwrap();
        }
        kept.keep(&signed(300, 1)).unwrap();
        let refused = kept.keep(&signed(300, 2)).unwrap_err();
        assert!(matches!(refused, StoreError::OtherCheckpoint { .. }), "{refused}");
        let sizes: Vec<_> = kept.all().unwrap().into_iter().map(|kept| kept.size).collect();
        assert_eq!(sizes, [2, 300, 70_000]);
        assert!(kept.all().unwrap().iter().all(|kept| kept.note.is_ok()));
    }

    #[test]
    fn a_file_that_holds_no_checkpoint_is_told_and_others_are_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let kept = KeptCheckpoints::of(home.path()).unwrap();
        let path = kept.keep(&signed(2, 1)).unwrap();
        fs::write(&path, "no note").unwrap();
        fs::write(path.with_file_name("letter.txt"), "dear auditor").unwrap();
        let all = kept.all().unwrap();
        assert_eq!(all.len(), 1);
        assert!(all[0].note.is_err());
    }
}
