//! `backup.json`: that a folder is a backup, of which ledger, and up to which entry it is one.

use std::io::{self, Read};
use std::path::Path;

use sanad_audit_log::{Head, LedgerId};
use serde::{Deserialize, Serialize};

use crate::disk::{self, Disk};
use crate::error::{Doing, StoreError};
use crate::folder::{self, Folder};
use crate::identity_file::not_its_json;

/// The layout of the file.
const FORMAT: u16 = 1;
/// No mark is longer, in bytes.
const MAX_FILE: u64 = 4_096;

/// What the mark of a backup says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BackupMark {
    /// The ledger.
    pub ledger_id: LedgerId,
    /// What the last backup that finished holds.
    pub head: Head,
}

/// The file's members, by the names in `docs/format/segment.md`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkFile {
    format: u16,
    ledger: String,
    entries: u64,
    head: String,
}

impl BackupMark {
    /// Reads the mark of the folder `dir`; `None` where the folder is no backup.
    ///
    /// # Errors
    /// [`StoreError::BackupMarkDamaged`], or when it cannot be read.
    pub fn of(dir: &Path) -> Result<Option<Self>, StoreError> {
        Self::read(&Folder::checked(dir)?)
    }

    pub(crate) fn read(folder: &Folder) -> Result<Option<Self>, StoreError> {
        let path = folder.backup_mark();
        let mut text = String::new();
        let read = disk::open_to_read(&path)
            .and_then(|file| file.take(MAX_FILE).read_to_string(&mut text));
        match read {
            Err(error) if folder::is_absent(&error) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let why = "it is not UTF-8".to_owned();
                return Err(StoreError::BackupMarkDamaged { path, why });
            }
            read => read.doing("read", &path)?,
        };
        let parsed = parse(&text);
        parsed.map(Some).map_err(|why| StoreError::BackupMarkDamaged { path, why })
    }

    /// Writes the mark, under its name only once it is whole and durable.
    pub(crate) fn write(&self, disk: &dyn Disk, folder: &Folder) -> Result<(), StoreError> {
        let path = folder.backup_mark();
        let file = MarkFile {
            format: FORMAT,
            ledger: self.ledger_id.to_string(),
            entries: self.head.size,
            head: self.head.hash.to_string(),
        };
        let text = serde_json::to_string_pretty(&file).map_err(io::Error::from);
        let text = text.doing("write to", &path)? + "\n";
        Ok(disk::replace(disk, &path, text.as_bytes())?)
    }
}

fn parse(text: &str) -> Result<BackupMark, String> {
    let file: MarkFile = serde_json::from_str(text).map_err(|error| not_its_json(&error))?;
    if file.format != FORMAT {
        return Err(format!("it has format {} and this program reads {FORMAT}", file.format));
    }
    let id = file.ledger.parse().map_err(|_| "its ledger id is no UUID")?;
    let hash = file.head.parse().map_err(|error| format!("its head is none: {error}"))?;
    Ok(BackupMark { ledger_id: LedgerId::new(id), head: Head { size: file.entries, hash } })
}
