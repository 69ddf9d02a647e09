//! One kind of work alone, to be looked at with a profiler: `record DIR [N]` makes a ledger and leaves it there,
//! `verify DIR` and `replay DIR` read it, `ask DIR [N]` asks it for holders and for grants.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use sanad::{Auditor, Known};
use sanad_bench::{
    AHEAD, Windows, Workload, ask_for_grants, ask_for_holders, forget, in_batches, new_ledger,
    per_second, quantile_us, replay, spread_over, verify,
};

/// How many holders and grants are asked for.
const QUESTIONS: u64 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let kind = words.next().ok_or("say what to do: record, verify, replay or ask")?;
    let ledger = words.next().map(PathBuf::from).ok_or("say in which folder")?;
    let entries: u64 = words.next().map_or(Ok(1_000_000), |number| number.parse())?;
    let workload = Workload::new(1, Windows::OnDays);
    let took = match kind.as_str() {
        "record" => {
            let recording = new_ledger(&ledger, &workload)?;
            let acts = workload.acts(0..entries);
            in_batches(&recording, acts, 8_000, AHEAD)?
        }
        "verify" => verify(&ledger)?.0,
        "replay" => {
            let forgetful = ledger.with_extension("forgetful");
            forget(&ledger, &forgetful)?;
            let took = replay(&forgetful, &workload);
            fs::remove_dir_all(&forgetful)?;
            took?
        }
        "ask" => return ask(&ledger, &workload),
        other => return Err(format!("{other} is none of record, verify, replay and ask").into()),
    };
    let size = usize::try_from(Auditor::open(&ledger)?.head().size)?;
    println!("{kind}: {:.0} entries a second", per_second(size, took));
    Ok(())
}

/// Asks a ledger of the workload, and tells how long half of the questions took at most, and all but a hundredth.
fn ask(ledger: &Path, workload: &Workload) -> Result<(), Box<dyn Error>> {
    let auditor = Auditor::open(ledger)?;
    let view = auditor.view(Known::Head)?;
    let grants = auditor.head().size.saturating_sub(1);
    let numbers = || spread_over(grants, QUESTIONS);
    let holders = ask_for_holders(&view, workload, numbers())?;
    let grants = ask_for_grants(&view, workload, numbers())?;
    for (what, took) in [("holders", holders), ("grants", grants)] {
        let [half, most] = [0.5, 0.99].map(|share| quantile_us(&took, share));
        println!("{what}: p50 {half:.1} µs, p99 {most:.1} µs");
    }
    Ok(())
}
