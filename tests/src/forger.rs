//! An operator who cheats: takes a ledger's records apart, changes them, and seals or writes them again.

use std::fs;
use std::ops::Range;
use std::path::Path;

use sanad_audit_log::{EntryId, Identity, RawRecord, Record, Unsealed};
use sanad_event_store::{
    EventStore, FileReader, FileStore, Options, RecordStream, SEGMENT_HEADER, SealedBatch,
};

/// A record without its place in a chain.
#[derive(Debug, Clone)]
pub struct LooseRecord {
    /// The entry's id.
    pub entry_id: EntryId,
    /// When it is said to have been recorded, in microseconds since 1970-01-01T00:00:00Z.
    pub recorded_at_us: i64,
    /// The payload.
    pub payload: Vec<u8>,
}

/// All records of a ledger, to be changed and sealed again with every hash right.
#[derive(Debug, Clone)]
pub struct Forger {
    /// The ledger's identity.
    pub identity: Identity,
    /// Its records.
    pub records: Vec<LooseRecord>,
}

impl Forger {
    /// Takes the records of a ledger.
    ///
    /// # Panics
    /// Where it cannot be read.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        let reader = FileReader::open(folder).unwrap();
        let mut stream = reader.records(0..reader.head().unwrap().size).unwrap();
        let mut records = Vec::new();
        while let Some(raw) = stream.next_record().unwrap() {
            let record = Record::decode(raw).unwrap();
            records.push(LooseRecord {
                entry_id: record.entry_id(),
                recorded_at_us: record.recorded_at_us(),
                payload: record.payload().to_vec(),
            });
        }
        Self { identity: reader.identity().clone(), records }
    }

    /// Makes a ledger of them in a new folder, every record an append of its own, every hash right.
    ///
    /// # Panics
    /// Where the folder cannot be written to.
    pub fn write(&self, folder: &Path) {
        self.write_in_segments(folder, Options::default().segment_bytes);
    }

    /// As [`write`](Self::write), in segments of at most so many bytes.
    ///
    /// # Panics
    /// Where the folder cannot be written to.
    pub fn write_in_segments(&self, folder: &Path, segment_bytes: u64) {
        FileStore::create(folder, &self.identity).unwrap();
        let mut options = Options::default();
        options.segment_bytes = segment_bytes;
        let mut store = FileStore::open(folder, options).unwrap().store;
        let mut sealer = store.sealer();
        for record in &self.records {
            let mut bytes = Vec::new();
            let unsealed = Unsealed {
                entry_id: record.entry_id,
                recorded_at_us: record.recorded_at_us,
                payload_schema: sanad_codec::SCHEMA,
                payload: &record.payload,
                author: None,
                barrier: true,
            };
            sealer.seal(&unsealed, &mut bytes).unwrap();
            let (before, epoch) = (store.head(), store.epoch());
            let batch = SealedBatch::following(before, &bytes).unwrap();
            store.append(epoch, before, &batch).unwrap();
        }
    }
}

/// Changes the bytes of a ledger's first segment; `records` says where each record stands in it.
///
/// # Panics
/// Where the segment cannot be read as records, or not be written.
pub fn tamper(folder: &Path, change: impl FnOnce(&mut Vec<u8>, &[Range<usize>])) {
    let path = folder.join("log").join(format!("{:020}.seg", 0));
    let mut bytes = fs::read(&path).unwrap();
    let mut records = Vec::new();
    let mut at = SEGMENT_HEADER;
    while at < bytes.len() {
        let (raw, _) = RawRecord::split(&bytes[at..]).unwrap();
        records.push(at..at + raw.bytes().len());
        at += raw.bytes().len();
    }
    change(&mut bytes, &records);
    fs::write(&path, &bytes).unwrap();
}
