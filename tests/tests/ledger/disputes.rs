//! Two histories of one ledger: where they part, and how that is shown to others.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sanad::note::SignerKey;
use sanad::publication::{
    Comparison, Dispute, DisputeError, FolderSource, Outcome, Publication, Side, Thoroughness,
    check_dispute, compare,
};
use sanad::tree::TreeHash;
use sanad::{Auditor, Checkpoint, OpenedCheckpoint, Sequence};
use sanad_tests::Forger;
use tempfile::TempDir;

use crate::published::{key_of, ledger, publish_all};

/// A ledger and its publication, the same as every other for as many entries as said, and then another.
struct Copy {
    _home: TempDir,
    folder: PathBuf,
    dir: PathBuf,
    checkpoint: OpenedCheckpoint,
}

fn copy(same: usize, size: usize) -> Copy {
    let mut forger = Forger::of(&ledger().folder());
    forger.records.truncate(size);
    for record in forger.records.iter_mut().skip(same) {
        record.recorded_at_us += 1;
    }
    let home = tempfile::tempdir().unwrap();
    let (folder, dir) = (home.path().join("ledger"), home.path().join("published"));
    forger.write(&folder);
    let checkpoint = publish_all(&folder, &dir);
    Copy { _home: home, folder, dir, checkpoint }
}

fn side(path: &Path) -> Side {
    Side::open(path).unwrap()
}

fn compared(one: &Side, other: &Side) -> Outcome {
    let by = |thoroughness| compare(one, other, thoroughness, &mut |_| {}).unwrap();
    let bytes = by(Thoroughness::Bytes);
    assert_eq!(bytes, by(Thoroughness::Hashes));
    let Comparison { sizes, outcome } = bytes;
    assert_eq!(sizes, [one.size(), other.size()]);
    outcome
}

#[test]
fn ledgers_and_publications_are_compared_entry_by_entry() {
    let (whole, fork, short) = (copy(7, 7), copy(4, 7), copy(7, 5));
    for one in [&whole.folder, &whole.dir] {
        for other in [&fork.folder, &fork.dir] {
            let Outcome::Part { first, entries } = compared(&side(one), &side(other)) else {
                panic!("they part")
            };
            assert_eq!(first, 4..5);
            let [Some(left), Some(right)] = *entries else { panic!("both have it") };
            assert_ne!(left.hash, right.hash);
            let recorded = [left, right].map(|entry| entry.recorded.unwrap());
            assert!(recorded.iter().all(|entry| entry.sequence == Sequence(4)));
            assert_eq!(recorded[0].entry, recorded[1].entry, "only its time was changed");
        }
        for other in [&short.folder, &short.dir, &whole.folder, &whole.dir] {
            assert_eq!(compared(&side(one), &side(other)), Outcome::Same);
        }
    }
}

#[test]
fn a_byte_that_was_changed_in_a_copy_is_found_by_comparing_bytes() {
    let (whole, other) = (copy(7, 7), copy(7, 7));
    let bundle = other.dir.join("tile/entries/000.p/7");
    let mut bytes = std::fs::read(&bundle).unwrap();
    let mut at = 0;
    for _ in 0..3 {
        at += 2 + usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
    }
    // The recorded time of entry 3.
    bytes[at + 2 + 14] ^= 1;
    std::fs::write(bundle, bytes).unwrap();
    let (one, other) = (side(&whole.folder), side(&other.dir));
    let bytes = compare(&one, &other, Thoroughness::Bytes, &mut |_| {}).unwrap();
    assert!(matches!(bytes.outcome, Outcome::Part { first, .. } if first == (3..4)));
    // By hashes it is not: that copy is not sound by itself, and a verification says so.
    let hashes = compare(&one, &other, Thoroughness::Hashes, &mut |_| {}).unwrap();
    assert_eq!(hashes.outcome, Outcome::Same);
}

#[test]
fn a_checkpoint_shows_that_a_history_parts_from_it_and_a_proof_shows_nearer_where() {
    let (whole, fork) = (copy(7, 7), copy(4, 7));
    let home = tempfile::tempdir().unwrap();
    let (note, proof) = (home.path().join("checkpoint"), home.path().join("entry.tlog-proof"));
    std::fs::write(&note, whole.checkpoint.note().to_string()).unwrap();
    let auditor = Auditor::open(&whole.folder).unwrap();
    let file = auditor.prove_entry(Sequence(6), &whole.checkpoint).unwrap();
    std::fs::write(&proof, file.to_string()).unwrap();
    for path in [&note, &proof] {
        for same in [&whole.folder, &whole.dir] {
            assert_eq!(compared(&side(path), &side(same)), Outcome::Same);
        }
    }
    for other in [&fork.folder, &fork.dir] {
        let part = compared(&side(&note), &side(other));
        assert!(matches!(part, Outcome::Part { first, .. } if first == (0..7)));
        // The way of entry 6 in a tree of 7 has the hashes of 0..4 and 4..6.
        let part = compared(&side(&proof), &side(other));
        assert!(matches!(part, Outcome::Part { first, .. } if first == (4..6)));
    }
    std::fs::write(&note, fork.checkpoint.note().to_string()).unwrap();
    let part = compared(&side(&note), &side(&proof));
    assert!(matches!(part, Outcome::Part { first, .. } if first == (0..7)));
    std::fs::write(&note, copy(7, 5).checkpoint.note().to_string()).unwrap();
    assert_eq!(compared(&side(&note), &side(&proof)), Outcome::Unknown);
}

#[test]
fn what_is_neither_ledger_nor_publication_nor_proof_is_said() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("file"), "nothing").unwrap();
    std::fs::write(home.path().join("proof"), "c2sp.org/tlog-proof@v9\n").unwrap();
    for (name, says) in
        [("", "holds no ledger"), ("file", "is no checkpoint"), ("proof", "is no proof")]
    {
        let error = Side::open(&home.path().join(name)).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn two_checkpoints_of_one_size_make_a_dispute_that_anyone_can_check() {
    let (whole, fork) = (copy(7, 7), copy(4, 7));
    let key = key_of(&whole.folder).verifier_key();
    let dispute = Dispute::of_one_size(whole.checkpoint.clone(), fork.checkpoint.clone()).unwrap();
    let file = dispute.to_string();
    assert!(file.starts_with("sanad dispute v1\n\n"));
    assert_eq!(Dispute::parse(file.as_bytes()).unwrap(), dispute);
    let proven = check_dispute(file.as_bytes(), &[key]).unwrap();
    assert_eq!(proven.earlier.checkpoint(), whole.checkpoint.claimed());
    assert_eq!(proven.root_in_later, fork.checkpoint.claimed().root());
}

#[test]
fn a_later_checkpoint_that_did_not_grow_out_of_an_earlier_one_makes_a_dispute() {
    for size in 1..7 {
        let (early, fork) = (copy(7, size), copy(size - 1, 7));
        let publication = Publication::new(FolderSource::new(&fork.dir));
        let (one, other) = (fork.checkpoint.clone(), early.checkpoint.clone());
        let dispute = Dispute::between(one, other, &publication).unwrap();
        let file = dispute.to_string();
        let key = key_of(&fork.folder).verifier_key();
        let proven = check_dispute(file.as_bytes(), &[key]).unwrap();
        assert_eq!(proven.earlier.checkpoint().size(), size as u64);
        assert_ne!(proven.root_in_later, proven.earlier.checkpoint().root());
    }
}

#[test]
fn an_honest_log_cannot_be_disputed() {
    let (whole, early) = (copy(7, 7), copy(7, 4));
    let publication = Publication::new(FolderSource::new(&whole.dir));
    let honest = Dispute::between(early.checkpoint, whole.checkpoint.clone(), &publication);
    assert!(matches!(honest, Err(DisputeError::NoContradiction)));
    let same = Dispute::of_one_size(whole.checkpoint.clone(), whole.checkpoint);
    assert!(matches!(same, Err(DisputeError::NoContradiction)));
}

fn signed(key: &SignerKey, size: u64, root: TreeHash) -> OpenedCheckpoint {
    let checkpoint = Checkpoint::new(key.name().clone(), size, root).unwrap();
    OpenedCheckpoint::from_note(key.sign(checkpoint.to_text())).unwrap()
}

#[test]
fn a_dispute_that_somebody_made_up_is_refused() {
    let fork = copy(3, 7);
    let early = copy(7, 5);
    let publication = Publication::new(FolderSource::new(&fork.dir));
    let (one, other) = (early.checkpoint.clone(), fork.checkpoint.clone());
    let file = Dispute::between(one, other, &publication).unwrap().to_string();
    let key = key_of(&fork.folder);
    let keys = [key.verifier_key()];
    check_dispute(file.as_bytes(), &keys).unwrap();
    let stranger = SignerKey::from_seed(key.name().clone(), &[9; 32]);
    let other_log = SignerKey::from_seed("other.example/log".parse().unwrap(), &[7; 32]);
    let leaf = TreeHash::leaf;
    let forged = format!(
        "sanad dispute v1\n\n{}\n{}",
        signed(&key, 5, leaf(b"a")).note(),
        signed(&stranger, 5, leaf(b"b")).note()
    );
    let mixed = format!(
        "sanad dispute v1\n\n{}\n{}",
        signed(&key, 5, leaf(b"a")).note(),
        signed(&other_log, 5, leaf(b"b")).note()
    );
    let without_proof =
        format!("sanad dispute v1\n\n{}\n{}", early.checkpoint.note(), fork.checkpoint.note());
    let root = file.lines().nth(1).unwrap().to_owned();
    let hash = file.lines().nth(2).unwrap().to_owned();
    let cases = [
        ("signed_by_a_stranger", forged, "signed by no known key"),
        ("two_logs", mixed, "different logs"),
        ("two_sizes_without_a_proof", without_proof, "do not contradict"),
        (
            "another_root",
            file.replace(&root, &format!("earlier-root {}", leaf(b"x"))),
            "does not lead",
        ),
        ("another_hash", file.replace(&hash, &leaf(b"x").to_string()), "does not lead"),
        ("a_hash_missing", file.replace(&format!("{hash}\n"), ""), "the proof has"),
        ("no_root", file.replace(&format!("{root}\n"), ""), "earlier-root"),
        ("other_version", file.replace("dispute v1", "dispute v2"), "does not begin"),
        ("cut_off", file[..file.len() / 2].to_owned(), "checkpoint"),
        ("empty", String::new(), "does not begin"),
        ("one_checkpoint", file[..file.rfind("\n\n").unwrap()].to_owned(), "second checkpoint"),
        ("too_long", "x".repeat(3_000_000), "bytes"),
    ];
    for (name, text, says) in cases {
        let error = check_dispute(text.as_bytes(), &keys).expect_err(name).to_string();
        assert!(error.contains(says), "{name}: {error}");
    }
    assert!(check_dispute(b"sanad dispute v1\n\xff", &keys).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wherever_two_histories_part_it_is_found(
        sizes in (1usize..8, 1usize..8), same in 0usize..8, proved in 0usize..8
    ) {
        let (whole, fork) = (copy(7, sizes.0), copy(same, sizes.1));
        let common = sizes.0.min(sizes.1);
        let found = compared(&side(&whole.dir), &side(&fork.folder));
        let parts_at = (same < common).then_some(same as u64);
        match (&found, parts_at) {
            (Outcome::Part { first, .. }, Some(at)) => prop_assert_eq!(first, &(at..at + 1)),
            (found, at) => prop_assert!(*found == Outcome::Same && at.is_none()),
        }
        // A proof against the other history shows a run of entries in which that one is.
        let proved = proved % sizes.0;
        let auditor = Auditor::open(&whole.folder).unwrap();
        let proof = auditor.prove_entry(Sequence(proved as u64), &whole.checkpoint).unwrap();
        let proof: Side = Side::Proof(Box::new(proof));
        let other = side(&fork.dir);
        if sizes.1 >= sizes.0 {
            let found = compare(&proof, &other, Thoroughness::Bytes, &mut |_| {}).unwrap().outcome;
            match (found, parts_at) {
                (Outcome::Part { first, .. }, Some(at)) => prop_assert!(first.contains(&at)),
                (found, at) => prop_assert!(found == Outcome::Same && at.is_none()),
            }
        }
    }
}
