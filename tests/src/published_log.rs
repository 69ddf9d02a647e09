//! A log as an operator publishes it: its records, its tree, its key.

use std::fs;
use std::path::Path;

use sanad_audit_log::note::{SignerKey, VerifierKey};
use sanad_audit_log::tile::{Coverage, TilePath, append_entry};
use sanad_audit_log::tree::{ConsistencyProof, TreeHash};
use sanad_audit_log::witness::AddCheckpoint;
use sanad_audit_log::{Checkpoint, Identity, OpenedCheckpoint};
use sanad_event_store::{FileReader, RecordStream};

/// The records of a log and the key that signs its checkpoints.
#[derive(Debug, Clone)]
pub struct PublishedLog {
    /// The log's key, whose name is the log's origin.
    pub key: SignerKey,
    /// Its records, whole.
    pub records: Vec<Vec<u8>>,
}

impl PublishedLog {
    /// A log whose records are `size` short texts, which no rule is asked about.
    ///
    /// # Panics
    /// Where `origin` cannot name a log.
    #[must_use]
    pub fn of_texts(origin: &str, size: usize) -> Self {
        let key = SignerKey::from_seed(origin.parse().unwrap(), &[7; 32]);
        let records = (0..size).map(|n| format!("record {n}").into_bytes()).collect();
        Self { key, records }
    }

    /// The log of a ledger, and the ledger's identity.
    ///
    /// # Panics
    /// Where it cannot be read.
    #[must_use]
    pub fn of_ledger(folder: &Path) -> (Self, Identity) {
        let reader = FileReader::open(folder).unwrap();
        let identity = reader.identity().clone();
        let mut stream = reader.records(0..reader.head().unwrap().size).unwrap();
        let mut records = Vec::new();
        while let Some(raw) = stream.next_record().unwrap() {
            records.push(raw.bytes().to_vec());
        }
        let key = SignerKey::from_seed(identity.origin().parse().unwrap(), &[7; 32]);
        (Self { key, records }, identity)
    }

    /// How many records there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.records.len() as u64
    }

    /// The log's public key.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.key.verifier_key()
    }

    fn leaves(&self) -> Vec<TreeHash> {
        self.records.iter().map(|record| TreeHash::leaf(record)).collect()
    }

    /// The signed checkpoint of the first `size` records.
    ///
    /// # Panics
    /// Where there are not so many.
    #[must_use]
    pub fn checkpoint(&self, size: u64) -> OpenedCheckpoint {
        let root = TreeHash::root(&self.leaves()[..usize::try_from(size).unwrap()]);
        let checkpoint = Checkpoint::new(self.key.name().clone(), size, root).unwrap();
        OpenedCheckpoint::from_note(self.key.sign(checkpoint.to_text())).unwrap()
    }

    /// The proof that the tree of `new` records grew out of the one of `old`.
    ///
    /// # Panics
    /// Where there are not so many.
    #[must_use]
    pub fn proof(&self, old: u64, new: u64) -> ConsistencyProof {
        ConsistencyProof::make(&mut &self.leaves()[..], old, new).unwrap()
    }

    /// The request to cosign the checkpoint of size `new` after the one of size `old`.
    #[must_use]
    pub fn request(&self, old: u64, new: u64) -> AddCheckpoint {
        AddCheckpoint::new(&self.proof(old, new), self.checkpoint(new))
    }

    /// Writes the bundles of the first `size` records below a folder, beside what is there.
    ///
    /// # Panics
    /// Where they cannot be written.
    pub fn publish(&self, size: u64, folder: &Path) {
        for place in Coverage::of(size).bundles() {
            let first = usize::try_from(place.index() * 256).unwrap();
            let mut bundle = Vec::new();
            for record in &self.records[first..first + usize::from(place.width().get())] {
                append_entry(record, &mut bundle).unwrap();
            }
            let path = folder.join(TilePath::Entries(place).to_string());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bundle).unwrap();
        }
    }
}
