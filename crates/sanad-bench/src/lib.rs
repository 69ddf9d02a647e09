//! Sanad measured on a user's own machine and disk, beside the limits of both.
//!
//! Every figure of Sanad stands beside what the same machine does with the same bytes when nothing else is done: the
//! disk that is written and made durable, the cores that hash and decode. Limit and Sanad are measured by turns, round
//! after round; a figure is the median of its rounds, and the rounds are kept with it.
//!
//! | file | noun |
//! |---|---|
//! | `workload`, `dice` | the acts that are recorded, the same ones every time |
//! | `specimens` | the same acts as sealed records, for limits and peers |
//! | `disk_limit`, `core_limit`, `commit_limit` | what the disk can do, the cores, and both together |
//! | `memory_limit` | what the memory can do where no cache helps |
//! | `recording`, `reading` | Sanad at work |
//! | `process` | the program as a whole process, its time and its memory |
//! | `weight` | a ledger's bytes on disk |
//! | `plan`, `course` | how much is measured, and in which order |
//! | `record_figures`, `read_figures`, `weight_figures` | the figures, with their limits |
//! | `figure`, `spread`, `report` | what was found, as data |
//! | `place`, `machine` | where it was measured |
//! | `stopwatch` | the clock, read nowhere else |
//! | `error` | [`BenchError`] |
//!
//! Deliberately absent: other systems. They are measured by the same rules in `tests/peers`, which is built only by who
//! wants to see them.
//!
//! ```
//! use sanad_bench::{Course, Place, Plan};
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let plan = Plan::new(200, 1, 7)?;
//! let place = Place::within(folder, plan.need_bytes())?;
//! let report = Course::new(plan, &place, None, &mut |_| {}).run()?;
//! place.close()?;
//! assert!(report.figure("record_1000").is_some_and(|figure| figure.limit.is_some()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod commit_limit;
mod core_limit;
mod course;
mod dice;
mod disk_limit;
mod error;
mod figure;
mod machine;
mod memory_limit;
mod place;
mod plan;
mod process;
mod read_figures;
mod reading;
mod record_figures;
mod recording;
mod report;
mod specimens;
mod spread;
mod stopwatch;
mod weight;
mod weight_figures;
mod workload;

pub use commit_limit::seal_and_append;
pub use core_limit::{Work, cores, work};
pub use course::{Course, KEPT};
pub use disk_limit::{PlainFile, append_by_threads, append_in_batches, append_singly};
pub use error::BenchError;
pub use figure::{Figure, Limit, Measure};
pub use machine::Machine;
pub use memory_limit::read_places;
pub use place::{Place, free_bytes};
pub use plan::{Plan, Step, THREADS};
pub use process::{Program, processor_time};
pub use reading::{
    ask_for_grants, ask_for_holders, ask_for_the_past, forget, replay, spread_over, verify,
};
pub use record_figures::AHEAD;
pub use recording::{by_threads, in_batches, new_ledger, singly};
pub use report::Report;
pub use specimens::{Specimens, decide, records};
pub use spread::{Spread, per_second, quantile_us};
pub use stopwatch::{Stopwatch, timed};
pub use weight::{Weight, bytes_below};
pub use weight_figures::bytes_of_records;
pub use workload::{ACTOR, HOLDERS, POOL, Windows, Workload};
