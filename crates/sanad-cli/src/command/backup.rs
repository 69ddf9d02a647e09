//! `sanad backup`: copy the ledger, verified, while it is in use.

use std::path::PathBuf;

use clap::Args;
use sanad::safekeeping::{BackedUp, Unsound, backup};
use sanad::{Calendar, VerdictFile};
use serde_json::{Value, json};

use crate::basis::{BasisForm, short_hash};
use crate::command::verify::{PROGRAM, print};
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::key_options::Trust;
use crate::meter::Meter;
use crate::words::counted;

/// Copy the ledger into a folder of its own, beside whoever is recording in it; the copy is verified and durable.
///
/// A backup that is there is gone on with: only what is new is copied. Exit code 0 if nothing is wrong with the ledger,
/// 1 if something is (what is sound is in the backup), 2 if no backup could be made; then the one that was there is as
/// it was.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The folder: a new or empty one, or one that holds a backup of the same ledger
    #[arg(value_name = "DIR", required_unless_present = "to")]
    folder: Option<PathBuf>,
    /// The same
    #[arg(long, value_name = "DIR", conflicts_with = "folder")]
    to: Option<PathBuf>,
    #[command(flatten)]
    trust: Trust,
}

impl Backup {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let unnamed = || Failure::Misread("no folder is named; give one: sanad backup DIR".into());
        let folder = self.folder.or(self.to).ok_or_else(unnamed)?;
        let evidence = self.trust.evidence(&[])?;
        let mut meter = Meter::new();
        let done = backup(&desk.folder()?, &folder, &evidence, &mut |far| meter.hear(far))?;
        drop(meter);
        let calendar = Calendar::new(done.identity.time_zone())?;
        let ending = if done.is_clean() { Ending::Done } else { Ending::Wanting };
        let folder = folder.display().to_string();
        if desk.json {
            let answer = form(&done, &folder, &calendar, desk);
            desk.answer(&answer)?;
            return Ok(ending);
        }
        let head = done.copied.head;
        let new = head.size.saturating_sub(done.from.size);
        desk.say(format_args!(
            "{} in the backup {folder}: {new} new, {} of {} written, {}",
            counted(head.size, "entry", "entries"),
            done.copied.written,
            counted(done.copied.written + done.copied.there, "segment", "segments"),
            counted(done.checkpoints as u64, "checkpoint", "checkpoints"),
        ))?;
        desk.say(format_args!("it ends in {}", head.hash))?;
        for path in &done.copied.put_aside {
            let line = format!(
                "a file of the backup was not as it was copied; it is kept as {}",
                path.display()
            );
            desk.say_wrapped(0, &line)?;
        }
        if done.tail > 0 {
            let line = format!(
                "{} behind the last entry were an append on its way, and are not in it",
                counted(done.tail, "byte", "bytes")
            );
            desk.say_wrapped(0, &line)?;
        }
        print(&done.verdict, &calendar, "", desk)?;
        if let Some(unsound) = &done.unsound {
            desk.complain(ended(unsound));
        }
        Ok(ending)
    }
}

/// Why a backup does not hold all of the ledger.
fn ended(unsound: &Unsound) -> String {
    format!(
        "the ledger is damaged, and the backup ends before it: entry {} is not sound in {}: {}; \
         `sanad verify` tells all that is wrong, `sanad repair` mends it from a good copy",
        unsound.sequence,
        unsound.path.display(),
        unsound.why
    )
}

fn form(done: &BackedUp, folder: &str, calendar: &Calendar, desk: &Desk) -> Value {
    let now = desk.surroundings.clock.now();
    let verdict = VerdictFile::new(&done.verdict, &done.identity, calendar, now, PROGRAM, None);
    let unsound = done.unsound.as_ref().map(|unsound| {
        json!({
            "sequence": unsound.sequence.get(),
            "file": unsound.path.display().to_string(),
            "sentence": unsound.why,
        })
    });
    let aside = done.copied.put_aside.iter().map(|path| path.display().to_string());
    json!({
        "basis": BasisForm::of_head(done.copied.head),
        "backup": folder,
        "from": done.from.size,
        "to": done.copied.head.size,
        "segments_written": done.copied.written,
        "segments_there": done.copied.there,
        "bytes": done.copied.bytes,
        "checkpoints": done.checkpoints,
        "put_aside": aside.collect::<Vec<_>>(),
        "tail": done.tail,
        "unsound": unsound,
        "verdict": verdict,
    })
}

/// What a backup ends in, in short.
pub(crate) fn ending_in(head: sanad::Head) -> String {
    format!("{} ending in {}", counted(head.size, "entry", "entries"), short_hash(&head.hash))
}
