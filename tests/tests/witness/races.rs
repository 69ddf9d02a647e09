//! Requests at once, and a process that ends at the worst moment.

use std::collections::BTreeMap;
use std::thread;

use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{Policy, PosixSeconds};
use sanad_tests::PublishedLog;
use sanad_witness::{Remembered, WitnessClient, WitnessState};

use crate::office::{NOW, Office, ask};

#[test]
fn of_two_histories_asked_for_at_once_one_is_cosigned() {
    let log = PublishedLog::of_texts("ledger.example/pk", 40);
    let mut other = log.clone();
    other.records[10] = b"what the second history says".to_vec();
    for _ in 0..10 {
        let office = Office::of(&log);
        let server = office.serve(&log);
        assert_eq!(ask(&server, &log.request(0, 5)).status, 200);
        let histories = [log.request(5, 20), other.request(5, 20)];
        let statuses: Vec<_> = thread::scope(|scope| {
            let asked = histories.iter().cycle().take(8);
            let asked: Vec<_> =
                asked.map(|request| scope.spawn(|| ask(&server, request).status)).collect();
            asked.into_iter().map(|asked| asked.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 200 | 409)), "{statuses:?}");
    }
}

#[test]
fn whatever_is_asked_at_once_no_size_gets_two_roots_and_none_goes_back() {
    let log = PublishedLog::of_texts("ledger.example/pk", 40);
    let mut other = log.clone();
    other.records[1] = b"what the second history says".to_vec();
    let office = Office::of(&log);
    let server = office.serve(&log);
    // Each remembers the order of its own answers, which the office gave one after another.
    let cosigned: Vec<Vec<(u64, TreeHash)>> = thread::scope(|scope| {
        let client = |log: &PublishedLog| {
            let (mut old, mut cosigned) = (0, Vec::new());
            for _ in 0..30 {
                let new = (old + 1).min(log.size());
                let heard = ask(&server, &log.request(old, new));
                match heard.status {
                    200 => {
                        cosigned.push((new, log.checkpoint(new).claimed().root()));
                        old = new;
                    }
                    409 => old = heard.body.trim().parse().unwrap(),
                    _ => {}
                }
            }
            cosigned
        };
        let logs = [&log, &other, &log, &other];
        let clients: Vec<_> = logs.map(|log| scope.spawn(move || client(log))).into();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let mut roots: BTreeMap<u64, TreeHash> = BTreeMap::new();
    for answers in &cosigned {
        assert!(answers.is_sorted_by_key(|(size, _)| *size));
        for (size, root) in answers {
            assert_eq!(roots.entry(*size).or_insert(*root), root, "size {size}");
        }
    }
    let (size, root) = roots.last_key_value().unwrap();
    let kept = server_last(server, &office, &log);
    assert_eq!((kept.size(), kept.root()), (*size, *root));
}

fn server_last(
    server: sanad_witness::WitnessServer,
    office: &Office,
    log: &PublishedLog,
) -> sanad_audit_log::witness::LogState {
    server.stop();
    WitnessState::open(&office.folder()).unwrap().last(log.key.name()).unwrap()
}

/// The checkpoint was kept, and the process ended before the answer was sent. Nobody has that
/// cosignature; the log asks again, is told the size, and gets one for the same checkpoint.
#[test]
fn a_witness_that_ended_between_keeping_and_answering_cosigns_the_same_history_again() {
    let log = PublishedLog::of_texts("ledger.example/pk", 40);
    let office = Office::of(&log);
    let state = WitnessState::open(&office.folder()).unwrap();
    let at = PosixSeconds::new(NOW).unwrap();
    let keys = [log.verifier_key()];
    let unsent = state.advance(&log.request(0, 9), &keys, at).unwrap();
    assert_eq!(unsent.status(), 200);
    drop((state, unsent));

    let server = office.serve(&log);
    let mut other = log.clone();
    other.records[3] = b"what was put in after the crash".to_vec();
    assert_eq!(ask(&server, &other.request(0, 9)).status, 409);
    assert_eq!(ask(&server, &other.request(9, 9)).status, 422);
    let policy = format!(
        "witness audit {} http://{}\nquorum audit\n",
        office.verifier_key(),
        server.address()
    );
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    let collected = WitnessClient::default()
        .collect(&policy, &keys, &log.checkpoint(9), &Remembered::default(), |old, new| {
            Ok(log.proof(old, new))
        })
        .unwrap();
    assert!(collected.verified.is_ok(), "{:?}", collected.asked);
}
