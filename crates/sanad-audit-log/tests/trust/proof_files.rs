//! Proof files: kept, checked offline, refused.

use proptest::prelude::*;
use sanad_audit_log::tree::{ProofError, TreeHash};
use sanad_audit_log::{
    CheckpointError, MAX_EXTRA, MAX_PROOF_FILE, Policy, ProofFile, ProofFileError,
};

use crate::signed_log::{SignedLog, at, log_key, witness};

fn proof(log: &SignedLog, index: u64, size: u64, extra: Option<Vec<u8>>) -> ProofFile {
    let checkpoint = log.signed(size as usize);
    ProofFile::new(log.inclusion(index, size), checkpoint, extra).unwrap()
}

#[test]
fn a_holder_proves_an_entry_of_every_size_of_ledger_with_one_file() {
    let log = SignedLog::of(12);
    let keys = [log_key().verifier_key()];
    for size in 1..=12 {
        for index in 0..size {
            let record = log.record(index as usize);
            let file = proof(&log, index, size, Some(record.to_vec())).to_string();
            let read = ProofFile::parse(file.as_bytes()).unwrap();
            assert_eq!(read.to_string(), file);
            let verified = read.verify(read.extra().unwrap(), &keys).unwrap();
            assert_eq!(verified.checkpoint().size(), size);
            let other = read.verify(b"another act", &keys);
            assert_eq!(other, Err(ProofFileError::Proof(ProofError::RootMismatch)));
        }
    }
}

#[test]
fn a_policy_can_ask_for_witnesses() {
    let log = SignedLog::of(3);
    let text = format!("witness W {}\nquorum W\n", witness(1).verifier_key());
    let policy = Policy::parse(text.as_bytes()).unwrap();
    let keys = [log_key().verifier_key()];
    let mut signed = log.signed(3);
    let bare = ProofFile::new(log.inclusion(1, 3), signed.clone(), None).unwrap();
    let missed = CheckpointError::QuorumMissed { cosigned: 0, known: 1 };
    let refused = bare.verify_by_policy(log.record(1), &policy, &keys);
    assert_eq!(refused, Err(ProofFileError::Checkpoint(missed)));
    signed.add([witness(1).cosign(signed.claimed(), at(9))]).unwrap();
    let cosigned = ProofFile::new(log.inclusion(1, 3), signed, None).unwrap();
    assert!(cosigned.verify_by_policy(log.record(1), &policy, &keys).is_ok());
}

#[test]
fn a_proof_moved_to_another_place_or_another_checkpoint_does_not_hold() {
    let log = SignedLog::of(4);
    let keys = [log_key().verifier_key()];
    let moved = proof(&log, 1, 4, None).to_string().replace("index 1\n", "index 2\n");
    let read = ProofFile::parse(moved.as_bytes()).unwrap();
    assert!(read.verify(log.record(1), &keys).is_err());
    let other = ProofFileError::OtherTree { proof: 4, checkpoint: 3 };
    assert_eq!(ProofFile::new(log.inclusion(1, 4), log.signed(3), None), Err(other));
    let foreign = SignedLog::with(&["other".to_owned()]);
    let read = proof(&foreign, 0, 1, None);
    assert!(read.verify(log.record(0), &keys).is_err());
}

#[test]
fn hostile_proof_files_are_refused_with_the_reason() {
    use ProofFileError::*;
    let log = SignedLog::of(3);
    let good = proof(&log, 1, 3, Some(b"extra".to_vec())).to_string();
    let refused = |text: &str| ProofFile::parse(text.as_bytes()).unwrap_err();
    assert!(ProofFile::parse(good.as_bytes()).is_ok());
    assert_eq!(refused(""), NotAProofFile);
    assert_eq!(refused(&good.replace("@v1", "@v2")), NotAProofFile);
    assert_eq!(refused(&good.replace("@v1\n", "@v1\r\n")), NotAProofFile);
    assert_eq!(refused("c2sp.org/tlog-proof@v1\n"), NoBlankLine);
    assert_eq!(refused(&good.replace("extra ZXh0cmE=", "extra ZXh0cmE")), BadExtra);
    assert_eq!(refused(&good.replace("extra Z", "extraZ")), BadIndex);
    let twice = good.replace("extra ZXh0cmE=\n", "extra ZXh0cmE=\nextra ZXh0cmE=\n");
    assert_eq!(refused(&twice), BadIndex);
    for index in ["", "01", "-1", "one", "18446744073709551616"] {
        let text = good.replace("index 1\n", &format!("index {index}\n"));
        assert_eq!(refused(&text), BadIndex, "{index}");
    }
    let outside = ProofError::IndexOutOfTree { index: 3, size: 3 };
    assert_eq!(refused(&good.replace("index 1\n", "index 3\n")), Proof(outside));
    let hash = format!("{}\n", TreeHash::EMPTY);
    let long = good.replace("index 1\n", &format!("index 1\n{hash}"));
    assert_eq!(refused(&long), Proof(ProofError::WrongLength { expected: 2, found: 3 }));
    let many = good.replace("index 1\n", &format!("index 1\n{}", hash.repeat(62)));
    assert_eq!(refused(&many), TooManyHashes);
    let word = refused(&good.replace("index 1\n", "index 1\nnot a hash\n"));
    assert!(matches!(word, BadHash { line: 4, .. }));
    let blank = good.replace("index 1\n", "index 1\n\n");
    assert!(matches!(refused(&blank), Checkpoint(_)));
    assert!(matches!(refused(&good[..good.len() - 1]), Checkpoint(_)));
    assert_eq!(ProofFile::parse(b"c2sp.org\xff"), Err(NotUtf8));
    let huge = vec![b'a'; MAX_PROOF_FILE + 1];
    assert_eq!(ProofFile::parse(&huge), Err(TooLong { found: huge.len() }));
    let extra = Some(vec![0; MAX_EXTRA + 1]);
    assert_eq!(ProofFile::new(log.inclusion(1, 3), log.signed(3), extra), Err(BadExtra));
}

#[test]
fn the_longest_extra_data_is_written_and_read() {
    let log = SignedLog::of(1);
    let file = proof(&log, 0, 1, Some(vec![7; MAX_EXTRA])).to_string();
    assert!(file.len() <= MAX_PROOF_FILE);
    assert_eq!(ProofFile::parse(file.as_bytes()).unwrap().extra().unwrap().len(), MAX_EXTRA);
}

#[test]
fn no_flipped_bit_makes_a_proof_of_another_act() {
    let log = SignedLog::of(3);
    let keys = [log_key().verifier_key()];
    let good = proof(&log, 1, 3, None).to_string();
    for bit in 0..good.len() * 8 {
        let mut bytes = good.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let read = ProofFile::parse(&bytes);
        let verified = read.map(|read| read.verify(log.record(1), &keys).is_ok());
        assert_ne!(verified, Ok(true), "bit {bit} was flipped and the proof holds");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_proof_file_or_are_refused_and_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in "(extra [A-Z=]{0,9}\n)?(index [0-9]{0,21}\n)?([A-Za-z=]{43,45}\n){0,3}\n[a-z]{1,4}\n[0-9]{1,20}\n[A-Za-z]{44}\n\n",
    ) {
        let _ = ProofFile::parse(&bytes);
        let _ = ProofFile::parse(format!("c2sp.org/tlog-proof@v1\n{text}").as_bytes());
    }
}
