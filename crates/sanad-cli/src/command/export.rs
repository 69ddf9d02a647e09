//! `sanad export`: the history and the allocations, for other programs.

use clap::{Args, Subcommand, ValueEnum};
use sanad::{Auditor, EffectiveTime, Known, View};

use crate::as_of::{AsOf, KnownAs, Taken};
use crate::basis::BasisForm;
use crate::command::show::entry_form;
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
        let auditor = desk.open_to_view()?;
        let view = auditor.view(self.known.resolve(&auditor)?)?;
        // Units are asked of the whole ledger.
        let whole = auditor.view(Known::Head)?;
        for entry in auditor.entries(0..view.basis().size)? {
            desk.answer(&entry_form(&entry?, &whole, auditor.calendar()))?;
        }
        let basis = BasisForm::of(&view, None, auditor.calendar());
        desk.flush()?;
        desk.note(basis.footer(None, auditor.calendar()));
        Ok(Ending::Done)
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
