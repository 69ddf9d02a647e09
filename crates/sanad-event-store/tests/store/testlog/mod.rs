//! A small ledger in a folder, made for tests. Record n of it always holds the text of [`payload`].

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanad_audit_log::{EntryId, Head, Identity, LedgerId, RawRecord, Record, Sealer, Unsealed};
use sanad_event_store::fault::FaultyDisk;
use sanad_event_store::{
    AppendError, EventStore, FileReader, FileStore, Opened, Options, RecordStream, SealedBatch,
    StoreError,
};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) mod audit;
pub(crate) mod dice;

pub(crate) use audit::{audit, audit_by, check, check_as};
pub(crate) use dice::Dice;

/// The identity of every ledger made here.
pub(crate) fn identity() -> Identity {
    identity_of("0197a3b0-5c1e-7d00-8000-00000000dade")
}

/// The identity of another ledger that differs in its id only.
pub(crate) fn other_identity() -> Identity {
    identity_of("0197a3b0-5c1e-7d00-8000-00000000f00d")
}

fn identity_of(id: &str) -> Identity {
    let id = LedgerId::new(id.parse().unwrap());
    let title = "Surplus electricity · فاضل بجلی";
    Identity::new(id, 1_748_113_200_000_000, "Asia/Karachi", "ledger.example/pk", title).unwrap()
}

/// The id of the n-th entry.
pub(crate) fn entry_id(n: u64) -> EntryId {
    EntryId::new(Uuid::from_u128(0x0197_a3b0_5c1e_7d00_9000_0000_0000_0000 | u128::from(n)))
}

/// The recorded time of the n-th entry.
pub(crate) fn time_us(n: u64) -> i64 {
    identity().created_at_us() + 1_000 * n as i64
}

/// What the n-th record holds.
pub(crate) fn payload(n: u64) -> Vec<u8> {
    format!("entry {n}").into_bytes()
}

/// Seals the next `count` records as one append.
pub(crate) fn sealed(sealer: &mut Sealer, count: u64) -> Vec<u8> {
    sealed_with(sealer, count, payload)
}

/// As [`sealed`], with other payloads.
pub(crate) fn sealed_with(
    sealer: &mut Sealer,
    count: u64,
    payload: impl Fn(u64) -> Vec<u8>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    for place in 0..count {
        let n = sealer.head().size;
        let unsealed = Unsealed {
            entry_id: entry_id(n),
            recorded_at_us: time_us(n),
            payload_schema: 1,
            payload: &payload(n),
            author: None,
            barrier: place == 0,
        };
        sealer.seal(&unsealed, &mut bytes).unwrap();
    }
    bytes
}

/// Appends the next `count` records at once; gives the head after them.
pub(crate) fn append(store: &mut FileStore, count: u64) -> Head {
    try_append(store, count, payload).unwrap()
}

/// As [`append`], with other payloads, where it may fail.
pub(crate) fn try_append(
    store: &mut FileStore,
    count: u64,
    payload: impl Fn(u64) -> Vec<u8>,
) -> Result<Head, AppendError> {
    let (epoch, head) = (store.epoch(), store.head());
    let bytes = sealed_with(&mut store.sealer(), count, payload);
    store.append(epoch, head, &SealedBatch::following(head, &bytes).unwrap())
}

/// Every record of a stream, by its payload.
pub(crate) fn drain(records: &mut dyn RecordStream) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut payloads = Vec::new();
    while let Some(raw) = records.next_record()? {
        payloads.push(payload_of(raw));
    }
    Ok(payloads)
}

pub(crate) fn payload_of(raw: RawRecord<'_>) -> Vec<u8> {
    Record::decode(raw).unwrap().payload().to_vec()
}

/// The payloads of the records in a range, as [`payload`] makes them.
pub(crate) fn payloads(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    range.map(payload).collect()
}

/// A ledger's folder, deleted with it.
#[derive(Debug)]
pub(crate) struct TestLedger {
    folder: TempDir,
    /// As in [`Options`].
    pub(crate) segment_bytes: u64,
}

/// An empty folder, in memory where the system has such a thing: these tests make thousands.
pub(crate) fn scratch() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

impl TestLedger {
    /// An empty ledger.
    pub(crate) fn new() -> Self {
        Self::of(&identity())
    }

    /// An empty ledger with segments of this size.
    pub(crate) fn rolling_at(segment_bytes: u64) -> Self {
        Self { segment_bytes, ..Self::new() }
    }

    /// An empty ledger with another identity.
    pub(crate) fn of(identity: &Identity) -> Self {
        let ledger = Self { folder: scratch(), segment_bytes: 1 << 20 };
        FileStore::create(ledger.path(), identity).unwrap();
        ledger
    }

    /// A ledger with appends of these sizes, closed. It remembers nothing.
    pub(crate) fn with(appends: &[u64], segment_bytes: u64) -> Self {
        let ledger = Self::rolling_at(segment_bytes);
        let mut store = ledger.open().store;
        for &count in appends {
            append(&mut store, count);
        }
        drop(store);
        ledger.forget();
        ledger
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file or folder in it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn options(&self) -> Options {
        self.options_on(FaultyDisk::default())
    }

    pub(crate) fn options_on(&self, disk: FaultyDisk) -> Options {
        let mut options = Options::default();
        options.segment_bytes = self.segment_bytes;
        options.disk = Arc::new(disk);
        options
    }

    pub(crate) fn open(&self) -> Opened {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<Opened, StoreError> {
        FileStore::open(self.path(), self.options())
    }

    pub(crate) fn reader(&self) -> FileReader {
        FileReader::open(self.path()).unwrap()
    }

    /// Deletes what is remembered.
    pub(crate) fn forget(&self) {
        if self.at("memory").exists() {
            fs::remove_dir_all(self.at("memory")).unwrap();
        }
    }

    /// The segment files, in order.
    pub(crate) fn segments(&self) -> Vec<PathBuf> {
        files_in(&self.at("log"))
    }

    /// What was put aside, in order of name.
    pub(crate) fn aside(&self) -> Vec<Vec<u8>> {
        files_in(&self.at("aside")).iter().map(|path| fs::read(path).unwrap()).collect()
    }

    /// Every segment's bytes, one after another.
    pub(crate) fn log_bytes(&self) -> Vec<u8> {
        self.segments().iter().flat_map(|path| fs::read(path).unwrap()).collect()
    }

    /// A copy of the whole folder. Each folder is listed before any of its files is read, as `cp` and
    /// `rsync` do.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self { folder: scratch(), segment_bytes: self.segment_bytes };
        copy_into(self.path(), copy.path());
        copy
    }
}

/// Copies what is in the folder `from` into the folder `to`. A file that a writer took away in the meantime is passed
/// over, as every copying program does.
pub(crate) fn copy_into(from: &Path, to: &Path) {
    for source in files_in(from) {
        let target = to.join(source.file_name().unwrap());
        if source.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy_into(&source, &target);
        } else {
            match fs::copy(&source, &target) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                copied => drop(copied.unwrap()),
            }
        }
    }
}

/// Everything in a folder, in order of name; nothing if there is no such folder.
pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Alters a file's bytes in place.
pub(crate) fn alter(path: &Path, alter: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    alter(&mut bytes);
    fs::write(path, bytes).unwrap();
}
