//! `docs/format/vectors/record.json`: records, good and hostile, for every implementer.
//!
//! `SANAD_BLESS=1 cargo test -p sanad-audit-log` writes the file anew; without it the file is
//! compared byte for byte. Either way each vector is judged and must come out as it says.

mod testlog;

use std::path::Path;

use sanad_audit_log::{ChainVerifier, Head, RawRecord, Record, Sealer, Unsealed, layout};
use serde_json::{Value, json};

use testlog::{author, entry_id, identity, time_us};

struct Vector {
    name: &'static str,
    previous: Sealer,
    bytes: Vec<u8>,
    expect: &'static str,
}

/// What a verifier says of `bytes` as the record after `previous`.
fn judge(previous: &Sealer, bytes: &[u8]) -> &'static str {
    let raw = match RawRecord::exact(bytes) {
        Ok(raw) => raw,
        Err(refused) => return refused.code(),
    };
    let (head, last_us) = (previous.head(), previous.last_recorded_at_us());
    let mut verifier = ChainVerifier::resumed(identity().ledger_id(), head, last_us);
    match verifier.check_raw(raw) {
        Ok(_) => "ok",
        Err(finding) => finding.code(),
    }
}

fn vectors() -> Vec<Vector> {
    let mut all = good_vectors();
    all.extend(refused_layouts());
    all.extend(broken_chains());
    all.extend(bad_authors());
    all
}

fn sealed(sealer: &mut Sealer, payload: &[u8], signed: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let section = signed.then(|| author(sealer.head().size, payload));
    testlog::seal(sealer, payload, section.as_ref(), &mut bytes);
    bytes
}

fn good_vectors() -> Vec<Vector> {
    let mut sealer = testlog::sealer();
    let mut vector = |name, payload: &[u8], signed| {
        let previous = sealer.clone();
        Vector { name, previous, bytes: sealed(&mut sealer, payload, signed), expect: "ok" }
    };
    vec![
        vector("chain-of-three-first-follows-the-genesis", b"open the pool", false),
        vector("chain-of-three-second-is-signed-by-its-author", b"grant 300 MW", true),
        vector("chain-of-three-third-has-an-empty-payload", b"", false),
    ]
}

/// A signed record in place 1, altered without any care for its hash.
fn altered(name: &'static str, expect: &'static str, alter: impl Fn(&mut Vec<u8>)) -> Vector {
    let mut sealer = testlog::sealer();
    sealed(&mut sealer, b"open the pool", false);
    let previous = sealer.clone();
    let mut bytes = sealed(&mut sealer, b"grant 300 MW", true);
    alter(&mut bytes);
    Vector { name, previous, bytes, expect }
}

/// Gives a record's bytes another length, the length field included.
fn cut(bytes: &mut Vec<u8>, length: u16) {
    bytes.truncate(usize::from(length));
    bytes[..2].copy_from_slice(&length.to_le_bytes());
}

fn refused_layouts() -> Vec<Vector> {
    let too_short = "record-too-short";
    let too_small = "record-length-too-small";
    vec![
        altered("no-bytes-at-all", too_short, Vec::clear),
        altered("one-byte-of-a-length", too_short, |bytes| bytes.truncate(1)),
        altered("last-byte-missing", too_short, |bytes| {
            bytes.pop();
        }),
        altered("one-byte-too-many", "record-length-mismatch", |bytes| bytes.push(0)),
        altered("zeros-where-a-record-should-be", too_small, |bytes| bytes.fill(0)),
        altered("length-without-room-for-a-hash", too_small, |bytes| cut(bytes, 69)),
        altered("author-flag-without-room-for-an-author", too_small, |bytes| cut(bytes, 165)),
        altered("length-of-65535-with-few-bytes", too_short, |bytes| bytes[..2].fill(0xff)),
        altered("version-0", "record-unsupported-version", |bytes| bytes[2] = 0),
        altered("version-2", "record-unsupported-version", |bytes| bytes[2] = 2),
        altered("lowest-unknown-flag", "record-unknown-flags", |bytes| bytes[3] |= 0x04),
        altered("highest-unknown-flag", "record-unknown-flags", |bytes| bytes[3] |= 0x80),
    ]
}

fn broken_chains() -> Vec<Vector> {
    let mismatch = "chain-hash-mismatch";
    let payload_at = layout::HEADER_SIZE;
    let last = |bytes: &mut Vec<u8>| *bytes.last_mut().unwrap() ^= 1;
    let again = Sealer::new(Head { size: 1, hash: identity().genesis() }, None);
    let next_taken_out = {
        let mut sealer = testlog::sealer();
        sealed(&mut sealer, b"a", false);
        let previous = sealer.clone();
        sealed(&mut sealer, b"b", false);
        let bytes = sealed(&mut sealer, b"c", false);
        let name = "record-before-was-taken-out";
        Vector { name, previous, bytes, expect: "chain-sequence-break" }
    };
    vec![
        altered("payload-altered", mismatch, |bytes| bytes[payload_at] ^= 1),
        altered("recorded-time-altered", mismatch, |bytes| bytes[14] ^= 1),
        altered("entry-id-altered", mismatch, |bytes| bytes[22] ^= 1),
        altered("payload-schema-altered", mismatch, |bytes| bytes[4] ^= 2),
        altered("barrier-flag-altered", mismatch, |bytes| bytes[3] ^= 2),
        altered("author-section-altered", mismatch, |bytes| bytes[payload_at + 12] ^= 1),
        altered("chain-hash-altered", mismatch, last),
        altered("sequence-altered", "chain-sequence-break", |bytes| bytes[6] ^= 4),
        Vector { previous: again, expect: mismatch, ..altered("other-history-before", "", |_| ()) },
        next_taken_out,
        resealed("recorded-before-the-record-before", "chain-time-backwards", |unsealed| {
            Unsealed { recorded_at_us: time_us(0) - 1, ..unsealed }
        }),
    ]
}

/// A record in place 1 sealed with a proper chain hash over something improper.
fn resealed(
    name: &'static str,
    expect: &'static str,
    alter: impl for<'a> Fn(Unsealed<'a>) -> Unsealed<'a>,
) -> Vector {
    let mut sealer = testlog::sealer();
    sealed(&mut sealer, b"open the pool", false);
    let previous = sealer.clone();
    let unsealed = Unsealed {
        entry_id: entry_id(1),
        recorded_at_us: time_us(1),
        payload_schema: 1,
        payload: b"grant 300 MW",
        author: None,
        barrier: false,
    };
    let mut bytes = Vec::new();
    Sealer::new(sealer.head(), None).seal(&alter(unsealed), &mut bytes).unwrap();
    Vector { name, previous, bytes, expect }
}

fn bad_authors() -> Vec<Vector> {
    let bad_signature = "author-bad-signature";
    let section = |alter: fn(&mut [u8; 96])| {
        let mut bytes = author(1, b"grant 300 MW").to_bytes();
        alter(&mut bytes);
        sanad_audit_log::AuthorSection::from_bytes(&bytes)
    };
    let altered = section(|bytes| bytes[40] ^= 1);
    // 2 is no y coordinate of a point on the curve.
    let no_key = section(|bytes| bytes[..32].copy_from_slice(&[&[2][..], &[0; 31]].concat()));
    let long_key = section(|bytes| {
        bytes[..32].fill(0xff);
        (bytes[0], bytes[31]) = (0xed, 0x7f);
    });
    let signed_zero = section(|bytes| {
        bytes[..32].fill(0);
        (bytes[0], bytes[31]) = (1, 0x80);
    });
    // The neutral point, with R = the neutral point and s = 0, satisfies the lax equation for any message.
    let weak_key = section(|bytes| {
        bytes.fill(0);
        (bytes[0], bytes[32]) = (1, 1);
    });
    let other_entry = author(2, b"grant 300 MW");
    let other_payload = author(1, b"grant 900 MW");
    let signed = |name, expect, section: sanad_audit_log::AuthorSection| {
        resealed(name, expect, |unsealed| {
            // The vector outlives no borrow: seal with a leaked section, a few bytes in a test.
            Unsealed { author: Some(Box::leak(Box::new(section))), ..unsealed }
        })
    };
    vec![
        signed("author-signature-altered", bad_signature, altered),
        signed("author-signed-another-entry", bad_signature, other_entry),
        signed("author-signed-another-payload", bad_signature, other_payload),
        signed("author-key-of-small-order", bad_signature, weak_key),
        signed("author-key-that-is-no-point", "author-bad-key", no_key),
        signed("author-key-whose-y-is-the-fields-prime", "author-bad-key", long_key),
        signed("author-key-with-a-sign-where-x-is-0", "author-bad-key", signed_zero),
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
    let previous = vector.previous.head();
    json!({
        "name": vector.name,
        "previous": {
            "size": previous.size,
            "hash": previous.hash.to_string(),
            "recorded_at_us": vector.previous.last_recorded_at_us(),
        },
        "bytes": hex(&vector.bytes),
        "expect": vector.expect,
    })
}

fn page() -> Value {
    let identity = identity();
    json!({
        "identity": {
            "format": identity.format(),
            "ledger": identity.ledger_id().to_string(),
            "created_at_us": identity.created_at_us(),
            "time_zone": identity.time_zone(),
            "origin": identity.origin(),
            "title": identity.title(),
            "genesis": identity.genesis().to_string(),
        },
        "vectors": vectors().iter().map(vector_json).collect::<Vec<_>>(),
    })
}

#[test]
fn the_vectors_are_those_in_the_file_and_come_out_as_they_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format/vectors/record.json");
    let made = serde_json::to_string_pretty(&page()).unwrap() + "\n";
    if std::env::var_os("SANAD_BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        made == kept,
        "the vectors differ from {}; see this file's first lines",
        path.display()
    );

    let kept: Value = serde_json::from_str(&kept).unwrap();
    let listed = kept["vectors"].as_array().unwrap();
    for (vector, listed) in vectors().iter().zip(listed) {
        let bytes = unhex(&listed["bytes"]);
        assert_eq!(judge(&vector.previous, &bytes), vector.expect, "{}", vector.name);
    }
}

#[test]
fn every_code_has_a_vector() {
    let codes: Vec<_> = vectors().iter().map(|vector| vector.expect).collect();
    let page = include_str!("../../../docs/format/record.md");
    let listed = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let listed: Vec<_> = listed.map(|(code, _)| code).filter(|code| code.contains('-')).collect();
    assert!(listed.len() >= 10, "the page lists {listed:?}");
    for code in &listed {
        assert!(codes.contains(code), "no vector for {code}");
    }
    for code in codes.iter().filter(|&&code| code != "ok") {
        assert!(listed.contains(code), "{code} is not on the page");
    }
}

#[test]
fn a_decoded_vector_gives_back_what_was_sealed() {
    let vector = &good_vectors()[1];
    let record = Record::parse(&vector.bytes).unwrap();
    assert_eq!(record.payload(), b"grant 300 MW");
    assert_eq!(record.entry_id(), entry_id(1));
    assert_eq!(record.author(), Some(author(1, b"grant 300 MW")));
}
