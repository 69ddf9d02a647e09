//! What a ledger weighs: its bytes on disk, apart.

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::error::{BenchError, Doing};

/// A ledger's bytes on disk, by the lengths of its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Weight {
    /// The log: records with the headers of the segments.
    pub log_bytes: u64,
    /// What is derived from it: indexes and snapshots.
    pub memory_bytes: u64,
    /// Everything, small files too.
    pub all_bytes: u64,
}

impl Weight {
    /// Weighs a ledger's folder.
    ///
    /// # Errors
    /// [`BenchError::File`].
    pub fn of(ledger: &Path) -> Result<Self, BenchError> {
        Ok(Self {
            log_bytes: bytes_below(&ledger.join("log"))?,
            memory_bytes: bytes_below(&ledger.join("memory"))?,
            all_bytes: bytes_below(ledger)?,
        })
    }
}

/// The lengths of all files below a folder; nothing where there is none.
///
/// # Errors
/// [`BenchError::File`].
pub fn bytes_below(folder: &Path) -> Result<u64, BenchError> {
    let mut bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.exists() {
            continue;
        }
        for entry in fs::read_dir(&folder).doing("list", &folder)? {
            let path = entry.doing("list", &folder)?.path();
            let found = fs::symlink_metadata(&path).doing("look at", &path)?;
            if found.is_dir() {
                folders.push(path);
            } else {
                bytes += found.len();
            }
        }
    }
    Ok(bytes)
}
