//! Entries in words.

use sanad::{
    Calendar, EffectiveTime, Entry, Event, GrantId, PoolId, PoolKind, Recipient, RecordedEntry,
    RecordedTime, Unit, View, Window, write_lag,
};

use crate::lettering::isolated;
use crate::naming::Shortened;

/// Tells what happened, with the names and units that a view knows, or the entry itself brings.
pub(crate) struct Words<'a> {
    /// What is known beside the entry; a proof is read without.
    pub(crate) view: Option<&'a View<'a>>,
    pub(crate) calendar: &'a Calendar,
    /// How long grant ids are written; whole where it is left out.
    pub(crate) shortened: Option<Shortened>,
}

impl Words<'_> {
    /// An entry's events, one a line.
    pub(crate) fn events(&self, entry: &Entry) -> Vec<String> {
        entry.events().iter().map(|event| self.event(event, entry)).collect()
    }

    fn event(&self, event: &Event, entry: &Entry) -> String {
        match event {
            Event::PoolOpened(opened) => {
                let kind = match &opened.kind {
                    PoolKind::Root(unit) => {
                        format!("in {} with {} decimals", unit.symbol(), unit.decimals())
                    }
                    PoolKind::SubPool { parent } => format!("a part of {parent}"),
                };
                format!("opened pool {}, {}, {kind}", opened.pool, quoted(opened.title.as_str()))
            }
            Event::CapacityDeclared(declared) => {
                let amount = self.amount(
                    i128::from(declared.capacity.get()),
                    self.unit(&declared.pool, entry).as_ref(),
                );
                let from = self.calendar.write(declared.from);
                format!("declared that {} has {amount} from {from} on", declared.pool)
            }
            Event::HolderRegistered(registered) => {
                let title = quoted(registered.title.as_str());
                format!("registered holder {}, {title}", registered.holder)
            }
            Event::Granted(granted) => {
                let unit = self.unit(&granted.pool, entry);
                let amount = self.amount(granted.amount.total(), unit.as_ref());
                let purpose = granted.purpose.as_ref();
                let purpose = purpose.map(|p| format!(" for {}", isolated(p.as_str())));
                let (grant, window) = (self.id(granted.grant), self.window(granted.window));
                let to = match &granted.recipient {
                    Recipient::Holder(holder) => holder.to_string(),
                    Recipient::Pool(pool) => format!("its part {pool}"),
                };
                format!(
                    "granted {amount} of {} to {to}{} {window} (grant {grant})",
                    granted.pool,
                    purpose.unwrap_or_default(),
                )
            }
            Event::Revoked(revoked) => {
                let (pool, recipient) = self.granted(revoked.grant, entry).unzip();
                let unit = pool.as_ref().and_then(|pool| self.unit(pool, entry));
                let amount = self.amount(revoked.amount.total(), unit.as_ref());
                let whose =
                    pool.zip(recipient).map(|(pool, to)| format!(" of {pool} held by {to}"));
                let (grant, window) = (self.id(revoked.grant), self.window(revoked.window));
                format!(
                    "{} {amount}{} {window} (grant {grant})",
                    revoked.cause,
                    whose.unwrap_or_default()
                )
            }
        }
    }

    pub(crate) fn id(&self, grant: GrantId) -> String {
        match self.shortened {
            Some(shortened) => shortened.id(grant),
            None => grant.to_string(),
        }
    }

    /// A window in words.
    pub(crate) fn window(&self, window: Window) -> String {
        let from = self.calendar.write(window.from());
        match window.until() {
            Some(until) => format!("from {from} until {}", self.calendar.write(until)),
            None => format!("from {from} on"),
        }
    }

    fn amount(&self, total: i128, unit: Option<&Unit>) -> String {
        match unit {
            Some(unit) => unit.write_with_symbol(total),
            None => format!("{total} smallest parts"),
        }
    }

    /// The unit that a grant is counted in.
    pub(crate) fn unit_of_grant(&self, grant: GrantId, entry: &Entry) -> Option<Unit> {
        let (pool, _) = self.granted(grant, entry)?;
        self.unit(&pool, entry)
    }

    /// A pool's unit.
    pub(crate) fn unit(&self, pool: &PoolId, entry: &Entry) -> Option<Unit> {
        if let Some(unit) = self.view.and_then(|view| view.unit(pool)) {
            return Some(unit.clone());
        }
        let opened = entry.events().iter().find_map(|event| match event {
            Event::PoolOpened(opened) if opened.pool == *pool => Some(&opened.kind),
            _ => None,
        });
        match opened? {
            PoolKind::Root(unit) => Some(unit.clone()),
            PoolKind::SubPool { parent } => self.unit(parent, entry),
        }
    }

    /// What a grant was given from, and to whom.
    fn granted(&self, grant: GrantId, entry: &Entry) -> Option<(PoolId, Recipient)> {
        if let Some(history) = self.view.and_then(|view| view.history(grant)) {
            return Some((history.pool, history.recipient));
        }
        entry.events().iter().find_map(|event| match event {
            Event::Granted(granted) if granted.grant == grant => {
                Some((granted.pool.clone(), granted.recipient.clone()))
            }
            _ => None,
        })
    }
}

/// When something was recorded, for people: without the fraction of a second.
pub(crate) fn recorded_at(at: RecordedTime, calendar: &Calendar) -> String {
    let whole = RecordedTime::from_us(at.us() - at.us().rem_euclid(1_000_000));
    calendar.write_recorded(whole.unwrap_or(at))
}

/// A title as it stands in a sentence.
pub(crate) fn quoted(text: &str) -> String {
    isolated(&format!("“{text}”"))
}

/// By how much an entry is backdated, in microseconds: what it speaks of began before the day of its recording.
pub(crate) fn backdated_by_us(recorded: &RecordedEntry, calendar: &Calendar) -> Option<i64> {
    lag_us(recorded.entry.effective_from()?, recorded.recorded_at, calendar)
}

/// By how much a recorded time lies after the day of an instant, in microseconds.
pub(crate) fn lag_us(
    begins: EffectiveTime,
    recorded_at: RecordedTime,
    calendar: &Calendar,
) -> Option<i64> {
    let late = begins < calendar.day_start(recorded_at);
    late.then(|| recorded_at.us().saturating_sub(begins.us()))
}

/// The mark of a backdated entry.
pub(crate) fn backdated(recorded: &RecordedEntry, calendar: &Calendar) -> Option<String> {
    backdated_by_us(recorded, calendar).map(|lag| format!("backdated by {}", write_lag(lag)))
}

/// So many of something.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
