//! What a verification says of a ledger that somebody has changed: the right class, the right place, and no more.

use std::path::PathBuf;

use sanad::{Auditor, Class, Known, Remark, Sequence, Verdict};
use sanad_tests::{Forger, TestLedger, tamper, told};
use tempfile::TempDir;

/// Six entries: the surplus, three grants, a revocation, another holder. Closed, and without a memory unless said.
fn ledger() -> TestLedger {
    let mut ledger = TestLedger::with_surplus();
    let grant = |holder| ledger.act().grant("surplus", holder, "100 MW", "2025-07-01").unwrap();
    let first = ledger.does(grant("acme")).grants[0];
    ledger.does(grant("bolt"));
    ledger.does(grant("acme"));
    ledger.does(ledger.act().revoke(first, "50 MW", "2025-08-01").unwrap());
    ledger.does(ledger.act().register_holder("late", "Late").unwrap());
    ledger.close();
    ledger
}

fn forget(ledger: &TestLedger) {
    std::fs::remove_dir_all(ledger.folder().join("memory")).unwrap();
}

#[test]
fn a_sound_ledger_has_no_findings_and_says_what_it_led_to() {
    let ledger = ledger();
    let verdict = ledger.verdict();
    assert!(verdict.is_clean());
    assert_eq!((verdict.entries, verdict.head.size, verdict.last_good), (6, 6, None));
}

#[test]
fn a_changed_byte_is_one_finding_and_the_rest_is_still_judged() {
    let ledger = ledger();
    forget(&ledger);
    tamper(&ledger.folder(), |bytes, records| bytes[records[2].end - 40] ^= 1);
    let verdict = ledger.verdict();
    assert_eq!(verdict.entries, 6);
    assert_eq!(verdict.last_good, Some(Sequence(1)));
    let told = told(&verdict);
    assert_eq!(told[0], "integrity chain-hash-mismatch 2");
    assert_eq!(verdict.answer(Class::Integrity).count, 1);
    assert_eq!(verdict.answer(Class::Coverage).count, 0);
}

#[test]
fn a_record_taken_out_is_missing_in_its_place() {
    let ledger = ledger();
    forget(&ledger);
    tamper(&ledger.folder(), |bytes, records| drop(bytes.drain(records[5 - 3].clone())));
    let verdict = ledger.verdict();
    assert_eq!(told(&verdict), ["coverage chain-sequence-break 2"]);
    assert_eq!(verdict.last_good, Some(Sequence(1)));
}

#[test]
fn a_record_put_in_twice_is_found_where_it_stands_twice() {
    let ledger = ledger();
    forget(&ledger);
    tamper(&ledger.folder(), |bytes, records| {
        let twice = bytes[records[2].clone()].to_vec();
        bytes.splice(records[2].end..records[2].end, twice);
    });
    let verdict = ledger.verdict();
    assert!(told(&verdict).contains(&"coverage chain-sequence-break 3".to_owned()));
    assert_eq!(verdict.last_good, Some(Sequence(2)));
    // Its content is judged too: what it grants was granted before.
    assert!(verdict.answer(Class::Lawfulness).count > 0);
}

#[test]
fn records_that_changed_places_are_found_at_the_first() {
    let ledger = ledger();
    forget(&ledger);
    tamper(&ledger.folder(), |bytes, records| {
        let (one, other) = (records[2].clone(), records[3].clone());
        let swapped = [&bytes[other.clone()], &bytes[one.clone()]].concat();
        bytes[one.start..other.end].copy_from_slice(&swapped);
    });
    let verdict = ledger.verdict();
    assert_eq!(verdict.last_good, Some(Sequence(1)));
    assert_eq!(told(&verdict), ["integrity damaged 2"]);
}

#[test]
fn a_tail_that_was_cut_off_is_missed_by_what_the_ledger_remembers() {
    let ledger = ledger();
    tamper(&ledger.folder(), |bytes, records| bytes.truncate(records[4].start));
    let verdict = ledger.verdict();
    assert_eq!(told(&verdict), ["coverage acknowledged_tail_missing 4"]);
    // Without it, and without a checkpoint kept elsewhere, nobody can know.
    forget(&ledger);
    assert!(ledger.verdict().is_clean());
}

#[test]
fn bytes_behind_the_last_record_are_said() {
    let ledger = ledger();
    tamper(&ledger.folder(), |bytes, _| bytes.extend_from_slice(&[7; 30]));
    assert_eq!(told(&ledger.verdict()), ["coverage torn_tail 6"]);
}

/// A ledger with other entries than the genuine one and every hash right.
fn forged(change: impl FnOnce(&mut Forger)) -> (TempDir, PathBuf) {
    let genuine = ledger();
    let mut forger = Forger::of(&genuine.folder());
    change(&mut forger);
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("forged");
    forger.write(&folder);
    (home, folder)
}

fn verdict_of(folder: &std::path::Path) -> Verdict {
    Auditor::open(folder).unwrap().verify(&mut |_| {}).unwrap()
}

/// One flipped bit there kept the ledger from being opened at all, and with it from being verified.
#[test]
fn a_damaged_header_of_the_last_segment_is_a_finding_and_its_records_are_judged() {
    let ledger = ledger();
    forget(&ledger);
    tamper(&ledger.folder(), |bytes, _| bytes[80] ^= 1);
    let verdict = ledger.verdict();
    assert_eq!(
        (told(&verdict), verdict.entries),
        (vec!["integrity segment_header 0".to_owned()], 6)
    );
    let auditor = Auditor::open(&ledger.folder()).unwrap();
    assert!(auditor.view(Known::Head).is_err(), "what is damaged is not shown");
}

#[test]
fn an_unlawful_entry_is_found_although_every_hash_is_right() {
    // Without the surplus's revocation of capacity: three times 100 MW fit; 1,900 MW more do not.
    let (_home, folder) = forged(|forger| {
        let genuine = ledger();
        let act = sanad::ActBuilder::new("mof", &sanad::Calendar::new("Asia/Karachi").unwrap());
        let act = act.unwrap().grant("surplus", "bolt", "1900 MW", "2025-06-01").unwrap().build();
        let entry = sanad::Auditor::open(&genuine.folder()).unwrap();
        let id = entry.entry(Sequence(5)).unwrap().recorded.entry.id();
        let mut state = sanad::State::default();
        for entry in entry.entries(0..1).unwrap() {
            let effect = state.admit(&entry.unwrap().recorded.entry).unwrap();
            state.apply(effect);
        }
        let decided = state.decide(&act, id).unwrap();
        forger.records[5].payload = sanad_codec::encode(&decided.entry).unwrap();
    });
    let verdict = verdict_of(&folder);
    assert_eq!(told(&verdict), ["lawfulness exceeds_capacity 5"]);
    let finding = verdict.findings().next().unwrap();
    let (pool, touched) = finding.touched.clone().unwrap();
    assert_eq!((pool.as_str(), touched.as_str()), ("surplus", "200 MW"));
    assert_eq!(verdict.last_good, None, "integrity and coverage hold to the end");
}

#[test]
fn an_entry_id_that_is_used_twice_is_unlawful() {
    let (_home, folder) = forged(|forger| forger.records[5].entry_id = forger.records[1].entry_id);
    assert_eq!(told(&verdict_of(&folder)), ["lawfulness entry_id_reused 5"]);
}

#[test]
fn a_payload_that_is_none_is_found_and_the_rest_goes_on() {
    let (_home, folder) = forged(|forger| forger.records[5].payload = b"not an entry".to_vec());
    let verdict = verdict_of(&folder);
    assert_eq!(told(&verdict), ["lawfulness no_entry 5"]);
}

#[test]
fn a_history_of_another_ledger_breaks_at_its_first_record() {
    let ledger = ledger();
    let other = TestLedger::new();
    let mut identity = Forger::of(&other.folder());
    identity.records.clear();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("moved");
    identity.identity = sanad::Identity::new(
        identity.identity.ledger_id(),
        identity.identity.created_at_us(),
        "Asia/Karachi",
        "other.example/ledger",
        "",
    )
    .unwrap();
    identity.write(&folder);
    let segment = format!("log/{:020}.seg", 0);
    std::fs::copy(ledger.folder().join(&segment), folder.join(&segment)).unwrap();
    let verdict = verdict_of(&folder);
    assert_eq!(told(&verdict), ["coverage replaced_segment 0"]);
    assert_eq!(verdict.last_good, None);
}

#[test]
fn backdated_entries_and_accepted_shortfalls_are_remarks_and_not_findings() {
    let ledger = TestLedger::with_surplus();
    ledger.does(ledger.act().grant("surplus", "acme", "1500 MW", "2025-07-01").unwrap());
    let shrink = ledger.act().declare_capacity("surplus", "1000", "2025-05-30").unwrap();
    ledger.does(shrink.accept_shortfall());
    let verdict = ledger.verdict();
    assert!(verdict.is_clean());
    assert_eq!((verdict.backdated, verdict.shortfalls_accepted), (2, 1));
    let missing = verdict.remarks.iter().find_map(|remark| match remark {
        Remark::ShortfallAccepted { sequence, missing, .. } => Some((sequence.0, missing.clone())),
        _ => None,
    });
    assert_eq!(missing, Some((2, "500 MW".to_owned())));
}
