//! `sanad show`: one entry, whole.

use clap::Args;
use sanad::{AuditedEntry, Auditor, Known, View, exchange};
use serde::Serialize;

use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::lettering::isolated;
use crate::naming;
use crate::words::{Words, backdated, backdated_by_us};

/// One entry, whole: who asked, under which authority, and what happened.
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
                entry: entry_form(&audited, &view, &auditor),
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
    let at = calendar.write_recorded(recorded.recorded_at);
    desk.say(format_args!("entry       {}", recorded.sequence))?;
    desk.say(format_args!("id          {}", entry.id()))?;
    desk.say(format_args!("recorded    {at}"))?;
    if let Some(backdated) = backdated(recorded, calendar) {
        desk.say(format_args!("            {backdated}"))?;
    }
    desk.say(format_args!("actor       {}", entry.actor()))?;
    if let Some(instrument) = entry.instrument() {
        desk.say(format_args!("instrument  {}", isolated(instrument.reference.as_str())))?;
        if let Some(digest) = instrument.digest {
            desk.say(format_args!("            {digest}"))?;
        }
    }
    if let Some(reason) = entry.reason() {
        desk.say(format_args!("reason      {}", isolated(reason.as_str())))?;
    }
    if entry.accepts_shortfall() {
        desk.say("shortfall   accepted, where there is one")?;
    }
    if let Some(author) = audited.author {
        desk.say(format_args!("signed by   {}", author))?;
    }
    let words = Words { view, calendar, shortened: None };
    for (place, line) in words.events(entry).iter().enumerate() {
        desk.say(format_args!(
            "{}{line}",
            if place == 0 { "events      " } else { "            " }
        ))?;
    }
    desk.say(format_args!("hash        {}", audited.hash))
}

/// An entry in the form of the exported history.
pub(crate) fn entry_form(
    audited: &AuditedEntry,
    view: &View<'_>,
    auditor: &Auditor,
) -> exchange::HistoryLine {
    exchange::recorded_to_json(
        &audited.recorded,
        &audited.hash.to_string(),
        &|pool| view.unit(pool).cloned(),
        &|grant| view.unit_of_grant(grant).cloned(),
        auditor.calendar(),
    )
}
