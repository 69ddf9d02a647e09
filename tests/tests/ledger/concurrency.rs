//! Many threads on one ledger, and readers beside it.

use std::thread;

use sanad::{Auditor, Known, Ledger, LedgerError, StoreError};
use sanad_tests::TestLedger;

#[test]
fn threads_share_a_ledger_and_every_answer_is_its_own() {
    let ledger = TestLedger::with_surplus();
    let one_thread = |thread: usize| {
        let act = |n| ledger.act().register_holder(&format!("h-{thread}-{n}"), "H").unwrap();
        (0..50).map(|n| ledger.record(act(n).build()).unwrap().sequence.0).collect::<Vec<_>>()
    };
    let mut sequences: Vec<u64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|n| scope.spawn(move || one_thread(n))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    sequences.sort_unstable();
    assert_eq!(sequences, (1..=400).collect::<Vec<_>>());
    ledger.check();
}

/// A view held a lock, and whoever recorded on the same thread waited for ever.
#[test]
fn a_view_that_is_held_keeps_nobody_waiting_and_does_not_change() {
    let ledger = TestLedger::with_surplus();
    let view = ledger.ledger().view(Known::Head).unwrap();
    let grant = ledger.act().grant("surplus", "acme", "300 MW", "2025-06-01").unwrap();
    ledger.does(grant);
    assert_eq!(view.basis().size, 1);
    assert_eq!(view.allocations(ledger.on("2025-06-01")).count(), 0);
    let now = ledger.ledger().view(Known::Head).unwrap();
    assert_eq!(now.allocations(ledger.on("2025-06-01")).count(), 1);
}

#[test]
fn the_last_of_a_capacity_goes_to_one_of_those_who_ask_at_once() {
    let ledger = TestLedger::with_surplus();
    let ask = || {
        let act = ledger.act().grant("surplus", "acme", "1500 MW", "2025-06-01").unwrap();
        ledger.record(act.build()).is_ok()
    };
    let granted = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().filter(|_| true).map(|t| t.join().unwrap()).filter(|ok| *ok).count()
    });
    assert_eq!(granted, 1);
    ledger.check();
}

#[test]
fn a_second_writer_is_refused_and_readers_are_not() {
    let ledger = TestLedger::with_surplus();
    let error = Ledger::open_here(&ledger.folder()).unwrap_err();
    assert!(matches!(error, LedgerError::Store(StoreError::AlreadyOpen { .. })), "{error}");
    let auditors: Vec<_> = (0..3).map(|_| Auditor::open(&ledger.folder()).unwrap()).collect();
    ledger.does(ledger.act().register_holder("h", "H").unwrap());
    for auditor in auditors {
        // Each sees the ledger as it was when it was opened.
        assert_eq!(auditor.view(Known::Head).unwrap().basis().size, 1);
    }
}
