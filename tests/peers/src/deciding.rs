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
    /// Nanoseconds to decide and take in one act that comes alone.
    pub(crate) decide_ns: Spread,
    /// The same for one of many, whose grants are looked for together before, as a ledger does.
    pub(crate) ahead_ns: Spread,
}

/// The cost at every size that has no more grants than `most`, in so many rounds.
pub(crate) fn costs(rounds: u32, most: u64) -> Vec<Cost> {
    let sizes = || SIZES.into_iter().filter(|size| *size <= most);
    let mut found: Vec<[Vec<f64>; 2]> = sizes().map(|_| Default::default()).collect();
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
            for (rounds, each_ns) in found[place].iter_mut().zip(by_turns(&mut state, &acts)) {
                rounds.push(each_ns);
            }
            number += decisions;
        }
    }
    let cost = |(grants, [alone, ahead]): (u64, [Vec<f64>; 2])| Cost {
        grants,
        decide_ns: Spread::of(alone),
        ahead_ns: Spread::of(ahead),
    };
    sizes().zip(found).map(cost).collect()
}

/// Nanoseconds to decide and take in an act that comes alone, and one of many; some of each by turns.
fn by_turns(state: &mut State, acts: &[sanad::Act]) -> [f64; 2] {
    let (mut took, mut counts) = ([0.0; 2], [0; 2]);
    let mut watch = Stopwatch::start();
    for (turn, acts) in acts.chunks(State::ANTICIPATED).enumerate() {
        let kind = turn % 2;
        watch.lap();
        if kind == 1 {
            state.anticipate(acts.iter().flat_map(sanad::Act::grants));
        }
        acts.iter().for_each(|act| take_in(state, act));
        took[kind] += watch.lap().as_secs_f64();
        counts[kind] += acts.len();
    }
    [0, 1].map(|kind| took[kind] * 1e9 / counts[kind].max(1) as f64)
}

fn take_in(state: &mut State, act: &sanad::Act) {
    let decided = decide(state, act);
    state.apply(decided.effect);
}
