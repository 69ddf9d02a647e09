//! Folders as they are: every file in them, and copies.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Every file below a folder, by its path from there, in order.
///
/// # Panics
/// Where the folder cannot be read.
#[must_use]
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(one) = folders.pop() {
        for entry in fs::read_dir(one).expect("a folder") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder).expect("below it").to_owned());
            }
        }
    }
    files.sort();
    files
}

/// Copies every file below a folder.
///
/// # Panics
/// Where one cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) {
    for file in files_in(from) {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        fs::copy(from.join(file), target).expect("a file");
    }
}

/// Copies every file below a folder while somebody writes there, as `cp -r` does: each folder is listed before its
/// first file is read, and a file that is gone by then is passed over.
///
/// # Panics
/// Where one cannot be written.
pub fn copy_folder_live(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    let entries = fs::read_dir(from).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    for path in paths {
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_folder_live(&path, &target);
        } else if let Err(error) = fs::copy(&path, target) {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        }
    }
}
