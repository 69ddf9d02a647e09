//! From an act to its receipt.

use sanad::{
    Act, Auditor, DryRun, Ledger, Receipt, RecordError, RecordedEntry, Refusal, Sequence,
    Shortfall, exchange,
};
use serde_json::{Value, json};

use crate::basis::{BasisForm, short_hash};
use crate::desk::Desk;
use crate::failure::{Ending, Failure, Refused};
use crate::naming;
use crate::words::{Words, backdated, backdated_by_us, recorded_at};

/// Records an act, or says what recording it would do, and prints the receipt.
pub(crate) fn record(
    ledger: &Ledger,
    act: Act,
    dry_run: bool,
    desk: &mut Desk,
) -> Result<Ending, Failure> {
    if dry_run {
        let rehearsed = ledger.dry_run(&act).map_err(|error| refusal(error, ledger))?;
        would_record(ledger, &rehearsed, desk)?;
    } else {
        let receipt = ledger.record(act).map_err(|error| refusal(error, ledger))?;
        recorded(ledger, &receipt, desk)?;
    }
    Ok(Ending::Done)
}

/// Why an act was not recorded, with what may have been meant.
fn refusal(error: RecordError, ledger: &Ledger) -> Failure {
    let RecordError::Refused(refusal) = error else { return Failure::NotRecorded(error) };
    let hint = hint(&refusal, ledger);
    Failure::Refused(Box::new(Refused { refusal, calendar: ledger.calendar().clone(), hint }))
}

/// What may have been meant, or what to add to the command line.
fn hint(refusal: &Refusal, ledger: &Ledger) -> Option<String> {
    let view = ledger.view(sanad::Known::Head).ok()?;
    match refusal {
        Refusal::CausesShortfall(_) => Some("to accept it, add --accept-shortfall".into()),
        Refusal::UnknownHolder { holder }
            if view.pool_ids().any(|pool| pool.as_str() == holder.as_str()) =>
        {
            Some(format!("{holder} is a pool: to grant to it, add --to-pool"))
        }
        other => naming::hint(other, &view),
    }
}

fn recorded(ledger: &Ledger, receipt: &Receipt, desk: &mut Desk) -> Result<(), Failure> {
    let stands = Auditor::open(&desk.folder()?)?.entry(receipt.sequence)?.recorded;
    let view = ledger.view(sanad::Known::AtEntry(receipt.sequence))?;
    let calendar = ledger.calendar();
    if desk.json {
        let basis = BasisForm::of(&view, None, calendar);
        let hash = receipt.hash.to_string();
        let unit_of_pool = |pool: &_| view.unit(pool).cloned();
        let unit_of_grant = |grant| view.unit_of_grant(grant).cloned();
        let entry =
            exchange::recorded_to_json(&stands, &hash, &unit_of_pool, &unit_of_grant, calendar);
        return desk.answer(&json!({
            "basis": basis,
            "recorded": entry,
            "repeated": receipt.repeated,
            "clock_held": receipt.clock_held,
            "backdated_by_us": backdated_by_us(&stands, calendar),
            "shortfalls": shortfall_forms(&receipt.shortfalls, ledger),
        }));
    }
    let already = if receipt.repeated { "already " } else { "" };
    let at = recorded_at(receipt.recorded_at, calendar);
    desk.say(format_args!("{already}recorded as entry {} at {at}", receipt.sequence))?;
    desk.say(format_args!("id {}, hash {}", receipt.entry, short_hash(&receipt.hash)))?;
    let words = Words { view: Some(&view), calendar, shortened: None };
    for line in words.events(&stands.entry) {
        desk.say_wrapped(2, &line)?;
    }
    if let Some(backdated) = backdated(&stands, calendar) {
        desk.say(format_args!("  {backdated}"))?;
    }
    if receipt.clock_held {
        desk.say("  the clock is behind the last recorded time and was held at it")?;
    }
    say_shortfalls(&receipt.shortfalls, ledger, desk)
}

fn would_record(ledger: &Ledger, rehearsed: &DryRun, desk: &mut Desk) -> Result<(), Failure> {
    let view = ledger.view(sanad::Known::Head)?;
    let calendar = ledger.calendar();
    if desk.json {
        let basis = BasisForm::of(&view, None, calendar);
        return desk.answer(&json!({
            "basis": basis,
            "would_record": entry_form(ledger, rehearsed, &view, desk)?,
            "repeats": rehearsed.repeats.map(|sequence| sequence.0),
            "shortfalls": shortfall_forms(&rehearsed.shortfalls, ledger),
        }));
    }
    match rehearsed.repeats {
        Some(sequence) => desk.say(format_args!(
            "nothing would be recorded: entry {sequence} stands for the same act already"
        ))?,
        None => {
            desk.say(format_args!("would be recorded as entry {}:", view.basis().ledger_size))?
        }
    }
    let words = Words { view: Some(&view), calendar, shortened: None };
    for line in words.events(&rehearsed.entry) {
        desk.say_wrapped(2, &line)?;
    }
    say_shortfalls(&rehearsed.shortfalls, ledger, desk)?;
    desk.whisper("dry run: nothing was recorded")
}

/// The entry without what it would only get by being recorded.
fn entry_form(
    ledger: &Ledger,
    rehearsed: &DryRun,
    view: &sanad::View<'_>,
    desk: &Desk,
) -> Result<Value, Failure> {
    let recorded = RecordedEntry {
        sequence: Sequence(view.basis().ledger_size),
        recorded_at: desk.surroundings.clock.now(),
        entry: rehearsed.entry.clone(),
    };
    let opened = Words { view: Some(view), calendar: ledger.calendar(), shortened: None };
    let unit_of_pool = |pool: &_| opened.unit(pool, &rehearsed.entry);
    let unit_of_grant = |grant| opened.unit_of_grant(grant, &rehearsed.entry);
    let line =
        exchange::recorded_to_json(&recorded, "", &unit_of_pool, &unit_of_grant, ledger.calendar());
    let mut form = serde_json::to_value(line).map_err(std::io::Error::from)?;
    if let Some(fields) = form.as_object_mut() {
        for recorded_only in ["sequence", "recorded_at", "hash"] {
            fields.remove(recorded_only);
        }
    }
    Ok(form)
}

fn say_shortfalls(
    shortfalls: &[Shortfall],
    ledger: &Ledger,
    desk: &mut Desk,
) -> Result<(), Failure> {
    for Shortfall { pool, unit, missing, at } in shortfalls {
        let (missing, at) = (unit.write_with_symbol(*missing), ledger.calendar().write(*at));
        desk.say(format_args!("  accepted shortfall: {pool} is {missing} short at {at}"))?;
    }
    Ok(())
}

fn shortfall_forms(shortfalls: &[Shortfall], ledger: &Ledger) -> Vec<Value> {
    let form = |Shortfall { pool, unit, missing, at }: &Shortfall| {
        json!({
            "pool": pool.to_string(),
            "unit": unit.symbol().to_string(),
            "missing": unit.write(*missing),
            "at": ledger.calendar().write_rfc3339(*at),
        })
    };
    shortfalls.iter().map(form).collect()
}
