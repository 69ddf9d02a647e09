//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::command::Command;

/// An allocation ledger: who was granted how much of a scarce capacity, from when until when, what was revoked, and a
/// proof that nobody has rewritten any of it.
#[derive(Debug, Parser)]
#[command(name = "sanad", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 done, 1 refused or found wanting, 2 could not run.\n\
    Try `sanad demo` first. Dates are 2025-05-25 or 2025-05-25T14:30:00+05:00; amounts are \"300 MW\" or 300.")]
pub(crate) struct Arguments {
    /// The ledger's folder [default: the current folder, where it is a ledger's]
    #[arg(long, global = true, env = "SANAD_LEDGER", value_name = "DIR")]
    pub(crate) ledger: Option<PathBuf>,
    /// Answer in JSON, for programs, in the form of docs/format/answers.md
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
