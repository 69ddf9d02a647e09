//! Folders as they are: every file in them, and copies.

use std::fs;
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
