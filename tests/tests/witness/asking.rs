//! Asking witnesses: enough of them, too few, and those who answer what they should not.

use std::time::Duration;

use sanad_audit_log::note::{CosignerKey, SignerKey, VerifierKey};
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{Checkpoint, CheckpointError, OpenedCheckpoint, Policy, PosixSeconds};
use sanad_tests::PublishedLog;
use sanad_witness::{ClientLimits, Collected, Outcome, Remembered, Statement, WitnessClient};

use crate::office::{NOW, Office, PATIENCE, ask};
use crate::stranger::{Stranger, response};

const TEXT: &str = "text/plain";

fn log() -> PublishedLog {
    PublishedLog::of_texts("ledger.example/pk", 40)
}

fn office(name: &str) -> Office {
    Office::new(name, Statement::Consistent, &["ledger.example/pk"])
}

fn policy(log: &PublishedLog, witnesses: &[(VerifierKey, String)], quorum: &str) -> Policy {
    let mut text = format!("log {}\n", log.verifier_key());
    for (n, (key, url)) in witnesses.iter().enumerate() {
        text += &format!("witness w{n} {key} {url}\n");
    }
    Policy::parse(format!("{text}{quorum}").as_bytes()).unwrap()
}

/// Asks with little patience, for a checkpoint of `size`.
fn collect(log: &PublishedLog, policy: &Policy, size: u64, remembered: &Remembered) -> Collected {
    let limits = ClientLimits {
        answer: Duration::from_secs(2),
        whole: PATIENCE,
        after_quorum: Duration::ZERO,
    };
    let proofs = |old, new| Ok(log.proof(old, new));
    let checkpoint = log.checkpoint(size);
    WitnessClient::new(limits).collect(policy, &[], &checkpoint, remembered, proofs).unwrap()
}

/// What becomes of asking one witness that says this.
fn outcome(answers: Vec<Vec<u8>>) -> Outcome {
    let (log, stranger) = (log(), Stranger::saying(answers));
    let key = office("witness.example/w").verifier_key();
    let policy = policy(&log, &[(key, stranger.url())], "quorum w0\n");
    let mut collected = collect(&log, &policy, 9, &Remembered::default());
    assert!(matches!(collected.verified, Err(CheckpointError::QuorumMissed { .. })));
    assert_eq!(collected.checkpoint.note().signatures().len(), 1, "nothing was added");
    collected.asked.remove(0).outcome
}

#[test]
fn enough_witnesses_cosign_and_the_policy_believes_the_checkpoint() {
    let log = log();
    let offices = [office("witness.example/a"), office("witness.example/bb")];
    let servers = [offices[0].serve(&log), offices[1].serve(&log)];
    let url = |n: usize| format!("http://{}/", servers[n].address());
    let witnesses = [(offices[0].verifier_key(), url(0)), (offices[1].verifier_key(), url(1))];
    let policy = policy(&log, &witnesses, "group all-of all w0 w1\nquorum all-of\n");
    let mut remembered = Remembered::default();
    for size in [5, 9, 9, 40] {
        let collected = collect(&log, &policy, size, &remembered);
        let verified = collected.verified.unwrap();
        assert_eq!(verified.cosignatures().count(), 2);
        remembered.learn(&verified);
    }
    assert_eq!(remembered.size(log.key.name(), &offices[0].verifier_key()), 40);
}

#[test]
fn a_witness_that_never_answers_does_not_keep_a_checkpoint_from_its_quorum() {
    let log = log();
    let offices = [office("witness.example/a"), office("witness.example/bb")];
    let servers = [offices[0].serve(&log), offices[1].serve(&log)];
    let (silent, _listener) = Stranger::silent();
    let silent_key = office("witness.example/silent").verifier_key();
    let witnesses = [
        (silent_key, format!("http://{silent}")),
        (offices[0].verifier_key(), format!("http://{}", servers[0].address())),
        (offices[1].verifier_key(), format!("http://{}", servers[1].address())),
    ];
    let policy = policy(&log, &witnesses, "group two 2 w0 w1 w2\nquorum two\n");
    let collected = collect(&log, &policy, 9, &Remembered::default());
    assert!(collected.verified.is_ok());
    let outcomes: Vec<_> = collected.asked.iter().map(|asked| &asked.outcome).collect();
    assert!(matches!(outcomes[0], Outcome::NotWaitedFor), "{outcomes:?}");
    assert!(outcomes[1].is_cosigned() && outcomes[2].is_cosigned());
}

#[test]
fn a_quorum_that_is_missed_says_who_did_not_answer_and_why() {
    let log = log();
    let offices = [office("witness.example/a"), office("witness.example/bb")];
    let server = offices[0].serve(&log);
    let (silent, _listener) = Stranger::silent();
    let (gone, listener) = Stranger::silent();
    drop(listener);
    let witnesses = [
        (offices[0].verifier_key(), format!("http://{}", server.address())),
        (office("witness.example/silent").verifier_key(), format!("http://{silent}")),
        (office("witness.example/gone-away").verifier_key(), format!("http://{gone}")),
        (offices[1].verifier_key(), String::new()),
    ];
    let policy = policy(&log, &witnesses, "group all-of all w0 w1 w2 w3\nquorum all-of\n");
    let collected = collect(&log, &policy, 9, &Remembered::default());
    let missed = collected.verified.unwrap_err();
    assert_eq!(missed, CheckpointError::QuorumMissed { cosigned: 1, known: 4 });
    assert_eq!(collected.checkpoint.note().signatures().len(), 2, "what there is, is kept");
    let told: Vec<_> = collected.asked.iter().map(ToString::to_string).collect();
    assert_eq!(told[0], "witness.example/a: cosigned");
    assert!(told[1].contains("did not answer in time"), "{told:?}");
    assert!(told[2].contains("not reached"), "{told:?}");
    assert!(told[3].contains("gives no URL"), "{told:?}");
}

#[test]
fn a_witness_is_asked_from_where_it_is_known_to_be() {
    let log = log();
    let office = office("witness.example/w");
    let mut cosigned = log.checkpoint(5);
    let at = PosixSeconds::new(NOW).unwrap();
    cosigned.add([office.key.cosign(log.checkpoint(5).claimed(), at)]).unwrap();
    let mut remembered = Remembered::default();
    remembered.learn(&cosigned.verify(&[log.verifier_key(), office.verifier_key()]).unwrap());
    let answer = format!("{}\n", office.key.cosign(log.checkpoint(9).claimed(), at));
    let stranger = Stranger::saying(vec![response("200 OK", TEXT, answer.as_bytes())]);
    let policy = policy(&log, &[(office.verifier_key(), stranger.url())], "quorum w0\n");
    assert!(collect(&log, &policy, 9, &remembered).verified.is_ok());
    let asked = stranger.heard.recv_timeout(PATIENCE).unwrap();
    assert!(asked.starts_with("POST /add-checkpoint HTTP/1.1\r\n"), "{asked}");
    assert!(asked.ends_with(&log.request(5, 9).to_string()), "{asked}");
}

#[test]
fn who_has_cosigned_already_is_not_asked_again() {
    let log = log();
    let office = office("witness.example/w");
    let mut cosigned = log.checkpoint(9);
    let at = PosixSeconds::new(NOW).unwrap();
    cosigned.add([office.key.cosign(log.checkpoint(9).claimed(), at)]).unwrap();
    let stranger = Stranger::saying(vec![]);
    let policy = policy(&log, &[(office.verifier_key(), stranger.url())], "quorum w0\n");
    let client = WitnessClient::default();
    let proofs = |_, _| Err("nobody needs one".into());
    let collected = client.collect(&policy, &[], &cosigned, &Remembered::default(), proofs);
    let collected = collected.unwrap();
    assert!(collected.verified.is_ok());
    assert!(matches!(collected.asked[0].outcome, Outcome::HadCosigned { .. }));
}

#[test]
fn answers_that_mean_nothing_are_told_and_nothing_is_added() {
    let log = log();
    let at = PosixSeconds::new(NOW).unwrap();
    let key = office("witness.example/w").key;
    let other = CosignerKey::from_seed("witness.example/x".parse().unwrap(), &[5; 32]);
    let line =
        |key: &CosignerKey, size| format!("{}\n", key.cosign(log.checkpoint(size).claimed(), at));
    let cut = line(&key, 9).trim_end().to_owned();
    let size = "text/x.tlog.size";
    for (said, answer) in [
        ("noise", response("200 OK", TEXT, b"\x00\xff\x00\xff")),
        ("nothing", response("200 OK", TEXT, b"")),
        ("a page", response("200 OK", "text/html", b"<html>It works!</html>\n")),
        ("half a line", response("200 OK", TEXT, cut.as_bytes())),
        ("another's cosignature", response("200 OK", TEXT, line(&other, 9).as_bytes())),
        ("one of another checkpoint", response("200 OK", TEXT, line(&key, 8).as_bytes())),
        ("more than an answer has", response("200 OK", TEXT, &vec![b'x'; 100_000])),
        ("a conflict of no type", response("409 Conflict", TEXT, b"3\n")),
        ("a conflict without size", response("409 Conflict", size, b"three\n")),
        ("the size that it was asked with", response("409 Conflict", size, b"0\n")),
    ] {
        let outcome = outcome(vec![answer]);
        assert!(matches!(outcome, Outcome::Nonsense { .. }), "{said}: {outcome:?}");
    }
}

#[test]
fn answers_that_are_no_http_or_break_off_are_told_as_not_reached() {
    let whole = response("200 OK", TEXT, b"a body that is longer than what comes");
    let endless = [b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 1_000_000]].concat();
    for answer in [b"SSH-2.0-x\r\n".to_vec(), vec![], whole[..whole.len() - 9].to_vec(), endless] {
        let outcome = outcome(vec![answer]);
        assert!(matches!(outcome, Outcome::NotReached(_)), "{outcome:?}");
    }
}

#[test]
fn a_refusal_is_told_with_the_witness_s_words_made_harmless() {
    let refusal = response("403 Forbidden", TEXT, "no\x1b[2J\n thanks".as_bytes());
    let Outcome::Refused { status, said } = outcome(vec![refusal]) else { panic!() };
    assert_eq!((status, said.as_str()), (403, "no [2J  thanks"));
    let elsewhere = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\n\
        Content-Length: 0\r\nConnection: close\r\n\r\n";
    let Outcome::Refused { status, .. } = outcome(vec![elsewhere.to_vec()]) else { panic!() };
    assert_eq!(status, 307, "who redirects is not followed");
}

#[test]
fn a_witness_that_names_one_size_after_another_is_given_up() {
    let conflict = |size: &str| response("409 Conflict", "text/x.tlog.size", size.as_bytes());
    let outcome = outcome(vec![conflict("3\n"), conflict("4\n"), conflict("5\n")]);
    assert!(matches!(outcome, Outcome::Nonsense { .. }), "{outcome:?}");
}

#[test]
fn a_witness_that_is_ahead_or_saw_another_history_is_told_apart() {
    let log = log();
    let mut other = log.clone();
    other.records[2] = b"what the witness was shown".to_vec();
    let office = office("witness.example/w");
    let server = office.serve(&log);
    let url = format!("http://{}", server.address());
    let policy = policy(&log, &[(office.verifier_key(), url)], "quorum w0\n");
    assert_eq!(ask(&server, &other.request(0, 20)).status, 200);
    let outcome =
        |size| collect(&log, &policy, size, &Remembered::default()).asked.remove(0).outcome;
    let ahead = outcome(9);
    assert!(matches!(ahead, Outcome::Ahead { size: 20 }), "{ahead:?}");
    let other_history = outcome(30);
    assert!(matches!(other_history, Outcome::OtherHistory { .. }), "{other_history:?}");
}

#[test]
fn a_proof_that_cannot_be_made_is_told_and_others_are_still_asked() {
    let log = log();
    let offices = [office("witness.example/a"), office("witness.example/bb")];
    let servers = [offices[0].serve(&log), offices[1].serve(&log)];
    assert_eq!(ask(&servers[0], &log.request(0, 5)).status, 200);
    let url = |n: usize| format!("http://{}", servers[n].address());
    let witnesses = [(offices[0].verifier_key(), url(0)), (offices[1].verifier_key(), url(1))];
    let policy = policy(&log, &witnesses, "group one any w0 w1\nquorum one\n");
    let limits = ClientLimits { after_quorum: PATIENCE, ..ClientLimits::default() };
    let proofs = |old, new| match old {
        0 => Ok(log.proof(old, new)),
        _ => Err("the tiles are gone".into()),
    };
    let client = WitnessClient::new(limits);
    let checkpoint = log.checkpoint(9);
    let collected = client.collect(&policy, &[], &checkpoint, &Remembered::default(), proofs);
    let collected = collected.unwrap();
    assert!(collected.verified.is_ok());
    let told = collected.asked[0].to_string();
    assert!(told.contains("from size 5: the tiles are gone"), "{told}");
}

#[test]
fn nobody_is_asked_to_cosign_what_the_log_did_not_sign() {
    let log = log();
    let forger = SignerKey::from_seed("ledger.example/pk".parse().unwrap(), &[66; 32]);
    let body = Checkpoint::new(log.key.name().clone(), 3, TreeHash::leaf(b"x")).unwrap();
    let forged = OpenedCheckpoint::from_note(forger.sign(body.to_text())).unwrap();
    let key = office("witness.example/w").verifier_key();
    let policy = policy(&log, &[(key, "http://127.0.0.1:1".to_owned())], "quorum w0\n");
    let proofs = |_, _| panic!("nobody is asked");
    let refused = WitnessClient::default()
        .collect(&policy, &[], &forged, &Remembered::default(), proofs)
        .unwrap_err();
    assert!(matches!(refused, CheckpointError::NotSignedByItsLog { .. }), "{refused}");
}
