//! A small ledger and its publication, made for tests. Record n always holds the text `entry n`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sanad_audit_log::note::{SignerKey, VerifierKey};
use sanad_audit_log::tree::{Frontier, TreeHash};
use sanad_audit_log::{
    Checkpoint, EntryId, Identity, LedgerId, OpenedCheckpoint, Sealer, Unsealed,
};
use sanad_event_store::{EventStore, FileReader, FileStore, Options, RecordStream, SealedBatch};
use sanad_publication::{FolderSource, Publication, PublicationError, Published, Publisher};
use tempfile::TempDir;
use uuid::Uuid;

/// The log's name.
pub(crate) const ORIGIN: &str = "ledger.example/pk";

/// The identity of every ledger made here, unless said otherwise.
pub(crate) fn identity() -> Identity {
    identity_of(0xdade)
}

/// The identity of another ledger of the same origin.
pub(crate) fn identity_of(id: u128) -> Identity {
    let id = LedgerId::new(Uuid::from_u128(0x0197_a3b0_5c1e_7d00_8000_0000_0000_0000 | id));
    Identity::new(id, 1_748_113_200_000_000, "Asia/Karachi", ORIGIN, "فاضل بجلی").unwrap()
}

/// The log's private key.
pub(crate) fn key() -> SignerKey {
    SignerKey::from_seed(ORIGIN.parse().unwrap(), &[7; 32])
}

/// The log's public key.
pub(crate) fn keys() -> Vec<VerifierKey> {
    vec![key().verifier_key()]
}

/// What the n-th record holds.
pub(crate) fn payload(n: u64) -> Vec<u8> {
    format!("entry {n}").into_bytes()
}

/// Seals records `range`, the n-th with the payload that `payload` says.
pub(crate) fn sealed(sealer: &mut Sealer, count: u64, payload: &dyn Fn(u64) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for place in 0..count {
        let n = sealer.head().size;
        let unsealed = Unsealed {
            entry_id: EntryId::new(Uuid::from_u128(
                0x0197_0000_0000_7000_9000_0000_0000_0000 | u128::from(n),
            )),
            recorded_at_us: 1_748_113_200_000_000 + 1_000 * n as i64,
            payload_schema: 1,
            payload: &payload(n),
            author: None,
            barrier: place == 0,
        };
        sealer.seal(&unsealed, &mut bytes).unwrap();
    }
    bytes
}

/// A ledger and the folder that it is published into.
#[derive(Debug)]
pub(crate) struct Testbed {
    home: TempDir,
}

impl Testbed {
    /// A ledger of so many records, not published.
    pub(crate) fn of(size: u64) -> Self {
        Self::forged(&identity(), size, &payload)
    }

    /// A ledger whose records hold what `payload` says.
    pub(crate) fn forged(identity: &Identity, size: u64, payload: &dyn Fn(u64) -> Vec<u8>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("ledger");
        FileStore::create(&folder, identity).unwrap();
        let mut store = FileStore::open(&folder, Options::default()).unwrap().store;
        if size > 0 {
            let (epoch, head) = (store.epoch(), store.head());
            let bytes = sealed(&mut store.sealer(), size, payload);
            let batch = SealedBatch::following(head, &bytes).unwrap();
            store.append(epoch, head, &batch).unwrap();
        }
        Self { home }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn ledger(&self) -> FileReader {
        FileReader::open(&self.home.path().join("ledger")).unwrap()
    }

    pub(crate) fn published(&self) -> PathBuf {
        self.home.path().join("published")
    }

    /// All records, as they are stored.
    pub(crate) fn records(&self) -> Vec<Vec<u8>> {
        let ledger = self.ledger();
        let mut stream = ledger.records(0..ledger.head().unwrap().size).unwrap();
        let mut records = Vec::new();
        while let Some(raw) = stream.next_record().unwrap() {
            records.push(raw.bytes().to_vec());
        }
        records
    }

    /// The checkpoint of the first `size` records, signed.
    pub(crate) fn note(&self, size: u64) -> OpenedCheckpoint {
        let mut tree = Frontier::new();
        let records = self.records();
        records[..size as usize].iter().for_each(|record| tree.append(TreeHash::leaf(record)));
        signed(size, tree.root())
    }

    /// Publishes the first `size` records.
    pub(crate) fn publish(&self, size: u64) -> Result<Published, PublicationError> {
        self.publish_into(&self.published(), size)
    }

    pub(crate) fn publish_into(
        &self,
        dir: &Path,
        size: u64,
    ) -> Result<Published, PublicationError> {
        Publisher::open(dir)?.publish(&self.ledger(), &self.note(size), &mut |_, _| {})
    }

    pub(crate) fn publication(&self) -> Publication<FolderSource> {
        Publication::new(FolderSource::new(&self.published()))
    }
}

/// A signed checkpoint with this size and root, true or not.
pub(crate) fn signed(size: u64, root: TreeHash) -> OpenedCheckpoint {
    let checkpoint = Checkpoint::new(ORIGIN.parse().unwrap(), size, root).unwrap();
    OpenedCheckpoint::from_note(key().sign(checkpoint.to_text())).unwrap()
}

/// Every file below a folder, by its path in it.
pub(crate) fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The files without the partial ones that only earlier sizes asked for.
pub(crate) fn files_of(root: &Path, size: u64) -> BTreeMap<String, Vec<u8>> {
    use sanad_audit_log::tile::{Coverage, TilePath};
    let all = Coverage::of(size);
    let paths = all.tiles().map(TilePath::Tile).chain(all.bundles().map(TilePath::Entries));
    let mut wanted: Vec<String> = paths.map(|path| path.to_string()).collect();
    wanted.extend(["checkpoint".to_owned(), "ledger.json".to_owned()]);
    let mut files = files(root);
    assert!(wanted.iter().all(|file| files.contains_key(file)), "{wanted:?} {:?}", files.keys());
    files.retain(|file, _| wanted.contains(file));
    files
}
