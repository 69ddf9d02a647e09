//! `sanad completions`: completions for a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};

/// Print completions for a shell.
///
/// Save them where that shell looks for them.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        // Written to memory first: the generator panics where a reader has gone.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "sanad", &mut script);
        std::io::Write::write_all(desk.out(), &script)?;
        Ok(Ending::Done)
    }
}
