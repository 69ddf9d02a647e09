//! `sanad transfer`: hand a grant to another holder.

use clap::Args;
use sanad::Known;

use crate::act_options::ActOptions;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::naming;
use crate::reading::{read, read_if, read_time};
use crate::recording::record;

/// Hand a grant, whole or in part, to another holder.
///
/// One entry takes and gives. What is given has the same pool, what remains of the window, and the same purpose.
#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// The grant, by its id or at least the first four letters of it
    grant: String,
    /// The holder who receives it
    to: String,
    /// How much [default: all that is left]
    #[arg(allow_hyphen_values = true)]
    amount: Option<String>,
    /// The first day or instant on which the other holder has it
    #[arg(long, value_name = "DATE")]
    from: String,
    #[command(flatten)]
    act: ActOptions,
}

impl Transfer {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let (to, amount) = (read("TO", &self.to)?, read_if("AMOUNT", self.amount.as_deref())?);
        let ledger = desk.open_to_record()?;
        let from = read_time("--from", &self.from, ledger.calendar())?;
        let commands = {
            let view = ledger.view(Known::Head)?;
            let grant = naming::grant(&self.grant, &view)?;
            view.transfer(grant, to, amount, from).unwrap_or_default()
        };
        record(&ledger, self.act.act(commands)?, self.act.dry_run, desk)
    }
}
