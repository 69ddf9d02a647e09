//! Damages with telling names.

use sanad::Act;
use sanad_audit_log::{
    AuthorKey, AuthorMessage, AuthorSection, EntryId, Head, Sealer, Unsealed, layout,
};
use sanad_tests::{BusyRegister, Forger, SealedHistory};
use uuid::Uuid;

use crate::Court;
use crate::log_files::{LogFiles, identity};

/// Each takes the files of a sound ledger and of another one.
type Damage = fn(&mut LogFiles, &LogFiles);

const DAMAGES: [(&str, Damage); 34] = [
    ("untouched", |_, _| ()),
    ("a-payload-changed", |files, _| flip(files, 0, 5, layout::HEADER_SIZE + 9)),
    ("a-payload-changed-in-the-last-segment", |files, _| {
        let last = files.segments.len() - 1;
        flip(files, last, 0, layout::HEADER_SIZE + 9);
    }),
    ("a-sequence-changed", |files, _| flip(files, 1, 1, layout::SEQUENCE.offset)),
    ("a-recorded-time-changed", |files, _| flip(files, 0, 3, layout::RECORDED_AT_US.offset + 4)),
    ("an-entry-id-changed", |files, _| flip(files, 0, 3, layout::ENTRY_ID.offset + 4)),
    ("a-version-changed", |files, _| flip(files, 0, 3, layout::VERSION.offset)),
    ("unknown-flags", |files, _| replace(files, 0, 3, layout::FLAGS.offset, 0x80)),
    ("a-length-changed", |files, _| flip(files, 0, 3, 0)),
    ("a-length-of-nothing", |files, _| replace(files, 0, 3, 0, 0)),
    ("a-length-beyond-the-file", |files, _| replace(files, 1, 2, 1, 0xff)),
    ("a-chain-hash-changed", |files, _| {
        let (bytes, records) = files.segment(0);
        bytes[records[4].end - 1] ^= 1;
    }),
    ("two-neighbours-changed", |files, _| {
        flip(files, 1, 2, layout::HEADER_SIZE + 3);
        flip(files, 1, 3, layout::HEADER_SIZE + 3);
    }),
    ("a-record-removed", |files, _| {
        let (bytes, records) = files.segment(0);
        bytes.drain(records[3].clone());
    }),
    ("the-first-record-removed", |files, _| {
        let (bytes, records) = files.segment(0);
        bytes.drain(records[0].clone());
    }),
    ("a-record-repeated", |files, _| {
        let (bytes, records) = files.segment(0);
        let twice = bytes[records[3].clone()].to_vec();
        bytes.splice(records[3].end..records[3].end, twice);
    }),
    ("a-record-of-another-ledger-put-in", |files, other| {
        let mut other = other.clone();
        let (theirs, places) = other.segment(0);
        let foreign = theirs[places[3].clone()].to_vec();
        let (bytes, records) = files.segment(0);
        bytes.splice(records[3].start..records[3].start, foreign);
    }),
    ("a-record-replaced-by-another-ledgers", |files, other| {
        let mut other = other.clone();
        let (theirs, places) = other.segment(0);
        let foreign = theirs[places[3].clone()].to_vec();
        let (bytes, records) = files.segment(0);
        bytes.splice(records[3].clone(), foreign);
    }),
    ("two-records-in-the-wrong-order", |files, _| {
        let (bytes, records) = files.segment(0);
        let swapped = [&bytes[records[4].clone()], &bytes[records[3].clone()]].concat();
        bytes.splice(records[3].start..records[4].end, swapped);
    }),
    ("three-records-of-zeros", |files, _| {
        let (bytes, records) = files.segment(0);
        bytes[records[2].start..records[4].end].fill(0);
    }),
    ("the-tail-cut-at-a-records-end", |files, _| {
        let last = files.segments.len() - 1;
        let (bytes, records) = files.segment(last);
        bytes.truncate(records[1].end);
    }),
    ("the-tail-cut-within-a-record", |files, _| {
        let last = files.segments.len() - 1;
        let (bytes, records) = files.segment(last);
        bytes.truncate(records[1].end - 20);
    }),
    ("bytes-behind-the-end", |files, _| {
        files.segments.last_mut().expect("a segment").1.extend_from_slice(&[7; 30]);
    }),
    ("a-sealed-segment-cut", |files, _| {
        let (bytes, records) = files.segment(1);
        bytes.truncate(records[2].start + 10);
    }),
    ("the-first-segment-missing", |files, _| drop(files.segments.remove(0))),
    ("a-segment-missing", |files, _| drop(files.segments.remove(1))),
    ("all-segments-missing-but-the-last", |files, _| {
        files.segments = files.segments.split_off(files.segments.len() - 1);
    }),
    ("a-segment-renamed", |files, _| files.segments[1].0 += 1),
    ("a-segment-of-another-ledger", |files, other| files.segments[1] = other.segments[1].clone()),
    ("a-segments-header-altered", |files, _| files.segments[1].1[80] ^= 1),
    ("a-segments-magic-altered", |files, _| files.segments[1].1[0] ^= 1),
    ("a-segment-of-version-2", |files, _| files.segments[1].1[8] = 2),
    ("the-last-segment-too-short", |files, _| {
        files.segments.last_mut().expect("a segment").1.truncate(50);
    }),
    ("another-identity", |files, other| files.identity = other.identity.clone()),
];

fn flip(files: &mut LogFiles, segment: usize, record: usize, at: usize) {
    let (bytes, records) = files.segment(segment);
    bytes[records[record].start + at] ^= 2;
}

fn replace(files: &mut LogFiles, segment: usize, record: usize, at: usize, byte: u8) {
    let (bytes, records) = files.segment(segment);
    bytes[records[record].start + at] = byte;
}

/// What a forger who seals every hash again changes.
type Forgery = fn(&mut Forger);

const FORGERIES: [(&str, Forgery); 8] = [
    ("rewritten-with-every-hash-right", |forger| drop(forger.records.remove(7))),
    ("a-grant-twice", |forger| {
        let mut twice = forger.records[9].clone();
        twice.entry_id = EntryId::new(Uuid::from_u128(0xF0_0D));
        forger.records.insert(12, twice);
    }),
    ("an-entry-id-used-twice", |forger| {
        forger.records[7].entry_id = forger.records[6].entry_id;
    }),
    ("an-entry-without-an-id", |forger| {
        forger.records[7].entry_id = EntryId::new(Uuid::nil());
    }),
    ("a-payload-that-is-none", |forger| forger.records[7].payload = b"no entry".to_vec()),
    ("an-empty-payload", |forger| forger.records[7].payload.clear()),
    ("a-payload-with-a-byte-too-many", |forger| forger.records[7].payload.push(0)),
    ("the-opening-taken-out", |forger| drop(forger.records.remove(0))),
];

/// Records that no ledger would seal, each in the place of record 6 and with its chain hash right.
type Odd = fn(&mut Unsealed<'_>);

const ODD: [(&str, Odd); 4] = [
    ("a-clock-that-went-back", |record| record.recorded_at_us -= 1_000_000),
    ("a-time-that-no-calendar-has", |record| record.recorded_at_us = i64::MAX),
    ("another-schema", |record| record.payload_schema = 2),
    ("no-barrier-anywhere", |record| record.barrier = false),
];

fn odd(name: &str, change: impl Fn(&mut Unsealed<'_>), court: &mut Court) {
    let genuine = SealedHistory::of(identity(1, "Surplus"), acts(), 1);
    let mut sealer = Sealer::new(Head::empty(genuine.identity().genesis()), None);
    let mut log = Vec::new();
    for (number, record) in genuine.records().iter().enumerate() {
        let record = sanad_audit_log::Record::parse(record).expect("a record");
        let mut unsealed = Unsealed {
            entry_id: record.entry_id(),
            recorded_at_us: record.recorded_at_us(),
            payload_schema: record.payload_schema(),
            payload: record.payload(),
            author: None,
            barrier: true,
        };
        if number == 6 {
            change(&mut unsealed);
        }
        // Only a sealer that knows no time before takes any.
        sealer = Sealer::new(sealer.head(), None);
        sealer.seal(&unsealed, &mut log).expect("a record that fits");
    }
    let home = tempfile::tempdir().expect("a temporary folder");
    let folder = home.path().join("ledger");
    genuine.write(&folder, 1 << 20);
    let mut files = LogFiles::read(&folder);
    files.segments[0].1.truncate(sanad_event_store::SEGMENT_HEADER);
    files.segments[0].1.extend_from_slice(&log);
    files.write(&court.folder(name));
    court.judge(name);
}

fn acts() -> impl Iterator<Item = Act> {
    BusyRegister::default().take(20)
}

/// Author sections that do not hold, sealed with every chain hash right.
fn strange_authors(court: &mut Court) {
    let mut canonical_but_odd = [0xff; 96];
    (canonical_but_odd[0], canonical_but_odd[31]) = (0xed, 0x7f);
    let message = AuthorMessage {
        ledger_id: identity(1, "Surplus").ledger_id(),
        entry_id: EntryId::new(Uuid::from_u128(1)),
        payload_schema: 1,
        payload: b"",
    };
    let other = AuthorKey::from_seed(&[5; 32]).sign(&message);
    let no_point = AuthorSection::from_bytes(&canonical_but_odd);
    odd("an-author-who-signed-another-entry", |record| record.author = Some(leak(&other)), court);
    odd("an-authors-key-that-is-no-point", |record| record.author = Some(leak(&no_point)), court);
}

/// A few bytes in a program that ends soon.
fn leak(section: &AuthorSection) -> &'static AuthorSection {
    Box::leak(Box::new(*section))
}

pub(crate) fn write(court: &mut Court) {
    let (sound, other) = (LogFiles::of(1), LogFiles::of(2));
    assert!(sound.segments.len() > 2, "there are segments to be mixed up");
    for (name, damage) in DAMAGES {
        let mut files = sound.clone();
        damage(&mut files, &other);
        files.write(&court.folder(name));
        court.judge(name);
    }
    for (name, forgery) in FORGERIES {
        let home = tempfile::tempdir().expect("a temporary folder");
        sound.write(home.path());
        let mut forger = Forger::of(home.path());
        forgery(&mut forger);
        forger.write(&court.folder(name));
        std::fs::remove_dir_all(court.folder(name).join("memory")).ok();
        court.judge(name);
    }
    for (name, change) in ODD {
        odd(name, change, court);
    }
    strange_authors(court);
}
