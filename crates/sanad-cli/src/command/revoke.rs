//! `sanad revoke`: take a grant back.

use clap::Args;
use clap::builder::PossibleValuesParser;
use sanad::{Cause, Command, Known};

use crate::act_options::ActOptions;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::naming;
use crate::reading::{read_if, read_window};
use crate::recording::record;

/// Take a grant back, whole or in part, for good or for a while.
///
/// sanad revoke d319cfb3 "100 MW" --from 2025-09-01
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The grant, by its id or at least the first four letters of it
    grant: String,
    /// How much [default: all that is left]
    #[arg(allow_hyphen_values = true)]
    amount: Option<String>,
    /// The first day or instant
    #[arg(long, value_name = "DATE")]
    from: String,
    /// The first day or instant after it [default: for good]
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Why [default: curtailed with --until, else revoked]
    #[arg(long, value_parser = PossibleValuesParser::new(Cause::ALL.map(Cause::as_str)))]
    cause: Option<String>,
    #[command(flatten)]
    act: ActOptions,
}

impl Revoke {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let amount = read_if("AMOUNT", self.amount.as_deref())?;
        let ledger = desk.open_to_record()?;
        let window = read_window(&self.from, self.until.as_deref(), ledger.calendar())?;
        let grant = naming::grant(&self.grant, &ledger.view(Known::Head)?)?;
        let held_back = if self.until.is_some() { Cause::Curtailed } else { Cause::Revoked };
        let cause = self.cause.as_deref().and_then(Cause::from_name).unwrap_or(held_back);
        let revoke = sanad::Revoke { grant, amount, window, cause };
        let act = self.act.act(vec![Command::Revoke(revoke)])?;
        record(&ledger, act, self.act.dry_run, desk)
    }
}
