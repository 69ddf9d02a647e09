//! A ledger's folder made from the sound log of another.

use std::path::Path;

use crate::error::StoreError;
use crate::file_store::Options;
use crate::folder::{self, Folder};
use crate::identity_file;
use crate::kept_checkpoints::KeptCheckpoints;
use crate::log_copy::{Copied, LogCopy, is_empty};
use crate::reader::FileReader;
use crate::sound_log::SoundLog;

/// Makes a ledger in the new or empty folder `dir` from the sound part of the log that `copy` reads,
/// and from the checkpoints that are kept beside it. Whether they belong to it is not looked at.
///
/// As when a ledger is created, the identity file is written last: what does not finish is recognised
/// as half created, and never taken for a ledger.
///
/// # Errors
/// [`StoreError::NotEmpty`], [`StoreError::ChangedMeanwhile`], or the operation that failed.
pub fn restore(
    copy: &FileReader,
    sound: &SoundLog,
    dir: &Path,
    options: &Options,
    progress: &mut dyn FnMut(u64),
) -> Result<Copied, StoreError> {
    let disk = &*options.disk;
    folder::ensure_dir(disk, dir)?;
    if !is_empty(dir)? {
        return Err(StoreError::NotEmpty { path: dir.to_owned() });
    }
    let folder = Folder::checked(dir)?;
    folder.refuse_exposed()?;
    let copied = LogCopy { disk, from: copy.folder(), to: &folder }.run(sound, progress)?;
    folder::ensure_dir(disk, &folder.aside())?;
    let kept = KeptCheckpoints::of(dir)?;
    for checkpoint in KeptCheckpoints::of(copy.dir())?.all()? {
        if let Ok(note) = checkpoint.note {
            kept.keep(&note)?;
        }
    }
    identity_file::write(disk, &folder, copy.identity())?;
    Ok(copied)
}
