//! `sanad capacity declare`: declare what a root pool has.

use clap::Args;
use sanad::{Command, DeclareCapacity};

use crate::act_options::ActOptions;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::reading::{read, read_time};
use crate::recording::record;

/// Declare a root pool's capacity from a date on, until a later declaration.
#[derive(Debug, Args)]
pub(crate) struct CapacityDeclare {
    /// The root pool
    pool: String,
    /// What it has, such as "2000 MW"; 0 is allowed
    #[arg(allow_hyphen_values = true)]
    amount: String,
    /// From when on
    #[arg(long, value_name = "DATE")]
    from: String,
    #[command(flatten)]
    act: ActOptions,
}

impl CapacityDeclare {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let (pool, amount) = (read("POOL", &self.pool)?, read("AMOUNT", &self.amount)?);
        let ledger = desk.open_to_record()?;
        let from = read_time("--from", &self.from, ledger.calendar())?;
        let declare = DeclareCapacity { pool, amount, from };
        let act = self.act.act(vec![Command::DeclareCapacity(declare)])?;
        record(&ledger, act, self.act.dry_run, desk)
    }
}
