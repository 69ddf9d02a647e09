//! The power is cut after any operation: only what was made durable is there, and that is enough.
//!
//! The disk here knows what has been made durable: a file's bytes as of its last sync, a folder's
//! names as of its last sync. A real disk may keep more, in any order; it may not keep less.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use sanad_event_store::disk::Disk;
use sanad_event_store::fault::FaultyDisk;
use sanad_event_store::{EventStore, FileStore, Options, StoreError};

use crate::testlog::{alter, append, audit, files_in, identity, scratch};

/// A name in a folder, with the inode of what it names.
type Name = (OsString, u64);

#[derive(Debug, Default)]
struct Durable {
    bytes: HashMap<u64, Vec<u8>>,
    names: HashMap<PathBuf, Vec<Name>>,
    /// How many records are acknowledged, and whether the ledger's creation is.
    acknowledged: Option<u64>,
    /// How many power cuts were tried.
    cuts: usize,
}

/// A disk on which the power is cut after every operation, in a copy.
#[derive(Debug)]
struct PowerCutDisk {
    os: FaultyDisk,
    root: PathBuf,
    durable: Mutex<Durable>,
}

impl PowerCutDisk {
    fn new(root: &Path) -> Arc<Self> {
        let (os, durable) = (FaultyDisk::default(), Mutex::default());
        Arc::new(Self { os, root: root.to_owned(), durable })
    }

    fn options(self: &Arc<Self>) -> Options {
        let mut options = Options::default();
        options.segment_bytes = 350;
        options.disk = Arc::clone(self) as Arc<dyn Disk>;
        options
    }

    fn acknowledge(&self, size: u64) {
        self.durable.lock().unwrap().acknowledged = Some(size);
    }

    fn acknowledged(&self) -> Option<u64> {
        self.durable.lock().unwrap().acknowledged
    }

    fn keep_bytes(&self, file: &File) {
        let inode = file.metadata().unwrap().ino();
        let path = find(&self.root, inode).expect("the file has a name");
        self.durable.lock().unwrap().bytes.insert(inode, fs::read(path).unwrap());
    }

    fn keep_names(&self, folder: &Path) {
        let name = |path: &PathBuf| {
            let inode = fs::symlink_metadata(path).unwrap().ino();
            (path.file_name().unwrap().to_owned(), inode)
        };
        let names = files_in(folder).iter().map(name).collect();
        self.durable.lock().unwrap().names.insert(folder.to_owned(), names);
    }

    /// Cuts the power in a copy, and opens what is left there.
    fn cut_power(&self) {
        let left = scratch();
        {
            let mut durable = self.durable.lock().unwrap();
            durable.cuts += 1;
            rebuild(&durable, &self.root, left.path());
        }
        let path = left.path().join("ledger");
        let opened = FileStore::open(&path, Options::default());
        let Some(acknowledged) = self.acknowledged() else {
            match opened {
                Ok(opened) => assert_eq!(opened.store.head().size, 0),
                Err(StoreError::NotALedger { .. } | StoreError::HalfCreated { .. }) => {}
                Err(other) => panic!("{other}"),
            }
            return;
        };
        let size = opened.unwrap().store.head().size;
        assert!(size >= acknowledged, "{acknowledged} were acknowledged and {size} are there");
        assert_eq!(audit(&path).findings, []);
    }

    fn after<T>(&self, done: io::Result<T>) -> io::Result<T> {
        self.cut_power();
        done
    }
}

/// The file with this inode in a folder or one below.
fn find(folder: &Path, inode: u64) -> Option<PathBuf> {
    files_in(folder).into_iter().find_map(|path| {
        let found = fs::symlink_metadata(&path).unwrap();
        if found.is_dir() { find(&path, inode) } else { (found.ino() == inode).then_some(path) }
    })
}

/// Makes in the folder `to` what is durable of the folder `from`.
fn rebuild(durable: &Durable, from: &Path, to: &Path) {
    for (name, inode) in durable.names.get(from).into_iter().flatten() {
        let (source, target) = (from.join(name), to.join(name));
        match durable.bytes.get(inode) {
            Some(bytes) => fs::write(target, bytes).unwrap(),
            None if source.is_dir() => {
                fs::create_dir(&target).unwrap();
                rebuild(durable, &source, &target);
            }
            None => fs::write(target, []).unwrap(),
        }
    }
}

impl Disk for PowerCutDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.after(self.os.create_dir(path))
    }

    fn create_new(&self, path: &Path) -> io::Result<File> {
        let file = self.os.create_new(path)?;
        // The system may give a deleted file's inode to a new one.
        self.durable.lock().unwrap().bytes.remove(&file.metadata()?.ino());
        self.after(Ok(file))
    }

    fn open_append(&self, path: &Path) -> io::Result<File> {
        self.os.open_append(path)
    }

    fn open_or_make(&self, path: &Path) -> io::Result<File> {
        self.os.open_or_make(path)
    }

    fn write_all(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let done = self.os.write_all(file, bytes);
        self.after(done)
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        self.keep_bytes(file);
        self.after(Ok(()))
    }

    fn sync_all(&self, file: &File) -> io::Result<()> {
        self.keep_bytes(file);
        self.after(Ok(()))
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        self.after(self.os.truncate(file, length))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.after(self.os.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.after(self.os.remove(path))
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.keep_names(path);
        self.after(Ok(()))
    }
}

#[test]
fn what_is_acknowledged_survives_a_power_cut_after_any_operation() {
    let folder = scratch();
    let path = folder.path().join("ledger");
    let disk = PowerCutDisk::new(folder.path());
    FileStore::create_on(&disk.options().disk, &path, &identity()).unwrap();
    disk.acknowledge(0);
    disk.cut_power();
    for round in 0..3 {
        let mut store = FileStore::open(&path, disk.options()).unwrap().store;
        for count in [1, 2, 1, 3] {
            disk.acknowledge(append(&mut store, count).size);
            disk.cut_power();
        }
        drop(store);
        assert_eq!(disk.acknowledged(), Some(7 * (round + 1)));
        // The next round begins with a torn tail, which is cut.
        let last = files_in(&path.join("log")).pop().unwrap();
        alter(&last, |log| log.extend_from_slice(b"an append that never finished"));
    }
    let cuts = disk.durable.lock().unwrap().cuts;
    println!("{cuts} power cuts");
    assert!(cuts > 80);
}

#[test]
fn a_segment_that_another_writer_left_half_made_is_made_durable_before_it_is_used() {
    // Its name was once not made durable by who opened it next, who then acknowledged records in it.
    let folder = scratch();
    let path = folder.path().join("ledger");
    let disk = PowerCutDisk::new(folder.path());
    FileStore::create_on(&disk.options().disk, &path, &identity()).unwrap();
    disk.acknowledge(0);
    let mut store = FileStore::open(&path, disk.options()).unwrap().store;
    disk.acknowledge(append(&mut store, 3).size);
    append(&mut store, 1);
    drop(store);
    // The writer before renamed its last segment into place, and ended.
    let last = OsString::from("00000000000000000003.seg");
    let mut durable = disk.durable.lock().unwrap();
    durable.names.get_mut(&path.join("log")).unwrap().retain(|(name, _)| *name != last);
    drop(durable);
    let store = FileStore::open(&path, disk.options()).unwrap().store;
    disk.acknowledge(store.head().size);
    assert_eq!(disk.acknowledged(), Some(4));
    disk.cut_power();
}
