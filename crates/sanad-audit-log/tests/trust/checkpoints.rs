//! Checkpoints: read, believed, and held against the chain.

use sanad_audit_log::note::{CosignerKey, NoteError, NoteText, SignerKey};
use sanad_audit_log::tree::{Frontier, InclusionProof, ProofError, TreeHash};
use sanad_audit_log::{
    Checkpoint, CheckpointError, Head, OpenedCheckpoint, Record, RecordTree, RecordTreeError,
    Sequence, SpokenHeadError,
};

use crate::signed_log::{SignedLog, at, log_key, opened, origin, witness};
use crate::testlog;

const ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

#[test]
fn a_checkpoint_is_believed_by_its_logs_key_and_keeps_its_cosignatures() {
    let log = SignedLog::of(3);
    let mut signed = log.signed(3);
    signed.add([witness(1).cosign(signed.claimed(), at(1_748_113_200))]).unwrap();
    let read = OpenedCheckpoint::parse(signed.note().to_string().as_bytes()).unwrap();
    let keys = [log_key().verifier_key(), witness(1).verifier_key()];
    let verified = read.verify(&keys).unwrap();
    assert_eq!(verified.checkpoint(), log.checkpoint(3));
    let cosigned: Vec<_> = verified.cosignatures().collect();
    assert_eq!(cosigned[0].cosigned_at().unwrap().get(), 1_748_113_200);
    assert_eq!((cosigned.len(), verified.signatures().len()), (1, 2));
}

#[test]
fn a_witness_alone_or_another_logs_key_does_not_make_a_checkpoint() {
    let log = SignedLog::of(1);
    let not_its_log = Err(CheckpointError::NotSignedByItsLog { origin: origin() });
    let mut signed = log.signed(1);
    signed.add([witness(1).cosign(signed.claimed(), at(9))]).unwrap();
    assert_eq!(signed.verify(&[witness(1).verifier_key()]), not_its_log);
    let stranger = SignerKey::from_seed("other.example".parse().unwrap(), &[2; 32]);
    let foreign = opened(stranger.sign(log.checkpoint(1).to_text()));
    assert_eq!(foreign.verify(&[stranger.verifier_key()]), not_its_log);
}

/// A log's name is said in refusals, and a checkpoint from elsewhere can have any: a megabyte of it, or one that
/// reorders the line.
#[test]
fn no_refusal_says_more_of_a_logs_name_than_a_reader_can_bear() {
    for name in
        ["n".repeat(400_000), "\u{202e}drocer-dedaer-eb-ot".into(), "\u{feff}a\u{2066}".into()]
    {
        let bytes = format!("{name}\n0\n{ROOT}\n\n— {name} AAAAAAA=\n");
        let refused = OpenedCheckpoint::parse(bytes.as_bytes()).unwrap().verify(&[]).unwrap_err();
        let said = refused.to_string();
        assert!(said.starts_with("the checkpoint of ") && said.len() < 1_000, "{}", said.len());
        assert!(!said.contains(['\u{202e}', '\u{2066}', '\u{feff}']), "{said:?}");
    }
}

#[test]
fn a_witness_that_has_the_logs_name_is_not_the_log() {
    let log = SignedLog::of(1);
    let namesake = CosignerKey::from_seed(origin(), &[3; 32]);
    let mut signed = log.signed(1);
    signed.add([namesake.cosign(signed.claimed(), at(9))]).unwrap();
    let refused = signed.verify(&[namesake.verifier_key()]);
    assert_eq!(refused, Err(CheckpointError::NotSignedByItsLog { origin: origin() }));
}

#[test]
fn a_cosignature_moved_to_another_checkpoint_rejects_it() {
    let log = SignedLog::of(2);
    let mut signed = log.signed(2);
    signed.add([witness(1).cosign(log.checkpoint(1), at(9))]).unwrap();
    let keys = [log_key().verifier_key(), witness(1).verifier_key()];
    let bad = CheckpointError::Note(NoteError::BadSignature {
        name: witness(1).name().clone(),
        id: witness(1).id(),
    });
    assert_eq!(signed.verify(&keys), Err(bad));
    assert!(signed.verify(&keys[..1]).is_ok());
}

#[test]
fn the_tree_without_leaves_has_one_root_only() {
    let checkpoint = Checkpoint::new(origin(), 0, TreeHash::leaf(b"")).unwrap();
    let signed = opened(log_key().sign(checkpoint.to_text()));
    let refused = signed.verify(&[log_key().verifier_key()]);
    assert_eq!(refused, Err(CheckpointError::EmptyTreeRoot));
}

#[test]
fn hostile_checkpoints_are_refused_with_the_reason() {
    let code = |text: &str| Checkpoint::parse(text).unwrap_err().code();
    let with = |origin: &str, size: &str, root: &str| code(&format!("{origin}\n{size}\n{root}\n"));
    assert_eq!(code(""), "checkpoint-not-three-lines");
    assert_eq!(code("a\n1\n"), "checkpoint-not-three-lines");
    assert_eq!(code(&format!("a\n1\n{ROOT}")), "checkpoint-not-three-lines");
    assert_eq!(code(&format!("a\n1\n{ROOT}\nextension\n")), "checkpoint-extension-line");
    assert_eq!(code(&format!("a\n1\n{ROOT}\n\n")), "checkpoint-extension-line");
    assert_eq!(with("", "1", ROOT), "checkpoint-bad-origin");
    assert_eq!(with("go.sum database tree", "1", ROOT), "checkpoint-bad-origin");
    assert_eq!(with("a+b", "1", ROOT), "checkpoint-bad-origin");
    for size in ["", "01", "-1", "+1", "1 ", "0x1", "1e3", "١", "18446744073709551616"] {
        assert_eq!(with("a", size, ROOT), "checkpoint-bad-size", "{size:?}");
    }
    assert_eq!(with("a", "9223372036854775808", ROOT), "checkpoint-size-too-large");
    assert!(Checkpoint::parse(&format!("a\n9223372036854775807\n{ROOT}\n")).is_ok());
    for root in ["", "AA==", &ROOT[1..], &ROOT[..43], &ROOT.replace("FU=", "FV="), "don't care"] {
        assert_eq!(with("a", "1", root), "checkpoint-bad-root", "{root:?}");
    }
}

#[test]
fn a_note_that_is_no_checkpoint_is_refused_although_it_is_well_signed() {
    let note = log_key().sign(NoteText::new("300 MW to Acme\n").unwrap());
    let refused = OpenedCheckpoint::parse(note.to_string().as_bytes());
    assert_eq!(refused, Err(CheckpointError::NotThreeLines));
}

#[test]
fn a_checkpoint_of_every_size_speaks_of_the_chain_head_of_that_size() {
    let log = SignedLog::of(20);
    for size in 1..=20 {
        let record = Record::parse(log.record(size - 1)).unwrap();
        let proof = log.inclusion(size as u64 - 1, size as u64);
        assert_eq!(log.checkpoint(size).spoken_head(&record, &proof), Ok(log.head(size)));
    }
}

#[test]
fn another_record_or_another_proof_shows_no_head() {
    let log = SignedLog::of(5);
    let checkpoint = log.checkpoint(4);
    let last = Record::parse(log.record(3)).unwrap();
    let (expected, found) = (Sequence::new(3), Sequence::new(4));
    let later = Record::parse(log.record(4)).unwrap();
    let refused = checkpoint.spoken_head(&later, &log.inclusion(4, 5));
    assert_eq!(refused, Err(SpokenHeadError::NotTheLastRecord { expected, found }));
    let refused = checkpoint.spoken_head(&last, &log.inclusion(3, 5));
    assert_eq!(refused, Err(SpokenHeadError::OtherProof { index: 3, size: 5 }));
    let empty = log.checkpoint(0).spoken_head(&last, &log.inclusion(3, 4));
    assert_eq!(empty, Err(SpokenHeadError::NoRecords));
}

#[test]
fn a_record_whose_chain_hash_was_altered_is_not_the_one_that_the_tree_has() {
    let log = SignedLog::of(4);
    let mut bytes = log.record(3).to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let altered = Record::parse(&bytes).unwrap();
    let refused = log.checkpoint(4).spoken_head(&altered, &log.inclusion(3, 4));
    assert_eq!(refused, Err(SpokenHeadError::Proof(ProofError::RootMismatch)));
}

#[test]
fn a_tree_over_other_leaves_than_the_chain_shows_another_head() {
    let (log, other) = (SignedLog::of(4), SignedLog::with(&["other act".to_owned()]));
    let record = Record::parse(other.record(0)).unwrap();
    let proof = InclusionProof::new(0, 1, vec![]).unwrap();
    let shown = other.checkpoint(1).spoken_head(&record, &proof).unwrap();
    assert_ne!(shown, log.head(1));
    assert!(log.checkpoint(1).spoken_head(&record, &proof).is_err());
}

#[test]
fn tree_and_chain_never_part() {
    let genesis = testlog::identity().genesis();
    let ahead = Head { size: 1, hash: genesis };
    let parted = RecordTreeError::Parted { leaves: 0, records: 1 };
    assert_eq!(RecordTree::resumed(Frontier::new(), ahead), Err(parted));
    let mut tree = RecordTree::new(genesis);
    for size in [0, 2, u64::MAX] {
        let head = Head { size, hash: genesis };
        let skipped = RecordTreeError::NotTheNext { leaves: 0, records: size };
        assert_eq!(tree.append_hashed(TreeHash::EMPTY, head), Err(skipped));
    }
    assert_eq!(tree, RecordTree::new(genesis));
}

#[test]
fn a_tree_that_is_resumed_goes_on_as_if_it_had_not_stopped() {
    let log = SignedLog::of(6);
    let mut frontier = Frontier::new();
    (0..4).for_each(|n| frontier.append(TreeHash::leaf(log.record(n))));
    let mut tree = RecordTree::resumed(frontier, log.head(4)).unwrap();
    for size in 5..=6 {
        tree.append_hashed(TreeHash::leaf(log.record(size - 1)), log.head(size)).unwrap();
    }
    assert_eq!(tree.checkpoint(origin()).as_ref(), Ok(log.checkpoint(6)));
}
