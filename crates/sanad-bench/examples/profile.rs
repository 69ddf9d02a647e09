//! One kind of work alone, to be looked at with a profiler: `record DIR [N]` makes a ledger and leaves it there,
//! `verify DIR` and `replay DIR` read it.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use sanad::Auditor;
use sanad_bench::{
    AHEAD, Windows, Workload, forget, in_batches, new_ledger, per_second, replay, verify,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let kind = words.next().ok_or("say what to do: record, verify or replay")?;
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
        other => return Err(format!("{other} is none of record, verify and replay").into()),
    };
    let size = usize::try_from(Auditor::open(&ledger)?.head().size)?;
    println!("{kind}: {:.0} entries a second", per_second(size, took));
    Ok(())
}
