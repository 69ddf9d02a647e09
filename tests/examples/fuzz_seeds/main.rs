//! Writes the seeds of every trial where the programs in `tests/fuzz` look for them: `corpus/<trial>/<seed>`.

use sanad_tests::trial::TRIALS;
use sanad_tests::workspace;

fn main() -> std::io::Result<()> {
    let corpus = workspace().join("tests/fuzz/corpus");
    for trial in TRIALS {
        let folder = corpus.join(trial.name);
        std::fs::create_dir_all(&folder)?;
        let seeds = (trial.seeds)();
        println!("{}: {} seeds", trial.name, seeds.len());
        for seed in seeds {
            std::fs::write(folder.join(seed.name), seed.bytes)?;
        }
    }
    Ok(())
}
