//! `sanad grant`: grant an amount of a pool.

use clap::Args;
use sanad::{Command, Recipient};

use crate::act_options::ActOptions;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::reading::{read, read_if, read_window};
use crate::recording::record;

/// Grant an amount of a pool to a holder, or to a part of the pool.
///
/// sanad grant surplus acme "300 MW" --from 2025-06-01 --until 2030-06-01 --purpose bitcoin-mining
#[derive(Debug, Args)]
pub(crate) struct Grant {
    /// The pool to grant from
    pool: String,
    /// The holder who receives it; with --to-pool, the part of the pool
    to: String,
    /// How much, such as "300 MW" or 92.4
    #[arg(allow_hyphen_values = true)]
    amount: String,
    /// The first day or instant
    #[arg(long, value_name = "DATE")]
    from: String,
    /// The first day or instant after it [default: for good]
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// What for
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// Grant to a part of the pool
    #[arg(long)]
    to_pool: bool,
    /// The grant's id [default: made from the entry's id]
    #[arg(long, value_name = "UUID")]
    grant: Option<String>,
    #[command(flatten)]
    act: ActOptions,
}

impl Grant {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let recipient = if self.to_pool {
            Recipient::Pool(read("TO", &self.to)?)
        } else {
            Recipient::Holder(read("TO", &self.to)?)
        };
        let (pool, amount) = (read("POOL", &self.pool)?, read("AMOUNT", &self.amount)?);
        let (grant, purpose) = (
            read_if("--grant", self.grant.as_deref())?,
            read_if("--purpose", self.purpose.as_deref())?,
        );
        let ledger = desk.open_to_record()?;
        let window = read_window(&self.from, self.until.as_deref(), ledger.calendar())?;
        let grant = sanad::Grant { grant, pool, recipient, amount, purpose, window };
        let act = self.act.act(vec![Command::Grant(grant)])?;
        record(&ledger, act, self.act.dry_run, desk)
    }
}
