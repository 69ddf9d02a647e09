//! Private keys in files that only their owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sanad_audit_log::note::{KeyError, SignerKey};

/// No key file is longer, in bytes: names are bounded far below by what people type.
const MAX_FILE: u64 = 4_096;

/// What can go wrong with a key file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// There is a file already.
    #[error("{} exists already; a key is never written over another", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Others may read or write the file.
    #[error(
        "{} can be read or written by others (mode {mode:03o}); whoever read it can sign as you. \
         Make a new key, or if nobody can have read it: chmod 600",
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It holds no private key.
    #[error("{} holds no private key: {cause}", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: KeyError,
    },
    /// The system said no.
    #[error("could not {operation} {}: {source}", path.display())]
    Io {
        /// What was being done.
        operation: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Writes a log's private key into a new file that only its owner can read.
///
/// # Errors
/// [`KeyFileError::Exists`], or what the system says.
pub fn write_signer(path: &Path, key: &SignerKey) -> Result<(), KeyFileError> {
    write(path, &key.to_secret_text())
}

/// Reads a log's private key.
///
/// # Errors
/// [`KeyFileError::Exposed`] where others may read it, [`KeyFileError::NotAKey`], or what the system says.
pub fn read_signer(path: &Path) -> Result<SignerKey, KeyFileError> {
    read(path)?.parse().map_err(|cause| KeyFileError::NotAKey { path: path.to_owned(), cause })
}

fn write(path: &Path, secret: &str) -> Result<(), KeyFileError> {
    let failed =
        |operation| move |source| KeyFileError::Io { operation, path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(KeyFileError::Exists { path: path.to_owned() });
        }
        opened => opened.map_err(failed("create"))?,
    };
    let written = writeln!(file, "{secret}").and_then(|()| file.sync_all());
    if let Err(source) = written {
        // Half a key is no key, and would keep a whole one from being written.
        let _ = fs::remove_file(path);
        return Err(failed("write to")(source));
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(failed("make durable"))
}

fn read(path: &Path) -> Result<String, KeyFileError> {
    let failed = |source| KeyFileError::Io { operation: "read", path: path.to_owned(), source };
    let file = open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Exposed { path: path.to_owned(), mode });
        }
    }
    let mut text = String::new();
    file.take(MAX_FILE).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Opens a key to read: a link may lead to it, since what it leads to is looked at; a pipe may not.
fn open(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanad_audit_log::note::CosignerKey;

    fn key() -> SignerKey {
        SignerKey::from_seed("ledger.example/pk".parse().unwrap(), &[7; 32])
    }

    #[test]
    fn a_key_is_written_once_for_its_owner_alone_and_read_again() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("log.key");
        write_signer(&path, &key()).unwrap();
        assert_eq!(read_signer(&path).unwrap().verifier_key(), key().verifier_key());
        assert!(matches!(write_signer(&path, &key()), Err(KeyFileError::Exists { .. })));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            let exposed = read_signer(&path).unwrap_err();
            assert!(matches!(exposed, KeyFileError::Exposed { mode: 0o640, .. }), "{exposed}");
        }
    }

    #[test]
    fn a_witness_key_is_no_log_key_and_a_letter_is_none_at_all() {
        let home = tempfile::tempdir().unwrap();
        let witness = CosignerKey::from_seed("witness.example/w".parse().unwrap(), &[7; 32]);
        for (file, secret) in
            [("witness.key", &*witness.to_secret_text()), ("letter", "dear auditor")]
        {
            let path = home.path().join(file);
            write(&path, secret).unwrap();
            assert!(matches!(read_signer(&path), Err(KeyFileError::NotAKey { .. })));
        }
    }
}
