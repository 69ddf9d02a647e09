//! Bytes read as a payload, and the entry judged and projected beside a history that is there.

use sanad::exchange::recorded_to_json;
use sanad::{Calendar, EffectiveTime, Entry, EntryId, Event, RecordedEntry, Sequence, State};
use sanad_codec::{PayloadError, SCHEMA, decode, encode, encode_into};
use sanad_projection::Projection;

use super::seed::{Seed, seeds_of};
use super::{bearable, frozen};

/// The id of an entry that no history has yet.
pub(super) fn new_id() -> EntryId {
    "0197ffff-ffff-7fff-8fff-ffffffffffff".parse().expect("an id")
}

pub(super) fn seeds() -> Vec<Seed> {
    let mut seeds = seeds_of("payload", "bytes");
    frozen::with(|frozen| {
        for recorded in &frozen.entries {
            let payload = encode(&recorded.entry).expect("it was recorded");
            seeds.push(Seed::new(format!("frozen-entry-{}", recorded.sequence), payload));
        }
    });
    seeds
}

pub(super) fn hold(bytes: &[u8]) {
    let other = decode(SCHEMA + 1, new_id(), bytes);
    assert_eq!(other, Err(PayloadError::UnknownSchema { found: SCHEMA + 1 }));
    match decode(SCHEMA, new_id(), bytes) {
        Ok(entry) => {
            encodes_to(&entry, bytes);
            beside_nothing(&entry);
            beside_a_history(&entry);
        }
        Err(error) => bearable(&error),
    }
}

/// An entry has one payload and no other.
pub(super) fn encodes_to(entry: &Entry, bytes: &[u8]) {
    assert_eq!(encode(entry).expect("it was decoded"), bytes);
    let mut behind = b"before".to_vec();
    encode_into(entry, &mut behind).expect("it was decoded");
    assert_eq!(behind, [b"before", bytes].concat());
}

fn beside_nothing(entry: &Entry) {
    judged(entry, State::default(), Projection::default());
}

fn beside_a_history(entry: &Entry) {
    frozen::with(|frozen| judged(entry, frozen.state.clone(), frozen.projection.clone()));
}

/// Whatever the rules let in, the tables take, and both then speak of the same headroom. What they do not is refused in
/// words, and an audit goes on behind it.
fn judged(entry: &Entry, mut state: State, mut projection: Projection) {
    let recorded = recorded(entry, &projection);
    let admitted = state.admit(entry).inspect_err(|unlawful| bearable(&unlawful.refusal));
    let is_lawful = admitted.is_ok();
    let effect = admitted.or_else(|unlawful| unlawful.effect.map(|effect| *effect).ok_or(()));
    let taken = projection.take(&recorded);
    if let Err(error) = &taken {
        bearable(error);
        assert!(!is_lawful, "the rules let in what the tables refuse: {error}");
    }
    if let (Ok(effect), Ok(())) = (effect, taken) {
        let before = state.clone();
        state.apply(effect);
        for at in instants(entry) {
            for pool in projection.pools(projection.size(), at) {
                assert_eq!(state.headroom(&pool.pool, at), Some(pool.headroom), "{}", pool.pool);
                // A shortfall that was there before may stay, and none may grow unless it is accepted.
                let least = before.headroom(&pool.pool, at).map_or(0, |before| before.min(0));
                assert!(!is_lawful || entry.accepts_shortfall() || pool.headroom >= least);
            }
        }
    }
    let calendar = Calendar::new("Asia/Karachi").expect("a zone");
    let unit_of = |pool: &_| projection.unit(pool).cloned();
    let of_grant = |grant| projection.pool_of(grant).and_then(unit_of);
    let line = recorded_to_json(&recorded, "", &unit_of, &of_grant, &calendar);
    let line = serde_json::to_string(&line).expect("a line of history is JSON");
    assert!(!line.contains('\n'));
}

fn recorded(entry: &Entry, projection: &Projection) -> RecordedEntry {
    let size = projection.size();
    let recorded_at = projection.last_recorded_at(size).unwrap_or(sanad::RecordedTime::EARLIEST);
    RecordedEntry { sequence: Sequence(size), recorded_at, entry: entry.clone() }
}

/// The instants at which an entry changes something, and those just before.
fn instants(entry: &Entry) -> Vec<EffectiveTime> {
    let edges = entry.events().iter().flat_map(|event| match event {
        Event::CapacityDeclared(declared) => vec![declared.from],
        Event::Granted(granted) => edges(granted.window),
        Event::Revoked(revoked) => edges(revoked.window),
        _ => Vec::new(),
    });
    let around = edges.flat_map(|at| [at.us() - 1, at.us()]);
    around.filter_map(|us| EffectiveTime::from_us(us).ok()).take(16).collect()
}

fn edges(window: sanad::Window) -> Vec<EffectiveTime> {
    std::iter::once(window.from()).chain(window.until()).collect()
}
