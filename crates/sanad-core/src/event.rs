//! What happened: the five events, in the past tense.

use std::fmt;

use crate::amount::{Amount, Capacity};
use crate::id::GrantId;
use crate::slug::{HolderId, PoolId};
use crate::text::{Purpose, Title};
use crate::time::EffectiveTime;
use crate::unit::Unit;
use crate::window::Window;

/// One line of an entry, a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is documented at its struct")]
pub enum Event {
    PoolOpened(PoolOpened),
    CapacityDeclared(CapacityDeclared),
    HolderRegistered(HolderRegistered),
    Granted(Granted),
    Revoked(Revoked),
}

impl Event {
    /// The first effective instant the event speaks of; pools and holders have none.
    #[must_use]
    pub fn effective_from(&self) -> Option<EffectiveTime> {
        match self {
            Event::PoolOpened(_) | Event::HolderRegistered(_) => None,
            Event::CapacityDeclared(declared) => Some(declared.from),
            Event::Granted(granted) => Some(granted.window.from()),
            Event::Revoked(revoked) => Some(revoked.window.from()),
        }
    }
}

/// A pool that can be granted from was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolOpened {
    /// Its identifier.
    pub pool: PoolId,
    /// Its name.
    pub title: Title,
    /// Root or sub-pool.
    pub kind: PoolKind,
}

/// Where a pool's unit and capacity come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PoolKind {
    /// It has its own unit, and its capacity is declared.
    Root(Unit),
    /// It has its parent's unit, and its capacity is what the parent granted to it.
    SubPool {
        /// The parent.
        parent: PoolId,
    },
}

/// A root pool's capacity from an instant on, until a later declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapacityDeclared {
    /// The root pool.
    pub pool: PoolId,
    /// What it has.
    pub capacity: Capacity,
    /// From when on.
    pub from: EffectiveTime,
}

/// A holder was registered; grants can go to it from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderRegistered {
    /// Its identifier.
    pub holder: HolderId,
    /// Its name.
    pub title: Title,
}

/// Who receives a grant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// A registered holder.
    Holder(HolderId),
    /// A sub-pool of the granting pool.
    Pool(PoolId),
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Recipient::Holder(holder) => f.pad(holder.as_str()),
            Recipient::Pool(pool) => f.pad(pool.as_str()),
        }
    }
}

/// An amount of a pool was given to a holder or a sub-pool for a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Its identifier.
    pub grant: GrantId,
    /// The pool granted from.
    pub pool: PoolId,
    /// Who received it.
    pub recipient: Recipient,
    /// How much.
    pub amount: Amount,
    /// What for.
    pub purpose: Option<Purpose>,
    /// When it holds.
    pub window: Window,
}

/// Part or all of a grant was taken back, for good or for a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// The grant.
    pub grant: GrantId,
    /// How much.
    pub amount: Amount,
    /// From when, until when.
    pub window: Window,
    /// Why.
    pub cause: Cause,
}

/// Why part or all of a grant was taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The grantor took it back.
    #[default]
    Revoked,
    /// The holder gave it back.
    Surrendered,
    /// It ran out by a condition of the grant.
    Lapsed,
    /// It went to another holder, in the same entry.
    Transferred,
    /// It was held back for a while.
    Curtailed,
    /// It should never have been.
    Annulled,
}

impl Cause {
    /// Every cause, in the order of the format.
    pub const ALL: [Cause; 6] = [
        Cause::Revoked,
        Cause::Surrendered,
        Cause::Lapsed,
        Cause::Transferred,
        Cause::Curtailed,
        Cause::Annulled,
    ];

    /// The word for it in the exchange form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Revoked => "revoked",
            Cause::Surrendered => "surrendered",
            Cause::Lapsed => "lapsed",
            Cause::Transferred => "transferred",
            Cause::Curtailed => "curtailed",
            Cause::Annulled => "annulled",
        }
    }

    /// The cause of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == name)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
