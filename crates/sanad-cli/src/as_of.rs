//! The two instants of a view: what was known, and what was in force.

use clap::Args;
use sanad::{Auditor, EffectiveTime, Known, View};

use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::naming;

/// Which view of the ledger to take.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "View")]
pub(crate) struct AsOf {
    /// What was in force at this date or time [default: now]
    #[arg(long, value_name = "DATE")]
    pub(crate) in_force_at: Option<String>,
    #[command(flatten)]
    pub(crate) known: KnownAs,
}

/// How much of the history to use.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "View")]
pub(crate) struct KnownAs {
    /// As known at this date or time: only what was recorded by then
    #[arg(long, value_name = "DATE", conflicts_with = "at_entry")]
    pub(crate) as_known_at: Option<String>,
    /// As known after this entry (its number or its id)
    #[arg(long, value_name = "ENTRY")]
    pub(crate) at_entry: Option<String>,
}

/// A view with its instant, and how to say what it was computed from.
pub(crate) struct Taken<'a> {
    pub(crate) view: View<'a>,
    pub(crate) at: EffectiveTime,
    pub(crate) basis: BasisForm,
    pub(crate) footer: String,
}

impl AsOf {
    /// Takes the view.
    pub(crate) fn take<'a>(&self, auditor: &'a Auditor, desk: &Desk) -> Result<Taken<'a>, Failure> {
        let calendar = auditor.calendar();
        let at = match &self.in_force_at {
            Some(text) => read_date("--in-force-at", text, auditor)?,
            None => desk.now()?,
        };
        let view = auditor.view(self.known.resolve(auditor)?)?;
        let basis = BasisForm::of(&view, Some(at), calendar);
        let footer = basis.footer(Some(at), calendar);
        Ok(Taken { view, at, basis, footer })
    }
}

impl KnownAs {
    pub(crate) fn resolve(&self, auditor: &Auditor) -> Result<Known, Failure> {
        match (&self.as_known_at, &self.at_entry) {
            (Some(text), _) => known_at(text, auditor),
            (None, Some(entry)) => Ok(Known::AtEntry(naming::entry(entry, auditor)?)),
            (None, None) => Ok(Known::Head),
        }
    }
}

/// All that was recorded by an instant; a date is its first instant, as everywhere.
pub(crate) fn known_at(text: &str, auditor: &Auditor) -> Result<Known, Failure> {
    let recorded = auditor.calendar().recorded(text);
    recorded.map(Known::At).map_err(|error| Failure::Misread(format!("--as-known-at: {error}")))
}

pub(crate) fn read_date(
    option: &str,
    text: &str,
    auditor: &Auditor,
) -> Result<EffectiveTime, Failure> {
    let read = auditor.calendar().effective(text);
    read.map_err(|error| Failure::Misread(format!("{option}: {error}")))
}
