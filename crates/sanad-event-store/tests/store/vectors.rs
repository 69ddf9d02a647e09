//! `docs/format/vectors/segment.json`: logs, good and hostile, for every implementer.
//!
//! `SANAD_BLESS=1 cargo test -p sanad-event-store` writes the file anew; without it the file is
//! compared byte for byte. Either way each vector is judged and must come out as it says.

use std::fs;
use std::path::Path;

use sanad_audit_log::layout::{FLAGS, HASH_SIZE, HEADER_SIZE, SEQUENCE};
use sanad_event_store::{EventStore, SEGMENT_HEADER, StoreError};
use serde_json::{Value, json};

use crate::testlog::{TestLedger, append, identity, other_identity};

/// One record of these logs, in bytes.
const RECORD: usize = 70 + "entry 0".len();

struct Vector {
    name: &'static str,
    log: Log,
    expect: &'static str,
    /// How many records are sound from the start of the log, where it can be written to.
    size: Option<u64>,
}

/// Segment files by name.
type Log = Vec<(String, Vec<u8>)>;

fn log_of(ledger: &TestLedger) -> Log {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    ledger.segments().iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

/// A log with appends of these sizes, each in a segment of its own if so wanted.
fn log(appends: &[u64], apart: bool) -> Log {
    log_of(&TestLedger::with(appends, if apart { 1 } else { 1 << 20 }))
}

fn altered(mut log: Log, segment: usize, alter: impl FnOnce(&mut Vec<u8>)) -> Log {
    alter(&mut log[segment].1);
    log
}

/// What a writer says of a log when it opens it.
fn judge(log: &Log) -> (&'static str, Option<u64>) {
    let ledger = TestLedger::new();
    for path in ledger.segments() {
        fs::remove_file(path).unwrap();
    }
    for (name, bytes) in log {
        fs::write(ledger.at("log").join(name), bytes).unwrap();
    }
    match ledger.try_open() {
        Ok(opened) if opened.recovery.is_some() => ("torn", Some(opened.store.head().size)),
        Ok(opened) => ("whole", Some(opened.store.head().size)),
        Err(StoreError::Damaged { .. }) => ("damaged", None),
        Err(StoreError::NoSegments { .. }) => ("no-segments", None),
        Err(StoreError::Segment(problem)) => (problem.fault.code(), None),
        Err(other) => panic!("{other:?}"),
    }
}

fn vectors() -> Vec<Vector> {
    let mut all = whole();
    all.extend(torn());
    all.extend(damaged());
    all.extend(wrong_segments());
    all
}

fn opens(name: &'static str, expect: &'static str, size: u64, log: Log) -> Vector {
    Vector { name, log, expect, size: Some(size) }
}

fn refused(name: &'static str, expect: &'static str, log: Log) -> Vector {
    Vector { name, log, expect, size: None }
}

fn whole() -> Vec<Vector> {
    let begun = altered(log(&[2, 1], true), 1, |bytes| bytes.truncate(SEGMENT_HEADER));
    vec![
        opens("no-record-yet", "whole", 0, log(&[], false)),
        opens("two-appends-in-one-segment", "whole", 3, log(&[2, 1], false)),
        opens("two-segments", "whole", 3, log(&[2, 1], true)),
        opens("a-segment-begun-without-a-record", "whole", 2, begun),
        opens(
            "an-end-missing-at-an-appends-end",
            "whole",
            2,
            altered(log(&[2, 1], false), 0, |bytes| {
                bytes.truncate(bytes.len() - RECORD);
            }),
        ),
    ]
}

fn torn() -> Vec<Vector> {
    let last = |name, size, alter: fn(&mut Vec<u8>)| {
        opens(name, "torn", size, altered(log(&[1, 2], false), 0, alter))
    };
    let headless = altered(log(&[2, 1], true), 1, |bytes| bytes.truncate(SEGMENT_HEADER - 1));
    vec![
        last("last-byte-missing", 2, |bytes| bytes.truncate(bytes.len() - 1)),
        last("first-record-of-the-last-append-cut", 1, |bytes| {
            bytes.truncate(bytes.len() - RECORD - 1);
        }),
        last("last-record-zeroed", 2, |bytes| {
            let from = bytes.len() - RECORD;
            bytes[from..].fill(0);
        }),
        last("hole-of-zeros-in-the-last-append", 1, |bytes| {
            let from = bytes.len() - 2 * RECORD + 20;
            bytes[from..from + RECORD].fill(0);
        }),
        last("small-numbers-before-a-hole-of-zeros-are-no-barrier", 1, |bytes| {
            let payload = bytes.len() - 2 * RECORD + HEADER_SIZE;
            bytes[payload..].fill(0);
            bytes[payload..payload + 5].copy_from_slice(&[1, 2, 7, 7, 1]);
        }),
        last("zeros-behind-the-last-record", 3, |bytes| bytes.resize(bytes.len() + 100, 0)),
        last("flipped-bit-in-the-last-append-is-not-told-from-a-torn-write", 2, |bytes| {
            let at = bytes.len() - HASH_SIZE - 1;
            bytes[at] ^= 1;
        }),
        opens("last-segment-too-short-for-a-header", "torn", 2, headless),
    ]
}

fn damaged() -> Vec<Vector> {
    let first = |name, alter: fn(&mut Vec<u8>)| {
        refused(name, "damaged", altered(log(&[1, 1, 1], false), 0, alter))
    };
    let under_begun = altered(log(&[2, 1], true), 1, |bytes| bytes.truncate(SEGMENT_HEADER));
    let under_headless = altered(log(&[2, 1], true), 1, Vec::clear);
    vec![
        first("payload-altered-before-another-append", |bytes| bytes[SEGMENT_HEADER + 40] ^= 1),
        first("length-altered-before-another-append", |bytes| bytes[SEGMENT_HEADER] ^= 0xff),
        first("hash-altered-before-another-append", |bytes| {
            bytes[SEGMENT_HEADER + RECORD - 1] ^= 1;
        }),
        first("record-zeroed-whole-before-another-append", |bytes| {
            bytes[SEGMENT_HEADER..SEGMENT_HEADER + RECORD].fill(0);
        }),
        first("record-taken-out", |bytes| {
            drop(bytes.drain(SEGMENT_HEADER..SEGMENT_HEADER + RECORD))
        }),
        first("barrier-flag-of-a-later-append-cleared-too", |bytes| {
            bytes[SEGMENT_HEADER + 40] ^= 1;
            bytes[SEGMENT_HEADER + RECORD + FLAGS.offset] = 0;
        }),
        first("sequence-raised-in-the-last-append", |bytes| {
            bytes[SEGMENT_HEADER + 2 * RECORD + SEQUENCE.offset] |= 0x40;
        }),
        refused(
            "last-hash-altered-before-a-begun-segment",
            "damaged",
            altered(under_begun, 0, |bytes| {
                *bytes.last_mut().unwrap() ^= 1;
            }),
        ),
        refused(
            "end-cut-before-a-segment-too-short-for-a-header",
            "damaged",
            altered(under_headless, 0, |bytes| {
                bytes.pop();
            }),
        ),
    ]
}

fn wrong_segments() -> Vec<Vector> {
    let header = |name, expect, alter: fn(&mut Vec<u8>)| {
        refused(name, expect, altered(log(&[2, 1], true), 1, alter))
    };
    let three = || log(&[1, 1, 1], true);
    let without = |segment| {
        let mut log = three();
        log.remove(segment);
        log
    };
    let foreign = {
        let other = TestLedger::of(&other_identity());
        append(&mut other.open().store, 1);
        log_of(&other)
    };
    let mut misnamed = log(&[2, 1], true);
    misnamed[1].0 = "00000000000000000003.seg".to_owned();
    let overlapping = vec![log(&[1, 1], false).remove(0), three().remove(1)];
    let other_history = vec![log(&[2], false).remove(0), three().remove(2)];
    vec![
        refused("no-segment-at-all", "no-segments", vec![]),
        refused(
            "first-segment-too-short-for-a-header",
            "segment-too-short",
            altered(log(&[], false), 0, |bytes| {
                bytes.pop();
            }),
        ),
        header("other-magic", "segment-bad-magic", |bytes| bytes[7] ^= 1),
        header("all-zeros", "segment-bad-magic", |bytes| bytes.fill(0)),
        header("version-2", "segment-unsupported-version", |bytes| bytes[8] = 2),
        header("reserved-bytes-used", "segment-header-altered", |bytes| bytes[10] = 1),
        header("other-header-size", "segment-header-altered", |bytes| bytes[12] += 1),
        header("first-sequence-altered", "segment-header-altered", |bytes| bytes[32] ^= 1),
        header("previous-hash-altered", "segment-header-altered", |bytes| bytes[103] ^= 1),
        refused("of-another-ledger", "segment-foreign", foreign),
        refused("renamed", "segment-misnamed", misnamed),
        refused("first-segment-missing", "segment-gap", without(0)),
        refused("middle-segment-missing", "segment-gap", without(1)),
        refused("goes-on-into-the-next", "segment-overlap", overlapping),
        refused("of-another-history", "segment-other-history", other_history),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

fn vector_json(vector: &Vector) -> Value {
    let segment = |(name, bytes): &(String, Vec<u8>)| json!({"file": name, "bytes": hex(bytes)});
    let log: Vec<_> = vector.log.iter().map(segment).collect();
    json!({"name": vector.name, "log": log, "expect": vector.expect, "size": vector.size})
}

fn page() -> Value {
    json!({
        "ledger": identity().ledger_id().to_string(),
        "genesis": identity().genesis().to_string(),
        "created_at_us": identity().created_at_us(),
        "vectors": vectors().iter().map(vector_json).collect::<Vec<_>>(),
    })
}

#[test]
fn the_vectors_are_those_in_the_file_and_come_out_as_they_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format/vectors/segment.json");
    let made = serde_json::to_string_pretty(&page()).unwrap() + "\n";
    if std::env::var_os("SANAD_BLESS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert!(
        made == kept,
        "the vectors differ from {}; see this file's first lines",
        path.display()
    );

    let kept: Value = serde_json::from_str(&kept).unwrap();
    for (vector, listed) in vectors().iter().zip(kept["vectors"].as_array().unwrap()) {
        let segment = |segment: &Value| {
            (segment["file"].as_str().unwrap().to_owned(), unhex(&segment["bytes"]))
        };
        let log = listed["log"].as_array().unwrap().iter().map(segment).collect();
        assert_eq!(judge(&log), (vector.expect, vector.size), "{}", vector.name);
    }
}

#[test]
fn every_outcome_on_the_page_has_a_vector() {
    let outcomes: Vec<_> = vectors().iter().map(|vector| vector.expect).collect();
    let page = include_str!("../../../../docs/format/segment.md");
    let table = page.split("## What a writer finds").nth(1).unwrap();
    let listed = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let listed: Vec<_> = listed.map(|(outcome, _)| outcome).collect();
    for outcome in &listed {
        assert!(outcomes.contains(outcome), "no vector for {outcome}");
    }
    for outcome in outcomes {
        assert!(listed.contains(&outcome), "{outcome} is not on the page");
    }
}
