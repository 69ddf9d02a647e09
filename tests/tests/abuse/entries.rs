//! The largest entry.

use sanad::{Act, Command, RecordError, Refusal, RegisterHolder};
use sanad_tests::{TestLedger, is_long};

/// What a record may have, in bytes (docs/format/record.md): itself, and without header and chain hash.
const MAX_RECORD: usize = 65_535;
const MAX_PAYLOAD: usize = MAX_RECORD - 70;

/// Registers so many holders with titles of 200 bytes, and one with a title of `last` bytes.
fn registering(act: usize, many: usize, last: usize) -> Act {
    let lengths = std::iter::repeat_n(200, many).chain([last]).enumerate();
    let register = |(place, length): (usize, usize)| {
        let holder = format!("h-{act:03}-{place:07}").parse().unwrap();
        let title = "t".repeat(length).parse().unwrap();
        Command::RegisterHolder(RegisterHolder { holder, title })
    };
    Act::new("mof".parse().unwrap(), lengths.map(register).collect())
}

fn payload(ledger: &TestLedger, act: &Act) -> Result<usize, Refusal> {
    match ledger.ledger().dry_run(act) {
        Ok(rehearsed) => Ok(sanad_codec::encode(&rehearsed.entry).unwrap().len()),
        Err(RecordError::Refused(refusal)) => Err(refusal),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn the_largest_entry_is_recorded_and_one_byte_more_is_refused() {
    let ledger = TestLedger::new();
    // A byte of the last title is a byte of the payload; how many bytes the rest takes is found out.
    let one = payload(&ledger, &registering(0, 1, 1)).unwrap();
    let each = payload(&ledger, &registering(0, 2, 1)).unwrap() - one;
    let many = 1 + (MAX_PAYLOAD - one - 10) / each;
    let last = 1 + MAX_PAYLOAD - payload(&ledger, &registering(0, many, 1)).unwrap();
    assert_eq!(payload(&ledger, &registering(0, many, last)), Ok(MAX_PAYLOAD));
    let over = registering(0, many, last + 1);
    let refused = payload(&ledger, &over).unwrap_err();
    assert!(
        matches!(refused, Refusal::EntryTooLarge { bytes, limit }
        if (bytes, limit) == (MAX_PAYLOAD + 1, MAX_PAYLOAD)),
        "{refused:?}"
    );
    assert!(ledger.record(over).is_err());
    let receipt = ledger.record(registering(0, many, last)).unwrap();
    assert_eq!(receipt.sequence.0, 0);
    let log = ledger.folder().join("log/00000000000000000000.seg");
    assert_eq!(std::fs::metadata(log).unwrap().len() as usize, 104 + MAX_RECORD);
    // Many of them in one append are more than is written at once.
    let acts = (1..=80).map(|n| registering(n, many, last)).collect();
    let receipts = ledger.ledger().record_many(acts, sanad::OnRefusal::GoOn);
    assert!(receipts.iter().all(Result::is_ok));
    ledger.check();
}

/// The rules hold each command of an act against all before it, so a million of them kept everybody waiting for long,
/// only to be refused for what an entry holds.
#[test]
fn an_act_of_a_million_commands_is_refused_and_nothing_changes() {
    let ledger = TestLedger::with_surplus();
    let act = registering(0, if is_long() { 1_000_000 } else { 20_000 }, 1);
    let refused = ledger.record(act).unwrap_err();
    assert!(matches!(refused, RecordError::Refused(Refusal::EntryTooLarge { .. })), "{refused}");
    ledger.check();
}
