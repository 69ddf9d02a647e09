//! The ledger that version 0.1 wrote, read once: what hostile bytes are put beside.

use std::cell::LazyCell;
use std::fs;
use std::path::PathBuf;

use sanad::{RecordedEntry, State, recorded_entry};
use sanad_audit_log::note::VerifierKey;
use sanad_audit_log::{Identity, Record};
use sanad_event_store::{FileReader, RecordStream};
use sanad_projection::Projection;

use crate::workspace::workspace;

/// The frozen ledger.
#[derive(Debug)]
pub(super) struct Frozen {
    pub(super) identity: Identity,
    /// Its records, whole.
    pub(super) records: Vec<Vec<u8>>,
    /// What they hold.
    pub(super) entries: Vec<RecordedEntry>,
    /// What the rules know after them.
    pub(super) state: State,
    /// What a reader sees after them.
    pub(super) projection: Projection,
}

thread_local! {
    static FROZEN: LazyCell<Frozen> = const { LazyCell::new(Frozen::read) };
}

/// Lends the frozen ledger.
pub(super) fn with<T>(use_it: impl FnOnce(&Frozen) -> T) -> T {
    FROZEN.with(|frozen| use_it(frozen))
}

/// A file of it.
pub(super) fn file(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The key that signed its checkpoints.
pub(super) fn key() -> VerifierKey {
    let text = String::from_utf8(file("log.key.pub")).expect("a key is a text");
    text.parse().expect("the frozen key is one")
}

fn folder() -> PathBuf {
    workspace().join("tests/frozen/0.1")
}

impl Frozen {
    fn read() -> Self {
        let reader = FileReader::open(&folder().join("ledger")).expect("the frozen ledger opens");
        let size = reader.head().expect("it has a head").size;
        let mut stream = reader.records(0..size).expect("it has records");
        let (mut state, mut projection) = (State::default(), Projection::default());
        let (mut records, mut entries) = (Vec::new(), Vec::new());
        while let Some(raw) = stream.next_record().expect("it is sound") {
            let record = Record::decode(raw).expect("it is sound");
            let recorded = recorded_entry(&record).expect("it holds entries");
            let effect = state.admit(&recorded.entry).expect("it is lawful");
            state.apply(effect);
            projection.take(&recorded).expect("it is lawful");
            records.push(raw.bytes().to_vec());
            entries.push(recorded);
        }
        Self { identity: reader.identity().clone(), records, entries, state, projection }
    }
}
