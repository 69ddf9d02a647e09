//! `sanad repair`: make a damaged ledger whole.

use std::ops::Range;
use std::path::PathBuf;

use clap::Args;
use sanad::safekeeping::{
    Lack, Mend, MendedFile, Origin, Repair as Repairing, Repaired, SegmentName, repair,
};
use sanad::{Calendar, ChainHash, VerdictFile};
use serde_json::{Value, json};

use crate::basis::BasisForm;
use crate::command::verify::{PROGRAM, print};
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::key_options::Trust;
use crate::meter::Meter;
use crate::published::side;
use crate::words::counted;

/// Make a damaged ledger whole: from its own records, and with --from from a good copy.
///
/// Without --from only what can be made from the ledger's own records is: what it remembers, and the headers, names and
/// order of its segments. With it, records that are damaged or missing are taken from the copy, as far as the chain
/// proves that they are the ledger's. What is replaced is kept in the ledger's folder `aside`; nothing is deleted. An
/// append that never finished is left to the next writer. Exit code 0 if the ledger is whole, 1 if something is
/// wanting, 2 if nothing was done.
#[derive(Debug, Args)]
pub(crate) struct Repair {
    /// A copy of the ledger's folder, a backup, or what is published: a folder or an http(s) address
    #[arg(long, value_name = "DIR|URL")]
    from: Option<String>,
    /// Take what leads to this chain hash, though the ledger holds nothing behind it
    #[arg(long, value_name = "HASH", requires = "from")]
    head: Option<String>,
    /// Take what this checkpoint speaks for, kept by somebody else. May be repeated
    #[arg(long = "checkpoint", value_name = "FILE", requires = "from")]
    checkpoints: Vec<PathBuf>,
    #[command(flatten)]
    trust: Trust,
    /// Only tell what would be done
    #[arg(long)]
    dry_run: bool,
}

impl Repair {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let evidence = self.trust.evidence(&self.checkpoints)?;
        let from = self.from.as_deref().map(side).transpose()?;
        let head = self.head.as_deref().map(chain_hash).transpose()?;
        let what = Repairing { from: from.as_ref(), head, evidence, dry_run: self.dry_run };
        let mut meter = Meter::new();
        let surroundings = desk.surroundings.clone();
        let done = repair(&desk.folder()?, &what, surroundings, &mut |far| meter.hear(far))?;
        drop(meter);
        let calendar = Calendar::new(done.identity.time_zone())?;
        if desk.json {
            self.answer(&done, &calendar, desk)?;
        } else {
            self.say(&done, &calendar, desk)?;
        }
        Ok(if done.is_whole() { Ending::Done } else { Ending::Wanting })
    }

    fn say(&self, done: &Repaired, calendar: &Calendar, desk: &mut Desk) -> Result<(), Failure> {
        let copy = self.from.as_deref().unwrap_or("the copy");
        let plan = &done.plan;
        if let Some(back) = &done.identity_back {
            let kept = back.kept_as.as_ref().map(|kept| kept.display().to_string());
            let before = kept.map_or("there was no such file".to_owned(), |kept| {
                format!("what stood there is kept as {kept}")
            });
            let path = back.path.display();
            desk.say_wrapped(0, &format!("{path} is from {copy}, as the log proves; {before}"))?;
        }
        for mend in &plan.mends {
            say_segments(&mend.instead_of, desk)?;
            let verb = if self.dry_run { "would be mended" } else { "mended" };
            let line = format!("{} {verb}: {}", entries(&records(mend)), runs(mend, copy));
            desk.say_wrapped(0, &line)?;
        }
        for file in &done.files {
            desk.say_wrapped(2, &told(file))?;
        }
        for lack in &plan.lacks {
            say_segments(&lack.segments, desk)?;
            desk.say_wrapped(0, &wanting(lack))?;
        }
        if let Some(offered) = plan.offered {
            let line = format!(
                "{copy} goes on with {} behind what the ledger holds, up to {}; nothing of the ledger's own \
                 speaks for them. If you know that hash to be the ledger's, give it with --head",
                entries(&(plan.head.size..offered.size)),
                offered.hash
            );
            desk.say_wrapped(0, &line)?;
        }
        if let Some(remembered) = done.remembered {
            let line = format!(
                "the ledger remembers {} and has {}: its end is missing; name a copy that has it with --from",
                counted(remembered.size, "entry", "entries"),
                plan.head.size
            );
            desk.say_wrapped(0, &line)?;
        }
        if plan.tail > 0 {
            let line = format!(
                "the last {} are an append that never finished; whoever records next puts them aside",
                counted(plan.tail, "byte", "bytes")
            );
            desk.say_wrapped(0, &line)?;
        }
        self.say_derived(done, desk)?;
        if let Some(verdict) = &done.verdict {
            print(verdict, calendar, "what the ledger remembers equals the replay", desk)?;
        }
        Ok(())
    }

    /// Says what became of what is derived, or that nothing was done.
    fn say_derived(&self, done: &Repaired, desk: &mut Desk) -> Result<(), Failure> {
        if let Some(opening) = &done.opening {
            let replayed = counted(opening.replayed, "entry", "entries");
            desk.say(format_args!("what the ledger remembers was made anew from {replayed}"))?;
        }
        if let Some(error) = &done.unopened {
            desk.complain(format_args!("it cannot be recorded to: {error}"));
        }
        let found = !done.plan.mends.is_empty() || !done.plan.lacks.is_empty();
        if !found && self.dry_run {
            desk.say("every record is there; only what the ledger remembers would be made anew")?;
        } else if self.dry_run {
            desk.say("nothing was changed")?;
        }
        Ok(())
    }

    fn answer(&self, done: &Repaired, calendar: &Calendar, desk: &mut Desk) -> Result<(), Failure> {
        let now = desk.surroundings.clock.now();
        let verdict = done.verdict.as_ref();
        let verdict = verdict
            .map(|verdict| VerdictFile::new(verdict, &done.identity, calendar, now, PROGRAM, None));
        let plan = &done.plan;
        let offered =
            plan.offered.map(|head| json!({ "to": head.size, "head": head.hash.to_string() }));
        desk.answer(&json!({
            "basis": BasisForm::of_head(plan.head),
            "dry_run": self.dry_run,
            "whole": done.is_whole(),
            "identity_back": done.identity_back.as_ref().map(|back| {
                json!({
                    "file": back.path.display().to_string(),
                    "kept_as": back.kept_as.as_ref().map(|kept| kept.display().to_string()),
                })
            }),
            "mended": plan.mends.iter().map(mend_form).collect::<Vec<_>>(),
            "wanting": plan.lacks.iter().map(lack_form).collect::<Vec<_>>(),
            "files": done.files.iter().map(file_form).collect::<Vec<_>>(),
            "offered": offered,
            "remembered": done.remembered.map(|head| head.size),
            "tail": plan.tail,
            "replayed": done.opening.as_ref().map(|opening| opening.replayed),
            "verdict": verdict,
        }))
    }
}

fn chain_hash(text: &str) -> Result<ChainHash, Failure> {
    text.parse().map_err(|error| Failure::Misread(format!("--head: {text:?}: {error}")))
}

fn records(mend: &Mend) -> Range<u64> {
    mend.begins.size..mend.ends.size
}

/// `entry 5`, `entries 5 to 7`, `no entries`.
fn entries(records: &Range<u64>) -> String {
    match records.end.saturating_sub(records.start) {
        0 => "no entries".to_owned(),
        1 => format!("entry {}", records.start),
        _ => format!("entries {} to {}", records.start, records.end - 1),
    }
}

/// Which of a mend's records are from where.
fn runs(mend: &Mend, copy: &str) -> String {
    let runs = mend.runs.iter().map(|run| match run.origin {
        Origin::Own(_) => format!("{} are its own", entries(&run.records)),
        Origin::Copy => format!("{} from {copy}", entries(&run.records)),
    });
    match runs.collect::<Vec<_>>() {
        runs if runs.is_empty() => "what stood there does not belong there".to_owned(),
        runs => runs.join(", "),
    }
}

fn say_segments(segments: &[(SegmentName, String)], desk: &mut Desk) -> Result<(), Failure> {
    for (name, why) in segments {
        desk.say_wrapped(0, &format!("segment {name}: {why}"))?;
    }
    Ok(())
}

fn wanting(lack: &Lack) -> String {
    format!("entry {} is wanting, and this part stays as it is: {}", lack.sequence, lack.why)
}

fn told(file: &MendedFile) -> String {
    let path = file.path.display();
    match (&file.records, &file.kept_as) {
        (Some(records), Some(kept)) => {
            format!(
                "{path} holds {} now; what stood there is kept as {}",
                entries(records),
                kept.display()
            )
        }
        (Some(records), None) => {
            format!("{path} holds {} now; there was no such file", entries(records))
        }
        (None, Some(kept)) => {
            format!("{path} did not belong there; it is kept as {}", kept.display())
        }
        (None, None) => format!("{path} is gone"),
    }
}

fn mend_form(mend: &Mend) -> Value {
    let runs = mend.runs.iter().map(|run| {
        let origin = match run.origin {
            Origin::Own(segment) => json!({ "own": segment.get() }),
            Origin::Copy => json!("copy"),
        };
        json!({ "from": run.records.start, "to": run.records.end, "origin": origin })
    });
    json!({
        "from": mend.begins.size,
        "to": mend.ends.size,
        "head": mend.ends.hash.to_string(),
        "runs": runs.collect::<Vec<_>>(),
        "instead_of": segment_forms(&mend.instead_of),
    })
}

fn lack_form(lack: &Lack) -> Value {
    json!({
        "sequence": lack.sequence.get(),
        "segments": segment_forms(&lack.segments),
        "sentence": lack.why,
    })
}

fn segment_forms(segments: &[(SegmentName, String)]) -> Vec<Value> {
    segments.iter().map(|(name, why)| json!({ "segment": name.get(), "sentence": why })).collect()
}

fn file_form(file: &MendedFile) -> Value {
    let kept = file.kept_as.as_ref().map(|kept| kept.display().to_string());
    json!({
        "file": file.path.display().to_string(),
        "from": file.records.as_ref().map(|records| records.start),
        "to": file.records.as_ref().map(|records| records.end),
        "kept_as": kept,
    })
}
