//! The records of a workload, sealed in memory: the bytes that every limit and every peer is given too.

use std::ops::Range;

use sanad::{Act, EntryId, Identity, LedgerId, State};
use sanad_audit_log::{ChainHash, Head, RawRecord, Record, Sealer, Unsealed};
use uuid::Uuid;

use crate::workload::Workload;

/// Records one after another, as a ledger writes them.
#[derive(Debug)]
pub struct Specimens {
    genesis: ChainHash,
    /// What the first record follows from, and the records.
    bytes: Vec<u8>,
    /// Where each record ends.
    ends: Vec<usize>,
}

impl Specimens {
    /// The record of the opening act and those of the first `grants` acts behind it.
    #[must_use]
    pub fn of(workload: &Workload, grants: u64) -> Self {
        let genesis = identity().genesis();
        let mut made = Self { genesis, bytes: genesis.as_bytes().to_vec(), ends: Vec::new() };
        let mut sealer = Sealer::new(Head::empty(genesis), None);
        let mut state = State::default();
        made.add(&mut state, &mut sealer, &workload.opening());
        for number in 0..grants {
            made.add(&mut state, &mut sealer, &workload.act(number));
        }
        made
    }

    fn add(&mut self, state: &mut State, sealer: &mut Sealer, act: &Act) {
        let decided = decide(state, act);
        let payload = sanad_codec::encode(&decided.entry)
            .unwrap_or_else(|error| unreachable!("an act of the workload fits: {error}"));
        let unsealed = Unsealed {
            entry_id: sanad_audit_log::EntryId::new(decided.entry.id().uuid()),
            recorded_at_us: 0,
            payload_schema: sanad_codec::SCHEMA,
            payload: &payload,
            author: None,
            barrier: self.ends.is_empty(),
        };
        if let Err(error) = sealer.seal(&unsealed, &mut self.bytes) {
            unreachable!("an act of the workload can be sealed: {error}");
        }
        self.ends.push(self.bytes.len());
        state.apply(decided.effect);
    }

    /// How many records there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// All of their bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[ChainHash::SIZE..]
    }

    /// What the first record's chain hash follows from.
    #[must_use]
    pub fn genesis(&self) -> ChainHash {
        self.genesis
    }

    /// The bytes of the records at these places, one after another.
    #[must_use]
    pub fn slice(&self, places: Range<usize>) -> &[u8] {
        let (from, to) = (self.offset(places.start), self.offset(places.end));
        &self.bytes[from..to]
    }

    /// As [`slice`](Specimens::slice), with the 32 bytes before them: the hash that the first of them follows from.
    #[must_use]
    pub fn linked_slice(&self, places: Range<usize>) -> &[u8] {
        let (from, to) = (self.offset(places.start), self.offset(places.end));
        &self.bytes[from - ChainHash::SIZE..to]
    }

    fn offset(&self, place: usize) -> usize {
        place.checked_sub(1).map_or(ChainHash::SIZE, |before| self.ends[before])
    }

    /// One record's bytes.
    #[must_use]
    pub fn record(&self, place: usize) -> &[u8] {
        self.slice(place..place + 1)
    }

    /// The records' bytes in batches of so many.
    pub fn batches(&self, size: usize) -> impl Iterator<Item = &[u8]> {
        let count = self.count();
        (0..count)
            .step_by(size.max(1))
            .map(move |first| self.slice(first..count.min(first + size.max(1))))
    }

    /// Whose records they are.
    #[must_use]
    pub fn ledger_id(&self) -> LedgerId {
        identity().ledger_id()
    }
}

/// Every record in bytes that hold nothing else.
pub fn records(mut bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    std::iter::from_fn(move || {
        let (raw, rest) = RawRecord::split(bytes).ok()?;
        bytes = rest;
        Record::decode(raw).ok()
    })
}

/// Decides an act of a workload, all of which are allowed.
///
/// # Panics
/// If the act is refused: then it is not the workload's next one.
#[must_use]
pub fn decide(state: &State, act: &Act) -> sanad::Decided {
    let id = act.id.unwrap_or_else(|| unreachable!("the workload gives every act its id"));
    decide_as(state, act, id)
}

fn decide_as(state: &State, act: &Act, id: EntryId) -> sanad::Decided {
    state.decide(act, id).unwrap_or_else(|refusal| panic!("the workload is lawful: {refusal}"))
}

/// The identity of a ledger that exists in memory only.
fn identity() -> Identity {
    let id = LedgerId::new(Uuid::from_bytes([7; 16]));
    Identity::new(id, 0, "UTC", "bench.example/specimens", "")
        .unwrap_or_else(|error| unreachable!("it is an identity: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Windows;

    #[test]
    fn specimens_are_a_chain_and_batches_lose_none_of_them() {
        let specimens = Specimens::of(&Workload::new(1, Windows::OnDays), 250);
        assert_eq!(specimens.count(), 251);
        let mut before = specimens.genesis();
        for record in records(specimens.bytes()) {
            assert!(record.follows(&before));
            before = record.stored_hash();
        }
        assert_eq!(specimens.linked_slice(251..251), before.as_bytes());
        assert_eq!(specimens.batches(100).count(), 3);
        assert_eq!(specimens.batches(100).flat_map(records).count(), 251);
    }
}
