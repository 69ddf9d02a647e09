//! What a ledger answers at any pair of recorded and effective time.

use sanad::{Known, Sequence};
use sanad_tests::TestLedger;

const DAY_US: i64 = 86_400_000_000;

/// acme has 300 MW from June; 100 MW are taken from September on, but that is recorded only in December.
fn corrected_later() -> TestLedger {
    let ledger = TestLedger::with_surplus();
    let grant = ledger.act().grant("surplus", "acme", "300 MW", "2025-06-01").unwrap();
    let grant = ledger.does(grant).grants[0];
    ledger.clock.set_us(1_748_736_000_000_000 + 190 * DAY_US);
    ledger.does(ledger.act().revoke(grant, "100 MW", "2025-09-01").unwrap());
    ledger
}

fn megawatts(ledger: &TestLedger, known: Known, date: &str) -> String {
    let view = ledger.ledger().view(known).unwrap();
    let left: Vec<_> = view
        .allocations(ledger.on(date))
        .map(|allocation| allocation.unit.write(allocation.left))
        .collect();
    left.join(" ")
}

#[test]
fn as_known_on_one_day_in_force_on_another() {
    let ledger = corrected_later();
    let october = ledger.ledger().calendar().recorded("2025-10-01").unwrap();
    for (known, date, expected) in [
        (Known::Head, "2025-05-31", ""),
        (Known::Head, "2025-08-31", "300"),
        (Known::Head, "2025-09-01", "200"),
        (Known::At(october), "2025-09-01", "300"),
        (Known::AtEntry(Sequence(1)), "2025-09-01", "300"),
        (Known::AtEntry(Sequence(0)), "2025-09-01", ""),
        (Known::Nothing, "2025-09-01", ""),
    ] {
        assert_eq!(megawatts(&ledger, known, date), expected, "{known:?} {date}");
    }
}

#[test]
fn every_answer_carries_what_it_was_computed_from() {
    let ledger = corrected_later();
    let head = ledger.ledger().view(Known::Head).unwrap().basis();
    assert_eq!((head.size, head.ledger_size), (3, 3));
    let past = ledger.ledger().view(Known::AtEntry(Sequence(0))).unwrap().basis();
    assert_eq!((past.size, past.ledger_size), (1, 3));
    assert_ne!(past.head, head.head);
    let nothing = ledger.ledger().view(Known::Nothing).unwrap().basis();
    assert_eq!(nothing.head, ledger.ledger().identity().genesis());
    assert!(ledger.ledger().view(Known::AtEntry(Sequence(3))).is_err());
}

#[test]
fn a_history_tells_every_event_of_a_grant_and_what_was_left() {
    let ledger = corrected_later();
    let view = ledger.ledger().view(Known::Head).unwrap();
    let grant = view.allocations(ledger.on("2025-09-01")).next().unwrap().grant;
    let history = view.history(grant).unwrap();
    let lines: Vec<_> = history
        .lines
        .iter()
        .map(|line| (line.line.sequence.0, history.unit.write(line.left)))
        .collect();
    assert_eq!(lines, [(1, "300".to_owned()), (2, "200".to_owned())]);
    let early = ledger.ledger().view(Known::AtEntry(Sequence(0))).unwrap();
    assert!(early.history(grant).is_none());
}

#[test]
fn the_digest_of_a_state_is_that_of_its_entries_and_not_of_the_ledger_they_are_in() {
    let (one, other) = (corrected_later(), corrected_later());
    let digest = |ledger: &TestLedger, size: u64| {
        ledger.ledger().view(Known::AtEntry(Sequence(size - 1))).unwrap().state_digest()
    };
    assert_eq!(digest(&one, 3), digest(&other, 3));
    assert_eq!(digest(&one, 2), digest(&other, 2));
    assert_ne!(digest(&one, 2), digest(&one, 3));
}
