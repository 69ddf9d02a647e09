//! A folder of small files that are written whole and durably, and read with bounds, by one process.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::error::{Doing, StateError};

const LOCK: &str = "lock";
/// How often the lock is tried for: a process that was just ended may hold it for an instant yet.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// The folder, locked until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    lock: File,
}

impl Folder {
    /// Makes the folder, or takes an empty one, and locks it.
    pub(crate) fn create(root: &Path) -> Result<Self, StateError> {
        match private_dir(root) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                refuse_symlink(root)?;
                let mut entries = fs::read_dir(root).doing("list", root)?;
                if entries.next().is_some() {
                    return Err(StateError::NotEmpty { path: root.to_owned() });
                }
            }
            Err(error) => Err(error).doing("make the folder", root)?,
        }
        let parent = match root.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        sync_dir(parent)?;
        Self::locked(root)
    }

    /// Opens the folder and locks it.
    pub(crate) fn open(root: &Path) -> Result<Self, StateError> {
        refuse_symlink(root)?;
        if !root.is_dir() {
            return Err(StateError::NotAWitness { path: root.to_owned() });
        }
        Self::locked(root)
    }

    fn locked(root: &Path) -> Result<Self, StateError> {
        let path = root.join(LOCK);
        refuse_symlink(&path)?;
        let mut options = OpenOptions::new();
        private(options.read(true).write(true).create(true).truncate(false));
        for _ in 0..TRIES {
            let lock = guarded(&mut options).open(&path).doing("open", &path)?;
            match lock.try_lock() {
                // If it was deleted between opening and locking, the lock keeps nobody out.
                Ok(()) if is_at(&lock, &path) => return Ok(Self { root: root.to_owned(), lock }),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN_TRIES),
                Err(TryLockError::Error(error)) => Err(error).doing("lock", &path)?,
            }
        }
        Err(StateError::InUse { path: root.to_owned() })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Opens a file to read; `None` if there is none.
    pub(crate) fn open_file(&self, name: &str) -> Result<Option<File>, StateError> {
        let path = self.path(name);
        refuse_symlink(&path)?;
        let file = match guarded(OpenOptions::new().read(true)).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.doing("open", &path)?,
        };
        if !file.metadata().doing("look at", &path)?.is_file() {
            return Err(StateError::Damaged { path, why: "it is not a file".to_owned() });
        }
        Ok(Some(file))
    }

    /// Reads a file of at most `most` bytes of UTF-8; `None` if there is none.
    pub(crate) fn read(&self, name: &str, most: usize) -> Result<Option<String>, StateError> {
        let Some(file) = self.open_file(name)? else { return Ok(None) };
        let (path, mut bytes) = (self.path(name), Vec::new());
        file.take(most as u64 + 1).read_to_end(&mut bytes).doing("read", &path)?;
        if bytes.len() > most {
            let why = format!("it is longer than {most} bytes");
            return Err(StateError::Damaged { path, why });
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(StateError::Damaged { path, why: "it is not UTF-8".to_owned() }),
        }
    }

    /// Writes a file, for the owner's eyes only. When this returns it is durable; after an error, or
    /// a crash at any moment, the file is either the new one whole or what it was before.
    pub(crate) fn put(&self, name: &str, text: &str) -> Result<(), StateError> {
        if !is_at(&self.lock, &self.path(LOCK)) {
            return Err(StateError::LockLost { path: self.root.clone() });
        }
        let (path, temporary) = (self.path(name), self.path(&format!("{name}.tmp")));
        refuse_symlink(&path)?;
        // What a crash left there. The lock says that no other witness is writing it.
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed.doing("remove", &temporary)?,
        }
        let mut file = private(OpenOptions::new().write(true).create_new(true))
            .open(&temporary)
            .doing("create", &temporary)?;
        file.write_all(text.as_bytes()).doing("write to", &temporary)?;
        file.sync_all().doing("make durable", &temporary)?;
        fs::rename(&temporary, &path).doing("put in place", &path)?;
        sync_dir(&self.root)
    }
}

fn sync_dir(path: &Path) -> Result<(), StateError> {
    File::open(path).and_then(|folder| folder.sync_all()).doing("make durable the folder", path)
}

fn refuse_symlink(path: &Path) -> Result<(), StateError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(StateError::Symlink { path: path.to_owned() }),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).doing("look at", path),
    }
}

fn private_dir(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Lets only the owner read and write a file that is created.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Lets `open` refuse a symbolic link in the path's last place, and not wait where a pipe was put.
pub(crate) fn guarded(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    options
}

/// Whether `file` is the one that lies at `path` now.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(held), Ok(there)) => (held.dev(), held.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    // Other systems do not let an open file be deleted.
    true
}
