//! Writes the seeds of every trial where `cargo fuzz` looks for them: `corpus/<trial>/<seed>`.

use std::path::Path;

use sanad_tests::trial::TRIALS;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
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
