//! Each status of the protocol, and when it is answered.

use sanad_audit_log::note::SignerKey;
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::witness::{AddCheckpoint, OriginHash, cosignatures_from};
use sanad_audit_log::{Checkpoint, OpenedCheckpoint};
use sanad_tests::PublishedLog;
use sanad_witness::{ServerLimits, SetupError, Statement, WitnessedLog};

use crate::office::{NOW, Office, ask, connect, get, hear, listen, post, say, witnessed};

const ORIGIN: &str = "ledger.example/pk";

fn log() -> PublishedLog {
    PublishedLog::of_texts(ORIGIN, 300)
}

/// The checkpoint of a size and root of the liar's choice, signed by the log.
fn signed(log: &PublishedLog, size: u64, root: TreeHash) -> OpenedCheckpoint {
    let checkpoint = Checkpoint::new(log.key.name().clone(), size, root).unwrap();
    OpenedCheckpoint::from_note(log.key.sign(checkpoint.to_text())).unwrap()
}

#[test]
fn a_checkpoint_that_grew_is_cosigned_with_the_office_s_own_time() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    for (old, new) in [(0, 3), (3, 256), (256, 256), (256, 300)] {
        let heard = ask(&server, &log.request(old, new));
        assert_eq!(heard.status, 200, "{heard:?}");
        let mut checkpoint = log.checkpoint(new);
        checkpoint.add(cosignatures_from(heard.body.as_bytes()).unwrap()).unwrap();
        let keys = [log.verifier_key(), office.verifier_key()];
        let verified = checkpoint.verify(&keys).unwrap();
        let times: Vec<_> = verified.cosignatures().map(|known| known.cosigned_at()).collect();
        assert_eq!(times.iter().flatten().map(|at| at.get()).collect::<Vec<_>>(), [NOW]);
    }
}

#[test]
fn a_request_that_is_not_one_is_a_bad_request() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let good = log.request(0, 3).to_string();
    let cut = good.trim_end_matches('\n');
    for body in ["", "\n", "old x\n\n", "old 0", cut, &good.replace("old 0", "old 00")] {
        let heard = ask(&server, &body);
        assert_eq!(heard.status, 400, "{body:?}: {heard:?}");
    }
    let heard = say(server.address(), &[post("old 0\n\n")[..].to_vec(), vec![0xff; 3]].concat());
    assert_eq!(heard.status, 400);
}

#[test]
fn an_old_size_above_the_new_one_is_a_bad_request() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    assert_eq!(ask(&server, &log.request(0, 5)).status, 200);
    let request = log.request(0, 3).to_string().replace("old 0\n", "old 5\n");
    assert_eq!(ask(&server, &request).status, 400);
}

#[test]
fn a_log_that_the_office_does_not_know_is_not_found() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let other = PublishedLog::of_texts("ledger.example/other", 3);
    assert_eq!(ask(&server, &other.request(0, 3)).status, 404);
}

#[test]
fn a_checkpoint_that_its_log_did_not_sign_is_forbidden() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let mut forger = log.clone();
    forger.key = SignerKey::from_seed(ORIGIN.parse().unwrap(), &[66; 32]);
    let unknown_key = ask(&server, &forger.request(0, 3));
    assert_eq!(unknown_key.status, 403, "{unknown_key:?}");
    // The known key's line under another text.
    let altered = log.request(0, 3).to_string().replace("\n3\n", "\n4\n");
    assert_eq!(ask(&server, &altered).status, 403);
}

#[test]
fn another_size_than_the_last_one_conflicts_and_the_last_one_is_told() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let heard = ask(&server, &log.request(3, 5));
    assert_eq!((heard.status, heard.body.as_str()), (409, "0\n"));
    assert!(heard.has_header("content-type: text/x.tlog.size"), "{}", heard.head);
    assert_eq!(ask(&server, &log.request(0, 5)).status, 200);
    let heard = ask(&server, &log.request(0, 7));
    assert_eq!((heard.status, heard.body.as_str()), (409, "5\n"));
}

#[test]
fn a_proof_that_does_not_hold_is_not_processed() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    assert_eq!(ask(&server, &log.request(0, 5)).status, 200);
    let mut other = log.clone();
    other.records[2] = b"another record".to_vec();
    assert_eq!(ask(&server, &other.request(5, 7)).status, 422, "a history rewritten");
    let longer = AddCheckpoint::new(&log.proof(5, 8), log.checkpoint(7));
    assert_eq!(ask(&server, &longer).status, 422, "a proof of another length");
    assert_eq!(ask(&server, &log.request(5, 7)).status, 200, "the true one still");
}

#[test]
fn what_says_that_an_empty_tree_has_records_is_not_processed() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let with_proof = log
        .request(0, 3)
        .to_string()
        .replace("old 0\n\n", &format!("old 0\n{}\n\n", TreeHash::EMPTY));
    assert_eq!(ask(&server, &with_proof).status, 422);
    let impossible = signed(&log, 0, TreeHash::leaf(b"not empty"));
    let request = format!("old 0\n\n{}", impossible.note());
    assert_eq!(ask(&server, &request).status, 422);
    assert_eq!(ask(&server, &log.request(0, 0)).status, 200, "a log without records yet");
}

#[test]
fn two_roots_of_one_size_are_refused_and_kept_as_evidence() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    assert_eq!(ask(&server, &log.request(0, 5)).status, 200);
    let conflict = office.file(log.key.name(), "conflict");
    // Anybody can say this; only the log can sign it.
    let unsigned = log.request(5, 5).to_string().replace('=', "A");
    assert_ne!(ask(&server, &unsigned).status, 200);
    assert!(!conflict.exists());
    let split = signed(&log, 5, TreeHash::leaf(b"another history"));
    assert_eq!(ask(&server, &format!("old 5\n\n{}", split.note())).status, 422);
    let evidence = OpenedCheckpoint::parse(&std::fs::read(&conflict).unwrap()).unwrap();
    assert_eq!(evidence.claimed(), split.claimed());
    assert!(evidence.verify(&[log.verifier_key()]).is_ok());
}

#[test]
fn monitors_see_the_last_checkpoint_with_both_signatures_and_nobody_else_s() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let path = format!("/{}/checkpoint", OriginHash::of(log.key.name()));
    assert_eq!(say(server.address(), &get(&path)).status, 404, "nothing was cosigned yet");
    let stranger = SignerKey::from_seed("stranger.example".parse().unwrap(), &[9; 32]);
    let mut noisy = log.checkpoint(5);
    noisy.add([stranger.signature(&noisy.claimed().to_text())]).unwrap();
    let request = AddCheckpoint::new(&log.proof(0, 5), noisy);
    assert_eq!(ask(&server, &request).status, 200);
    let heard = say(server.address(), &get(&path));
    assert_eq!(heard.status, 200);
    let shown = OpenedCheckpoint::parse(heard.body.as_bytes()).unwrap();
    let verified = shown.verify(&[log.verifier_key(), office.verifier_key()]).unwrap();
    assert_eq!((verified.checkpoint().size(), verified.signatures().len()), (5, 2));
    assert_eq!(shown.note().signatures().len(), 2);
}

#[test]
fn other_paths_and_methods_are_told_so() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    for path in ["/", "/add-checkpoint/", "/../key", "/key", "//checkpoint", "/witness"] {
        assert_eq!(say(server.address(), &get(path)).status, 404, "{path}");
    }
    let heard = say(server.address(), &get("/add-checkpoint"));
    assert!(heard.status == 405 && heard.has_header("allow: POST"), "{heard:?}");
}

#[test]
fn several_requests_on_one_connection_are_answered_in_turn() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let mut stream = connect(server.address());
    for (old, new) in [(0, 3), (3, 4), (4, 200)] {
        let request = post(&log.request(old, new).to_string());
        std::io::Write::write_all(&mut stream, &request).unwrap();
        assert_eq!(hear(&mut stream).status, 200);
    }
}

#[test]
fn an_old_and_a_new_key_are_both_good_while_a_log_rotates_its_key() {
    let log = log();
    let office = Office::of(&log);
    let mut later = log.clone();
    later.key = SignerKey::from_seed(ORIGIN.parse().unwrap(), &[17; 32]);
    let keys = vec![log.verifier_key(), later.verifier_key()];
    let rotating = WitnessedLog::new(log.key.name().clone(), keys).unwrap();
    let server = listen(office.witness_of(vec![rotating]), ServerLimits::default());
    assert_eq!(ask(&server, &log.request(0, 3)).status, 200);
    assert_eq!(ask(&server, &later.request(3, 5)).status, 200);
}

#[test]
fn a_witness_is_not_set_up_with_what_it_could_not_answer_for() {
    let log = log();
    let other = PublishedLog::of_texts("ledger.example/other", 1);
    let keys = vec![other.verifier_key()];
    let refused = WitnessedLog::new(log.key.name().clone(), keys).unwrap_err();
    assert!(matches!(refused, SetupError::LogKeys { .. }));
    let set_up = |office: &Office, logs| {
        let state = sanad_witness::WitnessState::open(&office.folder()).unwrap();
        let clock = std::sync::Arc::new(sanad::SystemClock);
        sanad_witness::Witness::new(state, logs, clock).unwrap_err()
    };
    let office = Office::of(&log);
    let refused = set_up(&office, vec![witnessed(&other)]);
    assert!(matches!(refused, SetupError::State(_)), "{refused}");
    let refused = set_up(&office, vec![witnessed(&log), witnessed(&log)]);
    assert!(matches!(refused, SetupError::Twice { .. }), "{refused}");
    let lawful = Office::new("witness.example/lawful", Statement::Lawful, &[ORIGIN]);
    let refused = set_up(&lawful, vec![witnessed(&log)]);
    assert!(matches!(refused, SetupError::NoRecords { .. }), "{refused}");
}
