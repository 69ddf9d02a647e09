//! `sanad check-proof`: check a proof without the ledger, and read what it says.

use std::path::PathBuf;

use clap::Args;
use sanad::{
    Calendar, ProofFile, ProvenEntry, ProvenStatus, StatusFile, VerifiedCheckpoint,
    check_entry_proof, check_status,
};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::files::read_bounded;
use crate::key_options::Trust;
use crate::lettering::isolated;
use crate::words::{Words, quoted, recorded_at};

/// No proof file is longer, in bytes.
const MOST: u64 = 64 << 20;

/// Check a proof without the ledger, and read what it says.
///
/// Exit code 0 if it holds, 1 if it does not, 2 if it could not be read.
#[derive(Debug, Args)]
pub(crate) struct CheckProof {
    /// The proof, as `sanad prove` wrote it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    trust: Trust,
    /// The time zone to write dates in
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
}

impl CheckProof {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let calendar = Calendar::new(&self.time_zone)?;
        let (keys, policy) = (self.trust.keys()?, self.trust.policy()?);
        if keys.is_empty() && policy.is_none() {
            let told = "whom to believe is not said; give the ledger's public key with --key";
            return Err(Failure::Misread(told.into()));
        }
        let bytes = read_bounded(&self.file, MOST)?;
        let refused = |error: &dyn std::fmt::Display| {
            Failure::Misread(format!("{}: {error}", self.file.display()))
        };
        let cosigned = |checkpoint: &VerifiedCheckpoint| match &policy {
            Some(policy) => {
                let opened = sanad::OpenedCheckpoint::from_note(checkpoint.note().clone());
                let opened = opened.map_err(|error| error.to_string())?;
                policy.verify_also(&opened, &keys).map_err(|error| error.to_string()).map(drop)
            }
            None => Ok(()),
        };
        if bytes.starts_with(b"sanad status") {
            let file = StatusFile::parse(&bytes).map_err(|error| refused(&error))?;
            let checked = check_status(&file, &keys).map_err(|error| error.to_string());
            return match checked.and_then(|s| cosigned(&s.checkpoint).map(|()| s)) {
                Ok(status) => tell_status(&status, &calendar, desk),
                Err(why) => tell_broken(&why, desk),
            };
        }
        let file = ProofFile::parse(&bytes).map_err(|error| refused(&error))?;
        let checked = check_entry_proof(&file, &keys).map_err(|error| error.to_string());
        match checked.and_then(|entry| cosigned(&entry.checkpoint).map(|()| entry)) {
            Ok(entry) => tell_entry(&entry, &calendar, desk),
            Err(why) => tell_broken(&why, desk),
        }
    }
}

fn tell_broken(why: &str, desk: &mut Desk) -> Result<Ending, Failure> {
    if desk.json {
        desk.answer(&json!({ "holds": false, "sentence": why }))?;
    } else {
        desk.say_wrapped(0, &format!("the proof does not hold: {why}"))?;
    }
    Ok(Ending::Wanting)
}

/// What the proof stands on.
fn ground(checkpoint: &VerifiedCheckpoint) -> String {
    let names: Vec<_> = checkpoint
        .signatures()
        .iter()
        .map(|known| match known.cosigned_at() {
            Some(at) => format!("{} (witness, at {at})", known.key().name()),
            None => known.key().name().to_string(),
        })
        .collect();
    let size = checkpoint.checkpoint().size();
    format!("stands in the history of {size} entries signed by {}", names.join(", "))
}

fn checkpoint_form(checkpoint: &VerifiedCheckpoint) -> Value {
    json!({
        "origin": checkpoint.checkpoint().origin().to_string(),
        "size": checkpoint.checkpoint().size(),
        "root": checkpoint.checkpoint().root().to_string(),
        "signed_by": checkpoint.signatures().iter().map(|known| known.key().to_string())
            .collect::<Vec<_>>(),
    })
}

fn tell_entry(
    proven: &ProvenEntry,
    calendar: &Calendar,
    desk: &mut Desk,
) -> Result<Ending, Failure> {
    let entry = &proven.recorded.entry;
    let words = Words { view: None, calendar, shortened: None };
    if desk.json {
        desk.answer(&json!({
            "holds": true,
            "entry": proven.recorded.sequence.0,
            "id": entry.id().to_string(),
            "recorded_at": calendar.write_recorded_rfc3339(proven.recorded.recorded_at),
            "hash": proven.hash.to_string(),
            "events": words.events(entry),
            "checkpoint": checkpoint_form(&proven.checkpoint),
        }))?;
        return Ok(Ending::Done);
    }
    desk.say_wrapped(
        0,
        &format!("entry {} {}", proven.recorded.sequence, ground(&proven.checkpoint)),
    )?;
    desk.say_field("recorded", &recorded_at(proven.recorded.recorded_at, calendar))?;
    desk.say_field("actor", entry.actor().as_str())?;
    if let Some(instrument) = entry.instrument() {
        desk.say_field("instrument", &isolated(instrument.reference.as_str()))?;
    }
    if let Some(reason) = entry.reason() {
        desk.say_field("reason", &isolated(reason.as_str()))?;
    }
    for (place, line) in words.events(entry).iter().enumerate() {
        desk.say_field(if place == 0 { "events" } else { "" }, line)?;
    }
    desk.say_field("hash", &proven.hash.to_string())?;
    not_proved(
        "what became of it later, whether it was lawful, and that nobody was shown another history",
        desk,
    )
}

fn tell_status(
    status: &ProvenStatus,
    calendar: &Calendar,
    desk: &mut Desk,
) -> Result<Ending, Failure> {
    let granted = &status.granted;
    let amount = |total: i128| match &status.unit {
        Some(unit) => unit.write_with_symbol(total),
        None => format!("{total} smallest parts"),
    };
    let words = Words { view: None, calendar, shortened: None };
    if desk.json {
        let left = status.left.iter().map(|(window, left)| {
            json!({
                "from": calendar.write_rfc3339(window.from()),
                "until": window.until().map(|until| calendar.write_rfc3339(until)),
                "left": amount(*left),
            })
        });
        let left: Vec<Value> = left.collect();
        desk.answer(&json!({
            "holds": true,
            "grant": granted.grant.to_string(),
            "pool": granted.pool.to_string(),
            "to": granted.recipient.to_string(),
            "granted": amount(granted.amount.total()),
            "entries": status.revoked.iter().map(|(sequence, ..)| sequence.0)
                .chain([status.granted_in.0.0]).collect::<std::collections::BTreeSet<_>>(),
            "left": left,
            "checkpoint": checkpoint_form(&status.checkpoint),
        }))?;
        return Ok(Ending::Done);
    }
    desk.say_wrapped(0, &format!("grant {} {}", granted.grant, ground(&status.checkpoint)))?;
    let holder = match &status.holder_title {
        Some(title) => format!("{}, {}", granted.recipient, quoted(title.as_str())),
        None => granted.recipient.to_string(),
    };
    desk.say_field("to", &holder)?;
    let (sequence, at) = status.granted_in;
    let told = format!(
        "{} of {} {} (entry {sequence}, recorded {})",
        amount(granted.amount.total()),
        granted.pool,
        words.window(granted.window),
        recorded_at(at, calendar)
    );
    desk.say_field("granted", &told)?;
    for (sequence, at, revoked) in &status.revoked {
        let told = format!(
            "{} {} (entry {sequence}, recorded {})",
            amount(revoked.amount.total()),
            words.window(revoked.window),
            recorded_at(*at, calendar)
        );
        desk.say_field(revoked.cause.as_str(), &told)?;
    }
    for (place, (window, left)) in status.left.iter().enumerate() {
        let told = format!("{} {}", amount(*left), words.window(*window));
        desk.say_field(if place == 0 { "left" } else { "" }, &told)?;
    }
    not_proved(
        "that no other entry speaks of the grant (who needs to know replays the whole history), what is \
         recorded after the checkpoint, and that nobody was shown another history",
        desk,
    )
}

fn not_proved(what: &str, desk: &mut Desk) -> Result<Ending, Failure> {
    desk.say_wrapped(0, &format!("not proved: {what}"))?;
    Ok(Ending::Done)
}
