//! Recorded entry → JSON, with its events in the past tense.

use sanad_core::{
    CapacityDeclared, Event, GrantId, Granted, HolderRegistered, PoolId, PoolKind, PoolOpened,
    RecordedEntry, Revoked, Unit,
};
use serde::Serialize;

use super::form::{InstrumentForm, RecipientForm};
use super::write::{instrument_form, recipient_form};
use crate::calendar::Calendar;

/// One line of an exported history. Its fields come in a fixed order, and those without a value are `null`.
#[derive(Debug, Serialize)]
pub struct HistoryLine {
    sequence: u64,
    recorded_at: String,
    id: String,
    actor: String,
    instrument: Option<InstrumentForm>,
    reason: Option<String>,
    accept_shortfall: bool,
    events: Vec<EventForm>,
    hash: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum EventForm {
    PoolOpened {
        pool: String,
        title: String,
        unit: Option<String>,
        decimals: Option<u8>,
        parent: Option<String>,
    },
    CapacityDeclared {
        pool: String,
        #[serde(flatten)]
        amount: AmountForm,
        from: String,
    },
    HolderRegistered {
        holder: String,
        title: String,
    },
    Granted {
        grant: String,
        pool: String,
        to: RecipientForm,
        #[serde(flatten)]
        amount: AmountForm,
        purpose: Option<String>,
        from: String,
        until: Option<String>,
    },
    Revoked {
        grant: String,
        #[serde(flatten)]
        amount: AmountForm,
        from: String,
        until: Option<String>,
        cause: &'static str,
    },
}

/// An exact decimal in the pool's unit; the bare count where a damaged history no longer tells the unit.
#[derive(Debug, Serialize)]
struct AmountForm {
    amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    smallest_parts: Option<u64>,
}

/// Writes a recorded entry for programs. The history tells units only where a pool was opened, so they are asked for.
#[must_use]
pub fn recorded_to_json(
    recorded: &RecordedEntry,
    hash_hex: &str,
    unit_of_pool: &dyn Fn(&PoolId) -> Option<Unit>,
    unit_of_grant: &dyn Fn(GrantId) -> Option<Unit>,
    calendar: &Calendar,
) -> HistoryLine {
    let entry = &recorded.entry;
    let writing = Writing { unit_of_pool, unit_of_grant, calendar };
    HistoryLine {
        sequence: recorded.sequence.0,
        recorded_at: calendar.write_recorded_rfc3339(recorded.recorded_at),
        id: entry.id().to_string(),
        actor: entry.actor().to_string(),
        instrument: entry.instrument().map(instrument_form),
        reason: entry.reason().map(ToString::to_string),
        accept_shortfall: entry.accepts_shortfall(),
        events: entry.events().iter().map(|event| writing.event(event)).collect(),
        hash: hash_hex.to_owned(),
    }
}

struct Writing<'a> {
    unit_of_pool: &'a dyn Fn(&PoolId) -> Option<Unit>,
    unit_of_grant: &'a dyn Fn(GrantId) -> Option<Unit>,
    calendar: &'a Calendar,
}

impl Writing<'_> {
    fn event(&self, event: &Event) -> EventForm {
        match event {
            Event::PoolOpened(opened) => self.pool_opened(opened),
            Event::CapacityDeclared(CapacityDeclared { pool, capacity, from }) => {
                EventForm::CapacityDeclared {
                    pool: pool.to_string(),
                    amount: amount_form(capacity.get(), (self.unit_of_pool)(pool)),
                    from: self.calendar.write_rfc3339(*from),
                }
            }
            Event::HolderRegistered(HolderRegistered { holder, title }) => {
                EventForm::HolderRegistered { holder: holder.to_string(), title: title.to_string() }
            }
            Event::Granted(granted) => self.granted(granted),
            Event::Revoked(revoked) => self.revoked(revoked),
        }
    }

    fn pool_opened(&self, opened: &PoolOpened) -> EventForm {
        let (unit, parent) = match &opened.kind {
            PoolKind::Root(unit) => (Some(unit.clone()), None),
            PoolKind::SubPool { parent } => ((self.unit_of_pool)(parent), Some(parent.to_string())),
        };
        EventForm::PoolOpened {
            pool: opened.pool.to_string(),
            title: opened.title.to_string(),
            unit: unit.as_ref().map(|unit| unit.symbol().to_string()),
            decimals: unit.map(|unit| unit.decimals()),
            parent,
        }
    }

    fn granted(&self, granted: &Granted) -> EventForm {
        EventForm::Granted {
            grant: granted.grant.to_string(),
            pool: granted.pool.to_string(),
            to: recipient_form(&granted.recipient),
            amount: amount_form(granted.amount.get(), (self.unit_of_pool)(&granted.pool)),
            purpose: granted.purpose.as_ref().map(ToString::to_string),
            from: self.calendar.write_rfc3339(granted.window.from()),
            until: granted.window.until().map(|until| self.calendar.write_rfc3339(until)),
        }
    }

    fn revoked(&self, revoked: &Revoked) -> EventForm {
        EventForm::Revoked {
            grant: revoked.grant.to_string(),
            amount: amount_form(revoked.amount.get(), (self.unit_of_grant)(revoked.grant)),
            from: self.calendar.write_rfc3339(revoked.window.from()),
            until: revoked.window.until().map(|until| self.calendar.write_rfc3339(until)),
            cause: revoked.cause.as_str(),
        }
    }
}

fn amount_form(count: u64, unit: Option<Unit>) -> AmountForm {
    match unit {
        Some(unit) => {
            AmountForm { amount: Some(unit.write(i128::from(count))), smallest_parts: None }
        }
        None => AmountForm { amount: None, smallest_parts: Some(count) },
    }
}
