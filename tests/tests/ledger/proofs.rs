//! Checkpoints and proofs that others keep, and what they say offline.

use sanad::note::SignerKey;
use sanad::{
    Auditor, KeptCheckpoints, OpenedCheckpoint, ProofCheckError, ProofFile, ProvingError, Sequence,
    StatusFile, check_entry_proof, check_status,
};
use sanad_tests::{Forger, TestLedger};

fn key(ledger: &TestLedger, seed: u8) -> SignerKey {
    let origin = ledger.ledger().identity().origin();
    SignerKey::from_seed(origin.parse().unwrap(), &[seed; 32])
}

/// The surplus, a sub-pool with a share of it, a grant from that and two revocations, one of them for a window.
fn granted() -> (TestLedger, sanad::GrantId) {
    let ledger = TestLedger::with_surplus();
    let act = ledger.act().open_sub_pool("surplus/mining", "Mining", "surplus").unwrap();
    ledger.does(act.grant_to_pool("surplus", "surplus/mining", "900", "2025-05-25").unwrap());
    let grant = ledger.act().grant("surplus/mining", "acme", "300 MW", "2025-06-01").unwrap();
    let grant = ledger.does(grant).grants[0];
    ledger.does(ledger.act().grant("surplus/mining", "bolt", "50 MW", "2025-06-01").unwrap());
    ledger.does(ledger.act().revoke(grant, "100 MW", "2025-09-01").unwrap());
    ledger.does(ledger.act().curtail(grant, "50 MW", "2025-10-01", "2025-11-01").unwrap());
    (ledger, grant)
}

fn auditor(ledger: &TestLedger) -> Auditor {
    Auditor::open(&ledger.folder()).unwrap()
}

#[test]
fn a_writer_and_an_auditor_make_the_same_checkpoint_and_the_tree_speaks_of_the_chain_head() {
    let (ledger, _) = granted();
    let key = key(&ledger, 7);
    let keys = [key];
    let (theirs, ours) =
        (auditor(&ledger).checkpoint(&keys).unwrap(), ledger.ledger().checkpoint(&keys).unwrap());
    assert_eq!(theirs, ours);
    assert!(ours.verify(&[keys[0].verifier_key()]).is_ok());
    assert_eq!(ours.claimed().size(), 6);
    let head = auditor(&ledger).agree_with(&ours).unwrap();
    assert_eq!(head, auditor(&ledger).head());
}

#[test]
fn the_tree_goes_on_where_it_was_when_a_ledger_opens_again() {
    let (mut ledger, _) = granted();
    let keys = [key(&ledger, 7)];
    let before = ledger.ledger().checkpoint(&keys).unwrap();
    ledger.reopen_after(|_| {});
    assert_eq!(ledger.ledger().checkpoint(&keys).unwrap(), before);
    ledger.does(ledger.act().register_holder("late", "Late").unwrap());
    let after = ledger.ledger().checkpoint(&keys).unwrap();
    let auditor = auditor(&ledger);
    assert_eq!(after.claimed().root(), auditor.tree_of(7).unwrap().frontier().root());
    let proof = auditor.prove_consistency(6, 7).unwrap();
    assert_eq!(proof.verify(&before.claimed().root(), &after.claimed().root()), Ok(()));
}

#[test]
fn a_key_of_another_name_does_not_sign_for_the_ledger_and_a_new_one_signs_beside_the_old() {
    let (ledger, _) = granted();
    let other = SignerKey::from_seed("other.example/log".parse().unwrap(), &[7; 32]);
    let refused = ledger.ledger().checkpoint(&[other]).unwrap_err();
    assert!(matches!(refused, ProvingError::NotItsKey { .. }), "{refused}");
    let (old, new) = (key(&ledger, 7), key(&ledger, 8));
    let keys = [old.verifier_key(), new.verifier_key()];
    let both = ledger.ledger().checkpoint(&[old, new]).unwrap();
    for known in keys {
        assert!(both.verify(&[known]).is_ok(), "whoever knows one of the two believes it");
    }
}

#[test]
fn an_entry_is_proved_in_one_file_and_read_offline() {
    let (ledger, grant) = granted();
    let keys = [key(&ledger, 7)];
    let known = [keys[0].verifier_key()];
    let auditor = auditor(&ledger);
    let checkpoint = auditor.checkpoint(&keys).unwrap();
    for sequence in 0..6 {
        let file = auditor.prove_entry(Sequence(sequence), &checkpoint).unwrap().to_string();
        let file = ProofFile::parse(file.as_bytes()).unwrap();
        let proven = check_entry_proof(&file, &known).unwrap();
        let stored = auditor.entry(Sequence(sequence)).unwrap();
        assert_eq!((proven.recorded, proven.hash), (stored.recorded, stored.hash));
    }
    let file = auditor.prove_entry(Sequence(2), &checkpoint).unwrap();
    let proven = check_entry_proof(&file, &known).unwrap();
    let granted = proven
        .recorded
        .entry
        .events()
        .iter()
        .any(|event| matches!(event, sanad::Event::Granted(granted) if granted.grant == grant));
    assert!(granted);
    let stranger = SignerKey::from_seed(keys[0].name().clone(), &[9; 32]).verifier_key();
    let refused = check_entry_proof(&file, &[stranger]).unwrap_err();
    assert!(matches!(refused, ProofCheckError::Proof(_)), "{refused}");
}

#[test]
fn a_status_tells_what_a_grant_amounts_to_at_a_checkpoint_and_carries_every_entry_about_it() {
    let (ledger, grant) = granted();
    let keys = [key(&ledger, 7)];
    let known = [keys[0].verifier_key()];
    let checkpoint = auditor(&ledger).checkpoint(&keys).unwrap();
    // What comes behind the checkpoint is not told.
    ledger.does(ledger.act().revoke_all(grant, "2026-01-01").unwrap());
    let auditor = auditor(&ledger);
    let file = auditor.prove_status(grant, &checkpoint).unwrap().to_string();
    let file = StatusFile::parse(file.as_bytes()).unwrap();
    let places: Vec<_> = file.records().iter().map(|proven| proven.inclusion.index()).collect();
    assert_eq!(places, [0, 1, 2, 4, 5], "the openings, the holder, the grant, two revocations");
    let status = check_status(&file, &known).unwrap();
    let unit = status.unit.unwrap();
    let calendar = ledger.ledger().calendar();
    let left: Vec<_> = status
        .left
        .iter()
        .map(|(window, left)| format!("{} {}", calendar.write(window.from()), unit.write(*left)))
        .collect();
    assert_eq!(left, ["2025-06-01 300", "2025-09-01 200", "2025-10-01 150", "2025-11-01 200"]);
    assert_eq!((status.revoked.len(), status.holder_title.unwrap().as_str()), (2, "Acme"));
}

#[test]
fn a_history_that_was_rewritten_does_not_agree_with_a_checkpoint_that_was_kept() {
    let (mut ledger, _) = granted();
    let keys = [key(&ledger, 7)];
    let early = auditor(&ledger).tree_of(3).unwrap();
    let checkpoint = ledger.ledger().checkpoint(&keys).unwrap();
    ledger.close();
    let mut forger = Forger::of(&ledger.folder());
    forger.records[3..].iter_mut().for_each(|record| record.recorded_at_us += 1);
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("rewritten");
    forger.write(&folder);
    let rewritten = Auditor::open(&folder).unwrap();
    assert!(rewritten.verify(&mut |_| {}).unwrap().is_clean(), "every hash was made again");
    let refused = rewritten.agree_with(&checkpoint).unwrap_err();
    assert!(matches!(refused, ProvingError::OtherHistory { size: 6, .. }), "{refused}");
    assert_eq!(rewritten.tree_of(3).unwrap(), early, "up to entry 2 it is the same history");
    forger.records.truncate(5);
    let shorter = home.path().join("shorter");
    forger.write(&shorter);
    let refused = Auditor::open(&shorter).unwrap().agree_with(&checkpoint).unwrap_err();
    assert!(matches!(refused, ProvingError::Ahead { checkpoint: 6, entries: 5 }), "{refused}");
}

#[test]
fn checkpoints_are_kept_beside_the_log_and_read_again() {
    let (ledger, _) = granted();
    let keys = [key(&ledger, 7)];
    let kept = KeptCheckpoints::of(&ledger.folder()).unwrap();
    let checkpoint: OpenedCheckpoint = ledger.ledger().checkpoint(&keys).unwrap();
    kept.keep(&checkpoint).unwrap();
    ledger.does(ledger.act().register_holder("late", "Late").unwrap());
    kept.keep(&ledger.ledger().checkpoint(&keys).unwrap()).unwrap();
    let all = kept.all().unwrap();
    assert_eq!(all.iter().map(|kept| kept.size).collect::<Vec<_>>(), [6, 7]);
    for kept in all {
        assert!(auditor(&ledger).agree_with(&kept.note.unwrap()).is_ok());
    }
}
