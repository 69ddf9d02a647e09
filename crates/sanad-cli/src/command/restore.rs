//! `sanad restore`: make a ledger from a backup.

use std::path::PathBuf;

use clap::Args;
use sanad::safekeeping::{Restored, restore};
use sanad::{Calendar, VerdictFile};
use serde_json::json;

use crate::basis::BasisForm;
use crate::command::backup::ending_in;
use crate::command::verify::{PROGRAM, print};
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::key_options::Trust;
use crate::meter::Meter;

/// What somebody must know who records in a ledger that was restored.
const OLDER: &str = "before anything is recorded in it: if the ledger had more entries than these, and a checkpoint \
    of them was published or given away, what is recorded now makes a second history. Witnesses will not cosign it, \
    mirrors will refuse it, and the two checkpoints together are proof against you. So hold it against the last \
    checkpoint that anybody has (`sanad verify --checkpoint FILE`), and bring back what is missing from a publication \
    (`sanad repair --from`) first";

/// Make a ledger in a new folder from a backup, or from another copy of a ledger's folder, and verify it.
///
/// Exit code 0 if nothing is wrong with it, 1 if something is, 2 if it could not be restored.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,
    /// A new or empty folder
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Hold what is restored against this checkpoint, kept by somebody else. May be repeated
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    #[command(flatten)]
    trust: Trust,
}

impl Restore {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let evidence = self.trust.evidence(&self.checkpoints)?;
        let mut meter = Meter::new();
        let surroundings = desk.surroundings.clone();
        let done = restore(&self.backup, &self.to, surroundings, &evidence, &mut |far| {
            meter.hear(far);
        })?;
        drop(meter);
        let calendar = Calendar::new(done.identity.time_zone())?;
        if desk.json {
            self.answer(&done, &calendar, desk)?;
        } else {
            self.say(&done, &calendar, desk)?;
        }
        Ok(match done.unopened.is_none() && done.verdict.is_clean() {
            true => Ending::Done,
            false => Ending::Wanting,
        })
    }

    fn say(&self, done: &Restored, calendar: &Calendar, desk: &mut Desk) -> Result<(), Failure> {
        let (folder, head) = (self.to.display(), done.copied.head);
        desk.say(format_args!("restored {} in {folder}", ending_in(head)))?;
        if done.mark.is_some_and(|mark| mark.size < head.size) {
            let line = "the last backup did not finish; all that it holds whole was restored";
            desk.say_wrapped(0, line)?;
        }
        print(&done.verdict, calendar, "what the ledger remembers equals the replay", desk)?;
        if let Some(error) = &done.unopened {
            desk.complain(format_args!("it cannot be recorded to: {error}"));
        }
        desk.say_wrapped(0, OLDER)
    }

    fn answer(&self, done: &Restored, calendar: &Calendar, desk: &mut Desk) -> Result<(), Failure> {
        let now = desk.surroundings.clock.now();
        let verdict = VerdictFile::new(&done.verdict, &done.identity, calendar, now, PROGRAM, None);
        desk.answer(&json!({
            "basis": BasisForm::of_head(done.copied.head),
            "ledger": self.to.display().to_string(),
            "finished_to": done.mark.map(|mark| mark.size),
            "recordable": done.unopened.is_none(),
            "before_recording": OLDER,
            "verdict": verdict,
        }))
    }
}
