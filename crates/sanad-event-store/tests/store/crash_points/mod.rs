//! A crash or a power cut after any step, with any part of what was not durable yet left: opening succeeds, all that
//! was acknowledged is there, and writing goes on; then it crashes again.
//!
//! A state is made from a seed. `SANAD_CRASH_SEED` tries a single one again, `SANAD_CRASH_STATES` sets how many are
//! tried (a few thousand unless said otherwise, 100,000 with `SANAD_LONG=1`).

mod life;
mod recording_disk;
mod wreck;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

pub(crate) use self::life::signed;
use self::life::{crash, live};
pub(crate) use self::recording_disk::{Promised, RecordingDisk};
pub(crate) use self::wreck::Wreck;
use crate::testlog::{Dice, scratch};

/// States that are made of one life.
const STATES_OF_A_LIFE: u64 = 64;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn states() -> u64 {
    let long = std::env::var_os("SANAD_LONG").is_some();
    number("SANAD_CRASH_STATES").unwrap_or(if long { 100_000 } else { 2_000 })
}

fn life(seed: u64) -> Arc<RecordingDisk> {
    let folder = scratch();
    live(folder.path(), &mut Dice::new(seed / STATES_OF_A_LIFE))
}

/// Tries a state, and says of a failure how to come to it again.
fn try_state(seed: u64, life: &RecordingDisk) {
    let crashed = AssertUnwindSafe(|| {
        let mut dice = Dice::new(!seed);
        crash(life, &Promised::default(), &mut dice, 1);
    });
    if let Err(panic) = catch_unwind(crashed) {
        eprintln!(
            "the state of seed {seed} failed; to try it again:\n  SANAD_CRASH_SEED={seed} \
             cargo test -p sanad-event-store --test store crash_points"
        );
        resume_unwind(panic);
    }
}

#[test]
fn whatever_a_crash_leaves_what_was_acknowledged_is_there_and_writing_goes_on() {
    if let Some(seed) = number("SANAD_CRASH_SEED") {
        return try_state(seed, &life(seed));
    }
    let (mut lives, mut steps) = (0, 0);
    for first in (0..states()).step_by(STATES_OF_A_LIFE as usize) {
        let life = life(first);
        lives += 1;
        steps += life.count();
        for seed in first..states().min(first + STATES_OF_A_LIFE) {
            try_state(seed, &life);
        }
    }
    println!("{} states of {lives} lives with {steps} steps, each crashed twice", states());
}
