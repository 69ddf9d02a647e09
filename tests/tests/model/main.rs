//! Random acts against an independent, naive model: days in an array, loops and sums, no code shared with the ledger.
//!
//! Histories of up to 40 acts are tried until so many acts were asked: 4,000, or 1,000,000 with `SANAD_LONG=1`, or as
//! many as `SANAD_MODEL_ACTS` says. `SANAD_MODEL_CASES` sets the number of histories instead.

mod act;
mod naive;
mod views;

use std::cell::Cell;

use act::{ModelAct, day, to_act};
use naive::Naive;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use sanad_core::{EntryId, RecordedEntry, RecordedTime, Sequence, State};
use sanad_projection::{Block, Projection};
use sanad_tests::number_or;
use uuid::Uuid;

/// Histories that are tried before their acts are counted.
const TOGETHER: u32 = 64;

/// What the random acts came to.
#[derive(Debug, Default)]
struct Tally {
    histories: Cell<u64>,
    acts: Cell<u64>,
    recorded: Cell<u64>,
    looks: Cell<u64>,
}

fn add(count: &Cell<u64>, more: u64) {
    count.set(count.get() + more);
}

/// Where to look: a place in the recorded history, and an effective day.
type Looks = Vec<(Index, usize)>;

/// Asks all acts of the ledger's rules and of the model; both allow the same, and show the same wherever one looks.
fn live(acts: &[ModelAct], looks: &Looks, tally: &Tally) -> Result<(), TestCaseError> {
    let (mut state, mut projection) = (State::default(), Projection::default());
    let (mut known, mut recorded) = (vec![Naive::default()], Vec::new());
    for (number, asked) in acts.iter().enumerate() {
        let asked = &asked.aimed(known.last().unwrap());
        let id = EntryId::new(Uuid::from_u128(0xE000 + number as u128)).unwrap();
        let decided = state.decide(&to_act(asked), id);
        let expected = known.last().unwrap().ask(asked);
        prop_assert_eq!(
            decided.is_ok(),
            expected.is_some(),
            "act {} {:?}: the ledger says {:?}",
            number,
            asked,
            decided.as_ref().map(|d| d.entry.events()).map_err(ToString::to_string)
        );
        let (Ok(decided), Some(after)) = (decided, expected) else { continue };
        let admitted = state.admit(&decided.entry);
        prop_assert!(admitted.is_ok(), "what was decided is lawful when it is judged again");
        state.apply(decided.effect);
        let sequence = Sequence(projection.size());
        let recorded_at = RecordedTime::from_us(sequence.0 as i64).unwrap();
        let entry = RecordedEntry { sequence, recorded_at, entry: decided.entry };
        projection.take(&entry).unwrap();
        recorded.push(entry);
        known.push(after);
    }
    for (index, at) in looks {
        let size = index.index(known.len());
        let mut at_size = Projection::default();
        recorded[..size].iter().for_each(|entry| at_size.take(entry).unwrap());
        views::agree(&projection, &known[size], &at_size, size as u64, *at);
    }
    for (pool, naive) in &known.last().unwrap().pools {
        for at in 0..naive::DAYS {
            let headroom = state.headroom(&pool.parse().unwrap(), day(at)).unwrap();
            prop_assert_eq!(headroom, naive.capacity[at] - naive.usage[at]);
        }
    }
    let blocks = projection.blocks_since(0).map(|it| Block::read(it.into_owned()).unwrap());
    let restored = Projection::from_blocks(blocks, &projection.rest()).unwrap();
    prop_assert_eq!(&restored, &projection);
    let rebuilt = State::from_facts(projection.all_facts()).unwrap();
    for pool in projection.pool_ids() {
        prop_assert_eq!(rebuilt.headroom(pool, day(7)), state.headroom(pool, day(7)));
    }
    add(&tally.histories, 1);
    add(&tally.acts, acts.len() as u64);
    add(&tally.recorded, recorded.len() as u64);
    add(&tally.looks, looks.len() as u64);
    Ok(())
}

#[test]
fn the_ledger_allows_and_shows_what_the_model_does() {
    let looks = prop::collection::vec((any::<Index>(), 0..naive::DAYS), 6);
    let (strategy, tally) = ((act::history(), looks), Tally::default());
    let wanted = number_or("SANAD_MODEL_ACTS", 4_000, 1_000_000);
    let cases = std::env::var("SANAD_MODEL_CASES").ok().and_then(|n| n.parse().ok());
    let config = ProptestConfig {
        cases: cases.unwrap_or(TOGETHER),
        source_file: Some(file!()),
        ..ProptestConfig::default()
    };
    loop {
        // A runner counts its cases once and for all.
        let mut runner = TestRunner::new(config.clone());
        let tried = runner.run(&strategy, |(acts, looks)| live(&acts, &looks, &tally));
        tried.unwrap_or_else(|failed| panic!("{failed}\n{runner}"));
        if cases.is_some() || tally.acts.get() >= wanted {
            break;
        }
    }
    println!(
        "{} acts in {} histories, {} of them recorded, looked at {} times in every view",
        tally.acts.get(),
        tally.histories.get(),
        tally.recorded.get(),
        tally.looks.get()
    );
}
