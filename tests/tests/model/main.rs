//! Random acts against an independent, naive model: days in an array, loops and sums, no code shared with the ledger.
//!
//! `SANAD_MODEL_CASES` sets how many histories are tried (256 unless said otherwise); each has up to 40 acts.

mod act;
mod naive;

use act::{day, to_act};
use naive::Naive;
use proptest::prelude::*;
use sanad_core::{EntryId, Recipient, RecordedEntry, RecordedTime, Sequence, State};
use sanad_projection::{Block, Projection};
use uuid::Uuid;

fn cases() -> u32 {
    std::env::var("SANAD_MODEL_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(256)
}

/// Every view of the projection at an effective day equals the model's, as known after `size` entries.
fn agree(projection: &Projection, known: &Naive, size: u64, at: usize) {
    let standings = projection.pools(size, day(at));
    assert_eq!(standings.len(), known.pools.len());
    for standing in standings {
        let pool = &known.pools[&standing.pool.to_string()];
        assert_eq!(
            (standing.capacity, standing.usage),
            (pool.capacity[at], pool.usage[at]),
            "{}",
            standing.pool
        );
        let steps = projection.timeline(size, &standing.pool).unwrap();
        let step = steps.iter().find(|step| step.window.contains(day(at)));
        let (capacity, usage) = step.map_or((0, 0), |step| (step.capacity, step.usage));
        assert_eq!(
            (capacity, usage),
            (pool.capacity[at], pool.usage[at]),
            "timeline of {}",
            standing.pool
        );
    }
    let found: Vec<_> =
        projection.allocations(size, day(at)).map(|a| (a.grant.uuid().as_u128(), a.left)).collect();
    let expected: Vec<_> = known
        .grants
        .iter()
        .map(|(id, g)| (*id, g.left[at]))
        .filter(|(_, left)| *left > 0)
        .collect();
    let mut sorted = found.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    for holder in projection.holders(size, day(at)) {
        let all = projection.allocations(size, day(at));
        let own = all.filter(|found| found.recipient == Recipient::Holder(holder.holder.clone()));
        assert!(projection.allocations_to(size, &holder.holder, day(at)).eq(own));
        let naive: i128 = known.of_holder(&holder.holder.to_string(), at);
        assert_eq!(holder.totals.iter().map(|(.., total)| total).sum::<i128>(), naive);
        let statement = projection.statement(size, &holder.holder, day(at)).unwrap();
        assert_eq!(statement.allocations.iter().map(|a| a.left).sum::<i128>(), naive);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_allows_and_shows_what_the_model_does(
        acts in prop::collection::vec(act::strategy(), 1..40),
        looks in prop::collection::vec((any::<prop::sample::Index>(), 0..naive::DAYS), 6),
    ) {
        let (mut state, mut projection) = (State::default(), Projection::default());
        let mut known = vec![Naive::default()];
        for (number, asked) in acts.iter().enumerate() {
            let id = EntryId::new(Uuid::from_u128(0xE000 + number as u128)).unwrap();
            let decided = state.decide(&to_act(asked), id);
            let expected = known.last().unwrap().ask(asked);
            prop_assert_eq!(
                decided.is_ok(), expected.is_some(), "act {} {:?}: the ledger says {:?}", number, asked,
                decided.as_ref().map(|d| d.entry.events()).map_err(ToString::to_string)
            );
            let (Ok(decided), Some(after)) = (decided, expected) else { continue };
            let admitted = state.admit(&decided.entry);
            prop_assert!(admitted.is_ok(), "what was decided is lawful when it is judged again");
            state.apply(decided.effect);
            let sequence = Sequence(projection.size());
            let recorded_at = RecordedTime::from_us(number as i64).unwrap();
            projection.take(&RecordedEntry { sequence, recorded_at, entry: decided.entry }).unwrap();
            known.push(after);
        }
        for (index, at) in looks {
            let size = index.index(known.len());
            agree(&projection, &known[size], size as u64, at);
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
    }
}
