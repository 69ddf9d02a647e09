//! The commands, one a file.

mod allocations;
mod apply;
mod capacity_declare;
mod check_proof;
mod checkpoint;
mod completions;
mod demo;
mod diff;
mod digest;
mod export;
mod grant;
mod history;
mod holder_register;
mod holders;
mod init;
mod key_new;
mod pool_open;
mod pools;
mod prove;
mod replay;
mod revoke;
mod show;
mod statement;
mod timeline;
mod transfer;
mod verify;

use clap::Subcommand;

use crate::desk::Desk;
use crate::failure::{Ending, Failure};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new ledger
    Init(init::Init),
    /// Open a pool that can be granted from
    #[command(subcommand)]
    Pool(Pool),
    /// Declare what a pool has
    #[command(subcommand)]
    Capacity(Capacity),
    /// Register a holder that can be granted to
    #[command(subcommand)]
    Holder(Holder),
    /// Grant an amount of a pool to a holder, or to a part of the pool
    Grant(grant::Grant),
    /// Take a grant back, whole or in part, for good or for a while
    Revoke(revoke::Revoke),
    /// Hand a grant, whole or in part, to another holder
    Transfer(transfer::Transfer),
    /// Record acts from a file of JSON Lines
    Apply(apply::Apply),
    /// What grants amount to: who has how much of what
    Allocations(allocations::Allocations),
    /// Capacity, use and headroom of every pool
    Pools(pools::Pools),
    /// Every holder and what it has
    Holders(holders::Holders),
    /// A pool's capacity and use over time
    Timeline(timeline::Timeline),
    /// All that was given to and taken from a holder
    Statement(statement::Statement),
    /// All that happened to a grant, with entries and hashes
    History(history::History),
    /// One entry, whole
    Show(show::Show),
    /// Walk through the entries and see what each changed
    Replay(replay::Replay),
    /// What changed between two points
    Diff(diff::Diff),
    /// Check the whole ledger from its first byte
    Verify(verify::Verify),
    /// Make keys to sign with
    #[command(subcommand)]
    Key(Key),
    /// Sign what the ledger holds now
    Checkpoint(checkpoint::Checkpoint),
    /// Prove an entry, or what became of a grant, in one file
    Prove(prove::Prove),
    /// Check a proof without the ledger
    CheckProof(check_proof::CheckProof),
    /// What the entries amount to, as one hash
    Digest(digest::Digest),
    /// Write the history or the allocations for other programs
    #[command(subcommand)]
    Export(export::Export),
    /// See a whole story: the 2,000 MW of surplus electricity
    Demo(demo::Demo),
    /// Print completions for a shell
    Completions(completions::Completions),
}

/// Pools.
#[derive(Debug, Subcommand)]
pub(crate) enum Pool {
    /// Open a root pool with its unit, or a part of another pool
    Open(pool_open::PoolOpen),
}

/// Capacity.
#[derive(Debug, Subcommand)]
pub(crate) enum Capacity {
    /// Declare a root pool's capacity from a date on
    Declare(capacity_declare::CapacityDeclare),
}

/// Holders.
#[derive(Debug, Subcommand)]
pub(crate) enum Holder {
    /// Register a holder, so that grants can go to it
    Register(holder_register::HolderRegister),
}

/// Keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Make a key to sign with
    New(key_new::KeyNew),
}

impl Command {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        match self {
            Command::Init(command) => command.run(desk),
            Command::Pool(Pool::Open(command)) => command.run(desk),
            Command::Capacity(Capacity::Declare(command)) => command.run(desk),
            Command::Holder(Holder::Register(command)) => command.run(desk),
            Command::Grant(command) => command.run(desk),
            Command::Revoke(command) => command.run(desk),
            Command::Transfer(command) => command.run(desk),
            Command::Apply(command) => command.run(desk),
            Command::Allocations(command) => command.run(desk),
            Command::Pools(command) => command.run(desk),
            Command::Holders(command) => command.run(desk),
            Command::Timeline(command) => command.run(desk),
            Command::Statement(command) => command.run(desk),
            Command::History(command) => command.run(desk),
            Command::Show(command) => command.run(desk),
            Command::Replay(command) => command.run(desk),
            Command::Diff(command) => command.run(desk),
            Command::Verify(command) => command.run(desk),
            Command::Key(Key::New(command)) => command.run(desk),
            Command::Checkpoint(command) => command.run(desk),
            Command::Prove(command) => command.run(desk),
            Command::CheckProof(command) => command.run(desk),
            Command::Digest(command) => command.run(desk),
            Command::Export(command) => command.run(desk),
            Command::Demo(command) => command.run(desk),
            Command::Completions(command) => command.run(desk),
        }
    }
}
