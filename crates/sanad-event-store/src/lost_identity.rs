//! The identity file of a ledger brought back, where the log proves whose it is.

use std::fs;
use std::path::{Path, PathBuf};

use sanad_audit_log::{Identity, Sequence};

use crate::error::{Doing, StoreError};
use crate::file_store::Options;
use crate::folder::{self, Folder};
use crate::identity_file;
use crate::lock::Lock;
use crate::recovery;
use crate::segment::SegmentHeader;

/// An identity file that was brought back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityBack {
    /// The file.
    pub path: PathBuf,
    /// What stood there before, as it is called in `aside` now; `None` where there was none.
    pub kept_as: Option<PathBuf>,
}

/// Writes the identity file of the ledger in the folder `dir`, where that is lost or damaged, if the
/// header of the first segment proves that the ledger is the one with this identity: it holds the
/// genesis hash, which stands for every field. `None` where nothing is wrong with the file.
///
/// # Errors
/// What keeps the identity file from being read, where the log does not prove that it was this one;
/// or the operation that failed.
pub fn bring_back_identity(
    dir: &Path,
    identity: &Identity,
    options: &Options,
) -> Result<Option<IdentityBack>, StoreError> {
    let (disk, folder) = (&*options.disk, Folder::checked(dir)?);
    let lost = match identity_file::read(&folder) {
        Ok(_) => return Ok(None),
        Err(lost @ (StoreError::IdentityDamaged { .. } | StoreError::HalfCreated { .. })) => lost,
        Err(error) => return Err(error),
    };
    if !proves(&folder, identity) {
        return Err(lost);
    }
    folder.refuse_exposed()?;
    let _lock = Lock::take(disk, &folder)?;
    let path = folder.identity();
    let mut kept_as = None;
    if fs::symlink_metadata(&path).is_ok() {
        folder::ensure_dir(disk, &folder.aside())?;
        let kept = folder.free_aside(Sequence::FIRST, "json");
        recovery::keep(disk, &folder, &path, 0, &kept)?;
        disk.sync_dir(&folder.aside()).doing("make durable the folder", &folder.aside())?;
        kept_as = Some(kept);
    }
    identity_file::write(disk, &folder, identity)?;
    Ok(Some(IdentityBack { path, kept_as }))
}

/// Whether the log begins with the genesis of this identity.
fn proves(folder: &Folder, identity: &Identity) -> bool {
    let Ok(mut file) = folder.open(&folder.segment(Sequence::FIRST)) else { return false };
    let Ok(Ok(header)) = SegmentHeader::read(&mut file) else { return false };
    let is_first = header.check(identity.ledger_id(), Sequence::FIRST).is_ok();
    is_first && header.previous == identity.genesis()
}
