//! `sanad holder register`: register a holder.

use clap::Args;
use sanad::{Command, RegisterHolder};

use crate::act_options::ActOptions;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::reading::read;
use crate::recording::record;

/// Register a holder, so that grants can go to it.
#[derive(Debug, Args)]
pub(crate) struct HolderRegister {
    /// Its identifier: a-z, 0-9, and then also . _ / -
    holder: String,
    /// Its name, in any script
    title: String,
    #[command(flatten)]
    act: ActOptions,
}

impl HolderRegister {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let register = RegisterHolder {
            holder: read("HOLDER", &self.holder)?,
            title: read("TITLE", &self.title)?,
        };
        let act = self.act.act(vec![Command::RegisterHolder(register)])?;
        record(&desk.open_to_record()?, act, self.act.dry_run, desk)
    }
}
