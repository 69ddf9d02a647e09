//! What a witness keeps: durably, before it is said, and never taken for less than it is.

use std::fs;
use std::sync::Arc;

use sanad_audit_log::note::{CosignerKey, KeyName};
use sanad_audit_log::{OpenedCheckpoint, PosixSeconds};
use sanad_tests::PublishedLog;
use sanad_witness::{Reply, StateError, Statement, WitnessState};

use crate::office::{NOW, Office};

fn log() -> PublishedLog {
    PublishedLog::of_texts("ledger.example/pk", 20)
}

fn now() -> PosixSeconds {
    PosixSeconds::new(NOW).unwrap()
}

/// An office that has cosigned size 5.
fn after_five(log: &PublishedLog) -> Office {
    let office = Office::of(log);
    let reply = office.witness(log).answer(log.request(0, 5).to_string().as_bytes());
    assert_eq!(reply.status(), 200, "{reply}");
    office
}

fn open(office: &Office) -> Result<WitnessState, StateError> {
    WitnessState::open(&office.folder())
}

#[test]
fn what_was_cosigned_is_known_after_a_restart() {
    let log = log();
    let office = after_five(&log);
    let last = open(&office).unwrap().last(log.key.name()).unwrap();
    assert_eq!((last.size(), last.root()), (5, log.checkpoint(5).claimed().root()));
}

#[test]
fn a_damaged_checkpoint_is_an_error_and_never_a_log_that_was_not_cosigned() {
    let log = log();
    let office = after_five(&log);
    let path = office.file(log.key.name(), "checkpoint");
    let good = fs::read(&path).unwrap();
    for length in 0..good.len() {
        fs::write(&path, &good[..length]).unwrap();
        let opened = open(&office);
        assert!(matches!(opened, Err(StateError::Damaged { .. })), "cut to {length}");
    }
    for at in 0..good.len() {
        let mut damaged = good.clone();
        damaged[at] ^= 0x01;
        fs::write(&path, &damaged).unwrap();
        // The log's own signature is not what the memory rests on; all else is.
        match open(&office) {
            Err(StateError::Damaged { .. }) => {}
            Err(other) => panic!("byte {at}: {other}"),
            Ok(state) => assert_eq!(state.last(log.key.name()).unwrap().size(), 5, "byte {at}"),
        }
    }
}

#[test]
fn a_checkpoint_that_is_gone_is_an_error() {
    let log = log();
    let office = after_five(&log);
    fs::remove_file(office.file(log.key.name(), "checkpoint")).unwrap();
    let told = open(&office).unwrap_err().to_string();
    assert!(told.contains("gone"), "{told}");
}

#[test]
fn a_checkpoint_of_another_log_or_by_another_witness_is_an_error() {
    let log = log();
    let office = after_five(&log);
    let path = office.file(log.key.name(), "checkpoint");
    let forger = CosignerKey::from_seed("witness.example/audit".parse().unwrap(), &[99; 32]);
    let mut rolled_back = log.checkpoint(2);
    rolled_back.add([forger.cosign(log.checkpoint(2).claimed(), now())]).unwrap();
    let other = PublishedLog::of_texts("ledger.example/other", 3);
    let mut foreign = other.checkpoint(3);
    foreign.add([office.key.cosign(other.checkpoint(3).claimed(), now())]).unwrap();
    let uncosigned = log.checkpoint(2).note().to_string();
    for text in [
        rolled_back.note().to_string(),
        foreign.note().to_string(),
        uncosigned,
        "never cosigned: ledger.example/other\n".to_owned(),
        "0\n".to_owned(),
    ] {
        fs::write(&path, &text).unwrap();
        assert!(matches!(open(&office), Err(StateError::Damaged { .. })), "{text}");
    }
}

#[test]
fn a_folder_without_a_roll_is_no_witness_and_nothing_is_put_into_it() {
    let log = log();
    let office = after_five(&log);
    fs::remove_file(office.folder().join("witness")).unwrap();
    assert!(matches!(open(&office), Err(StateError::NotAWitness { .. })));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(WitnessState::open(empty.path()), Err(StateError::NotAWitness { .. })));
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn a_roll_that_was_altered_is_an_error() {
    let log = log();
    let office = after_five(&log);
    let path = office.folder().join("witness");
    let good = fs::read_to_string(&path).unwrap();
    let other = CosignerKey::from_seed("witness.example/x".parse().unwrap(), &[3; 32]);
    for text in [
        String::new(),
        good.trim_end().to_owned(),
        good.replace("sanad witness 1", "sanad witness 2"),
        good.replace("signs consistent", "signs anything"),
        good.replace(&office.verifier_key().to_string(), &other.verifier_key().to_string()),
        format!("{good}log ledger.example/pk\n"),
        format!("{good}log two words\n"),
        format!("{good}log ledger.example/never-enrolled\n"),
        format!("{good}\u{0}"),
    ] {
        fs::write(&path, &text).unwrap();
        assert!(matches!(open(&office), Err(StateError::Damaged { .. })), "{text}");
    }
}

#[test]
fn a_log_that_fell_off_the_roll_cannot_be_taken_on_as_a_new_one() {
    let log = log();
    let office = after_five(&log);
    let path = office.folder().join("witness");
    let without = fs::read_to_string(&path).unwrap().replace("log ledger.example/pk\n", "");
    fs::write(&path, without).unwrap();
    let mut state = open(&office).unwrap();
    assert!(state.last(log.key.name()).is_none());
    assert!(matches!(state.enrol(log.key.name()), Err(StateError::Damaged { .. })));
}

#[test]
fn an_enrolment_that_was_cut_off_can_be_done_again_and_a_second_one_is_refused() {
    let log = log();
    let office = Office::new("witness.example/audit", Statement::Consistent, &[]);
    let file = office.file(log.key.name(), "checkpoint");
    fs::write(file, "never cosigned: ledger.example/pk\n").unwrap();
    let mut state = open(&office).unwrap();
    state.enrol(log.key.name()).unwrap();
    assert!(matches!(state.enrol(log.key.name()), Err(StateError::AlreadyEnrolled { .. })));
}

#[test]
fn a_second_witness_on_the_same_folder_is_kept_out() {
    let log = log();
    let office = after_five(&log);
    let first = open(&office).unwrap();
    assert!(matches!(open(&office), Err(StateError::InUse { .. })));
    drop(first);
    assert!(open(&office).is_ok());
}

#[test]
fn nothing_is_signed_once_the_lock_file_was_replaced() {
    let log = log();
    let office = after_five(&log);
    let witness = office.witness(&log);
    fs::remove_file(office.folder().join("lock")).unwrap();
    let second = office.witness(&log);
    let request = log.request(5, 7).to_string();
    let reply = witness.answer(request.as_bytes());
    assert!(matches!(reply, Reply::NotKept(_)), "{reply}");
    assert_eq!(reply.status(), 500);
    assert_eq!(second.answer(request.as_bytes()).status(), 200);
}

#[test]
fn nothing_is_signed_that_could_not_be_kept() {
    let log = log();
    let office = after_five(&log);
    let witness = office.witness(&log);
    let name: KeyName = log.key.name().clone();
    // A folder lies where the new file is written first.
    let in_the_way = office.file(&name, "checkpoint.tmp");
    fs::create_dir(&in_the_way).unwrap();
    let request = log.request(5, 7).to_string();
    let reply = witness.answer(request.as_bytes());
    assert!(matches!(reply, Reply::NotKept(_)), "{reply}");
    let shown = reply.body();
    assert!(!shown.contains('/') && !shown.contains('\u{2014}'), "{shown}");
    assert_eq!(witness.state().last(&name).unwrap().size(), 5);
    fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(witness.answer(request.as_bytes()).status(), 200);
}

#[test]
fn what_a_crash_left_half_written_is_ignored() {
    let log = log();
    let office = after_five(&log);
    fs::write(office.file(log.key.name(), "checkpoint.tmp"), "ledger.exam").unwrap();
    let witness = office.witness(&log);
    assert_eq!(witness.answer(log.request(5, 7).to_string().as_bytes()).status(), 200);
    let kept = fs::read(office.file(log.key.name(), "checkpoint")).unwrap();
    assert_eq!(OpenedCheckpoint::parse(&kept).unwrap().claimed().size(), 7);
}

#[test]
fn a_new_witness_wants_a_new_folder() {
    let log = log();
    let office = after_five(&log);
    let created = WitnessState::create(&office.folder(), &office.key, Statement::Consistent);
    assert!(matches!(created, Err(StateError::NotEmpty { .. })));
}

#[cfg(unix)]
#[test]
fn the_key_is_for_its_owner_only_and_one_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let log = log();
    let office = after_five(&log);
    let path = office.folder().join("key");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&office.folder())), (0o600, 0o700));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let told = open(&office).unwrap_err();
    assert!(matches!(told, StateError::KeyExposed { mode: 0o640, .. }), "{told}");
    assert!(!told.to_string().contains("PRIVATE"));
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_in_the_folder_is_not_followed() {
    let log = log();
    for name in ["key", "witness", "lock", "checkpoint"] {
        let office = after_five(&log);
        let path = match name {
            "checkpoint" => office.file(log.key.name(), name),
            name => office.folder().join(name),
        };
        let elsewhere = office.home.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert!(matches!(open(&office), Err(StateError::Symlink { .. })), "{name}");
    }
    let office = after_five(&log);
    let link = office.home.path().join("link");
    std::os::unix::fs::symlink(office.folder(), &link).unwrap();
    assert!(matches!(WitnessState::open(&link), Err(StateError::Symlink { .. })));
}

#[test]
fn a_witness_whose_clock_shows_no_time_signs_nothing() {
    let log = log();
    let office = Office::of(&log);
    let clock = Arc::new(sanad_tests::HandClock::at_us(-5));
    let logs = vec![crate::office::witnessed(&log)];
    let witness = sanad_witness::Witness::new(open(&office).unwrap(), logs, clock).unwrap();
    let reply = witness.answer(log.request(0, 5).to_string().as_bytes());
    assert!(matches!(reply, Reply::NotJudged(_)), "{reply}");
    assert_eq!(witness.state().last(log.key.name()).unwrap().size(), 0);
}
