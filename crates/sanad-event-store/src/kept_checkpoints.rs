//! Checkpoints that a ledger keeps: what was signed, beside what was recorded.
//!
//! They cannot be made again from the log, so they are files of their own and not part of the memory: one note each,
//! named for its size, never changed once it is there but by more signatures over the same text.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use sanad_audit_log::OpenedCheckpoint;
use sanad_audit_log::note::MAX_NOTE;

use crate::disk::{self, OsDisk};
use crate::error::{Doing, StoreError};
use crate::folder::{self, Folder};

/// The folder of a ledger's kept checkpoints.
#[derive(Debug)]
pub struct KeptCheckpoints {
    folder: PathBuf,
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
        Ok(Self { folder: Folder::checked(dir)?.checkpoints() })
    }

    /// All of them, in ascending order of size. A file that holds no checkpoint is told as such.
    ///
    /// # Errors
    /// [`StoreError`] when the folder cannot be listed; that it does not exist is no error.
    pub fn all(&self) -> Result<Vec<KeptCheckpoint>, StoreError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).doing("list", &self.folder)?,
        };
        let mut kept = Vec::new();
        for entry in entries {
            let path = entry.doing("list", &self.folder)?.path();
            let size = path.file_name().and_then(|name| size_of_name(name.to_str()?));
            if let Some(size) = size {
                let note = read(&path);
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
        if path.exists() && read(&path).is_ok_and(|there| there.claimed() != claimed) {
            return Err(StoreError::OtherCheckpoint { path });
        }
        folder::ensure_dir(&OsDisk, &self.folder)?;
        disk::replace(&OsDisk, &path, checkpoint.note().to_string().as_bytes())?;
        Ok(path)
    }
}

fn read(path: &Path) -> Result<OpenedCheckpoint, String> {
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_NOTE).unwrap_or(u64::MAX).saturating_add(1);
    disk::open_to_read(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    OpenedCheckpoint::parse(&bytes).map_err(|error| error.to_string())
}

/// The size in a kept checkpoint's name: exactly 20 digits and `.note`.
fn size_of_name(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".note")?;
    let proper = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if proper { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
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
