//! Many threads on one ledger, and readers beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use sanad::{
    Act, Auditor, Clock, Command, CreateOptions, Known, Ledger, LedgerError, OnRefusal, RandomIds,
    RecordError, RecordedTime, RegisterHolder, StoreError, Surroundings,
};
use sanad_tests::TestLedger;

/// A clock that panics when it has been asked so often.
struct FailingClock {
    left: AtomicU64,
}

impl Clock for FailingClock {
    fn now(&self) -> RecordedTime {
        let left = self.left.fetch_sub(1, Ordering::SeqCst);
        assert!(left > 1, "this clock fails");
        RecordedTime::from_us(1_748_736_000_000_000).unwrap()
    }
}

fn register(holder: &str) -> Act {
    let (holder, title) = (holder.parse().unwrap(), "H".parse().unwrap());
    Act::new(
        "mof".parse().unwrap(),
        vec![Command::RegisterHolder(RegisterHolder { holder, title })],
    )
}

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

/// Acts that were decided by a sequencer that then panicked could have waited for ever, where its callers own it too.
#[test]
fn a_panic_in_the_midst_of_recording_closes_the_ledger_and_keeps_nobody_waiting() {
    // One who records alone does it on his own thread; many are served by another.
    for at_once in [1, 100] {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FailingClock { left: AtomicU64::new(52) });
        let surroundings = Surroundings { clock, ids: Arc::new(RandomIds) };
        let options = CreateOptions { surroundings, ..CreateOptions::default() };
        let ledger = Ledger::create(&folder.path().join("ledger"), options).unwrap();
        let recorded = thread::scope(|scope| {
            let record = |n| {
                let acts = (0..at_once).map(|m| register(&format!("h-{n}-{m}"))).collect();
                let answers = ledger.record_many(acts, OnRefusal::GoOn);
                answers.iter().filter(|answer| answer.is_ok()).count()
            };
            let one_by_one = scope.spawn(move || (0..100).map(record).sum::<usize>());
            one_by_one.join()
        });
        // Whoever had the sequencer in hand saw the panic.
        assert!(recorded.map_or(at_once == 1, |recorded| recorded <= 50));
        let after = ledger.record(register("late"));
        assert!(matches!(after, Err(RecordError::Closed)), "{after:?}");
    }
}

/// Acts that were handed in and not waited for came behind those that the same caller recorded next, alone.
#[test]
fn what_was_handed_in_before_is_recorded_before() {
    let ledger = TestLedger::with_surplus();
    for n in 0..200 {
        let handed_in = ledger.ledger().submit(vec![register(&format!("a-{n}"))], OnRefusal::GoOn);
        let next = ledger.record(register(&format!("b-{n}"))).unwrap();
        let first = handed_in.wait().remove(0).unwrap();
        assert!(first.sequence < next.sequence);
    }
    ledger.check();
}
