//! Bytes read as proof files, status files and disputes; and, signed by a key that the trial has, as ones that hold.

use sanad::publication::Dispute;
use sanad::{check_entry_proof, check_status};
use sanad_audit_log::note::{SignerKey, VerifierKey};
use sanad_audit_log::tree::{ConsistencyProof, InclusionProof, TreeHash};
use sanad_audit_log::{Checkpoint, OpenedCheckpoint, ProofFile, ProvenRecord, StatusFile};

use super::seed::Seed;
use super::{bearable, frozen};
use crate::published_log::PublishedLog;

/// The largest tree that is made of a status file's records.
const MOST_LEAVES: u64 = 64;

fn key() -> SignerKey {
    SignerKey::from_seed("ledger.example/pk".parse().expect("a name"), &[7; 32])
}

fn keys() -> [VerifierKey; 2] {
    [frozen::key(), key().verifier_key()]
}

/// A checkpoint that the trial's own key signs.
fn signed(size: u64, root: TreeHash) -> OpenedCheckpoint {
    let checkpoint = Checkpoint::new(key().name().clone(), size, root).expect("a size of a tree");
    OpenedCheckpoint::from_note(key().sign(checkpoint.to_text())).expect("it is one")
}

pub(super) fn seeds() -> Vec<Seed> {
    let one = PublishedLog::of_texts("ledger.example/pk", 9);
    let mut other = one.clone();
    other.records[3] = b"another record 3".to_vec();
    let dispute = Dispute::of_one_size(one.checkpoint(9), other.checkpoint(9));
    let leaves: Vec<_> = other.records.iter().map(|record| TreeHash::leaf(record)).collect();
    let proof = ConsistencyProof::make(&mut &leaves[..], 5, 9).expect("there are so many");
    let growth = Dispute::of_growth(
        one.checkpoint(5),
        other.checkpoint(9),
        TreeHash::root(&leaves[..5]),
        proof,
    );
    vec![
        Seed::new("frozen-entry", frozen::file("entry.proof")),
        Seed::new("frozen-status", frozen::file("status.proof")),
        Seed::new("two-roots-of-one-size", dispute.expect("they differ").to_string()),
        Seed::new("a-history-that-was-not-grown-out-of", growth.expect("they differ").to_string()),
    ]
}

pub(super) fn hold(bytes: &[u8]) {
    match ProofFile::parse(bytes) {
        Ok(file) => {
            assert_eq!(file.to_string().as_bytes(), bytes);
            entry(&file);
        }
        Err(error) => bearable(&error),
    }
    match StatusFile::parse(bytes) {
        Ok(file) => {
            assert_eq!(file.to_string().as_bytes(), bytes);
            status(&file);
        }
        Err(error) => bearable(&error),
    }
    match Dispute::parse(bytes) {
        Ok(dispute) => {
            assert_eq!(dispute.to_string().as_bytes(), bytes);
            match dispute.verify(&keys()) {
                Ok(proven) => assert!(proven.earlier.checkpoint().root() != proven.root_in_later),
                Err(error) => bearable(&error),
            }
        }
        Err(error) => bearable(&error),
    }
}

/// A proof is believed only of what was signed. Of a root that is signed, it holds, and its record is read.
fn entry(file: &ProofFile) {
    let Some(leaf) = file.extra() else { return };
    match check_entry_proof(file, &keys()) {
        Ok(proven) => assert_recorded(leaf, proven.recorded.sequence.0),
        Err(error) => bearable(&error),
    }
    let inclusion = file.inclusion();
    let checkpoint = signed(inclusion.size(), inclusion.root_with(&TreeHash::leaf(leaf)));
    let held = ProofFile::new(inclusion.clone(), checkpoint, Some(leaf.to_vec()));
    let held = held.expect("it was one before it was signed");
    let keys = [key().verifier_key()];
    assert!(held.verify(leaf, &keys).is_ok());
    assert!(held.verify(&[leaf, b"."].concat(), &keys).is_err());
    match check_entry_proof(&held, &keys) {
        Ok(proven) => assert_eq!(proven.recorded.sequence.0, inclusion.index()),
        Err(error) => bearable(&error),
    }
}

/// The trial's own key signed none of the seeds that prove an entry, and the frozen one only the frozen ledger.
fn assert_recorded(leaf: &[u8], index: u64) {
    frozen::with(|frozen| {
        let recorded = usize::try_from(index).ok().and_then(|index| frozen.records.get(index));
        assert_eq!(recorded.map(Vec::as_slice), Some(leaf), "entry {index} was forged");
    });
}

/// As [`entry`]; and of what is left of a grant the pieces fill its window.
fn status(file: &StatusFile) {
    match check_status(file, &keys()) {
        Ok(_) => {
            let proven = file.records().iter();
            proven.for_each(|proven| assert_recorded(&proven.record, proven.inclusion.index()));
        }
        Err(error) => bearable(&error),
    }
    let Some(held) = held(file) else { return };
    let keys = [key().verifier_key()];
    assert!(held.verify(&keys).is_ok());
    let read = StatusFile::parse(held.to_string().as_bytes());
    assert_eq!(read.as_ref(), Ok(&held));
    match check_status(&held, &keys) {
        Ok(status) => {
            let (window, pieces) = (status.granted.window, &status.left);
            let (first, last) = (pieces.first().expect("a piece"), pieces.last().expect("a piece"));
            assert_eq!((first.0.from(), last.0.until()), (window.from(), window.until()));
            for two in pieces.windows(2) {
                assert_eq!(two[0].0.until(), Some(two[1].0.from()));
            }
        }
        Err(error) => bearable(&error),
    }
}

/// The same records in their places of a tree that is signed, with true proofs.
fn held(file: &StatusFile) -> Option<StatusFile> {
    let size = file.checkpoint().claimed().size();
    if size > MOST_LEAVES {
        return None;
    }
    let mut leaves = vec![TreeHash::leaf(b"another record"); usize::try_from(size).ok()?];
    for proven in file.records() {
        leaves[usize::try_from(proven.inclusion.index()).ok()?] = TreeHash::leaf(&proven.record);
    }
    let in_place = |proven: &ProvenRecord| {
        let index = proven.inclusion.index();
        let inclusion = InclusionProof::make(&mut &leaves[..], index, size).expect("it is there");
        ProvenRecord { record: proven.record.clone(), inclusion }
    };
    let records = file.records().iter().map(in_place).collect();
    let checkpoint = signed(size, TreeHash::root(&leaves));
    Some(StatusFile::new(file.about(), records, checkpoint).expect("it was one before"))
}
