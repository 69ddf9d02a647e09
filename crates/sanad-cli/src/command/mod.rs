//! The commands, one a file.

mod allocations;
mod apply;
mod backup;
mod bench;
mod capacity_declare;
mod check_dispute;
mod check_proof;
mod checkpoint;
mod compare;
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
mod mirror;
mod pool_open;
mod pools;
mod prove;
mod publish;
mod repair;
mod replay;
mod restore;
mod revoke;
mod show;
mod statement;
mod timeline;
mod transfer;
mod verify;
mod witness;

use clap::Subcommand;

use crate::desk::Desk;
use crate::failure::{Ending, Failure};

/// What to do. A command is described where it stands; here are only those that have commands below them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
    Grant(grant::Grant),
    Revoke(revoke::Revoke),
    Transfer(transfer::Transfer),
    Apply(apply::Apply),
    Allocations(allocations::Allocations),
    Pools(pools::Pools),
    Holders(holders::Holders),
    Timeline(timeline::Timeline),
    Statement(statement::Statement),
    History(history::History),
    Show(show::Show),
    Replay(replay::Replay),
    Diff(diff::Diff),
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
    /// Write what any web server can serve and everybody can verify
    Publish(publish::Publish),
    /// Copy what is published, every byte proved first
    Mirror(mirror::Mirror),
    /// Copy the ledger, verified, while it is in use
    Backup(backup::Backup),
    /// Make a ledger from a backup
    Restore(restore::Restore),
    /// Make a damaged ledger whole, from its own records or a good copy
    Repair(repair::Repair),
    /// Find where two histories part
    Compare(compare::Compare),
    /// Check that a ledger's key signed two histories
    CheckDispute(check_dispute::CheckDispute),
    /// Be a second office that cosigns checkpoints
    #[command(subcommand)]
    Witness(witness::WitnessCommand),
    /// What the entries amount to, as one hash
    Digest(digest::Digest),
    /// Write the history or the allocations for other programs
    #[command(subcommand)]
    Export(export::Export),
    Bench(bench::Bench),
    Demo(demo::Demo),
    Completions(completions::Completions),
}

/// Pools.
#[derive(Debug, Subcommand)]
pub(crate) enum Pool {
    Open(pool_open::PoolOpen),
}

/// Capacity.
#[derive(Debug, Subcommand)]
pub(crate) enum Capacity {
    Declare(capacity_declare::CapacityDeclare),
}

/// Holders.
#[derive(Debug, Subcommand)]
pub(crate) enum Holder {
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
            Command::Publish(command) => command.run(desk),
            Command::Mirror(command) => command.run(desk),
            Command::Backup(command) => command.run(desk),
            Command::Restore(command) => command.run(desk),
            Command::Repair(command) => command.run(desk),
            Command::Compare(command) => command.run(desk),
            Command::CheckDispute(command) => command.run(desk),
            Command::Witness(command) => command.run(desk),
            Command::Digest(command) => command.run(desk),
            Command::Export(command) => command.run(desk),
            Command::Bench(command) => command.run(desk),
            Command::Demo(command) => command.run(desk),
            Command::Completions(command) => command.run(desk),
        }
    }
}
