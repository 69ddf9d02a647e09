//! A disk that notes everything that is done to it, on which a process can be killed, or fail, at any step.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Error, Seek};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use sanad_event_store::disk::Disk;
use sanad_event_store::fault::{Fault, FaultyDisk};

/// A file, whatever its names are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct FileNo(usize);

/// A name: its folder, by its path from the root, and the name in it.
pub(crate) type Name = (PathBuf, OsString);

/// What was promised to who uses the ledger.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Promised {
    /// How many records are acknowledged; `None` before the ledger's creation is.
    pub(crate) records: Option<u64>,
    /// How many were sealed and handed to the disk.
    pub(crate) attempted: u64,
    /// The checkpoints that are kept, by size, with their texts.
    pub(crate) checkpoints: BTreeMap<u64, String>,
}

/// One thing that was done.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    MakeFolder(Name),
    MakeFile(Name, FileNo),
    Write { file: FileNo, offset: u64, bytes: Vec<u8> },
    Truncate { file: FileNo, length: u64 },
    SyncFile(FileNo),
    Rename { from: Name, to: Name },
    Remove(Name),
    SyncFolder(PathBuf),
    Promise(Promised),
}

/// What the disk held when the notes begin: all of it durable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Begun {
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) files: Vec<(Name, FileNo, Vec<u8>)>,
}

#[derive(Debug, Default)]
struct Notes {
    steps: Vec<Step>,
    numbers: HashMap<u64, FileNo>,
    files: usize,
    /// How many steps the process still lives; for ever where it is none.
    lives: Option<usize>,
    /// How much a write still writes during which the process is killed, in bytes.
    last_bytes: usize,
    promised: Promised,
}

/// The disk: everything below `root` is noted.
#[derive(Debug)]
pub(crate) struct RecordingDisk {
    os: FaultyDisk,
    root: PathBuf,
    begun: Begun,
    notes: Mutex<Notes>,
}

impl RecordingDisk {
    /// Takes what is below `root` for durable.
    pub(crate) fn new(root: &Path, promised: Promised) -> Arc<Self> {
        let (mut begun, mut notes) = (Begun::default(), Notes { promised, ..Notes::default() });
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(root.join(&folder)).unwrap() {
                let entry = entry.unwrap();
                let found = entry.metadata().unwrap();
                let path = folder.join(entry.file_name());
                if found.is_dir() {
                    begun.folders.push(path.clone());
                    folders.push(path);
                    continue;
                }
                let file = notes.number(found.ino());
                let bytes = fs::read(entry.path()).unwrap();
                begun.files.push(((folder.clone(), entry.file_name()), file, bytes));
            }
        }
        let (os, notes) = (FaultyDisk::default(), Mutex::new(notes));
        Arc::new(Self { os, root: root.to_owned(), begun, notes })
    }

    pub(crate) fn begun(&self) -> &Begun {
        &self.begun
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        self.notes().steps.clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.notes().steps.len()
    }

    pub(crate) fn promised(&self) -> Promised {
        self.notes().promised.clone()
    }

    /// Notes what is promised from here on.
    pub(crate) fn promise(&self, change: impl FnOnce(&mut Promised)) {
        let mut notes = self.notes();
        change(&mut notes.promised);
        let promised = notes.promised.clone();
        notes.steps.push(Step::Promise(promised));
    }

    /// Kills the process after so many steps more; a write during which that happens writes so many bytes.
    pub(crate) fn kill_after(&self, steps: usize, last_bytes: usize) {
        let mut notes = self.notes();
        (notes.lives, notes.last_bytes) = (Some(steps), last_bytes);
    }

    /// Lets an operation fail.
    pub(crate) fn fail(&self, fault: Fault) {
        self.os.set(Some(fault));
    }

    /// Another process begins, and the disk is sound again.
    pub(crate) fn revive(&self) {
        self.os.set(None);
        self.notes().lives = None;
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap()
    }

    fn name(&self, path: &Path) -> Name {
        (self.below(path.parent().unwrap()), path.file_name().unwrap().to_owned())
    }

    fn below(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap().to_owned()
    }

    /// Notes what `doing` did, if the process lives and it succeeds.
    fn note<T>(
        &self,
        doing: impl FnOnce() -> io::Result<T>,
        step: impl FnOnce(&mut Notes, &T) -> Option<Step>,
    ) -> io::Result<T> {
        let mut notes = self.notes();
        if let Err(killed) = notes.live() {
            notes.last_bytes = 0;
            return Err(killed);
        }
        let done = doing()?;
        let step = step(&mut notes, &done);
        notes.steps.extend(step);
        Ok(done)
    }

    fn note_file(
        &self,
        file: &File,
        doing: impl FnOnce() -> io::Result<()>,
        step: impl FnOnce(FileNo) -> Step,
    ) -> io::Result<()> {
        let inode = file.metadata()?.ino();
        self.note(doing, |notes, ()| Some(step(notes.number(inode))))
    }
}

impl Notes {
    fn live(&mut self) -> io::Result<()> {
        match &mut self.lives {
            Some(0) => Err(Error::other("the process was killed")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn number(&mut self, inode: u64) -> FileNo {
        let files = &mut self.files;
        *self.numbers.entry(inode).or_insert_with(|| {
            *files += 1;
            FileNo(*files)
        })
    }

    /// The number of a file that was just made: the system may give it the inode of one that is gone.
    fn new_number(&mut self, file: &File) -> FileNo {
        let inode = file.metadata().unwrap().ino();
        self.numbers.remove(&inode);
        self.number(inode)
    }
}

impl Disk for RecordingDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let step = Step::MakeFolder(self.name(path));
        self.note(|| self.os.create_dir(path), |_, ()| Some(step))
    }

    fn create_new(&self, path: &Path) -> io::Result<File> {
        let name = self.name(path);
        let making = || self.os.create_new(path);
        self.note(making, |notes, file| Some(Step::MakeFile(name, notes.new_number(file))))
    }

    fn open_append(&self, path: &Path) -> io::Result<File> {
        self.note(|| self.os.open_append(path), |_, _| None)
    }

    fn open_or_make(&self, path: &Path) -> io::Result<File> {
        let (name, exists) = (self.name(path), path.exists());
        let opening = || self.os.open_or_make(path);
        let made = |notes: &mut Notes, file: &File| {
            (!exists).then(|| Step::MakeFile(name, notes.new_number(file)))
        };
        self.note(opening, made)
    }

    fn write_all(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let inode = file.metadata()?.ino();
        let mut notes = self.notes();
        let killed = notes.live().err();
        let written = match killed {
            Some(_) => std::mem::take(&mut notes.last_bytes).min(bytes.len()),
            None => bytes.len(),
        };
        let (bytes, began) = (bytes[..written].to_vec(), file.stream_position()?);
        let done = self.os.write_all(file, &bytes);
        let ended = file.stream_position()?;
        // A write that fails writes all or nothing here: a killed one writes a part.
        if ended != began {
            let (file, offset) = (notes.number(inode), ended - written as u64);
            notes.steps.push(Step::Write { file, offset, bytes });
        }
        killed.map_or(done, Err)
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        self.note_file(file, || self.os.sync_data(file), Step::SyncFile)
    }

    fn sync_all(&self, file: &File) -> io::Result<()> {
        self.note_file(file, || self.os.sync_all(file), Step::SyncFile)
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        let truncating = || self.os.truncate(file, length);
        self.note_file(file, truncating, |file| Step::Truncate { file, length })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let step = Step::Rename { from: self.name(from), to: self.name(to) };
        self.note(|| self.os.rename(from, to), |_, ()| Some(step))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let step = path.exists().then(|| Step::Remove(self.name(path)));
        self.note(|| self.os.remove(path), |_, ()| step)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        // What lies outside is somebody else's.
        let step = path.starts_with(&self.root).then(|| Step::SyncFolder(self.below(path)));
        self.note(|| self.os.sync_dir(path), |_, ()| step)
    }
}
