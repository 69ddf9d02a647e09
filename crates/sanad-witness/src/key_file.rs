//! The file that holds a witness's private key.

use std::fs::File;

use sanad_audit_log::note::CosignerKey;

use crate::error::{Doing, StateError};
use crate::folder::Folder;

const NAME: &str = "key";
/// No key's line is longer, in bytes.
const MAX_KEY: usize = 4_096;

pub(crate) fn write(folder: &Folder, key: &CosignerKey) -> Result<(), StateError> {
    folder.put(NAME, &format!("{}\n", key.to_secret_text()))
}

pub(crate) fn read(folder: &Folder) -> Result<CosignerKey, StateError> {
    let path = folder.path(NAME);
    let gone = || StateError::Damaged { path: folder.path(NAME), why: "it is gone".to_owned() };
    let file = folder.open_file(NAME)?.ok_or_else(gone)?;
    refuse_exposed(folder, &file)?;
    let text = folder.read(NAME, MAX_KEY)?.ok_or_else(gone)?;
    text.parse().map_err(|cause| StateError::Key { path, cause })
}

#[cfg(unix)]
fn refuse_exposed(folder: &Folder, file: &File) -> Result<(), StateError> {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.path(NAME);
    let mode = file.metadata().doing("look at", &path)?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(StateError::KeyExposed { path, mode }) }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Folder, _: &File) -> Result<(), StateError> {
    Ok(())
}
