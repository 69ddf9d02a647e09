//! What a registrar is given back, and given again.

use sanad::{Act, EntryId, OnRefusal, RecordError, Refusal, Sequence};
use sanad_tests::TestLedger;

fn id(n: u128) -> EntryId {
    EntryId::new(uuid::Uuid::from_u128(n)).unwrap()
}

#[test]
fn a_retry_gets_the_first_receipt_again_and_records_nothing() {
    let ledger = TestLedger::with_surplus();
    let act = ledger.act().id(id(7)).grant("surplus", "acme", "300 MW", "2025-06-01").unwrap();
    let first = ledger.does(act.clone());
    let again = ledger.does(act);
    assert!(again.repeated && !first.repeated);
    assert_eq!((again.sequence, again.hash), (first.sequence, first.hash));
    assert_eq!((again.recorded_at, again.grants), (first.recorded_at, first.grants));
}

#[test]
fn a_field_that_was_left_out_matches_what_was_made_for_it() {
    let ledger = TestLedger::with_surplus();
    let act = ledger.act().id(id(7)).grant("surplus", "acme", "300 MW", "2025-06-01").unwrap();
    let first = ledger.does(act.clone());
    let mut named = act.clone().build();
    let sanad::Command::Grant(grant) = &mut named.commands[0] else { unreachable!() };
    grant.grant = Some(first.grants[0]);
    assert!(ledger.record(named).unwrap().repeated);
    // "All that is left" asks for what was left before the first time, and nothing is left now.
    let all = ledger.act().id(id(8)).revoke_all(first.grants[0], "2025-09-01").unwrap();
    ledger.does(all.clone());
    assert!(ledger.does(all).repeated);
}

#[test]
fn another_act_with_the_same_id_is_refused() {
    let ledger = TestLedger::with_surplus();
    let act = |amount| ledger.act().id(id(7)).grant("surplus", "acme", amount, "2025-06-01");
    ledger.does(act("300").unwrap());
    let refusal = ledger.refuses(act("301").unwrap());
    assert_eq!(refusal, Refusal::EntryIdReused { entry: id(7), recorded_as: Sequence(1) });
    assert_eq!(refusal.code(), "entry_id_reused");
    let with_reason = act("300").unwrap().reason("because").unwrap();
    assert_eq!(ledger.refuses(with_reason).code(), "entry_id_reused");
}

#[test]
fn a_refused_act_records_nothing_and_its_id_is_free() {
    let ledger = TestLedger::with_surplus();
    let act = |amount| ledger.act().id(id(7)).grant("surplus", "acme", amount, "2025-06-01");
    let refusal = ledger.refuses(act("2000.001").unwrap());
    assert_eq!(refusal.code(), "exceeds_capacity");
    assert!(!ledger.does(act("2000").unwrap()).repeated);
}

#[test]
fn a_clock_that_goes_back_is_held_at_the_last_recorded_time_and_that_is_said() {
    let ledger = TestLedger::with_surplus();
    let register = |holder| ledger.act().register_holder(holder, "H").unwrap();
    let before = ledger.does(register("h1"));
    ledger.clock.set_us(before.recorded_at.us() - 1);
    let held = ledger.does(register("h2"));
    assert!(held.clock_held && !before.clock_held);
    assert_eq!(held.recorded_at, before.recorded_at);
    ledger.clock.set_us(before.recorded_at.us() + 1);
    assert!(!ledger.does(register("h3")).clock_held);
}

#[test]
fn a_dry_run_tells_what_would_be_recorded_and_records_nothing() {
    let ledger = TestLedger::with_surplus();
    let grant = ledger.act().id(id(7)).grant("surplus", "acme", "300 MW", "2025-06-01").unwrap();
    let dry = ledger.ledger().dry_run(&grant.clone().build()).unwrap();
    assert_eq!((dry.entry.id(), dry.repeats), (id(7), None));
    let receipt = ledger.does(grant.clone());
    assert_eq!(receipt.sequence, Sequence(1));
    let dry = ledger.ledger().dry_run(&grant.build()).unwrap();
    assert_eq!(dry.repeats, Some(Sequence(1)));
    let too_much = ledger.act().grant("surplus", "acme", "1701 MW", "2025-06-01").unwrap();
    assert!(matches!(
        ledger.ledger().dry_run(&too_much.build()),
        Err(RecordError::Refused(Refusal::ExceedsCapacity { .. }))
    ));
}

#[test]
fn a_refusal_refuses_its_own_act_and_the_ones_behind_it_only_where_that_is_asked() {
    for (on_refusal, recorded) in [(OnRefusal::GoOn, 2), (OnRefusal::Stop, 1)] {
        let ledger = TestLedger::with_surplus();
        let acts = ["h1", "acme", "h2"].map(|h| ledger.act().register_holder(h, "H").unwrap());
        let acts = acts.map(|act| act.build()).to_vec();
        let answers = ledger.ledger().record_many(acts, on_refusal);
        ledger.check();
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), recorded);
        assert!(matches!(answers[1], Err(RecordError::Refused(Refusal::HolderExists { .. }))));
        let last_not_asked = matches!(answers[2], Err(RecordError::NotAsked));
        assert_eq!(last_not_asked, on_refusal == OnRefusal::Stop);
    }
}

#[test]
fn the_same_id_twice_in_one_request_is_a_retry_or_a_refusal_as_ever() {
    let ledger = TestLedger::with_surplus();
    let act = |holder| ledger.act().id(id(7)).register_holder(holder, "H").unwrap().build();
    let acts = vec![act("h1"), act("h1"), act("h2")];
    let answers = ledger.ledger().record_many(acts, OnRefusal::GoOn);
    ledger.check();
    assert!(!answers[0].as_ref().unwrap().repeated && answers[1].as_ref().unwrap().repeated);
    assert!(matches!(answers[2], Err(RecordError::Refused(Refusal::EntryIdReused { .. }))));
}

#[test]
fn an_act_that_asks_for_nothing_or_needs_too_many_bytes_is_refused() {
    let ledger = TestLedger::with_surplus();
    let nothing = Act::new("mof".parse().unwrap(), Vec::new());
    let refused = ledger.record(nothing).unwrap_err();
    assert!(matches!(refused, RecordError::Refused(Refusal::NothingAsked)));
    let title = "ط".repeat(128);
    let mut act = ledger.act();
    for n in 0..300 {
        act = act.register_holder(&format!("h{n}"), &title).unwrap();
    }
    assert_eq!(ledger.refuses(act).code(), "entry_too_large");
    assert_eq!(ledger.does(ledger.act().register_holder("h", "H").unwrap()).sequence.0, 1);
}
