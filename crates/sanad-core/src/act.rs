//! What an actor asks to have recorded: the request that becomes an entry, or is refused.

use crate::event::{Cause, Recipient};
use crate::id::{EntryId, GrantId};
use crate::instrument::Instrument;
use crate::quantity::Quantity;
use crate::slug::{ActorId, HolderId, PoolId};
use crate::text::{Purpose, Reason, Title};
use crate::time::EffectiveTime;
use crate::unit::UnitSymbol;
use crate::window::Window;

/// A request with its authority; its commands are taken in order, all or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// The key of idempotency; one is made where it is left out.
    pub id: Option<EntryId>,
    /// Who asks.
    pub actor: ActorId,
    /// The legal document behind it.
    pub instrument: Option<Instrument>,
    /// Why it is asked.
    pub reason: Option<Reason>,
    /// Whether capacity may be taken away under live grants.
    pub accept_shortfall: bool,
    /// What is asked.
    pub commands: Vec<Command>,
}

impl Act {
    /// An act of one actor, without instrument, reason or id.
    #[must_use]
    pub fn new(actor: ActorId, commands: Vec<Command>) -> Self {
        Self { id: None, actor, instrument: None, reason: None, accept_shortfall: false, commands }
    }

    /// The grants that it names, made or revoked.
    pub fn grants(&self) -> impl Iterator<Item = GrantId> {
        self.commands.iter().filter_map(|command| match command {
            Command::Grant(grant) => grant.grant,
            Command::Revoke(revoke) => Some(revoke.grant),
            _ => None,
        })
    }
}

/// One thing that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is documented at its struct")]
pub enum Command {
    OpenPool(OpenPool),
    DeclareCapacity(DeclareCapacity),
    RegisterHolder(RegisterHolder),
    Grant(Grant),
    Revoke(Revoke),
}

/// Open a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPool {
    /// Its identifier.
    pub pool: PoolId,
    /// Its name.
    pub title: Title,
    /// Its unit's symbol; a sub-pool has its parent's.
    pub unit: Option<UnitSymbol>,
    /// Its unit's decimals; 0 where a root pool leaves them out, the parent's for a sub-pool.
    pub decimals: Option<u8>,
    /// The pool it is a part of.
    pub parent: Option<PoolId>,
}

/// Declare a root pool's capacity from an instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclareCapacity {
    /// The root pool.
    pub pool: PoolId,
    /// What it has; zero is allowed.
    pub amount: Quantity,
    /// From when on.
    pub from: EffectiveTime,
}

/// Register a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterHolder {
    /// Its identifier.
    pub holder: HolderId,
    /// Its name.
    pub title: Title,
}

/// Grant an amount of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its identifier; derived from the entry's id and the command's place where it is left out.
    pub grant: Option<GrantId>,
    /// The pool to grant from.
    pub pool: PoolId,
    /// Who receives it.
    pub recipient: Recipient,
    /// How much.
    pub amount: Quantity,
    /// What for.
    pub purpose: Option<Purpose>,
    /// When it holds.
    pub window: Window,
}

/// Take back part or all of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoke {
    /// The grant.
    pub grant: GrantId,
    /// How much; all that is left at each instant of the window where it is left out.
    pub amount: Option<Quantity>,
    /// From when, until when.
    pub window: Window,
    /// Why.
    pub cause: Cause,
}
