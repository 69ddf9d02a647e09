//! What a verification says where the history is held against checkpoints.

use sanad::note::SignerKey;
use sanad::{
    Auditor, Class, Evidence, KeptCheckpoints, OpenedCheckpoint, RecordedTime, Remark, Verdict,
    VerdictFile,
};
use sanad_tests::{Forger, TestLedger, told};
use serde_json::Value;

fn key(ledger: &TestLedger) -> SignerKey {
    let origin = ledger.ledger().identity().origin();
    SignerKey::from_seed(origin.parse().unwrap(), &[7; 32])
}

/// A ledger of five entries, and its checkpoints of 3 and of 5 entries.
fn checkpointed() -> (TestLedger, SignerKey, [OpenedCheckpoint; 2]) {
    let ledger = TestLedger::with_surplus();
    let key = key(&ledger);
    let mut checkpoints = Vec::new();
    for n in 1..5 {
        ledger.does(ledger.act().register_holder(&format!("h{n}"), "H").unwrap());
        if n % 2 == 0 {
            checkpoints.push(ledger.ledger().checkpoint(std::slice::from_ref(&key)).unwrap());
        }
    }
    (ledger, key, checkpoints.try_into().unwrap())
}

fn judged(
    folder: &std::path::Path,
    checkpoints: &[OpenedCheckpoint],
    keys: &[SignerKey],
) -> Verdict {
    let checkpoints = checkpoints.iter().map(|one| ("mine".to_owned(), one.clone())).collect();
    let keys = keys.iter().map(SignerKey::verifier_key).collect();
    let evidence = Evidence { checkpoints, keys, policy: None };
    Auditor::open(folder).unwrap().verify_with(&evidence, &mut |_| {}).unwrap()
}

#[test]
fn a_history_agrees_with_its_checkpoints_and_says_so() {
    let (ledger, key, checkpoints) = checkpointed();
    let verdict = judged(&ledger.folder(), &checkpoints, &[key]);
    assert!(verdict.is_clean(), "{:?}", told(&verdict));
    let agreed: Vec<_> = verdict.checkpoints.iter().map(|one| (one.size, one.agrees)).collect();
    assert_eq!(agreed, [(3, true), (5, true)]);
    let not_checked =
        |remark: &Remark| matches!(remark, Remark::NotChecked { class: Class::Integrity, .. });
    assert!(!verdict.remarks.iter().any(not_checked), "a key was given");
    assert!(judged(&ledger.folder(), &checkpoints, &[]).remarks.iter().any(not_checked));
    assert_eq!(verdict.root, checkpoints[1].claimed().root());
}

#[test]
fn a_history_rewritten_from_an_entry_on_with_all_hashes_made_again_parts_where_a_checkpoint_shows()
{
    let (mut ledger, key, checkpoints) = checkpointed();
    ledger.close();
    let mut forger = Forger::of(&ledger.folder());
    forger.records.swap(3, 4);
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("rewritten");
    forger.write(&folder);
    assert!(judged(&folder, &[], &[]).is_clean(), "nothing shows it without a checkpoint");
    let verdict = judged(&folder, &checkpoints, &[key]);
    assert_eq!(told(&verdict), ["coverage checkpoint_of_other_history 3"]);
    let message = &verdict.findings().next().unwrap().message;
    assert!(message.ends_with("the histories part between entry 3 and entry 4"), "{message}");
    assert_eq!(verdict.last_good.map(|sequence| sequence.0), Some(2));
    // The operator's own shelf tells it as well, as long as nobody empties it.
    KeptCheckpoints::of(&folder).unwrap().keep(&checkpoints[1]).unwrap();
    assert_eq!(told(&judged(&folder, &[], &[])), ["coverage checkpoint_of_other_history 0"]);
}

#[test]
fn a_tail_that_was_cut_with_all_that_remembers_it_is_missed_by_a_checkpoint_from_outside() {
    let (mut ledger, key, checkpoints) = checkpointed();
    ledger.close();
    let mut forger = Forger::of(&ledger.folder());
    forger.records.truncate(4);
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("cut");
    forger.write(&folder);
    let verdict = judged(&folder, &checkpoints, &[key]);
    assert_eq!(told(&verdict), ["coverage checkpoint_ahead 4"]);
}

#[test]
fn a_wrong_key_and_a_forged_signature_are_told_apart_from_a_wrong_history() {
    let (ledger, key, checkpoints) = checkpointed();
    let stranger = SignerKey::from_seed(key.name().clone(), &[9; 32]);
    let verdict = judged(&ledger.folder(), &checkpoints[1..], &[stranger]);
    assert_eq!(told(&verdict), ["integrity checkpoint_not_signed -"]);
    let text = checkpoints[1].note().to_string();
    let at = text.rfind(' ').unwrap() + 20;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    let forged = format!("{}{other}{}", &text[..at], &text[at + 1..]);
    let forged = OpenedCheckpoint::parse(forged.as_bytes()).unwrap();
    let verdict = judged(&ledger.folder(), &[forged], &[key]);
    assert_eq!(told(&verdict), ["integrity checkpoint_signature -"]);
}

#[test]
fn a_key_that_was_given_up_signs_nothing_that_is_believed_from_then_on() {
    let (ledger, old, before) = checkpointed();
    let new = SignerKey::from_seed(old.name().clone(), &[8; 32]);
    let both = ledger.ledger().checkpoint(&[old.clone(), new.clone()]).unwrap();
    let late = ledger.ledger().checkpoint(std::slice::from_ref(&old)).unwrap();
    // Whoever has changed over takes what both signed, and no longer what the old one signs alone.
    assert!(judged(&ledger.folder(), &[both], std::slice::from_ref(&new)).is_clean());
    let verdict = judged(&ledger.folder(), &[late], std::slice::from_ref(&new));
    assert_eq!(told(&verdict), ["integrity checkpoint_not_signed -"]);
    // What was kept from before the change is believed by naming the old key too.
    assert!(judged(&ledger.folder(), &before, &[old, new]).is_clean());
}

#[test]
fn a_checkpoint_of_another_ledger_is_no_evidence() {
    let (ledger, _, _) = checkpointed();
    let other = TestLedger::with_surplus();
    let foreign = SignerKey::from_seed("other.example/log".parse().unwrap(), &[7; 32]);
    let checkpoint = other.ledger().checkpoint(&[key(&other)]).unwrap();
    let text = checkpoint
        .claimed()
        .to_text()
        .as_str()
        .replace(key(&other).name().as_str(), "other.example/log");
    let note = foreign.sign(sanad::note::NoteText::new(text).unwrap());
    let checkpoint = OpenedCheckpoint::from_note(note).unwrap();
    let verdict = judged(&ledger.folder(), &[checkpoint], &[foreign]);
    assert_eq!(told(&verdict), ["coverage checkpoint_of_other_ledger -"]);
}

#[test]
fn a_verdict_file_has_the_fields_of_its_page_and_can_be_signed() {
    let (mut ledger, key, checkpoints) = checkpointed();
    ledger.close();
    let verdict = judged(&ledger.folder(), &checkpoints, &[key]);
    let auditor = Auditor::open(&ledger.folder()).unwrap();
    let at = RecordedTime::from_us(1_750_000_000_000_000).unwrap();
    let (identity, calendar) = (auditor.identity(), auditor.calendar());
    let file = VerdictFile::new(&verdict, identity, calendar, at, "sanad 0", None);
    let json: Value = serde_json::from_str(&file.to_json()).unwrap();
    let page = include_str!("../../../docs/format/verdict.md");
    let fields = json.as_object().unwrap();
    for field in fields.keys().chain(json["answers"]["integrity"].as_object().unwrap().keys()) {
        assert!(page.contains(&format!("`{field}`")), "{field} is not on the page");
    }
    assert_eq!(fields.len(), 17);
    assert_eq!(json["checkpoints"][1]["agrees"], true);
    let office = SignerKey::from_seed("audit.example/office".parse().unwrap(), &[3; 32]);
    let note = file.sign(&office).unwrap();
    assert!(note.verify(&[office.verifier_key()]).is_ok());
    assert_eq!(note.text().as_str(), file.to_json());
}

#[test]
fn every_code_of_a_finding_is_on_the_page_of_the_verdict() {
    let page = include_str!("../../../docs/format/verdict.md");
    let files = [
        "sanad/src/verify.rs",
        "sanad/src/judging.rs",
        "sanad/src/agreement.rs",
        "sanad/src/evidence.rs",
        "sanad/src/publication/audit.rs",
        "sanad-publication/src/finding.rs",
    ];
    let sources = files.map(|file| {
        let path = sanad_tests::workspace().join("crates").join(file);
        std::fs::read_to_string(path).unwrap()
    });
    for word in sources.iter().flat_map(|source| source.split('"')) {
        let code = word.len() > 3 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if code && word.contains('_') {
            assert!(page.contains(&format!("`{word}`")), "{word}");
        }
    }
    assert_eq!(Class::ALL.len(), 4);
}
