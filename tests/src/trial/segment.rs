//! Bytes taken for the end of a log, that a writer opens and an audit scans.
//!
//! The first byte says where the segment stands: alone, behind a sound one, before one that was begun, or alone and
//! with its header as it is. The second says of how many records sequence and hash are put right, so that what was
//! changed in them is not all damage. What follows is the segment.

use std::fs;
use std::path::{Path, PathBuf};

use sanad_audit_log::layout::{HASH_SIZE, SEQUENCE};
use sanad_audit_log::{
    ChainHash, ChainVerifier, EntryId, Head, Identity, RawRecord, Record, Sealer, Unsealed,
};
use sanad_event_store::{
    EventStore, FileReader, FileStore, Opened, Options, RecordStream, ScanItem, SealedBatch,
    StoreError,
};
use tempfile::TempDir;
use uuid::Uuid;

use super::naive_log::{HEADER, NaiveLog, header};
use super::seed::{Seed, bytes, text, vectors};
use super::{bearable, frozen};
use crate::folder::files_in;

pub(super) fn seeds() -> Vec<Seed> {
    let frozen = frozen::file("ledger/log/00000000000000000000.seg");
    let mut seeds = vec![
        Seed::new("frozen-alone", [&[0, 255], &frozen[..]].concat()),
        Seed::new("frozen-before-a-begun-one", [&[2, 255], &frozen[..]].concat()),
        Seed::new("frozen-behind-a-sound-one", [&[1, 255], &frozen[..]].concat()),
    ];
    for vector in vectors("segment") {
        let log = vector["log"].as_array().expect("segments");
        // The places that vectors of one segment have; of several the last is taken.
        let (place, Some(last)) = (u8::from(log.len() > 1), log.last()) else { continue };
        let seed = [&[place, 0], &bytes(last, "bytes")[..]].concat();
        seeds.push(Seed::new(text(&vector, "name"), seed));
    }
    seeds
}

/// Where the segment stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Alone,
    Last,
    BeforeABegunOne,
    AloneAsItIs,
}

pub(super) fn hold(bytes: &[u8]) {
    let [place, right, segment @ ..] = bytes else { return };
    let place = [Place::Alone, Place::Last, Place::BeforeABegunOne, Place::AloneAsItIs]
        [usize::from(place % 4)];
    let log = Log::of(place, usize::from(*right), segment);
    audited(&log);
    opened(&log);
}

/// A log in a folder, and what is to be found in it.
struct Log {
    folder: TempDir,
    place: Place,
    identity: Identity,
    /// The sound segment before, if there is one.
    before: Vec<u8>,
    segment: Vec<u8>,
    /// What the segment follows.
    begins: Head,
    naive: NaiveLog,
}

impl Log {
    fn of(place: Place, right: usize, segment: &[u8]) -> Self {
        let identity = frozen::with(|frozen| frozen.identity.clone());
        let empty = Head::empty(identity.genesis());
        let (before, begins) =
            if place == Place::Last { sound(&identity) } else { (vec![], empty) };
        let mut segment = segment.to_vec();
        if place != Place::AloneAsItIs && segment.len() >= HEADER {
            segment[..HEADER].copy_from_slice(&header(&identity, begins));
        }
        put_right(&mut segment, right, begins);
        let naive = NaiveLog::read(&segment, begins, identity.created_at_us());
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let folder = folder.expect("a folder");
        fs::create_dir(folder.path().join("log")).expect("an empty folder");
        fs::write(folder.path().join("ledger.json"), frozen::file("ledger/ledger.json"))
            .expect("a file");
        let log = Self { folder, place, identity, before, segment, begins, naive };
        if !log.before.is_empty() {
            fs::write(log.path(0), &log.before).expect("a file");
        }
        fs::write(log.path(begins.size), &log.segment).expect("a file");
        if place == Place::BeforeABegunOne {
            let hash = log.segment.last_chunk().copied().map(ChainHash::from_bytes);
            let head = Head { size: log.naive.head.size.max(1), hash: hash.unwrap_or(empty.hash) };
            fs::write(log.path(head.size), header(&log.identity, head)).expect("a file");
        }
        log
    }

    fn path(&self, first: u64) -> PathBuf {
        self.folder.path().join(format!("log/{first:020}.seg"))
    }

    /// Whether the segment's header is the one that belongs there.
    fn has_its_header(&self) -> bool {
        self.segment.get(..HEADER) == Some(&header(&self.identity, self.begins)[..])
    }

    fn is_whole(&self) -> bool {
        self.naive.end == self.segment.len()
    }

    /// Whether the whole segment is too short for a header behind a sound one: then no record is lost with it.
    fn is_headless(&self) -> bool {
        self.place == Place::Last && self.segment.len() < HEADER
    }

    /// Whether a writer is to open it.
    fn opens(&self) -> bool {
        match self.place {
            _ if self.is_headless() => true,
            _ if !self.has_its_header() => false,
            // A segment is begun only when all before it is durable, and not before there is a record.
            Place::BeforeABegunOne => self.is_whole() && !self.naive.sound.is_empty(),
            _ => !self.naive.is_damaged,
        }
    }

    /// Every file of the log and of what was put aside.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let read = |name: PathBuf| (name.clone(), fs::read(self.folder.path().join(name)));
        let files = files_in(self.folder.path()).into_iter().map(read);
        let files = files.map(|(name, bytes)| (name, bytes.expect("a file")));
        files.filter(|(name, _)| name.starts_with("log") || name.starts_with("aside")).collect()
    }

    /// The bytes of every sound record, those before the segment too.
    fn records(&self) -> Vec<Vec<u8>> {
        let head = Head::empty(self.identity.genesis());
        let before = NaiveLog::read(&self.before, head, self.identity.created_at_us());
        let of_before = before.sound.iter().map(|place| self.before[place.clone()].to_vec());
        let sound = self.naive.sound.iter().map(|place| self.segment[place.clone()].to_vec());
        of_before.chain(sound).collect()
    }
}

/// A segment with three records, and the head after them.
fn sound(identity: &Identity) -> (Vec<u8>, Head) {
    let empty = Head::empty(identity.genesis());
    let mut bytes = header(identity, empty);
    let mut sealer = Sealer::new(empty, None);
    for n in 0..3u8 {
        sealer.seal(&unsealed(identity.created_at_us(), &[n]), &mut bytes).expect("it fits");
    }
    (bytes, sealer.head())
}

fn unsealed(recorded_at_us: i64, payload: &[u8]) -> Unsealed<'_> {
    let (entry_id, payload_schema, author) = (EntryId::new(Uuid::from_u128(7)), 1, None);
    Unsealed { entry_id, recorded_at_us, payload_schema, payload, author, barrier: true }
}

/// Gives the first records, as their lengths part them, the sequences and hashes that belong there.
fn put_right(segment: &mut [u8], records: usize, begins: Head) {
    let (mut at, mut head) = (HEADER, begins);
    for _ in 0..records {
        let Some(rest) = segment.get_mut(at..) else { return };
        let Ok((raw, _)) = RawRecord::split(rest) else { return };
        let length = raw.bytes().len();
        let number = SEQUENCE.offset..SEQUENCE.offset + SEQUENCE.size;
        rest[number].copy_from_slice(&head.size.to_le_bytes());
        let Ok(record) = Record::parse(&rest[..length]) else { return };
        let hash = record.computed_hash(&head.hash);
        rest[length - HASH_SIZE..length].copy_from_slice(hash.as_bytes());
        head = Head { size: head.size + 1, hash };
        at += length;
    }
}

/// An audit sees every sound record, every other byte is told, and it is silent only of a log that is whole. Where
/// something was acknowledged and is not sound, it tells of more than an end that is torn.
fn audited(log: &Log) {
    let reader = FileReader::open(log.folder.path()).expect("the identity was not touched");
    let mut scan = reader.scan().expect("there is a segment");
    let mut verifier = ChainVerifier::new(&log.identity);
    let (mut told, mut torn_at, mut at) = (0, None, HEADER as u64);
    let (mut seen, mut passed_over) = (Vec::new(), false);
    while let Some(item) = scan.next_item() {
        match item {
            ScanItem::Records(batch) => {
                for (offset, raw) in batch.iter() {
                    if batch.segment().get() == log.begins.size {
                        assert_eq!(offset, at, "bytes were passed over");
                        at += raw.bytes().len() as u64;
                    }
                    seen.push(raw.bytes().to_vec());
                    if verifier.check_raw(raw).is_err() {
                        told += 1;
                        verifier.resume_after(raw);
                    }
                }
            }
            ScanItem::Damage(damage) => {
                told += 1;
                if damage.segment.get() == log.begins.size {
                    assert_eq!(damage.offset, at);
                    at += damage.length;
                }
                damage.resumes.into_iter().for_each(|head| verifier.resume_at(head));
            }
            ScanItem::TornTail(torn) => {
                torn_at = Some(torn.offset);
                assert!(torn.offset == at || torn.offset == 0 && log.is_headless());
                at = torn.offset + torn.length;
            }
            ScanItem::Segment { problem, resumes } => {
                told += 1;
                bearable(&problem.fault);
                passed_over |= resumes.is_none();
                resumes.into_iter().for_each(|head| verifier.resume_at(head));
            }
            other => panic!("{other:?}"),
        }
    }
    if !passed_over {
        assert_eq!(
            at,
            (log.segment.len() as u64).max(at.min(HEADER as u64)),
            "bytes were not told"
        );
    }
    if log.has_its_header() {
        assert!(seen.starts_with(&log.records()), "a sound record is not seen");
    }
    if log.opens() {
        let torn = !log.is_whole() || log.is_headless();
        assert_eq!(
            torn_at,
            torn.then_some(if log.is_headless() { 0 } else { log.naive.end as u64 })
        );
    } else {
        assert!(told > 0, "nothing is told of a log that no writer opens");
    }
}

/// A writer opens a log with every sound record or leaves it as it is; what it cuts is kept; a second opening changes
/// nothing; and an append goes behind it.
fn opened(log: &Log) {
    let before = log.files();
    match open(log.folder.path()) {
        Ok(opened) => {
            assert!(log.opens(), "what was acknowledged is cut");
            let cut = cut(log, opened);
            let after = log.files();
            assert_eq!(kept(&after), cut);
            // Once more: there is nothing left to do.
            let again = open(log.folder.path()).expect("it opened before");
            assert_eq!((&again.recovery, log.files()), (&None, after));
            appended(log, again);
        }
        Err(error) => {
            bearable(&error.to_string().replace(&log.folder.path().display().to_string(), ""));
            assert!(!log.opens(), "{error}");
            assert_eq!(log.files(), before, "a log that is refused was changed");
            if let StoreError::Damaged { offset, sequence, .. } = error {
                assert_eq!(offset, log.naive.end as u64);
                assert_eq!(sequence.get(), log.naive.head.size);
            } else {
                assert!(matches!(error, StoreError::Segment(_)), "{error}");
            }
        }
    }
}

fn open(folder: &Path) -> Result<Opened, StoreError> {
    FileStore::open(folder, Options::default())
}

/// What was to be cut, after a look at what was said of it.
fn cut(log: &Log, opened: Opened) -> Vec<u8> {
    let (head, from) =
        if log.is_headless() { (log.begins, 0) } else { (log.naive.head, log.naive.end) };
    assert_eq!(opened.store.head(), head);
    let cut = log.segment[from..].to_vec();
    match opened.recovery {
        Some(recovery) => {
            assert_eq!((recovery.cut_bytes, recovery.after), (cut.len() as u64, head));
            assert_eq!(fs::read(&recovery.kept_as).expect("what was cut is kept"), cut);
        }
        None => assert!(cut.is_empty() && !log.is_headless()),
    }
    cut
}

/// All that was put aside.
fn kept(files: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    let aside = files.iter().filter(|(name, _)| name.starts_with("aside"));
    aside.flat_map(|(_, bytes)| bytes.clone()).collect()
}

fn read(folder: &Path) -> Vec<Vec<u8>> {
    let reader = FileReader::open(folder).expect("it opened before");
    let size = reader.head().expect("it has a head").size;
    let mut stream = reader.records(0..size).expect("it has records");
    let mut records = Vec::new();
    while let Some(raw) = stream.next_record().expect("they are sound") {
        records.push(raw.bytes().to_vec());
    }
    records
}

fn appended(log: &Log, opened: Opened) {
    let Opened { mut store, memory, .. } = opened;
    assert_eq!(read(log.folder.path()), log.records());
    let (epoch, head) = (store.epoch(), store.head());
    let at_us = store.last_recorded_at_us().unwrap_or(log.identity.created_at_us());
    let mut bytes = Vec::new();
    store.sealer().seal(&unsealed(at_us, b"goes on"), &mut bytes).expect("it fits");
    let batch = SealedBatch::following(head, &bytes).expect("it follows");
    store.append(epoch, head, &batch).expect("a log that opens takes an append");
    drop((store, memory));
    assert_eq!(read(log.folder.path()), [log.records(), vec![bytes]].concat());
    let again = open(log.folder.path()).expect("it is sound");
    assert_eq!((again.store.head().size, again.recovery), (head.size + 1, None));
}
