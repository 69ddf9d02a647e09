//! A witness of lawful histories: it replays the records, and cosigns only what was allowed throughout.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use sanad::{ActBuilder, Auditor, Calendar, Identity, Sequence, State};
use sanad_audit_log::OpenedCheckpoint;
use sanad_audit_log::tile::BundlePlace;
use sanad_publication::FolderSource;
use sanad_tests::{Forger, PublishedLog, TestLedger};
use sanad_witness::{
    HttpLog, PublishedRecords, RecordSource, RecordsError, Reply, ServerLimits, Statement, Witness,
};
use tempfile::TempDir;

use crate::office::{Office, PATIENCE, ask, listen, witnessed};
use crate::stranger::{Stranger, response};

/// A published ledger, the folder in which it is published, and an office that replays it.
struct Scene {
    log: PublishedLog,
    identity: Identity,
    public: TempDir,
    office: Office,
}

/// A ledger with the surplus and 300 grants of 1 MW.
fn ledger() -> TestLedger {
    let mut ledger = TestLedger::with_surplus();
    let acts = (0..300).map(|_| {
        let act = ledger.act().grant("surplus", "acme", "1 MW", "2025-07-01").unwrap();
        act.build()
    });
    for answer in ledger.ledger().record_many(acts.collect(), sanad::OnRefusal::GoOn) {
        answer.unwrap();
    }
    ledger.close();
    ledger
}

impl Scene {
    fn of(folder: &Path) -> Self {
        let (log, identity) = PublishedLog::of_ledger(folder);
        let public = tempfile::tempdir().unwrap();
        let origin = log.key.name().as_str();
        let office = Office::new("witness.example/lawful", Statement::Lawful, &[origin]);
        Self { log, identity, public, office }
    }

    fn witness(&self) -> Arc<Witness> {
        let records = PublishedRecords::new(FolderSource::new(self.public.path()));
        let log = witnessed(&self.log).lawful(self.identity.clone(), records).unwrap();
        self.office.witness_of(vec![log])
    }

    fn ask(&self, witness: &Witness, old: u64, new: u64) -> Reply {
        witness.answer(self.log.request(old, new).to_string().as_bytes())
    }
}

/// The ledger whose last entry grants 1,900 MW of the 1,700 MW that are left, every hash right.
fn with_a_grant_too_large() -> (TempDir, std::path::PathBuf) {
    let genuine = ledger();
    let mut forger = Forger::of(&genuine.folder());
    let auditor = Auditor::open(&genuine.folder()).unwrap();
    let last = forger.records.len() - 1;
    let act = ActBuilder::new("mof", &Calendar::new("Asia/Karachi").unwrap()).unwrap();
    let act = act.grant("surplus", "bolt", "1900 MW", "2025-07-01").unwrap().build();
    let entry = auditor.entry(Sequence(last as u64)).unwrap();
    let mut state = State::default();
    let first = auditor.entries(0..1).unwrap().next().unwrap().unwrap();
    let effect = state.admit(&first.recorded.entry).unwrap();
    state.apply(effect);
    let decided = state.decide(&act, entry.recorded.entry.id()).unwrap();
    forger.records[last].payload = sanad_codec::encode(&decided.entry).unwrap();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("forged");
    forger.write(&folder);
    (home, folder)
}

#[test]
fn a_lawful_history_is_cosigned_as_it_grows_and_after_a_restart() {
    let ledger = ledger();
    let scene = Scene::of(&ledger.folder());
    scene.log.publish(301, scene.public.path());
    scene.log.publish(5, scene.public.path());
    let witness = scene.witness();
    for (old, new) in [(0, 1), (1, 5), (5, 5), (5, 256)] {
        let reply = scene.ask(&witness, old, new);
        assert_eq!(reply.status(), 200, "{old} to {new}: {reply}");
    }
    drop(witness);
    let witness = scene.witness();
    let mut heard = Vec::new();
    let unready = witness.warm_up(&mut |_, done, size| heard.push((done, size)));
    assert!(unready.is_empty(), "{unready:?}");
    assert_eq!(heard.last(), Some(&(256, 256)));
    assert_eq!(scene.ask(&witness, 256, 301).status(), 200);
}

#[test]
fn an_unlawful_entry_is_refused_although_every_hash_and_signature_is_right() {
    let (_home, folder) = with_a_grant_too_large();
    let scene = Scene::of(&folder);
    scene.log.publish(301, scene.public.path());
    scene.log.publish(300, scene.public.path());
    let witness = scene.witness();
    assert_eq!(scene.ask(&witness, 0, 300).status(), 200, "up to there all is lawful");
    let Reply::Unlawful(unlawful) = scene.ask(&witness, 300, 301) else { panic!() };
    assert_eq!((unlawful.sequence().get(), unlawful.code()), (300, "exceeds_capacity"));
    assert!(unlawful.sentence().contains("1900 MW"), "{unlawful}");
    assert!(unlawful.checkpoint().verify(&[scene.log.verifier_key()]).is_ok());
    assert_eq!(witness.state().last(scene.log.key.name()).unwrap().size(), 300);

    // A witness that only looks at consistency has nothing against it.
    let careless = Office::of(&scene.log);
    assert_eq!(scene.ask(&careless.witness(&scene.log), 0, 301).status(), 200);
}

#[test]
fn an_unlawful_history_is_remembered_even_where_its_records_are_taken_back() {
    let (_home, folder) = with_a_grant_too_large();
    let scene = Scene::of(&folder);
    scene.log.publish(301, scene.public.path());
    assert!(matches!(scene.ask(&scene.witness(), 0, 301), Reply::Unlawful(_)));
    fs::remove_dir_all(scene.public.path().join("tile")).unwrap();
    let witness = scene.witness();
    let server = listen(witness, ServerLimits::default());
    let heard = ask(&server, &scene.log.request(0, 301));
    assert_eq!(heard.status, 403);
    assert!(heard.body.contains("not lawful (exceeds_capacity)"), "{}", heard.body);
    // What the log signed is kept for whoever wants to see it.
    let kept = scene.office.file(scene.log.key.name(), "unlawful");
    let kept = fs::read_to_string(kept).unwrap();
    let (_, note) = kept.split_once("\n\n").unwrap();
    let evidence = OpenedCheckpoint::parse(note.as_bytes()).unwrap();
    assert_eq!(evidence.claimed(), scene.log.checkpoint(301).claimed());
}

#[test]
fn what_is_remembered_of_an_unlawful_history_is_not_lost_when_it_is_damaged() {
    let (_home, folder) = with_a_grant_too_large();
    let scene = Scene::of(&folder);
    scene.log.publish(301, scene.public.path());
    assert!(matches!(scene.ask(&scene.witness(), 0, 301), Reply::Unlawful(_)));
    let path = scene.office.file(scene.log.key.name(), "unlawful");
    let good = fs::read(&path).unwrap();
    for length in 0..good.len() {
        fs::write(&path, &good[..length]).unwrap();
        let opened = sanad_witness::WitnessState::open(&scene.office.folder());
        assert!(opened.is_err(), "cut to {length}");
    }
}

#[test]
fn records_that_are_not_there_yet_are_no_verdict() {
    let ledger = ledger();
    let scene = Scene::of(&ledger.folder());
    let witness = scene.witness();
    let reply = scene.ask(&witness, 0, 301);
    assert!(matches!(reply, Reply::NotJudged(_)), "{reply}");
    assert_eq!(reply.status(), 503);
    scene.log.publish(301, scene.public.path());
    assert_eq!(scene.ask(&witness, 0, 301).status(), 200);
}

/// Whoever stands between the log and the witness could give it other records. An unlawful entry
/// among them is nothing against the log, whose checkpoint does not have it.
#[test]
fn records_that_the_checkpoint_does_not_commit_to_are_no_verdict() {
    let genuine = ledger();
    let scene = Scene::of(&genuine.folder());
    let (_home, forged) = with_a_grant_too_large();
    let (forged, _) = PublishedLog::of_ledger(&forged);
    forged.publish(301, scene.public.path());
    let witness = scene.witness();
    let reply = scene.ask(&witness, 0, 301);
    assert!(matches!(reply, Reply::NotJudged(_)), "{reply}");
    assert!(witness.state().unlawful(scene.log.key.name()).is_none());
    scene.log.publish(301, scene.public.path());
    assert_eq!(scene.ask(&witness, 0, 301).status(), 200);
}

#[test]
fn bundles_that_are_none_are_no_verdict() {
    let ledger = ledger();
    let scene = Scene::of(&ledger.folder());
    scene.log.publish(301, scene.public.path());
    let witness = scene.witness();
    let path = scene.public.path().join("tile/entries/000");
    let good = fs::read(&path).unwrap();
    let too_long = [&good[..], &[0; 20_000_000]].concat();
    for bad in [&good[..good.len() - 1], &[], &[0xff; 700], &too_long] {
        fs::write(&path, bad).unwrap();
        let reply = scene.ask(&witness, 0, 301);
        assert!(matches!(reply, Reply::NotJudged(_)), "{reply}");
    }
    fs::write(&path, good).unwrap();
    assert_eq!(scene.ask(&witness, 0, 301).status(), 200);
}

#[test]
fn an_entry_recorded_twice_and_a_broken_chain_are_not_lawful() {
    let genuine = ledger();
    let mut forger = Forger::of(&genuine.folder());
    forger.records[300].entry_id = forger.records[7].entry_id;
    let home = tempfile::tempdir().unwrap();
    forger.write(&home.path().join("forged"));
    let scene = Scene::of(&home.path().join("forged"));
    scene.log.publish(301, scene.public.path());
    let Reply::Unlawful(unlawful) = scene.ask(&scene.witness(), 0, 301) else { panic!() };
    assert_eq!((unlawful.sequence().get(), unlawful.code()), (300, "entry_id_reused"));

    // The operator's tree has records that do not follow from one another.
    let mut scene = Scene::of(&genuine.folder());
    scene.log.records.swap(10, 11);
    scene.log.publish(301, scene.public.path());
    let Reply::Unlawful(unlawful) = scene.ask(&scene.witness(), 0, 301) else { panic!() };
    assert_eq!(unlawful.sequence().get(), 10);

    // And records that are none.
    let mut scene = Scene::of(&genuine.folder());
    scene.log.records[3] = b"not a record".to_vec();
    scene.log.publish(301, scene.public.path());
    let Reply::Unlawful(unlawful) = scene.ask(&scene.witness(), 0, 301) else { panic!() };
    assert_eq!(unlawful.sequence().get(), 3);
}

#[test]
fn a_history_of_another_ledger_is_not_lawful_under_this_one_s_identity() {
    let (one, other) = (ledger(), TestLedger::new());
    let mut scene = Scene::of(&one.folder());
    scene.identity = Identity::new(
        scene.identity.ledger_id(),
        scene.identity.created_at_us() + 1,
        scene.identity.time_zone(),
        scene.identity.origin(),
        scene.identity.title(),
    )
    .unwrap();
    scene.log.publish(301, scene.public.path());
    let Reply::Unlawful(unlawful) = scene.ask(&scene.witness(), 0, 301) else { panic!() };
    assert_eq!(unlawful.sequence().get(), 0, "the first record follows another genesis");
    let elsewhere =
        Identity::new(scene.identity.ledger_id(), 0, "UTC", "ledger.example/elsewhere", "");
    let records = PublishedRecords::new(FolderSource::new(&other.folder()));
    assert!(witnessed(&scene.log).lawful(elsewhere.unwrap(), records).is_err());
}

#[test]
fn records_are_read_from_a_web_server_and_a_partial_bundle_may_have_grown() {
    let ledger = ledger();
    let scene = Scene::of(&ledger.folder());
    scene.log.publish(301, scene.public.path());
    let read = |path: &str| fs::read(scene.public.path().join("tile/entries").join(path)).unwrap();
    let binary = "application/octet-stream";
    // The partial bundle of 200 records is gone, since the full one is there.
    let stranger = Stranger::saying(vec![
        response("404 Not Found", "text/plain", b"gone"),
        response("200 OK", binary, &read("000")),
        response("200 OK", binary, &read("000")),
        response("200 OK", binary, &read("001.p/45")),
    ]);
    let records = PublishedRecords::new(HttpLog::new(&stranger.url(), PATIENCE).unwrap());
    let log = witnessed(&scene.log).lawful(scene.identity.clone(), records).unwrap();
    let witness = scene.office.witness_of(vec![log]);
    assert_eq!(scene.ask(&witness, 0, 200).status(), 200);
    assert_eq!(scene.ask(&witness, 200, 301).status(), 200);
    let asked: Vec<_> = stranger.heard.try_iter().collect();
    let first = |asked: &String| asked.split(' ').nth(1).unwrap().to_owned();
    assert_eq!(
        asked.iter().map(first).collect::<Vec<_>>(),
        [
            "/tile/entries/000.p/200",
            "/tile/entries/000",
            "/tile/entries/000",
            "/tile/entries/001.p/45"
        ]
    );
}

/// Records that come only when they are let through.
struct Held {
    records: PublishedRecords<FolderSource>,
    let_through: Receiver<()>,
}

impl RecordSource for Held {
    fn bundle(&mut self, place: BundlePlace) -> Result<Vec<u8>, RecordsError> {
        let _ = self.let_through.recv_timeout(PATIENCE);
        self.records.bundle(place)
    }
}

#[test]
fn who_would_wait_too_long_for_a_replay_comes_again_and_finds_it_done() {
    let ledger = ledger();
    let scene = Scene::of(&ledger.folder());
    scene.log.publish(301, scene.public.path());
    let (open, let_through) = channel();
    let records = PublishedRecords::new(FolderSource::new(scene.public.path()));
    let log = witnessed(&scene.log).lawful(scene.identity.clone(), Held { records, let_through });
    let witness = scene.office.witness_of(vec![log.unwrap()]);
    let answer = Duration::from_millis(200);
    let server = listen(witness, ServerLimits { answer, ..ServerLimits::default() });
    let heard = ask(&server, &scene.log.request(0, 301));
    assert!(heard.status == 503 && heard.has_header("retry-after: 10"), "{heard:?}");
    drop(open);
    // What was begun for the first request is finished without it. Each of these waits for it.
    let finished = (0..150).any(|_| ask(&server, &scene.log.request(0, 301)).body == "301\n");
    assert!(finished);
    assert_eq!(ask(&server, &scene.log.request(301, 301)).status, 200);
}

#[test]
fn a_witness_that_is_being_stopped_gives_a_replay_up() {
    let ledger = ledger();
    let scene = Scene::of(&ledger.folder());
    scene.log.publish(301, scene.public.path());
    let witness = scene.witness();
    witness.stop();
    let reply = scene.ask(&witness, 0, 301);
    assert!(matches!(reply, Reply::NotJudged(_)), "{reply}");
}
