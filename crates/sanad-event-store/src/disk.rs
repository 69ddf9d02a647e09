//! The operations on files, in one place.
//!
//! Everything the log reads and writes goes through here, so that tests can let any one of these fail.

use std::fmt;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, ReadDir};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use crate::error::{Doing, Failed};

/// What the log asks of a file system.
#[doc(hidden)]
pub trait Disk: fmt::Debug + Send + Sync {
    /// Lists a folder.
    fn list(&self, path: &Path) -> io::Result<ReadDir> {
        fs::read_dir(path)
    }
    /// Looks at what has this name, following no link.
    fn look_at(&self, path: &Path) -> io::Result<Metadata> {
        fs::symlink_metadata(path)
    }
    /// Opens a file to read, and never through a symbolic link in its last place.
    fn open_to_read(&self, path: &Path) -> io::Result<File> {
        guarded(OpenOptions::new().read(true)).open(path)
    }
    /// Adds what follows in a file to `bytes`: `most` bytes, or all up to its end. Says how many.
    fn read(&self, file: &mut File, most: u64, bytes: &mut Vec<u8>) -> io::Result<usize> {
        file.take(most).read_to_end(bytes)
    }
    /// Makes a folder.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Makes a file that must not exist yet, to write to.
    fn create_new(&self, path: &Path) -> io::Result<File>;
    /// Opens a file to write at its end.
    fn open_append(&self, path: &Path) -> io::Result<File>;
    /// Opens a file to read and to write anywhere in it, and makes it where there is none.
    fn open_or_make(&self, path: &Path) -> io::Result<File>;
    /// Writes all of `bytes`.
    fn write_all(&self, file: &mut File, bytes: &[u8]) -> io::Result<()>;
    /// Makes bytes that were added to a file durable, and the length with them.
    fn sync_data(&self, file: &File) -> io::Result<()>;
    /// Makes a file durable with all that is known of it; needed after anything but adding bytes.
    fn sync_all(&self, file: &File) -> io::Result<()>;
    /// Sets a file's length.
    fn truncate(&self, file: &File, length: u64) -> io::Result<()>;
    /// Gives a file another name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file; that there is none is fine.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
}

/// The file system of the operating system.
///
/// What is made here can be read by its owner and the owner's group, written by the owner alone, and is
/// nobody else's concern: it says who was granted what. The user's umask takes away from that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OsDisk;

/// As [`OsDisk`], for files that are made to be read by everybody. They are written by their owner
/// alone, too.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct PublicDisk;

/// The permissions of a folder and of a file.
#[derive(Clone, Copy)]
struct Modes {
    folder: u32,
    file: u32,
}

const OF_A_LEDGER: Modes = Modes { folder: 0o750, file: 0o640 };
const OF_A_PUBLICATION: Modes = Modes { folder: 0o755, file: 0o644 };

impl Disk for OsDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        create_dir(path, OF_A_LEDGER)
    }

    fn create_new(&self, path: &Path) -> io::Result<File> {
        create_new(path, OF_A_LEDGER)
    }

    fn open_append(&self, path: &Path) -> io::Result<File> {
        guarded(OpenOptions::new().append(true)).open(path)
    }

    fn open_or_make(&self, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        guarded(private(&mut options, OF_A_LEDGER.file)).open(path)
    }

    fn write_all(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn sync_all(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

impl Disk for PublicDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        create_dir(path, OF_A_PUBLICATION)
    }

    fn create_new(&self, path: &Path) -> io::Result<File> {
        create_new(path, OF_A_PUBLICATION)
    }

    fn open_append(&self, path: &Path) -> io::Result<File> {
        OsDisk.open_append(path)
    }

    fn open_or_make(&self, path: &Path) -> io::Result<File> {
        OsDisk.open_or_make(path)
    }

    fn write_all(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        OsDisk.write_all(file, bytes)
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        OsDisk.sync_data(file)
    }

    fn sync_all(&self, file: &File) -> io::Result<()> {
        OsDisk.sync_all(file)
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        OsDisk.truncate(file, length)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        OsDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        OsDisk.remove(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        OsDisk.sync_dir(path)
    }
}

fn create_dir(path: &Path, modes: Modes) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, modes.folder);
    builder.create(path)
}

fn create_new(path: &Path, modes: Modes) -> io::Result<File> {
    // O_EXCL refuses a symbolic link too.
    private(OpenOptions::new().write(true).create_new(true), modes.file).open(path)
}

fn private(options: &mut OpenOptions, mode: u32) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, mode);
    options
}

/// The file system of the operating system, to be shared.
pub(crate) fn os() -> Arc<dyn Disk> {
    Arc::new(OsDisk)
}

/// Puts a file with these bytes in the place of what is there, whole or not at all; durable when this returns.
pub(crate) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let (temporary, folder) = (path.with_file_name(name), folder_of(path));
    // One may be left of a writing that did not finish.
    disk.remove(&temporary).doing("remove", &temporary)?;
    let mut file = disk.create_new(&temporary).doing("create", &temporary)?;
    disk.write_all(&mut file, bytes).doing("write to", &temporary)?;
    disk.sync_all(&file).doing("make durable", &temporary)?;
    disk.rename(&temporary, path).doing("put in place", path)?;
    disk.sync_dir(folder).doing("make durable the folder", folder)
}

/// Opens a file of the operating system's to read, and never through a symbolic link in its last place.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    OsDisk.open_to_read(path)
}

/// The folder that a path lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Lets `open` refuse a symbolic link in the path's last place, and not wait where a pipe was put.
fn guarded(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    options
}
