//! Files that a command reads and writes beside the ledger.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::failure::Failure;

/// Reads a file that has at most so many bytes.
pub(crate) fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let unreadable = |source| Failure::File { doing: "read", path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        let told =
            format!("{} has more than {most} bytes; it is not what it should be", path.display());
        return Err(Failure::Misread(told));
    }
    Ok(bytes)
}

/// Writes a file that must not exist yet; nothing is ever written over another file.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |source| Failure::File { doing: "write", path: path.to_owned(), source };
    // Neither through a symbolic link nor to be written by others, whatever the umask.
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o644).open(path);
    let mut file = match opened {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let told =
                format!("{} exists already; name another file, or remove it", path.display());
            return Err(Failure::Misread(told));
        }
        opened => opened.map_err(failed)?,
    };
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}
