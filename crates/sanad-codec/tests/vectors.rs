//! `docs/format/vectors/payload.json`: payloads, good and hostile, for every implementer.
//!
//! `SANAD_BLESS=1 cargo test -p sanad-codec` writes the file anew; without it the file is compared byte for byte.
//! Either way each vector is judged and must come out as it says.

mod sample;

use std::path::Path;

use sanad_codec::{MAX_PAYLOAD, SCHEMA, decode, encode};
use sanad_core::{Cause, EARLIEST_US, EffectiveTime, Entry, LATEST_US};
use serde_json::{Value, json};

use sample::{
    allotted, authorised, declared, entry, entry_id, granted, registered, revoked, root_opened,
    sub_pool_opened,
};

struct Vector {
    name: &'static str,
    schema: u16,
    bytes: Vec<u8>,
    expect: &'static str,
}

fn good(name: &'static str, entry: &Entry) -> Vector {
    Vector { name, schema: SCHEMA, bytes: encode(entry).unwrap(), expect: "ok" }
}

fn bad(name: &'static str, expect: &'static str, bytes: Vec<u8>) -> Vector {
    Vector { name, schema: SCHEMA, bytes, expect }
}

fn good_vectors() -> Vec<Vector> {
    vec![
        good("a-root-pool-with-a-title-in-urdu", &entry(vec![root_opened()])),
        good("a-sub-pool", &entry(vec![sub_pool_opened()])),
        good("no-capacity-from-1970-on", &entry(vec![declared(0, 0)])),
        good(
            "the-largest-capacity-from-the-earliest-time-on",
            &entry(vec![declared(u64::MAX, EARLIEST_US)]),
        ),
        good("a-capacity-from-the-latest-time-on", &entry(vec![declared(250, LATEST_US)])),
        good("a-holder", &entry(vec![registered("misal")])),
        good("a-grant-to-a-holder-for-good", &entry(vec![granted(1, None)])),
        good("a-grant-for-a-window", &entry(vec![granted(300_000, Some(1_905_879_600_000_000))])),
        good("the-largest-grant-to-a-sub-pool", &entry(vec![allotted()])),
        good("revoked", &entry(vec![revoked(Cause::Revoked)])),
        good("surrendered", &entry(vec![revoked(Cause::Surrendered)])),
        good("lapsed", &entry(vec![revoked(Cause::Lapsed)])),
        good("transferred", &entry(vec![revoked(Cause::Transferred)])),
        good("curtailed", &entry(vec![revoked(Cause::Curtailed)])),
        good("annulled", &entry(vec![revoked(Cause::Annulled)])),
        good("an-entry-with-instrument-reason-and-shortfall", &authorised(vec![declared(1, 1)])),
        good("several-events", &authorised(vec![root_opened(), sub_pool_opened(), allotted()])),
    ]
}

/// The shortest entry, as bytes: actor `a`, no instrument, no reason, no shortfall, one holder `h` with the title `T`.
const SHORTEST: [u8; 10] = [1, b'a', 0, 0, 0, 1, 3, 1, b'h', 1];

fn shortest() -> Vec<u8> {
    [&SHORTEST[..], b"T"].concat()
}

/// A capacity declared from 1970 on: the capacity is the last byte but one, the time the last.
fn shortest_declaration() -> Vec<u8> {
    vec![1, b'a', 0, 0, 0, 1, 2, 1, b'p', 5, 0]
}

/// A revocation of one unit from 1970 on.
fn shortest_revocation() -> Vec<u8> {
    [&[1, b'a', 0, 0, 0, 1, 6][..], &[7; 16], &[1, 0, 0, 0]].concat()
}

fn with(mut bytes: Vec<u8>, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    change(&mut bytes);
    bytes
}

fn malformed() -> Vec<Vector> {
    let malformed = "payload-malformed";
    let huge = |marker: u8| [&[1, b'a', 0, 0, 0][..], &[marker], &[0xff; 8]].concat();
    vec![
        bad("no-bytes-at-all", malformed, Vec::new()),
        bad("the-last-byte-is-missing", malformed, SHORTEST.to_vec()),
        bad("an-event-of-an-unknown-number", malformed, with(shortest(), |b| b[6] = 7)),
        bad("an-option-that-is-2", malformed, with(shortest(), |b| b[2] = 2)),
        bad("a-bool-that-is-2", malformed, with(shortest(), |b| b[4] = 2)),
        bad("an-actor-that-is-no-utf-8", malformed, with(shortest(), |b| b[1] = 0xff)),
        bad("2-to-the-64-minus-1-events", malformed, huge(253)),
        bad("an-integer-of-16-bytes", malformed, huge(254)),
        bad("an-unknown-marker-of-an-integer", malformed, huge(255)),
        bad("an-actor-longer-than-the-payload", malformed, with(shortest(), |b| b[0] = 250)),
    ]
}

fn refused() -> Vec<Vector> {
    let (canonical, value) = ("payload-not-canonical", "payload-value");
    let long_form = |mut bytes: Vec<u8>, at: usize, marker: u8, width: usize| {
        let short = bytes[at];
        let long = [&[marker, short][..], &vec![0; width - 1]].concat();
        bytes.splice(at..=at, long);
        bytes
    };
    let latest_plus_one = 2 * (LATEST_US as u64 + 1);
    vec![
        Vector { name: "schema-0", schema: 0, bytes: shortest(), expect: "payload-unknown-schema" },
        Vector { name: "schema-2", schema: 2, bytes: shortest(), expect: "payload-unknown-schema" },
        bad("a-byte-behind-the-entry", "payload-trailing", with(shortest(), |b| b.push(0))),
        bad("a-length-in-three-bytes", canonical, long_form(shortest(), 0, 251, 2)),
        bad("a-count-in-five-bytes", canonical, long_form(shortest(), 5, 252, 4)),
        bad("an-event-number-in-three-bytes", canonical, long_form(shortest(), 6, 251, 2)),
        bad("a-capacity-in-nine-bytes", canonical, long_form(shortest_declaration(), 9, 253, 8)),
        bad("a-time-in-three-bytes", canonical, long_form(shortest_declaration(), 10, 251, 2)),
        bad("no-events", value, vec![1, b'a', 0, 0, 0, 0]),
        bad("an-actor-in-capitals", value, with(shortest(), |b| b[1] = b'A')),
        bad("an-empty-actor", value, with(shortest(), |b| drop(b.splice(0..2, [0])))),
        bad("a-holder-that-begins-with-a-point", value, with(shortest(), |b| b[8] = b'.')),
        bad("a-title-of-a-space", value, with(shortest(), |b| b[10] = b' ')),
        bad("a-title-of-an-escape", value, with(shortest(), |b| b[10] = 0x1b)),
        bad("a-title-with-a-tab", value, with(shortest(), |b| b[10] = b'\t')),
        bad(
            "a-title-with-a-direction-override",
            value,
            with(shortest(), |b| {
                drop(b.splice(9..11, [4, b'a', 0xe2, 0x80, 0xae]));
            }),
        ),
        bad("a-revocation-of-nothing", value, with(shortest_revocation(), |b| b[23] = 0)),
        bad("an-unknown-cause", value, with(shortest_revocation(), |b| b[26] = 6)),
        bad("a-grant-with-the-nil-uuid", value, with(shortest_revocation(), |b| b[7..23].fill(0))),
        bad(
            "a-window-that-ends-where-it-begins",
            value,
            with(shortest_revocation(), |b| {
                drop(b.splice(25..26, [1, 0]));
            }),
        ),
        bad(
            "a-time-after-the-last",
            value,
            with(shortest_declaration(), |b| {
                drop(b.splice(10..11, [&[253][..], &latest_plus_one.to_le_bytes()].concat()));
            }),
        ),
    ]
}

fn vectors() -> Vec<Vector> {
    let mut all = good_vectors();
    all.extend(malformed());
    all.extend(refused());
    all
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn to_json(vector: &Vector) -> Value {
    let mut json = json!({
        "name": vector.name,
        "schema": vector.schema,
        "entry_id": entry_id().to_string(),
        "bytes": hex(&vector.bytes),
        "expect": vector.expect,
    });
    if let Ok(entry) = decode(vector.schema, entry_id(), &vector.bytes) {
        json["events"] = entry.events().len().into();
        json["debug"] = format!("{entry:?}").into();
    }
    json
}

#[test]
fn every_vector_comes_out_as_it_says() {
    for vector in vectors() {
        let judged = decode(vector.schema, entry_id(), &vector.bytes);
        let found = judged.as_ref().map_or_else(|refused| refused.code(), |_| "ok");
        assert_eq!(found, vector.expect, "{}: {judged:?}", vector.name);
        if let Ok(entry) = judged {
            assert_eq!(encode(&entry).unwrap(), vector.bytes, "{}", vector.name);
        }
    }
}

#[test]
fn the_vectors_are_those_in_the_file() {
    let all: Vec<_> = vectors().iter().map(to_json).collect();
    let text = serde_json::to_string_pretty(&json!({ "vectors": all })).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format/vectors/payload.json");
    if std::env::var_os("SANAD_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap();
    assert_eq!(stored, text, "the code and the file differ: a payload's bytes must never change");
}

#[test]
fn a_payload_that_is_too_large_is_refused_before_it_is_read() {
    let refused = decode(SCHEMA, entry_id(), &vec![0; MAX_PAYLOAD + 1]).unwrap_err();
    assert_eq!(refused.code(), "payload-too-large");
}

#[test]
fn every_code_of_the_page_is_one_of_the_code() {
    let page = include_str!("../../../docs/format/payload.md");
    let told: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("| `payload-")).collect();
    let told: Vec<_> = told.iter().map(|rest| rest.split('`').next().unwrap()).collect();
    let mut known: Vec<_> = vectors().iter().map(|vector| vector.expect).collect();
    known.push("payload-too-large");
    for code in told.iter().filter(|code| **code != "schema") {
        assert!(known.contains(&format!("payload-{code}").as_str()), "{code}");
    }
    for code in known.iter().filter(|code| **code != "ok") {
        assert!(page.contains(&format!("| `{code}` |")), "{code}");
    }
}

#[test]
fn the_bounds_of_the_page_are_those_of_the_code() {
    let page = include_str!("../../../docs/format/payload.md");
    let spaced = |n: i64| {
        let digits = n.unsigned_abs().to_string();
        let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().collect();
        groups.iter().map(|g| str::from_utf8(g).unwrap()).collect::<Vec<_>>().join(",")
    };
    for (bound, beyond) in [(EARLIEST_US, EARLIEST_US - 1), (LATEST_US, LATEST_US + 1)] {
        assert!(page.contains(&spaced(bound)), "{bound}");
        assert!(EffectiveTime::from_us(bound).is_ok() && EffectiveTime::from_us(beyond).is_err());
    }
    for (bytes, kind) in [
        (sanad_core::Title::MAX_LEN, "title"),
        (sanad_core::Purpose::MAX_LEN, "purpose"),
        (sanad_core::Reason::MAX_LEN, "reason"),
        (sanad_core::Reference::MAX_LEN, "reference"),
    ] {
        let number = spaced(i64::try_from(bytes).unwrap());
        assert!(page.contains(&format!("1 to {number} bytes")), "{kind}");
    }
    assert!(page.contains(&spaced(i64::try_from(MAX_PAYLOAD).unwrap())));
}
