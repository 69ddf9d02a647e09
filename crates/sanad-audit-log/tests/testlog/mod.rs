//! A small ledger made for tests: a chain of records, sealed in order.
#![allow(dead_code, reason = "not every test file asks for everything")]

use sanad_audit_log::{
    AuthorKey, AuthorMessage, AuthorSection, ChainFinding, ChainVerifier, EntryId, Head, Identity,
    LedgerId, RawRecord, Sealer, Unsealed,
};
use uuid::Uuid;

/// The identity of every ledger made here.
pub(crate) fn identity() -> Identity {
    let id: Uuid = "0197a3b0-5c1e-7d00-8000-00000000dade".parse().unwrap();
    let created_at_us = 1_748_113_200_000_000;
    let title = "Surplus electricity · فاضل بجلی";
    Identity::new(LedgerId::new(id), created_at_us, "Asia/Karachi", "ledger.example/pk", title)
        .unwrap()
}

/// The id of the n-th entry.
pub(crate) fn entry_id(n: u64) -> EntryId {
    EntryId::new(Uuid::from_u128(0x0197_a3b0_5c1e_7d00_9000_0000_0000_0000 | u128::from(n)))
}

/// The recorded time of the n-th entry.
pub(crate) fn time_us(n: u64) -> i64 {
    identity().created_at_us() + 1_000 * n as i64
}

/// The author's signature over the n-th entry.
pub(crate) fn author(n: u64, payload: &[u8]) -> AuthorSection {
    AuthorKey::from_seed(&[7; 32]).sign(&AuthorMessage {
        ledger_id: identity().ledger_id(),
        entry_id: entry_id(n),
        payload_schema: 1,
        payload,
    })
}

/// A record sealed for the n-th place.
pub(crate) fn seal(
    sealer: &mut Sealer,
    payload: &[u8],
    author: Option<&AuthorSection>,
    out: &mut Vec<u8>,
) {
    let n = sealer.head().size;
    let unsealed = Unsealed {
        entry_id: entry_id(n),
        recorded_at_us: time_us(n),
        payload_schema: 1,
        payload,
        author,
        barrier: n.is_multiple_of(2),
    };
    sealer.seal(&unsealed, out).unwrap();
}

/// A sealer at the genesis.
pub(crate) fn sealer() -> Sealer {
    Sealer::new(Head::empty(identity().genesis()), None)
}

/// One record for each payload; the third, sixth and so on have an author.
pub(crate) fn chain<P: AsRef<[u8]>>(payloads: &[P]) -> (Vec<u8>, Head) {
    let (mut sealer, mut log) = (sealer(), Vec::new());
    for (n, payload) in payloads.iter().enumerate() {
        let payload = payload.as_ref();
        let section = (n % 3 == 2).then(|| author(n as u64, payload));
        seal(&mut sealer, payload, section.as_ref(), &mut log);
    }
    (log, sealer.head())
}

/// Where each record begins, with the end of the log.
pub(crate) fn offsets(log: &[u8]) -> Vec<usize> {
    let mut offsets = vec![0];
    let mut rest = log;
    while !rest.is_empty() {
        rest = RawRecord::split(rest).unwrap().1;
        offsets.push(log.len() - rest.len());
    }
    offsets
}

/// Walks a log to its end; gives the head reached and every finding, one a bad record.
pub(crate) fn walk(mut log: &[u8]) -> (Head, Vec<ChainFinding>) {
    let mut verifier = ChainVerifier::new(&identity());
    let mut findings = Vec::new();
    while !log.is_empty() {
        let (raw, rest) = match RawRecord::split(log) {
            Ok(split) => split,
            Err(cause) => {
                let sequence = verifier.head().next_sequence();
                findings.push(ChainFinding::Undecodable { sequence, cause });
                break;
            }
        };
        if let Err(finding) = verifier.check_raw(raw) {
            findings.push(finding);
            verifier.resume_after(raw);
        }
        log = rest;
    }
    (verifier.head(), findings)
}
