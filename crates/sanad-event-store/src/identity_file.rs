//! `ledger.json`: which ledger a folder holds.

use std::io;
use std::path::Path;

use sanad_audit_log::{FORMAT, Identity, LedgerId};
use serde::{Deserialize, Serialize};

use crate::disk::{self, Disk};
use crate::error::{Doing, StoreError};
use crate::folder::{self, Folder};

/// No identity file is longer, in bytes. Its texts are bounded far below.
pub const MAX_IDENTITY_FILE: usize = 65_536;

/// The file's members, by the names in `docs/format/identity.md`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityFile {
    format: u16,
    ledger: String,
    created_at_us: i64,
    time_zone: String,
    origin: String,
    title: String,
    genesis: String,
}

/// All that is read of a file before its format is known.
#[derive(Deserialize)]
struct FormatOnly {
    format: u64,
}

/// The text of a ledger's identity file: the only one that says so.
fn to_text(identity: &Identity) -> serde_json::Result<String> {
    let file = IdentityFile {
        format: identity.format(),
        ledger: identity.ledger_id().to_string(),
        created_at_us: identity.created_at_us(),
        time_zone: identity.time_zone().to_owned(),
        origin: identity.origin().to_owned(),
        title: identity.title().to_owned(),
        genesis: identity.genesis().to_string(),
    };
    Ok(serde_json::to_string_pretty(&file)? + "\n")
}

/// Writes the identity file, under its name only once it is whole and durable.
pub(crate) fn write(
    disk: &dyn Disk,
    folder: &Folder,
    identity: &Identity,
) -> Result<(), StoreError> {
    let path = folder.identity();
    let text = to_text(identity).map_err(io::Error::from).doing("write to", &path)?;
    Ok(disk::replace(disk, &path, text.as_bytes())?)
}

/// Reads and checks the identity file.
pub(crate) fn read(folder: &Folder) -> Result<Identity, StoreError> {
    let bytes = read_bytes(folder)?;
    from_bytes(&bytes, &folder.identity())
}

/// Reads the identity file as it is.
pub(crate) fn read_bytes(folder: &Folder) -> Result<Vec<u8>, StoreError> {
    let path = folder.identity();
    let mut bytes = Vec::new();
    let read = folder
        .open(&path)
        .and_then(|mut file| file.read_at(0, MAX_IDENTITY_FILE as u64 + 1, &mut bytes));
    match read {
        Err(error) if folder::is_absent(&error) => Err(absent(folder)),
        read => Ok(read.doing("read", &path).map(|_| bytes)?),
    }
}

/// Reads the bytes of an identity file (`ledger.json`, `docs/format/identity.md`), wherever they are
/// from; `path` says in an error which file it was.
///
/// # Errors
/// [`StoreError::IdentityDamaged`] or [`StoreError::NewerFormat`].
pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Identity, StoreError> {
    let damaged = |why: String| StoreError::IdentityDamaged { path: path.to_owned(), why };
    if bytes.len() > MAX_IDENTITY_FILE {
        return Err(damaged(format!("it is longer than {MAX_IDENTITY_FILE} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| damaged("it is not UTF-8".to_owned()))?;
    let FormatOnly { format: found } =
        serde_json::from_str(text).map_err(|error| damaged(not_its_json(&error)))?;
    if found > u64::from(FORMAT) {
        let path = path.to_owned();
        return Err(StoreError::NewerFormat { path, found, supported: FORMAT });
    }
    parse(text).map_err(damaged)
}

fn parse(text: &str) -> Result<Identity, String> {
    let file: IdentityFile = serde_json::from_str(text).map_err(|error| not_its_json(&error))?;
    if file.format != FORMAT {
        return Err(format!("there is no format {}", file.format));
    }
    let id = file.ledger.parse().map_err(|_| "its ledger id is no UUID")?;
    let (id, created_at_us) = (LedgerId::new(id), file.created_at_us);
    let identity = Identity::new(id, created_at_us, file.time_zone, file.origin, file.title)
        .map_err(|error| error.to_string())?;
    if file.genesis != identity.genesis().to_string() {
        return Err("its genesis is not the hash of its other fields".to_owned());
    }
    // What was changed and means the same was changed all the same.
    if to_text(&identity).map_err(|error| error.to_string())? != text {
        return Err("it says which ledger this is in other words than it was written in".to_owned());
    }
    Ok(identity)
}

/// Where a small file is not the JSON that it should be. The reader's own sentence has the file's words in it, which
/// are from elsewhere: they may be long, and move a terminal's cursor.
pub(crate) fn not_its_json(error: &serde_json::Error) -> String {
    format!(
        "its JSON is not that of such a file, at line {} column {}",
        error.line(),
        error.column()
    )
}

fn absent(folder: &Folder) -> StoreError {
    let path = folder.root().to_owned();
    if folder.backup_mark().exists() {
        StoreError::UnfinishedBackup { path }
    } else if folder.log().exists() {
        StoreError::HalfCreated { path }
    } else {
        StoreError::NotALedger { path }
    }
}
