//! What a verification says of damage and of unlawful entries, word for word: which entries, where, and how much.

use sanad::{
    ActBuilder, Auditor, Calendar, Class, Entry, Evidence, OpenedCheckpoint, Remark, Sequence,
    State, Verdict,
};
use sanad_tests::{Forger, TestLedger, tamper, told};

/// A ledger of six entries in one append each, closed, and a checkpoint of all of them.
fn ledger() -> (TestLedger, OpenedCheckpoint) {
    let mut ledger = TestLedger::with_surplus();
    for n in 1..6 {
        ledger.does(ledger.act().register_holder(&format!("h{n}"), "H").unwrap());
    }
    let origin = ledger.ledger().identity().origin().parse().unwrap();
    let key = sanad::note::SignerKey::from_seed(origin, &[7; 32]);
    let checkpoint = ledger.ledger().checkpoint(&[key]).unwrap();
    ledger.close();
    std::fs::remove_dir_all(ledger.folder().join("memory")).unwrap();
    (ledger, checkpoint)
}

fn judged(ledger: &TestLedger, checkpoint: &OpenedCheckpoint) -> Verdict {
    let checkpoints = vec![("mine".to_owned(), checkpoint.clone())];
    let evidence = Evidence { checkpoints, keys: Vec::new(), policy: None };
    Auditor::open(&ledger.folder()).unwrap().verify_with(&evidence, &mut |_| {}).unwrap()
}

/// What was not checked of coverage.
fn unchecked(verdict: &Verdict) -> Vec<&str> {
    let reason = |remark| match remark {
        &Remark::NotChecked { class: Class::Coverage, ref reason } => Some(reason.as_str()),
        _ => None,
    };
    verdict.remarks.iter().filter_map(reason).collect()
}

/// The leaves behind a hole were taken for those that belong into it. So a checkpoint from there was said to be of
/// another history, or of more entries than there are, and the last good entry was none.
#[test]
fn entries_that_cannot_be_read_are_told_by_their_numbers_and_their_place() {
    for (last, expected) in
        [(2, "entry 2 cannot be read there"), (4, "entries 2 to 4 cannot be read")]
    {
        let (ledger, checkpoint) = ledger();
        let mut place = String::new();
        tamper(&ledger.folder(), |bytes, records| {
            place = format!("segment 0, byte {}", records[2].start);
            bytes[records[2].start..records[last].end - 32].fill(0xee);
        });
        let verdict = judged(&ledger, &checkpoint);
        let finding = verdict.findings().next().unwrap();
        assert!(finding.message.starts_with(expected), "{}", finding.message);
        assert_eq!(finding.place.as_deref(), Some(&*place));
        // Of a history with a hole no root is known behind it, and a checkpoint from there is no finding.
        assert_eq!(told(&verdict), ["integrity damaged 2"]);
        assert_eq!(verdict.last_good, Some(Sequence(1)));
        assert_eq!(unchecked(&verdict), ["mine: entries before entry 6 cannot be known"]);
        let agrees: Vec<_> = verdict.checkpoints.iter().map(|one| (one.size, one.agrees)).collect();
        assert_eq!(agrees, [(6, false)]);
    }
}

#[test]
fn a_segment_that_begins_before_the_one_before_it_ends_overlaps_it() {
    let (ledger, _) = ledger();
    let forger = Forger::of(&ledger.folder());
    let home = tempfile::tempdir().unwrap();
    let (whole, parted) = (home.path().join("whole"), home.path().join("parted"));
    forger.write(&whole);
    forger.write_in_segments(&parted, 1);
    let segment = format!("log/{:020}.seg", 3);
    std::fs::copy(parted.join(&segment), whole.join(&segment)).unwrap();
    let verdict = Auditor::open(&whole).unwrap().verify(&mut |_| {}).unwrap();
    assert_eq!(told(&verdict)[0], "coverage overlap 3");
    assert_eq!(verdict.findings().next().unwrap().place.as_deref(), Some("segment 3"));
}

/// An entry of those that a ledger with a full pool holds, exchanged for one that nobody would have recorded.
fn unlawful(act: impl FnOnce(ActBuilder) -> ActBuilder) -> Verdict {
    let mut ledger = TestLedger::with_surplus();
    ledger.does(ledger.act().grant("surplus", "acme", "2000 MW", "2025-07-01").unwrap());
    let less = ledger.act().declare_capacity("surplus", "1900", "2025-08-01").unwrap();
    ledger.does(less.accept_shortfall());
    ledger.does(ledger.act().register_holder("late", "Late").unwrap());
    ledger.close();
    let auditor = Auditor::open(&ledger.folder()).unwrap();
    let mut state = State::default();
    for entry in auditor.entries(0..3).unwrap() {
        state.apply(state.admit(&entry.unwrap().recorded.entry).unwrap());
    }
    let mut forger = Forger::of(&ledger.folder());
    let id = auditor.entry(Sequence(3)).unwrap().recorded.entry.id();
    let calendar = Calendar::new("Asia/Karachi").unwrap();
    let asked = act(ActBuilder::new("mof", &calendar).unwrap()).build();
    let entry: Entry = state.expand(&asked, id).unwrap();
    forger.records[3].payload = sanad_codec::encode(&entry).unwrap();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("forged");
    forger.write(&folder);
    Auditor::open(&folder).unwrap().verify(&mut |_| {}).unwrap()
}

#[test]
fn what_an_unlawful_entry_touches_is_told_in_the_pools_unit() {
    let declare = |amount: &'static str, from: &'static str| {
        unlawful(|act| act.declare_capacity("surplus", amount, from).unwrap())
    };
    let seen = |verdict: &Verdict| {
        let finding = verdict.findings().next().unwrap();
        let (pool, amount) = finding.touched.clone().unwrap();
        (finding.code, finding.sequence.unwrap().0, pool.to_string(), amount)
    };
    let expected = |code, amount: &str| (code, 3, "surplus".to_owned(), amount.to_owned());
    let uncovered = declare("1999", "2025-07-15");
    assert_eq!(seen(&uncovered), expected("causes_shortfall", "1 MW"));
    let larger = declare("1870", "2025-08-01");
    assert_eq!(seen(&larger), expected("shortfall_would_grow", "30 MW"));
    let beyond = unlawful(|act| {
        act.grant_until("surplus", "bolt", "5 MW", "2025-07-01", "2025-07-02").unwrap()
    });
    assert_eq!(seen(&beyond), expected("exceeds_capacity", "5 MW"));
}

#[test]
fn an_entry_in_force_from_the_first_instant_of_its_day_on_is_not_backdated() {
    let ledger = TestLedger::with_surplus();
    let before = ledger.verdict().backdated;
    ledger.does(ledger.act().grant("surplus", "acme", "1 MW", "2025-06-01").unwrap());
    assert_eq!(ledger.verdict().backdated, before);
    ledger.does(ledger.act().grant("surplus", "acme", "1 MW", "2025-05-31").unwrap());
    assert_eq!(ledger.verdict().backdated, before + 1);
}
