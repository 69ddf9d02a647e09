//! `sanad export`: the history and the allocations, for other programs.

use clap::{Args, Subcommand, ValueEnum};
use sanad::exchange::{Units, recorded_to_json};
use sanad::{AuditedEntry, Auditor, EffectiveTime, Event, Head, Known, View};

use crate::as_of::{AsOf, KnownAs, Taken};
use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::rows::{AllocationForm, RecipientForm};

/// Write the history or the allocations for other programs, on standard output.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    History(ExportHistory),
    Allocations(ExportAllocations),
}

/// The history as JSON Lines, one entry a line, in the form of docs/format/exchange.md.
#[derive(Debug, Args)]
pub(crate) struct ExportHistory {
    #[command(flatten)]
    known: KnownAs,
}

/// The allocations as CSV, or as JSON Lines.
///
/// Every row of the CSV says what it was computed from, so that one that was copied elsewhere still does.
#[derive(Debug, Args)]
pub(crate) struct ExportAllocations {
    /// In which form
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    #[command(flatten)]
    as_of: AsOf,
}

/// A form of table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated, with a line of names first
    Csv,
    /// JSON Lines: the basis first, then one allocation a line
    Json,
}

impl Export {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        match self {
            Export::History(command) => command.run(desk),
            Export::Allocations(command) => command.run(desk),
        }
    }
}

impl ExportHistory {
    fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_read()?;
        let mut end = Head::empty(auditor.identity().genesis());
        let mut writing = Writing { auditor: &auditor, units: Units::default(), view: None };
        for entry in auditor.entries_known(self.known.resolve(&auditor)?)? {
            let entry = entry?;
            writing.entry(&entry, desk)?;
            end = Head { size: entry.recorded.sequence.0 + 1, hash: entry.hash };
        }
        let basis = BasisForm::of_part(end, auditor.head());
        desk.flush()?;
        desk.note(basis.footer(None, auditor.calendar()));
        Ok(Ending::Done)
    }
}

/// A history on its way out.
struct Writing<'a> {
    auditor: &'a Auditor,
    units: Units,
    /// Opened only where a revocation does not tell its unit: it takes memory for every grant.
    view: Option<View<'a>>,
}

impl Writing<'_> {
    fn entry(&mut self, audited: &AuditedEntry, desk: &mut Desk) -> Result<(), Failure> {
        let entry = &audited.recorded.entry;
        self.units.learn(entry);
        let revokes = || entry.events().iter().any(|event| matches!(event, Event::Revoked(_)));
        if self.view.is_none() && self.units.only().is_none() && revokes() {
            desk.load(self.auditor)?;
            self.view = Some(self.auditor.view(Known::Head)?);
        }
        let of_grant = |grant| self.view.as_ref().and_then(|view| view.unit_of_grant(grant));
        desk.answer(&recorded_to_json(
            &audited.recorded,
            &audited.hash.to_string(),
            &|pool| self.units.of_pool(pool).cloned(),
            &|grant| self.units.only().or_else(|| of_grant(grant)).cloned(),
            self.auditor.calendar(),
        ))
    }
}

impl ExportAllocations {
    fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let Taken { view, at, basis, footer } = self.as_of.take(&auditor, desk)?;
        match self.format {
            Format::Csv if !desk.json => csv(&view, at, &auditor, desk)?,
            _ => {
                desk.answer(&serde_json::json!({ "basis": basis }))?;
                for found in view.allocations(at) {
                    desk.answer(&AllocationForm::of(&found, auditor.calendar()))?;
                }
            }
        }
        desk.flush()?;
        desk.note(footer);
        Ok(Ending::Done)
    }
}

/// Every row says what it was computed from, so that one that was copied elsewhere still does.
fn csv(
    view: &View<'_>,
    at: EffectiveTime,
    auditor: &Auditor,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let calendar = auditor.calendar();
    let (in_force_at, basis) = (calendar.write_rfc3339(at), view.basis());
    let (size, head) = (basis.size.to_string(), basis.head.to_string());
    let mut rows = csv::Writer::from_writer(desk.out());
    let names = [
        "grant",
        "pool",
        "holder",
        "sub_pool",
        "purpose",
        "from",
        "until",
        "unit",
        "granted",
        "revoked",
        "amount",
        "granted_in",
        "in_force_at",
        "ledger_size",
        "head",
    ];
    rows.write_record(names).map_err(unwritten)?;
    for found in view.allocations(at) {
        let form = AllocationForm::of(&found, calendar);
        let (holder, sub_pool) = match form.to {
            RecipientForm::Holder(holder) => (holder, String::new()),
            RecipientForm::Pool(pool) => (String::new(), pool),
        };
        let (purpose, until) = (form.purpose.unwrap_or_default(), form.until.unwrap_or_default());
        let granted_in = form.granted_in.to_string();
        let row = [
            &form.grant,
            &form.pool,
            &holder,
            &sub_pool,
            &purpose,
            &form.from,
            &until,
            &form.unit,
            &form.granted,
            &form.revoked,
            &form.amount,
            &granted_in,
            &in_force_at,
            &size,
            &head,
        ];
        rows.write_record(row).map_err(unwritten)?;
    }
    Ok(rows.flush()?)
}

fn unwritten(error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Failure::Answer(error),
        other => Failure::Answer(std::io::Error::other(format!("{other:?}"))),
    }
}
