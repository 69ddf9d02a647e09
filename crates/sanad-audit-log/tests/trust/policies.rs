//! Policies: files read, quorums reached and missed.

use proptest::prelude::*;
use sanad_audit_log::{CheckpointError, MAX_POLICY, OpenedCheckpoint, Policy, PolicyFault};

use crate::signed_log::{SignedLog, at, log_key, witness};

fn file(rest: &str) -> String {
    let mut file = format!("log {}\n", log_key().verifier_key());
    for n in 1..=4 {
        let url = if n == 1 { " https://witness.example/" } else { "" };
        file.push_str(&format!("witness W{n} {}{url}\n", witness(n).verifier_key()));
    }
    file + rest
}

fn policy(rest: &str) -> Policy {
    Policy::parse(file(rest).as_bytes()).unwrap()
}

fn cosigned(by: &[u8]) -> OpenedCheckpoint {
    let mut signed = SignedLog::of(2).signed(2);
    let cosign = |n: &u8| witness(*n).cosign(signed.claimed(), at(9));
    let cosignatures: Vec<_> = by.iter().map(cosign).collect();
    signed.add(cosignatures).unwrap();
    signed
}

fn fault(rest: &str) -> (usize, PolicyFault) {
    let error = Policy::parse(file(rest).as_bytes()).unwrap_err();
    (error.line, error.fault)
}

#[test]
fn two_of_three_offices_and_one_abroad_are_a_quorum() {
    let policy = policy(
        "# the three offices\n\n \tgroup offices 2 W1 W2 W3\ngroup both all offices W4\nquorum both\n",
    );
    assert_eq!((policy.logs().len(), policy.witnesses().len()), (1, 4));
    assert_eq!(policy.witnesses()[0].url(), Some("https://witness.example/"));
    for enough in [&[1, 2, 4][..], &[2, 3, 4], &[1, 2, 3, 4]] {
        let verified = policy.verify(&cosigned(enough)).unwrap();
        assert_eq!(verified.cosignatures().count(), enough.len());
    }
    for few in [&[][..], &[4], &[1, 2, 3], &[1, 4]] {
        let missed = CheckpointError::QuorumMissed { cosigned: few.len(), known: 4 };
        assert_eq!(policy.verify(&cosigned(few)), Err(missed));
    }
}

#[test]
fn one_witness_and_none_are_quorums_too() {
    assert!(policy("quorum W2\n").verify(&cosigned(&[2])).is_ok());
    assert!(policy("quorum W2\n").verify(&cosigned(&[1])).is_err());
    assert!(policy("group any any W1 W2\nquorum any\n").verify(&cosigned(&[2])).is_ok());
    let none = policy("quorum none\n");
    assert!(none.verify(&cosigned(&[])).is_ok() && !none.asks_for_witnesses());
}

#[test]
fn a_cosignature_twice_counts_once() {
    let policy = policy("group two 2 W1 W2\nquorum two\n");
    let mut signed = cosigned(&[1]);
    signed.add([witness(1).cosign(signed.claimed(), at(10))]).unwrap();
    assert!(policy.verify(&signed).is_err());
}

#[test]
fn a_policy_without_logs_takes_the_logs_key_from_elsewhere() {
    let text = format!("witness W1 {}\nquorum W1\n", witness(1).verifier_key());
    let policy = Policy::parse(text.as_bytes()).unwrap();
    assert!(policy.verify(&cosigned(&[1])).is_err());
    assert!(policy.verify_also(&cosigned(&[1]), &[log_key().verifier_key()]).is_ok());
}

#[test]
fn hostile_policies_are_refused_with_line_and_reason() {
    let name = |name: &str| name.to_owned();
    assert_eq!(fault(""), (5, PolicyFault::NoQuorum));
    assert_eq!(fault("quorum none"), (6, PolicyFault::NoLastLineFeed));
    assert_eq!(fault("quorum W5\n"), (6, PolicyFault::UnknownName { name: name("W5") }));
    assert_eq!(fault("quorum none\nquorum W1\n"), (7, PolicyFault::SecondQuorum));
    let word = PolicyFault::UnknownWord { word: name("trust") };
    assert_eq!(fault("trust me\n"), (6, word));
    assert!(matches!(fault("quorum W1 W2\n"), (6, PolicyFault::WrongForm { .. })));
    assert!(matches!(fault("group\n"), (6, PolicyFault::WrongForm { .. })));
    assert!(matches!(fault("log a b c\n"), (6, PolicyFault::WrongForm { .. })));
    assert!(matches!(fault("log a\n"), (6, PolicyFault::Key(_))));
    assert_eq!(fault("quorum W1\r\n"), (6, PolicyFault::ControlCharacter { byte: b'\r' }));
    for threshold in ["0", "3", "01", "-1", "most", "99999999999999999999"] {
        let line = format!("group g {threshold} W1 W2\n");
        assert_eq!(fault(&line), (6, PolicyFault::BadThreshold), "{threshold}");
    }
    assert_eq!(fault("group g all\n"), (6, PolicyFault::BadThreshold));
    let twice = PolicyFault::MemberTwice { name: name("W1") };
    assert_eq!(fault("group g all W1 W1\n"), (6, twice.clone()));
    assert_eq!(fault("group g any W1\ngroup h any W1\n"), (7, twice));
    let itself = PolicyFault::UnknownName { name: name("g") };
    assert_eq!(fault("group g any g\n"), (6, itself));
    let taken = |of: &str| PolicyFault::NameTaken { name: name(of) };
    assert_eq!(fault("group W1 any W2\n"), (6, taken("W1")));
    assert_eq!(fault("group none any W2\n"), (6, taken("none")));
    assert_eq!(fault("group g any none\n").1, PolicyFault::UnknownName { name: name("none") });
    let again = format!("witness W5 {}\n", witness(1).verifier_key());
    assert_eq!(fault(&again), (6, PolicyFault::DuplicateKey));
    let as_log = format!("log {}\n", witness(1).verifier_key());
    assert!(matches!(fault(&as_log), (6, PolicyFault::WrongKind { .. })));
    let long = Policy::parse(&vec![b'\n'; MAX_POLICY + 1]).unwrap_err();
    assert_eq!(long.fault, PolicyFault::TooLong { found: MAX_POLICY + 1 });
    assert_eq!(Policy::parse(b"").unwrap_err().line, 1);
}

#[test]
fn names_are_bytes_and_those_that_look_alike_are_two() {
    let keys: Vec<_> = (1..=2).map(|n| witness(n).verifier_key().to_string()).collect();
    let mut file = format!("witness K {}\nwitness \u{212a} {}\n", keys[0], keys[1]).into_bytes();
    file.extend_from_slice(b"# \xff is fine here\ngroup \xfe all K \xe2\x84\xaa\nquorum \xfe\n");
    assert!(Policy::parse(&file).is_ok());
}

proptest! {
    #[test]
    fn any_file_is_a_policy_or_is_refused_and_never_panics(
        rest in "((group|quorum|witness|log|#)( (all|any|[0-3]|none|W[1-5]|g|h)){0,5}\n){0,6}",
        bytes in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let _ = Policy::parse(&bytes);
        if let Ok(policy) = Policy::parse(file(&rest).as_bytes()) {
            // Nobody's cosignature is enough only where nobody's is asked for.
            let nobody = policy.verify(&cosigned(&[]));
            prop_assert_eq!(nobody.is_ok(), !policy.asks_for_witnesses());
            prop_assert!(policy.verify(&cosigned(&[1, 2, 3, 4])).is_ok());
        }
    }
}
