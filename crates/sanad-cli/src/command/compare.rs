//! `sanad compare`: where two histories part, and proof of it for others.

use std::path::PathBuf;

use clap::Args;
use sanad::OpenedCheckpoint;
use sanad::publication::{Comparison, Dispute, Outcome, PartedEntry, Side, Thoroughness, compare};
use serde_json::{Value, json};

use crate::basis::short_hash;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::files::write_new;
use crate::meter::Meter;
use crate::published::{AnySource, publication, side};
use crate::words::Words;

/// Find the first entry at which two histories part.
///
/// Each is a ledger's folder, a published folder or address, a checkpoint or a proof file. Exit code 0 if they agree
/// as far as both go, 1 if they part.
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The one
    #[arg(value_name = "A")]
    one: String,
    /// The other
    #[arg(value_name = "B")]
    other: String,
    /// Compare by chain hashes only, by halving: quick, for histories that verify by themselves
    #[arg(long)]
    by_hashes: bool,
    /// Where they part and both were signed: write a file with which anybody can check that, offline
    #[arg(long, value_name = "FILE")]
    dispute: Option<PathBuf>,
}

impl Compare {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let (one, other) = (side(&self.one)?, side(&self.other)?);
        let how = if self.by_hashes { Thoroughness::Hashes } else { Thoroughness::Bytes };
        let mut meter = Meter::new();
        let comparison = compare(&one, &other, how, &mut |far| meter.hear(far))?;
        drop(meter);
        if desk.json {
            desk.answer(&form(&comparison))?;
        } else {
            self.tell(&comparison, desk)?;
        }
        let parted = matches!(comparison.outcome, Outcome::Part { .. });
        if let Some(path) = &self.dispute {
            if !parted {
                return Err(Failure::NotFound {
                    code: "no_dispute",
                    sentence: "the two do not part, so there is nothing to dispute".into(),
                });
            }
            write_new(path, &self.disputed(&one, &other)?.to_string())?;
            desk.note(format_args!("the dispute is in {}", path.display()));
        }
        Ok(match comparison.outcome {
            Outcome::Same => Ending::Done,
            _ => Ending::Wanting,
        })
    }

    fn tell(&self, comparison: &Comparison, desk: &mut Desk) -> Result<(), Failure> {
        let [a, b] = comparison.sizes;
        match &comparison.outcome {
            Outcome::Same if a == b => desk.say(format_args!("the same {a} entries")),
            Outcome::Same => {
                let (shorter, more) = (a.min(b), a.abs_diff(b));
                let longer = if a > b { &self.one } else { &self.other };
                desk.say(format_args!("the same {shorter} entries; {longer} has {more} more"))
            }
            Outcome::Part { first, entries } => {
                if first.end - first.start == 1 {
                    desk.say(format_args!("they part at entry {}", first.start))?;
                } else {
                    let last = first.end.saturating_sub(1);
                    desk.say(format_args!("they part between entry {} and entry {last}", first.start))?;
                }
                for (name, entry) in [&self.one, &self.other].into_iter().zip(entries.iter()) {
                    tell_entry(name, entry.as_ref(), desk)?;
                }
                Ok(())
            }
            Outcome::OtherLedgers { origins: [one, other] } => {
                desk.say(format_args!("they are of different ledgers: {one} and {other}"))
            }
            _ => desk.say_wrapped(
                0,
                "what is known of the two does not suffice: give a ledger or what is published for one of them",
            ),
        }
    }

    /// The two checkpoints, and what shows that they cannot be of one history.
    fn disputed(&self, one: &Side<AnySource>, other: &Side<AnySource>) -> Result<Dispute, Failure> {
        let [a, b] = [checkpoint_of(one)?, checkpoint_of(other)?];
        let later = if a.claimed().size() < b.claimed().size() { &self.other } else { &self.one };
        let dispute = if a.claimed().size() == b.claimed().size() {
            Dispute::of_one_size(a, b)
        } else {
            Dispute::between(a, b, &publication(later)?)
        };
        dispute.map_err(|error| Failure::Misread(error.to_string()))
    }
}

fn checkpoint_of(side: &Side<AnySource>) -> Result<OpenedCheckpoint, Failure> {
    match side {
        Side::Publication(_, checkpoint) | Side::Checkpoint(checkpoint) => Ok(checkpoint.clone()),
        Side::Proof(proof) => Ok(proof.checkpoint().clone()),
        _ => {
            let told = "a dispute needs what was signed: give a checkpoint, a proof or what is published, and not \
                a ledger's folder";
            Err(Failure::Misread(told.into()))
        }
    }
}

fn tell_entry(name: &str, entry: Option<&PartedEntry>, desk: &mut Desk) -> Result<(), Failure> {
    let Some(entry) = entry else { return Ok(()) };
    let hash = entry.hash.map(|hash| format!(", {}", short_hash(&hash))).unwrap_or_default();
    let Some(recorded) = &entry.recorded else {
        return desk.say(format_args!("  {name}{hash}: cannot be read"));
    };
    desk.say(format_args!("  {name}{hash}: by {}", recorded.entry.actor()))?;
    let utc = sanad::Calendar::new("UTC")?;
    let words = Words { view: None, calendar: &utc, shortened: None };
    words.events(&recorded.entry).iter().try_for_each(|line| desk.say_wrapped(4, line))
}

fn form(comparison: &Comparison) -> Value {
    let outcome = match &comparison.outcome {
        Outcome::Same => json!({ "same": true }),
        Outcome::Part { first, entries } => json!({
            "same": false,
            "first": [first.start, first.end.saturating_sub(1)],
            "hashes": entries.each_ref().map(|entry| {
                entry.as_ref().and_then(|entry| entry.hash).map(|hash| hash.to_string())
            }),
        }),
        Outcome::OtherLedgers { origins } => json!({ "same": false, "origins": origins }),
        _ => json!({ "same": null }),
    };
    let mut form = json!({ "sizes": comparison.sizes });
    if let (Value::Object(form), Value::Object(outcome)) = (&mut form, outcome) {
        form.extend(outcome);
    }
    form
}
