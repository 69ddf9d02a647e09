//! What may be taken away again: partial tiles and bundles whose full ones are there.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Doing, PublicationError};
use crate::shelf::{Shelf, TEMPORARY};

/// Tiles lie this deep at the most: `tile`, the level, and one folder for each three digits of a
/// number below 2^55.
const DEEPEST: usize = 10;

/// Removes them; gives how many files there were. What a crash left of an unfinished file goes too.
pub(crate) fn tidy(shelf: &Shelf) -> Result<u64, PublicationError> {
    let leftover = shelf.path(TEMPORARY);
    shelf.disk().remove(&leftover).doing("remove", &leftover)?;
    let mut removed = 0;
    let mut folders = vec![(shelf.path("tile"), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for inner in folders_in(&folder)? {
            if inner.extension() != Some(OsStr::new("p")) {
                if depth < DEEPEST {
                    folders.push((inner, depth + 1));
                }
            } else if is_file(&inner.with_extension(""))? {
                removed += remove_partials(shelf, &inner)?;
                shelf.disk().sync_dir(&folder).doing("make durable the folder", &folder)?;
            }
        }
    }
    Ok(removed)
}

/// Removes a folder of partial tiles. Files of other names stay, and the folder then too.
fn remove_partials(shelf: &Shelf, folder: &Path) -> Result<u64, PublicationError> {
    let mut removed = 0;
    for entry in fs::read_dir(folder).doing("list", folder)? {
        let entry = entry.doing("list", folder)?;
        let is_width = |name: &str| name.len() <= 3 && name.bytes().all(|b| b.is_ascii_digit());
        if entry.file_name().to_str().is_some_and(is_width) {
            let path = entry.path();
            shelf.disk().remove(&path).doing("remove", &path)?;
            removed += 1;
        }
    }
    match fs::remove_dir(folder) {
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(removed),
        done => done.doing("remove the folder", folder).map(|()| removed),
    }
}

/// The folders in a folder, no links followed; none if it is not there.
fn folders_in(folder: &Path) -> Result<Vec<PathBuf>, PublicationError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.doing("list", folder)?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.doing("list", folder)?;
        if entry.file_type().doing("look at", &entry.path())?.is_dir() {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

fn is_file(path: &Path) -> Result<bool, PublicationError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(found.is_file()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).doing("look at", path),
    }
}
