//! Acts as sealed records, and what is to be told of them at every size: head, tree, state.

use std::path::Path;

use sanad::{Act, RecordedEntry, RecordedTime, Sequence, State, StateDigest};
use sanad_audit_log::tree::{HashReader, Node, TreeHash};
use sanad_audit_log::{
    AuthorKey, AuthorMessage, EntryId, Head, Identity, Record, Sealer, StateHasher, Unsealed,
};
use sanad_event_store::{EventStore, FileReader, FileStore, Options, RecordStream, SealedBatch};
use sanad_projection::Projection;
use uuid::Uuid;

/// Every so many records have an author's signature.
const AUTHORED: u64 = 50;

/// A history that was decided, sealed and hashed, in memory.
#[derive(Debug)]
pub struct SealedHistory {
    identity: Identity,
    records: Vec<Vec<u8>>,
    heads: Vec<Head>,
    projection: Projection,
    /// So many records are one append.
    append: usize,
    /// The hashes of all whole subtrees, by height.
    rows: Vec<Vec<TreeHash>>,
}

impl SealedHistory {
    /// Decides and seals acts, so many of them in one append.
    ///
    /// # Panics
    /// Where an act is not allowed.
    #[must_use]
    pub fn of(identity: Identity, acts: impl IntoIterator<Item = Act>, append: usize) -> Self {
        let head = Head::empty(identity.genesis());
        let mut history = Self::empty(identity, append);
        let (mut state, mut sealer) = (State::default(), Sealer::new(head, None));
        for (number, act) in (0..).zip(acts) {
            history.seal(number, &act, &mut state, &mut sealer);
        }
        history
    }

    /// Reads the history of a ledger that is there.
    ///
    /// # Panics
    /// Where it is not sound.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let reader = FileReader::open(folder).expect("a ledger");
        let mut history = Self::empty(reader.identity().clone(), 1);
        let size = reader.head().expect("a head").size;
        let mut records = reader.records(0..size).expect("records");
        while let Some(raw) = records.next_record().expect("a record") {
            let record = Record::decode(raw).expect("a record");
            let id = sanad::EntryId::new(record.entry_id().uuid()).expect("it is not nil");
            let entry = sanad_codec::decode(record.payload_schema(), id, record.payload());
            let recorded = RecordedEntry {
                sequence: Sequence(record.sequence().get()),
                recorded_at: RecordedTime::from_us(record.recorded_at_us()).expect("a time"),
                entry: entry.expect("an entry"),
            };
            history.projection.take(&recorded).expect("a lawful entry");
            let head = Head { size: record.sequence().get() + 1, hash: record.stored_hash() };
            history.add(raw.bytes().to_vec(), head);
        }
        history
    }

    fn empty(identity: Identity, append: usize) -> Self {
        let heads = vec![Head::empty(identity.genesis())];
        let (records, projection, rows) = (Vec::new(), Projection::default(), vec![Vec::new()]);
        Self { identity, records, heads, projection, append, rows }
    }

    fn add(&mut self, record: Vec<u8>, head: Head) {
        self.add_leaf(TreeHash::leaf(&record));
        self.records.push(record);
        self.heads.push(head);
    }

    fn seal(&mut self, number: u64, act: &Act, state: &mut State, sealer: &mut Sealer) {
        let id = Uuid::from_u128(0x0197_0000_0000_7000_8000_0000_0000_0000 + u128::from(number));
        let decided = state.decide(act, sanad::EntryId::new(id).expect("it is not nil"));
        let decided = decided.unwrap_or_else(|refusal| panic!("act {number}: {refusal}"));
        state.apply(decided.effect);
        let payload = sanad_codec::encode(&decided.entry).expect("an entry that fits");
        // Some entries have the same time.
        let recorded_at_us = self.identity.created_at_us() + (number / 3) as i64 * 1_000;
        let entry_id = EntryId::new(id);
        let payload_schema = sanad_codec::SCHEMA;
        let author = (number % AUTHORED == 7).then(|| {
            let ledger_id = self.identity.ledger_id();
            let message = AuthorMessage { ledger_id, entry_id, payload_schema, payload: &payload };
            AuthorKey::from_seed(&[9; 32]).sign(&message)
        });
        let mut record = Vec::new();
        let unsealed = Unsealed {
            entry_id,
            recorded_at_us,
            payload_schema,
            payload: &payload,
            author: author.as_ref(),
            barrier: self.records.len().is_multiple_of(self.append),
        };
        sealer.seal(&unsealed, &mut record).expect("a record that fits");
        let recorded_at = RecordedTime::from_us(recorded_at_us).expect("a time of this era");
        let sequence = Sequence(number);
        let recorded = RecordedEntry { sequence, recorded_at, entry: decided.entry };
        self.projection.take(&recorded).expect("what was decided can be projected");
        self.add(record, sealer.head());
    }

    fn add_leaf(&mut self, leaf: TreeHash) {
        let mut hash = leaf;
        for height in 0.. {
            if height == self.rows.len() {
                self.rows.push(Vec::new());
            }
            let row = &mut self.rows[height];
            row.push(hash);
            let [.., left, right] = &row[..] else { return };
            if !row.len().is_multiple_of(2) {
                return;
            }
            hash = TreeHash::node(left, right);
        }
    }

    /// Whose history it is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The records in order.
    #[must_use]
    pub fn records(&self) -> &[Vec<u8>] {
        &self.records
    }

    /// The chain head after so many records.
    #[must_use]
    pub fn head(&self, size: usize) -> Head {
        self.heads[size]
    }

    /// The state digest after so many records.
    #[must_use]
    pub fn state(&self, size: u64) -> StateDigest {
        let mut hasher = StateHasher::default();
        self.projection.canonical_state(size, &mut |bytes| hasher.update(bytes));
        hasher.finish()
    }

    /// The hashes of the tree, to make roots and proofs of.
    pub fn tree(&self) -> impl HashReader<Error = std::convert::Infallible> + '_ {
        Rows(&self.rows)
    }

    /// Writes it as a ledger in a new folder, with segments of so many bytes.
    ///
    /// # Panics
    /// Where the folder cannot be written to.
    pub fn write(&self, folder: &Path, segment_bytes: u64) {
        FileStore::create(folder, &self.identity).expect("a new folder");
        let mut options = Options::default();
        options.segment_bytes = segment_bytes;
        let mut store = FileStore::open(folder, options).expect("a ledger that opens").store;
        for append in self.records.chunks(self.append) {
            let bytes = append.concat();
            let (before, epoch) = (store.head(), store.epoch());
            let batch = SealedBatch::following(before, &bytes).expect("records that follow");
            store.append(epoch, before, &batch).expect("a folder that can be written to");
        }
    }
}

struct Rows<'a>(&'a [Vec<TreeHash>]);

impl HashReader for Rows<'_> {
    type Error = std::convert::Infallible;

    fn read_hash(&mut self, node: Node) -> Result<TreeHash, Self::Error> {
        let index = usize::try_from(node.index).unwrap_or(usize::MAX);
        Ok(self.0[usize::from(node.height)][index])
    }
}
