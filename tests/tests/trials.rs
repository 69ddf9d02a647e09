//! Every seed, and what was once found, put on trial: what `tests/fuzz` looks for without end, in a moment.

use sanad_tests::trial::TRIALS;

#[test]
fn whatever_a_trial_begins_with_holds() {
    for trial in TRIALS {
        let seeds = (trial.seeds)();
        assert!(!seeds.is_empty(), "{}", trial.name);
        for seed in seeds {
            println!("{}: {}", trial.name, seed.name);
            (trial.hold)(&seed.bytes);
        }
    }
}
