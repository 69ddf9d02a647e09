//! Bytes read as notes and checkpoints, as the keys and policies that judge them, as what is asked of a witness, and as
//! a ledger's identity.

use std::cell::LazyCell;
use std::path::Path;

use sanad_audit_log::note::{
    CosignerKey, KeyKind, Note, NoteError, NoteSignature, NoteText, SignerKey, VerifierKey,
};
use sanad_audit_log::witness::{AddCheckpoint, cosignatures_from, size_from};
use sanad_audit_log::{Checkpoint, OpenedCheckpoint, Policy, PosixSeconds};
use sanad_event_store::identity_from_bytes;

use super::seed::Seed;
use super::{bearable, frozen};
use crate::published_log::PublishedLog;

/// The name of a witness whose key the trial has.
const W1: &str = "witness.example/w1";

thread_local! {
    /// A log whose key the trial has.
    static LOG: LazyCell<PublishedLog> =
        const { LazyCell::new(|| PublishedLog::of_texts("ledger.example/pk", 9)) };
}

fn log() -> PublishedLog {
    LOG.with(|log| (**log).clone())
}

fn witness(name: &str) -> CosignerKey {
    CosignerKey::from_seed(name.parse().expect("a name"), &[8; 32])
}

pub(super) fn seeds() -> Vec<Seed> {
    let mut cosigned = log().checkpoint(9);
    let at = PosixSeconds::new(1_764_000_000).expect("a time");
    cosigned.add([witness(W1).cosign(cosigned.claimed(), at)]).expect("there is room");
    let (key, cosigner) = (log().verifier_key(), witness(W1).verifier_key());
    let policy = format!(
        "# whom we believe\nlog {key} https://ledger.example/pk\nwitness w1 {cosigner}\n\
         witness w2 {}\ngroup both all w1 w2\ngroup g 1 both\nquorum g\n",
        witness("witness.example/w2").verifier_key()
    );
    vec![
        Seed::new("frozen-checkpoint", frozen::file("published/checkpoint")),
        Seed::new("frozen-identity", frozen::file("published/ledger.json")),
        // Found: the member's name was said as it stands.
        Seed::new("an-identity-with-an-escape", "{\"format\":1,\"\u{7f}[2J\":1}"),
        Seed::new("frozen-key", frozen::file("log.key.pub")),
        Seed::new("a-text-with-blank-lines", log().key.sign(two_blank_lines()).to_string()),
        Seed::new("a-cosigned-checkpoint", cosigned.note().to_string()),
        Seed::new("a-request", log().request(5, 9).to_string()),
        Seed::new("cosignatures", format!("{}\n", cosigned.note().signatures()[1])),
        Seed::new("a-size", "9\n"),
        Seed::new("a-verifier-key", key.to_string()),
        Seed::new("a-secret-key", log().key.to_secret_text()),
        Seed::new("a-secret-cosigner-key", witness(W1).to_secret_text()),
        Seed::new("a-policy", policy),
    ]
}

fn two_blank_lines() -> NoteText {
    NoteText::new("one\n\nthree\n\n").expect("a text")
}

pub(super) fn hold(bytes: &[u8]) {
    match Note::parse(bytes) {
        Ok(note) => note_is_one(&note, bytes),
        Err(error) => bearable(&error),
    }
    match OpenedCheckpoint::parse(bytes) {
        Ok(opened) => checkpoint(&opened, bytes),
        Err(error) => bearable(&error),
    }
    match AddCheckpoint::parse(bytes) {
        Ok(request) => assert_eq!(request.to_string().as_bytes(), bytes),
        Err(error) => bearable(&error),
    }
    match cosignatures_from(bytes) {
        Ok(lines) => assert_eq!(joined(&lines).as_bytes(), bytes),
        Err(error) => bearable(&error),
    }
    if let Some(size) = size_from(bytes) {
        assert_eq!(format!("{size}\n").as_bytes(), bytes);
    }
    match Policy::parse(bytes) {
        Ok(policy) => believed(&policy),
        Err(error) => bearable(&error),
    }
    keys(bytes);
    identity(bytes);
}

/// A note is written as it was read, holds when a known key signed it, and not when its text is another.
fn note_is_one(note: &Note, bytes: &[u8]) {
    assert_eq!(note.to_string().as_bytes(), bytes);
    let (key, text) = (log().key, note.text());
    let mut signed = note.clone();
    match signed.add(key.signature(text)) {
        Ok(()) => {}
        Err(error) => return assert_eq!(error, NoteError::TooManySignatures),
    }
    let holds = signed.verify(&[key.verifier_key()]);
    // A line of the same name and id may stand there already, and be somebody else's words.
    let is_claimed = note.signatures().iter().any(|line| key.verifier_key().is_named_by(line));
    assert!(is_claimed || holds.is_ok(), "{holds:?}");
    let again = Note::parse(signed.to_string().as_bytes());
    assert!(
        again == Ok(signed) || again.is_err_and(|error| matches!(error, NoteError::TooLong { .. }))
    );
    if let Ok(other) =
        NoteText::new(format!("{text}.")).or_else(|_| NoteText::new(format!(".{text}")))
    {
        let mut forged = key.sign(other);
        forged.add(key.signature(text)).expect("there is room");
        assert!(matches!(
            forged.verify(&[key.verifier_key()]),
            Err(NoteError::BadSignature { .. })
        ));
    }
}

/// A checkpoint says what its note says, and is believed only when its log signed it.
fn checkpoint(opened: &OpenedCheckpoint, bytes: &[u8]) {
    assert_eq!(opened.note().to_string().as_bytes(), bytes);
    let claimed = opened.claimed();
    assert_eq!(&claimed.to_text(), opened.note().text());
    assert_eq!(Checkpoint::parse(claimed.to_text().as_str()).as_ref(), Ok(claimed));
    let keys = [frozen::key(), log().verifier_key(), witness(W1).verifier_key()];
    match opened.verify(&keys) {
        // Nobody who makes bytes up has these keys' private halves.
        Ok(verified) => assert!(is_known(verified.checkpoint()), "{claimed:?} was forged"),
        Err(error) => bearable(&error),
    }
    let origin = claimed.origin().clone();
    let own = SignerKey::from_seed(origin, &[3; 32]);
    let signed = OpenedCheckpoint::from_note(own.sign(claimed.to_text())).expect("it is one");
    assert_eq!(signed.verify(&[own.verifier_key()]).is_ok(), claimed.is_possible());
}

/// Whether one of the logs of the seeds signed it.
fn is_known(checkpoint: &Checkpoint) -> bool {
    let frozen = ["18", "22"].iter().any(|size| {
        let note = frozen::file(&format!("ledger/checkpoints/{size:0>20}.note"));
        OpenedCheckpoint::parse(&note).is_ok_and(|known| known.claimed() == checkpoint)
    });
    let (own, size) = (log(), checkpoint.size());
    frozen || size <= own.size() && own.checkpoint(size).claimed() == checkpoint
}

fn joined(lines: &[NoteSignature]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A policy that was read judges, and names whom it believes by keys that can be handed on.
fn believed(policy: &Policy) {
    for member in policy.logs().iter().chain(policy.witnesses()) {
        assert_eq!(member.key().to_string().parse().as_ref(), Ok(member.key()));
    }
    match policy.verify_also(&log().checkpoint(9), &[log().verifier_key()]) {
        Ok(verified) => assert_eq!(verified.cosignatures().count(), 0),
        Err(error) => bearable(&error),
    }
}

/// A key that was read is written as it was, but for a line feed at its end.
fn keys(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let line = text.strip_suffix('\n').unwrap_or(text);
    match text.parse::<VerifierKey>() {
        Ok(key) => assert_eq!(key.to_string(), line),
        Err(error) => bearable(&error),
    }
    match text.parse::<SignerKey>() {
        Ok(key) => {
            assert_eq!(key.to_secret_text().trim_end(), line);
            assert_eq!(key.verifier_key().kind(), KeyKind::Ed25519);
        }
        Err(error) => bearable(&error),
    }
    match text.parse::<CosignerKey>() {
        Ok(key) => assert_eq!(key.to_secret_text().trim_end(), line),
        Err(error) => bearable(&error),
    }
}

/// An identity has one text: with any byte changed it is another's or nobody's.
fn identity(bytes: &[u8]) {
    let path = Path::new("ledger.json");
    match identity_from_bytes(bytes, path) {
        Ok(identity) => {
            let text = std::str::from_utf8(bytes).expect("it was read");
            assert!(text.contains(&identity.genesis().to_string()));
            let mut changed = bytes.to_vec();
            let at = bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>() % bytes.len();
            changed[at] ^= 1;
            assert!(identity_from_bytes(&changed, path).is_err(), "byte {at} means nothing");
        }
        Err(error) => bearable(&error),
    }
}
