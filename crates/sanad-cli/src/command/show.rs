//! `sanad show`: one entry, whole.

use clap::Args;
use sanad::{AuditedEntry, Auditor, Calendar, Known, View, exchange};
use serde::Serialize;

use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::lettering::isolated;
use crate::naming;
use crate::words::{Words, backdated, backdated_by_us, recorded_at};

/// One entry: who asked, on what authority, what happened.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The entry, by its number or its id
    entry: String,
}

#[derive(Serialize)]
struct Answer {
    basis: BasisForm,
    entry: exchange::HistoryLine,
    author: Option<String>,
    backdated_by_us: Option<i64>,
}

impl Show {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let sequence = naming::entry(&self.entry, &auditor)?;
        let audited = auditor.entry(sequence)?;
        let view = auditor.view(Known::Head)?;
        if desk.json {
            desk.answer(&Answer {
                basis: BasisForm::of(&view, None, auditor.calendar()),
                entry: entry_form(&audited, &view, auditor.calendar()),
                author: audited.author.map(|key| key.to_string()),
                backdated_by_us: backdated_by_us(&audited.recorded, auditor.calendar()),
            })?;
            return Ok(Ending::Done);
        }
        print(&audited, &view, &auditor, desk)?;
        desk.whisper(BasisForm::of_log(&auditor).footer(None, auditor.calendar()))?;
        Ok(Ending::Done)
    }
}

fn print(
    audited: &AuditedEntry,
    view: &View<'_>,
    auditor: &Auditor,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let (recorded, calendar) = (&audited.recorded, auditor.calendar());
    let entry = &recorded.entry;
    let mut field = |name: &str, text: &str| desk.say_field(name, text);
    field("entry", &recorded.sequence.to_string())?;
    field("id", &entry.id().to_string())?;
    field("recorded", &recorded_at(recorded.recorded_at, calendar))?;
    if let Some(backdated) = backdated(recorded, calendar) {
        field("", &backdated)?;
    }
    field("actor", entry.actor().as_str())?;
    if let Some(instrument) = entry.instrument() {
        field("instrument", &isolated(instrument.reference.as_str()))?;
        if let Some(digest) = instrument.digest {
            field("", &digest.to_string())?;
        }
    }
    if let Some(reason) = entry.reason() {
        field("reason", &isolated(reason.as_str()))?;
    }
    if entry.accepts_shortfall() {
        field("shortfall", "accepted, where there is one")?;
    }
    if let Some(author) = audited.author {
        field("signed by", &author.to_string())?;
    }
    let words = Words { view: Some(view), calendar, shortened: None };
    for (place, line) in words.events(entry).iter().enumerate() {
        field(if place == 0 { "events" } else { "" }, line)?;
    }
    field("hash", &audited.hash.to_string())
}

/// An entry in the form of the exported history.
pub(crate) fn entry_form(
    audited: &AuditedEntry,
    view: &View<'_>,
    calendar: &Calendar,
) -> exchange::HistoryLine {
    exchange::recorded_to_json(
        &audited.recorded,
        &audited.hash.to_string(),
        &|pool| view.unit(pool).cloned(),
        &|grant| view.unit_of_grant(grant).cloned(),
        calendar,
    )
}
