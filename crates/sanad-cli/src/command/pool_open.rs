//! `sanad pool open`: open a pool.

use clap::Args;
use sanad::{Command, OpenPool};

use crate::act_options::ActOptions;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::reading::{read, read_if};
use crate::recording::record;

/// Open a root pool with its unit, or a part of another pool.
#[derive(Debug, Args)]
pub(crate) struct PoolOpen {
    /// Its identifier: a-z, 0-9, and then also . _ / -
    pool: String,
    /// Its name, in any script
    title: String,
    /// The unit it counts in, such as MW; a part of a pool has its parent's
    #[arg(long, value_name = "SYMBOL", required_unless_present = "parent")]
    unit: Option<String>,
    /// How many decimals an amount may have [default: 0]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(0..=18))]
    decimals: Option<u8>,
    /// The pool it is a part of; its capacity is then what that pool grants to it
    #[arg(long, value_name = "POOL")]
    parent: Option<String>,
    #[command(flatten)]
    act: ActOptions,
}

impl PoolOpen {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let open = OpenPool {
            pool: read("POOL", &self.pool)?,
            title: read("TITLE", &self.title)?,
            unit: read_if("--unit", self.unit.as_deref())?,
            decimals: self.decimals,
            parent: read_if("--parent", self.parent.as_deref())?,
        };
        let act = self.act.act(vec![Command::OpenPool(open)])?;
        record(&desk.open_to_record()?, act, self.act.dry_run, desk)
    }
}
