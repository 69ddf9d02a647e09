//! `sanad replay`: walk through the entries and see what each changed.

use std::collections::BTreeSet;

use clap::Args;
use sanad::{
    AuditedEntry, Auditor, Calendar, EffectiveTime, Event, GrantId, HolderId, Known, PoolId,
    Recipient, Sequence, State, View,
};
use serde::Serialize;

use crate::basis::{BasisForm, short_hash};
use crate::command::show::entry_form;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::lettering::isolated;
use crate::naming::{self, Shortened};
use crate::paint::Tone;
use crate::words::{Words, backdated, backdated_by_us, recorded_at};

/// Walk through the entries in order and see what each changed.
///
/// Under each entry stand its events, and the headroom of every pool that it touched, before and after it, at the
/// instant from which each change holds.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The first entry to show, by its number or its id [default: the first]
    #[arg(long, value_name = "ENTRY")]
    from: Option<String>,
    /// The last entry to show [default: the last]
    #[arg(long, value_name = "ENTRY")]
    to: Option<String>,
    /// Only entries that speak of this pool
    #[arg(long, value_name = "POOL")]
    pool: Option<String>,
    /// Only entries that speak of this holder
    #[arg(long, value_name = "HOLDER")]
    holder: Option<String>,
    /// Only entries that speak of this grant
    #[arg(long, value_name = "GRANT")]
    grant: Option<String>,
}

/// What is asked for.
struct Sought {
    pool: Option<PoolId>,
    holder: Option<HolderId>,
    grant: Option<GrantId>,
}

/// A pool's headroom before and after an entry, at one instant.
struct Step {
    pool: PoolId,
    at: EffectiveTime,
    /// None where the entry opened the pool.
    before: Option<i128>,
    after: i128,
}

/// An entry with what it changed, for programs.
#[derive(Serialize)]
struct EntryForm {
    entry: sanad::exchange::HistoryLine,
    backdated_by_us: Option<i64>,
    /// Headroom of the pools that it touched, before and after.
    changes: Vec<ChangeForm>,
}

#[derive(Serialize)]
struct ChangeForm {
    pool: String,
    unit: String,
    at: String,
    headroom_before: Option<String>,
    headroom_after: String,
}

impl Replay {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let view = auditor.view(Known::Head)?;
        let (range, sought) = self.range_and_sought(&auditor, &view)?;
        let words = Words {
            view: Some(&view),
            calendar: auditor.calendar(),
            shortened: Some(Shortened::for_grants_of(&view)),
        };
        let basis = BasisForm::of(&view, None, auditor.calendar());
        if desk.json {
            desk.answer(&serde_json::json!({ "basis": basis }))?;
        }
        let mut state = State::default();
        let mut shown = 0u64;
        for entry in auditor.entries(0..range.end)? {
            let entry = entry?;
            let asked = range.contains(&entry.recorded.sequence.0) && sought.holds(&entry, &view);
            let steps = take(&mut state, &entry, asked.then_some(&view));
            if asked {
                shown += 1;
                show(&entry, &steps, &words, &view, desk)?;
            }
        }
        if !desk.json {
            if shown == 0 {
                desk.say("no entries")?;
            }
            desk.whisper(basis.footer(None, auditor.calendar()))?;
        }
        Ok(Ending::Done)
    }

    fn range_and_sought(
        &self,
        auditor: &Auditor,
        view: &View<'_>,
    ) -> Result<(std::ops::Range<u64>, Sought), Failure> {
        let calendar = auditor.calendar();
        let entry = |text: &Option<String>| {
            text.as_deref().map(|text| naming::entry(text, auditor)).transpose()
        };
        let first = entry(&self.from)?.map_or(0, |Sequence(first)| first);
        let end = entry(&self.to)?.map_or(auditor.head().size, |Sequence(last)| last + 1);
        let pool = self.pool.as_deref().map(|text| naming::pool(text, view, calendar));
        let holder = self.holder.as_deref().map(|text| naming::holder(text, view, calendar));
        let grant = self.grant.as_deref().map(|text| naming::grant(text, view));
        let (pool, holder, grant) = (pool.transpose()?, holder.transpose()?, grant.transpose()?);
        Ok((first..end, Sought { pool, holder, grant }))
    }
}

impl Sought {
    fn holds(&self, entry: &AuditedEntry, view: &View<'_>) -> bool {
        if self.pool.is_none() && self.holder.is_none() && self.grant.is_none() {
            return true;
        }
        let speaks = |event: &Event| {
            let (pools, holder, grant) = subjects(event, view);
            self.pool.as_ref().is_none_or(|pool| pools.contains(pool))
                && self.holder.as_ref().is_none_or(|asked| holder.as_ref() == Some(asked))
                && self.grant.is_none_or(|asked| grant == Some(asked))
        };
        entry.recorded.entry.events().iter().any(speaks)
    }
}

/// What an event speaks of.
fn subjects(event: &Event, view: &View<'_>) -> (Vec<PoolId>, Option<HolderId>, Option<GrantId>) {
    let given = |pool: PoolId, to: &Recipient, grant| match to {
        Recipient::Holder(holder) => (vec![pool], Some(holder.clone()), Some(grant)),
        Recipient::Pool(part) => (vec![pool, part.clone()], None, Some(grant)),
    };
    match event {
        Event::PoolOpened(opened) => (vec![opened.pool.clone()], None, None),
        Event::CapacityDeclared(declared) => (vec![declared.pool.clone()], None, None),
        Event::HolderRegistered(registered) => (vec![], Some(registered.holder.clone()), None),
        Event::Granted(granted) => given(granted.pool.clone(), &granted.recipient, granted.grant),
        Event::Revoked(revoked) => match view.history(revoked.grant) {
            Some(history) => given(history.pool, &history.recipient, revoked.grant),
            None => (vec![], None, Some(revoked.grant)),
        },
    }
}

/// Takes an entry into the state, and where it is asked for tells what it changed. It was recorded, so it is not
/// judged again: `sanad verify` does that.
fn take(state: &mut State, entry: &AuditedEntry, asked: Option<&View<'_>>) -> Vec<Step> {
    let entry = &entry.recorded.entry;
    let Ok(effect) = state.trust(entry) else { return Vec::new() };
    let mut touched = BTreeSet::new();
    for (event, view) in entry.events().iter().zip(asked.into_iter().cycle()) {
        let (pools, ..) = subjects(event, view);
        touched.extend(
            event.effective_from().into_iter().flat_map(|at| {
                pools.iter().map(move |pool| (pool.clone(), at)).collect::<Vec<_>>()
            }),
        );
    }
    let before: Vec<_> = touched.iter().map(|(pool, at)| state.headroom(pool, *at)).collect();
    state.apply(effect);
    let steps = touched.into_iter().zip(before).filter_map(|((pool, at), before)| {
        let after = state.headroom(&pool, at)?;
        (before != Some(after)).then_some(Step { pool, at, before, after })
    });
    steps.collect()
}

fn show(
    audited: &AuditedEntry,
    steps: &[Step],
    words: &Words<'_>,
    view: &View<'_>,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let (recorded, calendar) = (&audited.recorded, words.calendar);
    if desk.json {
        let changes = steps.iter().filter_map(|step| change_form(step, view, calendar));
        return desk.answer(&EntryForm {
            entry: entry_form(audited, view, calendar),
            backdated_by_us: backdated_by_us(recorded, calendar),
            changes: changes.collect(),
        });
    }
    let entry = &recorded.entry;
    let late = backdated(recorded, calendar).map(|late| format!(", {late}")).unwrap_or_default();
    let accepted = if entry.accepts_shortfall() { ", shortfall accepted" } else { "" };
    let heading = format!("entry {}", recorded.sequence);
    desk.say(format_args!(
        "{}  {} by {}{late}{accepted}, {}",
        desk.paint.apply(Tone::Heading, &heading),
        recorded_at(recorded.recorded_at, calendar),
        entry.actor(),
        short_hash(&audited.hash),
    ))?;
    let why = [
        entry.instrument().map(|instrument| instrument.reference.as_str()),
        entry.reason().map(|reason| reason.as_str()),
    ];
    for text in why.into_iter().flatten() {
        desk.say_wrapped(2, &isolated(text))?;
    }
    for line in words.events(entry) {
        desk.say_wrapped(2, &line)?;
    }
    for step in steps {
        say_step(step, view, calendar, desk)?;
    }
    Ok(())
}

fn say_step(
    step: &Step,
    view: &View<'_>,
    calendar: &Calendar,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let Some(unit) = view.unit(&step.pool) else { return Ok(()) };
    let write = |headroom: i128| match headroom {
        0.. => format!("{} free", unit.write_with_symbol(headroom)),
        _ => format!("{} short", unit.write_with_symbol(-headroom)),
    };
    let before = step.before.map_or_else(|| "new".to_owned(), write);
    let line =
        format!("{} at {}: {before} → {}", step.pool, calendar.write(step.at), write(step.after));
    desk.say_wrapped(4, &line)
}

fn change_form(step: &Step, view: &View<'_>, calendar: &Calendar) -> Option<ChangeForm> {
    let unit = view.unit(&step.pool)?;
    Some(ChangeForm {
        pool: step.pool.to_string(),
        unit: unit.symbol().to_string(),
        at: calendar.write_rfc3339(step.at),
        headroom_before: step.before.map(|before| unit.write(before)),
        headroom_after: unit.write(step.after),
    })
}
