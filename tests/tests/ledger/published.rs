//! A ledger that is published, and audited by somebody who has only that.

use std::fs;
use std::path::{Path, PathBuf};

use sanad::note::SignerKey;
use sanad::publication::{FolderSource, Publication, PublishedAudit, publish, verify_publication};
use sanad::{Auditor, Class, Evidence, OpenedCheckpoint, Remark, Sequence, Verdict};
use sanad_tests::{Forger, TestLedger};
use tempfile::TempDir;

/// Seven entries: the surplus, two grants, a revocation, holders. Closed.
pub(crate) fn ledger() -> TestLedger {
    let mut ledger = TestLedger::with_surplus();
    let grant = |holder| ledger.act().grant("surplus", holder, "100 MW", "2025-07-01").unwrap();
    let first = ledger.does(grant("acme")).grants[0];
    ledger.does(grant("bolt"));
    ledger.does(ledger.act().revoke(first, "50 MW", "2025-08-01").unwrap());
    for holder in ["one", "two", "three"] {
        ledger.does(ledger.act().register_holder(holder, "Holder").unwrap());
    }
    ledger.close();
    ledger
}

pub(crate) fn key_of(folder: &Path) -> SignerKey {
    let auditor = Auditor::open(folder).unwrap();
    SignerKey::from_seed(auditor.identity().origin().parse().unwrap(), &[7; 32])
}

/// Publishes all of a ledger; gives its checkpoint.
pub(crate) fn publish_all(folder: &Path, dir: &Path) -> OpenedCheckpoint {
    let auditor = Auditor::open(folder).unwrap();
    let checkpoint = auditor.checkpoint(&[key_of(folder)]).unwrap();
    publish(&auditor, dir, &checkpoint, &mut |_| {}).unwrap();
    checkpoint
}

fn audit(dir: &Path, evidence: &Evidence) -> PublishedAudit {
    let publication = Publication::new(FolderSource::new(dir));
    verify_publication(&publication, evidence, &mut |_| {}).unwrap()
}

fn told(verdict: &Verdict) -> Vec<String> {
    let told = |found: &sanad::Finding| {
        let sequence = found.sequence.map_or("-".to_owned(), |sequence| sequence.to_string());
        format!("{} {} {sequence}", found.class.as_str(), found.code)
    };
    verdict.findings().map(told).collect()
}

fn evidence(folder: &Path, checkpoints: &[OpenedCheckpoint]) -> Evidence {
    let checkpoints = checkpoints.iter().map(|one| ("mine".to_owned(), one.clone())).collect();
    Evidence { checkpoints, keys: vec![key_of(folder).verifier_key()], policy: None }
}

/// A ledger that was changed and sealed again with every hash right, and its publication.
pub(crate) fn forged(change: impl FnOnce(&mut Forger)) -> (TempDir, PathBuf, PathBuf) {
    let mut forger = Forger::of(&ledger().folder());
    change(&mut forger);
    let home = tempfile::tempdir().unwrap();
    let (folder, dir) = (home.path().join("forged"), home.path().join("published"));
    forger.write(&folder);
    (home, folder, dir)
}

/// Signs and publishes a ledger whose entries cannot be replayed, with the tools of the lower layers.
fn publish_unlawful(folder: &Path, dir: &Path) {
    let reader = sanad_event_store::FileReader::open(folder).unwrap();
    let (mut tree, mut size) = (sanad::tree::Frontier::new(), 0);
    let mut records = reader.records(0..reader.head().unwrap().size).unwrap();
    while let Some(raw) = sanad_event_store::RecordStream::next_record(&mut records).unwrap() {
        tree.append(sanad::tree::TreeHash::leaf(raw.bytes()));
        size += 1;
    }
    let key = key_of(folder);
    let checkpoint = sanad::Checkpoint::new(key.name().clone(), size, tree.root()).unwrap();
    let note = OpenedCheckpoint::from_note(key.sign(checkpoint.to_text())).unwrap();
    let mut publisher = sanad::publication::Publisher::open(dir).unwrap();
    publisher.publish(&reader, &note, &mut |_, _| {}).unwrap();
}

#[test]
fn what_is_published_gets_the_same_verdict_as_the_ledger_itself() {
    let ledger = ledger();
    let dir = ledger.folder().with_file_name("published");
    let checkpoint = publish_all(&ledger.folder(), &dir);
    let audit = audit(&dir, &evidence(&ledger.folder(), &[checkpoint]));
    let own = ledger.verdict();
    assert_eq!(told(&audit.verdict), [""; 0]);
    let facts = |verdict: &Verdict| {
        let (entries, head, root) = (verdict.entries, verdict.head, verdict.root);
        (entries, head, root, verdict.last_recorded_at, verdict.backdated)
    };
    assert_eq!(facts(&audit.verdict), facts(&own));
    let checked: Vec<_> = audit.verdict.checkpoints.iter().map(|it| (it.size, it.agrees)).collect();
    assert_eq!(checked, [(7, true), (7, true)]);
    let view = Auditor::open(&ledger.folder()).unwrap();
    let digest = view.view(sanad::Known::Head).unwrap().state_digest();
    assert_eq!(audit.state_digest, Some(digest));
    assert_eq!(audit.identity, *view.identity());
}

#[test]
fn without_a_key_the_signature_is_said_to_be_unchecked() {
    let ledger = ledger();
    let dir = ledger.folder().with_file_name("published");
    publish_all(&ledger.folder(), &dir);
    let audit = audit(&dir, &Evidence::default());
    assert!(audit.verdict.is_clean());
    let unchecked =
        |remark: &Remark| matches!(remark, Remark::NotChecked { class: Class::Integrity, .. });
    assert!(audit.verdict.remarks.iter().any(unchecked));
}

#[test]
fn a_publication_that_another_key_signed_is_not_believed() {
    let ledger = ledger();
    let dir = ledger.folder().with_file_name("published");
    publish_all(&ledger.folder(), &dir);
    let stranger = SignerKey::from_seed(key_of(&ledger.folder()).name().clone(), &[9; 32]);
    let keys = vec![stranger.verifier_key()];
    let audit = audit(&dir, &Evidence { keys, ..Evidence::default() });
    assert_eq!(told(&audit.verdict), ["integrity checkpoint_not_signed -"]);
}

#[test]
fn a_published_record_that_was_changed_is_found_in_chain_and_tree() {
    let ledger = ledger();
    let dir = ledger.folder().with_file_name("published");
    publish_all(&ledger.folder(), &dir);
    let file = dir.join("tile/entries/000.p/7");
    let mut bytes = fs::read(&file).unwrap();
    let mut at = 0;
    for _ in 0..3 {
        at += 2 + usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
    }
    // The recorded time of entry 3.
    bytes[at + 2 + 14] ^= 1;
    fs::write(file, bytes).unwrap();
    let audit = audit(&dir, &evidence(&ledger.folder(), &[]));
    let expected = ["integrity bundle_differs 3", "integrity chain-hash-mismatch 3"];
    assert_eq!(told(&audit.verdict), expected);
    assert_eq!(audit.verdict.last_good, Some(Sequence(2)));
    assert!(audit.verdict.checkpoints[0].agrees, "the tiles still have the checkpoint's root");
}

#[test]
fn an_unlawful_entry_whose_hashes_are_all_valid_is_found_in_what_is_published() {
    let (_home, folder, dir) =
        forged(|forger| forger.records[6].payload = b"not an entry".to_vec());
    publish_unlawful(&folder, &dir);
    let audit = audit(&dir, &evidence(&folder, &[]));
    assert_eq!(told(&audit.verdict), ["lawfulness no_entry 6"]);
    let (_home, folder, dir) =
        forged(|forger| forger.records[5].entry_id = forger.records[1].entry_id);
    publish_unlawful(&folder, &dir);
    assert_eq!(
        told(&self::audit(&dir, &evidence(&folder, &[])).verdict),
        ["lawfulness entry_id_reused 5"]
    );
}

#[test]
fn a_published_history_that_was_rewritten_is_caught_by_a_checkpoint_kept_elsewhere() {
    let ledger = ledger();
    let home = ledger.folder().with_file_name("published");
    let kept = publish_all(&ledger.folder(), &home);
    let early = {
        let auditor = Auditor::open(&ledger.folder()).unwrap();
        let tree = auditor.tree_of(4).unwrap();
        let key = key_of(&ledger.folder());
        let checkpoint = tree.checkpoint(key.name().clone()).unwrap();
        OpenedCheckpoint::from_note(key.sign(checkpoint.to_text())).unwrap()
    };
    let (_home, folder, dir) = forged(|forger| forger.records.swap(4, 5));
    publish_all(&folder, &dir);
    assert!(audit(&dir, &evidence(&folder, &[])).verdict.is_clean());
    let verdict = audit(&dir, &evidence(&folder, &[early, kept.clone()])).verdict;
    assert_eq!(told(&verdict), ["coverage checkpoint_of_other_history 4"]);
    let (_home, folder, dir) = forged(|forger| forger.records.truncate(5));
    publish_all(&folder, &dir);
    let verdict = audit(&dir, &evidence(&folder, &[kept])).verdict;
    assert_eq!(told(&verdict), ["coverage checkpoint_ahead 5"]);
}

#[test]
fn a_published_checkpoint_of_another_history_is_told_once() {
    let ledger = ledger();
    let home = ledger.folder().with_file_name("published");
    publish_all(&ledger.folder(), &home);
    let (_home, folder, dir) = forged(|forger| forger.records.swap(4, 5));
    publish_all(&folder, &dir);
    fs::copy(home.join("checkpoint"), dir.join("checkpoint")).unwrap();
    let audit = audit(&dir, &evidence(&folder, &[]));
    assert_eq!(told(&audit.verdict), ["integrity root_differs 6"]);
    assert!(!audit.verdict.checkpoints[0].agrees);
}

#[test]
fn missing_entries_are_said_and_leave_the_digest_unchecked() {
    let ledger = ledger();
    let dir = ledger.folder().with_file_name("published");
    publish_all(&ledger.folder(), &dir);
    fs::remove_file(dir.join("tile/entries/000.p/7")).unwrap();
    let audit = audit(&dir, &evidence(&ledger.folder(), &[]));
    assert_eq!(told(&audit.verdict), ["coverage missing_bundle 0"]);
    assert_eq!((audit.verdict.entries, audit.state_digest), (0, None));
}

#[test]
fn a_digest_of_the_state_that_lies_is_found_against_the_replay() {
    let ledger = ledger();
    let dir = ledger.folder().with_file_name("published");
    publish_all(&ledger.folder(), &dir);
    for (lie, code) in [
        (format!("{}\n", "00".repeat(32)), "state_digest_differs"),
        ("nothing\n".to_owned(), "state_digest_unreadable"),
    ] {
        fs::write(dir.join("state/7"), lie).unwrap();
        let audit = audit(&dir, &evidence(&ledger.folder(), &[]));
        assert_eq!(told(&audit.verdict), [format!("agreement {code} 6")]);
    }
}

#[test]
fn a_publication_grows_with_its_ledger() {
    let mut ledger = ledger();
    let dir = ledger.folder().with_file_name("published");
    publish_all(&ledger.folder(), &dir);
    ledger.reopen_after(|_| {});
    ledger.does(ledger.act().register_holder("late", "Late").unwrap());
    ledger.close();
    let kept = publish_all(&ledger.folder(), &dir);
    let audit = audit(&dir, &evidence(&ledger.folder(), &[kept]));
    assert!(audit.verdict.is_clean(), "{:?}", told(&audit.verdict));
    assert_eq!(audit.verdict.entries, 8);
}

#[test]
fn a_folder_without_a_checkpoint_cannot_be_verified_at_all() {
    let home = tempfile::tempdir().unwrap();
    let publication = Publication::new(FolderSource::new(home.path()));
    let error = verify_publication(&publication, &Evidence::default(), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("no checkpoint"), "{error}");
}
