//! Witnesses: what they are asked, what they sign and what they refuse.

use proptest::prelude::*;
use sanad_audit_log::note::{SignerKey, VerifierKey};
use sanad_audit_log::tree::{ConsistencyProof, TreeHash};
use sanad_audit_log::witness::{
    AddCheckpoint, Answer, LogState, MAX_REQUEST, RequestError, cosignatures_from, decide,
    size_from,
};
use sanad_audit_log::{Checkpoint, OpenedCheckpoint, PosixSeconds};

use crate::signed_log::{SignedLog, at, log_key, opened, origin, witness};

fn keys() -> Vec<VerifierKey> {
    vec![log_key().verifier_key()]
}

fn request(log: &SignedLog, old: u64, new: u64) -> AddCheckpoint {
    AddCheckpoint::new(&log.consistency(old, new), log.signed(new as usize))
}

/// A request that was written and read, as it is over a network.
fn sent(text: &str) -> AddCheckpoint {
    let request = AddCheckpoint::parse(text.as_bytes()).unwrap();
    assert_eq!(request.to_string(), text);
    request
}

fn status(request: &AddCheckpoint, last: &LogState) -> u16 {
    match decide(request, Some(&keys()), last) {
        Ok(_) => 200,
        Err(answer) => answer.status(),
    }
}

#[test]
fn a_witness_follows_a_log_as_it_grows_and_its_cosignatures_verify() {
    let log = SignedLog::of(9);
    let mut last = LogState::NEVER;
    for (n, new) in [0u64, 0, 1, 4, 4, 9].into_iter().enumerate() {
        let asked = sent(&request(&log, last.size(), new).to_string());
        let consistent = decide(&asked, Some(&keys()), &last).unwrap();
        last = consistent.next_state();
        let answer = consistent.cosign(&witness(1), at(100 + n as u64));
        assert_eq!((answer.status(), last.size()), (200, new));
        let mut checkpoint = log.signed(new as usize);
        checkpoint.add(cosignatures_from(answer.body().as_bytes()).unwrap()).unwrap();
        assert_eq!(consistent.with_answer(&answer).as_ref(), Ok(&checkpoint));
        let known = [log_key().verifier_key(), witness(1).verifier_key()];
        let verified = checkpoint.verify(&known).unwrap();
        let times: Vec<_> = verified.cosignatures().map(|known| known.cosigned_at()).collect();
        assert_eq!(times, [PosixSeconds::new(100 + n as u64)]);
    }
}

#[test]
fn an_unknown_log_is_refused_before_anything_else_is_looked_at() {
    let log = SignedLog::of(1);
    let answer = decide(&request(&log, 0, 1), None, &LogState::NEVER).unwrap_err();
    assert_eq!((answer.status(), &answer), (404, &Answer::UnknownLog));
}

#[test]
fn a_checkpoint_that_its_log_did_not_sign_is_refused() {
    let log = SignedLog::of(2);
    let stranger = SignerKey::from_seed(origin(), &[9; 32]);
    let foreign = opened(stranger.sign(log.checkpoint(1).to_text()));
    let asked = AddCheckpoint::new(&log.consistency(0, 1), foreign);
    assert_eq!(status(&asked, &LogState::NEVER), 403);
    // A signature of the log's key over another checkpoint.
    let text = request(&log, 0, 1).to_string();
    let altered = text.replace(
        &log.checkpoint(1).to_text().to_string(),
        &log.checkpoint(2).to_text().to_string(),
    );
    assert_eq!(status(&sent(&altered), &LogState::NEVER), 403);
}

#[test]
fn a_log_that_goes_back_is_refused() {
    let log = SignedLog::of(5);
    let last = LogState::after(log.checkpoint(5));
    let text = request(&log, 0, 3).to_string().replace("old 0\n", "old 5\n");
    assert_eq!(status(&sent(&text), &last), 400);
    assert_eq!(status(&request(&log, 3, 3), &last), 409);
}

#[test]
fn a_log_that_does_not_know_what_was_cosigned_is_told() {
    let log = SignedLog::of(5);
    let last = LogState::after(log.checkpoint(3));
    for old in [0, 2, 4, 5] {
        let answer = decide(&request(&log, old, 5), Some(&keys()), &last).unwrap_err();
        assert_eq!((answer.status(), answer.content_type()), (409, "text/x.tlog.size"));
        assert_eq!(size_from(answer.body().as_bytes()), Some(3));
    }
    assert_eq!(status(&request(&log, 3, 5), &last), 200);
}

#[test]
fn a_history_rewritten_behind_the_last_cosigned_size_is_refused() {
    let log = SignedLog::of(6);
    let other: Vec<_> = (0..6).map(|n| format!("act {}", if n == 1 { 9 } else { n })).collect();
    let rewritten = SignedLog::with(&other);
    for size in 2..=6 {
        let last = LogState::after(log.checkpoint(size));
        let asked = request(&rewritten, size as u64, 6);
        assert_eq!(status(&asked, &last), 422, "cosigned at {size}");
    }
    // Before the entry that was changed, both are the same history.
    assert_eq!(status(&request(&rewritten, 1, 6), &LogState::after(log.checkpoint(1))), 200);
}

#[test]
fn proofs_that_are_not_asked_for_or_not_there_are_refused() {
    let log = SignedLog::of(6);
    let last = LogState::after(log.checkpoint(3));
    let hash = format!("{}\n", TreeHash::EMPTY);
    let text = request(&log, 3, 6).to_string();
    let without = format!("old 3\n\n{}", log.signed(6).note());
    assert_eq!(status(&sent(&without), &last), 422);
    assert_eq!(status(&sent(&text.replace("old 3\n", &format!("old 3\n{hash}"))), &last), 422);
    let from_nothing = format!("old 0\n{hash}\n{}", log.signed(6).note());
    assert_eq!(status(&sent(&from_nothing), &LogState::NEVER), 422);
    let at_rest = format!("old 3\n{hash}\n{}", log.signed(3).note());
    assert_eq!(status(&sent(&at_rest), &last), 422);
}

#[test]
fn an_empty_log_with_another_root_than_the_empty_trees_is_refused() {
    let checkpoint = Checkpoint::new(origin(), 0, TreeHash::leaf(b"")).unwrap();
    let signed = opened(log_key().sign(checkpoint.to_text()));
    let asked = AddCheckpoint::new(&ConsistencyProof::new(0, 0, vec![]).unwrap(), signed);
    assert_eq!(status(&asked, &LogState::NEVER), 422);
}

#[test]
fn malformed_requests_are_answered_with_400() {
    let log = SignedLog::of(2);
    let good = request(&log, 1, 2).to_string();
    let refused = |text: &str| AddCheckpoint::parse(text.as_bytes()).unwrap_err();
    for old in
        ["", "old", "old ", "old 01", "old -1", "old 1 ", "Old 1", "old 18446744073709551616"]
    {
        assert_eq!(refused(&good.replace("old 1", old)), RequestError::BadOldSize, "{old:?}");
    }
    let hash = format!("{}\n", TreeHash::EMPTY);
    let many = good.replace("old 1\n", &format!("old 1\n{}", hash.repeat(63)));
    assert_eq!(refused(&many), RequestError::TooManyHashes);
    let most = format!("old 1\n{}\n{}", hash.repeat(63), log.signed(2).note());
    assert_eq!(sent(&most).path().len(), 63);
    let word = refused(&good.replace("old 1\n", "old 1\nhash\n"));
    assert!(matches!(word, RequestError::BadHash { line: 2, .. }));
    assert_eq!(refused("old 1\n"), RequestError::NoBlankLine);
    assert!(matches!(refused("old 1\n\nnote\n"), RequestError::Checkpoint(_)));
    assert_eq!(AddCheckpoint::parse(b"old \xff"), Err(RequestError::NotUtf8));
    let long = vec![b'a'; MAX_REQUEST + 1];
    let too_long = AddCheckpoint::parse(&long).unwrap_err();
    assert_eq!(too_long, RequestError::TooLong { found: MAX_REQUEST + 1 });
    assert_eq!(Answer::from(too_long).status(), 400);
}

#[test]
fn answers_that_are_not_answers_are_refused() {
    for body in ["", "3", "03\n", "3\n\n", "three\n"] {
        assert_eq!(size_from(body.as_bytes()), None, "{body:?}");
    }
    assert!(cosignatures_from(b"").is_err());
    assert!(cosignatures_from(b"<html>\n").is_err());
    assert!(cosignatures_from(b"\xff\n").is_err());
    assert!(cosignatures_from(&vec![b'a'; 2_000_000]).is_err());
}

#[test]
fn a_time_before_1970_or_beyond_what_a_cosignature_holds_is_none() {
    assert_eq!(PosixSeconds::new(0), None);
    assert_eq!(PosixSeconds::new(1 << 63), None);
    assert!(PosixSeconds::new((1 << 63) - 1).is_some());
}

proptest! {
    #[test]
    fn any_bytes_are_a_request_or_are_refused_and_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in "(old [0-9]{0,21}\n)?([A-Za-z=]{43,45}\n){0,3}\n[a-z]{1,4}\n[0-9]{1,20}\n[A-Za-z]{44}\n\n",
    ) {
        let _ = AddCheckpoint::parse(&bytes);
        let _ = AddCheckpoint::parse(text.as_bytes());
        let _ = OpenedCheckpoint::parse(&bytes);
    }

    #[test]
    fn whatever_is_asked_a_witness_never_signs_two_histories(
        asked in prop::collection::vec((0u64..7, 0u64..7, any::<bool>()), 1..12),
    ) {
        let log = SignedLog::of(6);
        let other: Vec<_> = (0..6).map(|n| format!("act {}", if n == 2 { 9 } else { n })).collect();
        let other = SignedLog::with(&other);
        let (mut last, mut signed) = (LogState::NEVER, Vec::new());
        for (old, new, honest) in asked {
            let from = if honest { &log } else { &other };
            let asked = request(from, old.min(new), new);
            if let Ok(consistent) = decide(&asked, Some(&keys()), &last) {
                prop_assert!(consistent.next_state().size() >= last.size());
                last = consistent.next_state();
                signed.push(consistent.checkpoint().clone());
            }
        }
        let of = |history: &SignedLog| {
            signed.iter().all(|seen| seen == history.checkpoint(seen.size() as usize))
        };
        prop_assert!(of(&log) || of(&other));
    }
}
