//! What it costs to decide an act as the pool fills with grants whose windows all differ.

use sanad::State;
use sanad_bench::{Spread, Stopwatch, Windows, Workload, decide};
use serde::Serialize;

/// Grants in the pool when the cost is taken.
const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// Decisions that a cost is the mean of. The rules put changes into a pool's timeline when there are thousands: of a
/// large pool so many decisions are taken that this falls among them some times.
fn decisions(grants: u64) -> u64 {
    (grants / 4).clamp(1_000, 20_000)
}

/// The cost at one size.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cost {
    /// Grants in the pool.
    pub(crate) grants: u64,
    /// Nanoseconds to decide and take in one act.
    pub(crate) decide_ns: Spread,
}

/// The cost at every size that has no more grants than `most`, in so many rounds.
pub(crate) fn costs(rounds: u32, most: u64) -> Vec<Cost> {
    let sizes = || SIZES.into_iter().filter(|size| *size <= most);
    let mut found: Vec<Vec<f64>> = sizes().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        eprintln!("deciding, round {}", round + 1);
        let workload = Workload::new(round.into(), Windows::Distinct);
        let mut state = State::default();
        take_in(&mut state, &workload.opening());
        let mut number = 0;
        for (place, size) in sizes().enumerate() {
            while number < size {
                take_in(&mut state, &workload.act(number));
                number += 1;
            }
            let decisions = decisions(size);
            let acts = workload.acts(number..number + decisions);
            let watch = Stopwatch::start();
            acts.iter().for_each(|act| take_in(&mut state, act));
            found[place].push(watch.elapsed().as_secs_f64() * 1e9 / decisions as f64);
            number += decisions;
        }
    }
    let cost = |(grants, rounds)| Cost { grants, decide_ns: Spread::of(rounds) };
    sizes().zip(found).map(cost).collect()
}

fn take_in(state: &mut State, act: &sanad::Act) {
    let decided = decide(state, act);
    state.apply(decided.effect);
}
