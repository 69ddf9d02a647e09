//! Act → entry, or a refusal: command by command, each seeing the ones before it.

use uuid::Uuid;

use crate::act::{Act, Command, DeclareCapacity, Grant, OpenPool, Revoke};
use crate::amount::{Amount, Capacity};
use crate::draft::Draft;
use crate::effect::Effect;
use crate::entry::{Entry, Events};
use crate::event::{
    CapacityDeclared, Event, Granted, HolderRegistered, PoolKind, PoolOpened, Revoked,
};
use crate::id::{EntryId, GrantId};
use crate::quantity::Quantity;
use crate::refusal::Refusal;
use crate::slug::PoolId;
use crate::state::{PoolIndex, State};
use crate::unit::Unit;

/// An act that is allowed: the entry to record and what it will change.
#[derive(Debug, Clone)]
pub struct Decided {
    /// What to record.
    pub entry: Entry,
    /// What to [apply](State::apply) once it is recorded.
    pub effect: Effect,
}

/// The id of a grant that was asked for without one: the UUIDv5 (RFC 9562, section 5.5) of the command's place in
/// the act, counted from 0 and written in decimal, in the name space of the entry's id. So a retry of the same act
/// makes the same grants.
///
/// ```
/// use sanad_core::derived_grant_id;
/// let entry = "01970e3c-7b7a-7000-8000-000000000001".parse()?;
/// assert_eq!(derived_grant_id(entry, 0), derived_grant_id(entry, 0));
/// assert_ne!(derived_grant_id(entry, 0), derived_grant_id(entry, 1));
/// # Ok::<(), sanad_core::IdError>(())
/// ```
///
/// # Panics
/// Never: a version 5 UUID is not nil.
#[must_use]
pub fn derived_grant_id(entry: EntryId, place: usize) -> GrantId {
    let uuid = Uuid::new_v5(&entry.uuid(), place.to_string().as_bytes());
    GrantId::new(uuid).expect("a version 5 UUID carries its version and is not nil")
}

impl State {
    /// Decides whether an act is allowed. Nothing is changed. O(log n) in the grants of the pools that it touches.
    ///
    /// `id` names the entry where the act has no id of its own.
    ///
    /// # Errors
    /// The first rule that the act breaks, with its numbers.
    pub fn decide(&self, act: &Act, id: EntryId) -> Result<Decided, Refusal> {
        let mut draft = Draft::on(self);
        let entry = draft.expand_all(act, act.id.unwrap_or(id))?;
        draft.judge(entry.accepts_shortfall())?;
        Ok(Decided { entry, effect: draft.effect })
    }

    /// The entry that an act asks for, without judging capacities: what a retry is compared by.
    ///
    /// # Errors
    /// A refusal where it speaks of what does not exist.
    pub fn expand(&self, act: &Act, id: EntryId) -> Result<Entry, Refusal> {
        Draft::on(self).expand_all(act, act.id.unwrap_or(id))
    }
}

impl Draft<'_> {
    /// Takes all that an act asks for: the entry that says so.
    fn expand_all(&mut self, act: &Act, id: EntryId) -> Result<Entry, Refusal> {
        let mut events = Events::with_capacity(act.commands.len());
        for (place, command) in act.commands.iter().enumerate() {
            let first = events.len();
            self.expand(act, command, &|| derived_grant_id(id, place), &mut events)?;
            events[first..].iter().try_for_each(|event| self.take(event))?;
        }
        self.settle();
        let (actor, instrument, reason) =
            (act.actor.clone(), act.instrument.clone(), act.reason.clone());
        Entry::new(id, actor, instrument, reason, act.accept_shortfall, events)
            .map_err(|_| Refusal::NothingAsked)
    }

    /// Turns a command into the events that it asks for, here and now.
    fn expand(
        &self,
        act: &Act,
        command: &Command,
        derived: &dyn Fn() -> GrantId,
        into: &mut Events,
    ) -> Result<(), Refusal> {
        match command {
            Command::OpenPool(open) => into.push(Event::PoolOpened(self.opened(act, open)?)),
            Command::DeclareCapacity(declare) => {
                into.push(Event::CapacityDeclared(self.declared(declare)?))
            }
            Command::RegisterHolder(register) => {
                into.push(Event::HolderRegistered(HolderRegistered {
                    holder: register.holder.clone(),
                    title: register.title.clone(),
                }))
            }
            Command::Grant(grant) => into.push(Event::Granted(self.asked(grant, derived)?)),
            Command::Revoke(revoke) => self.revoked(revoke, into)?,
        }
        Ok(())
    }

    fn opened(&self, act: &Act, open: &OpenPool) -> Result<PoolOpened, Refusal> {
        let kind = match &open.parent {
            Some(parent) => {
                if in_circle(act, &open.pool, parent) {
                    return Err(Refusal::PoolCycle {
                        pool: open.pool.clone(),
                        parent: parent.clone(),
                    });
                }
                let unit = &self.pool(self.known(parent)?).unit;
                let same_symbol = open.unit.as_ref().is_none_or(|symbol| symbol == unit.symbol());
                let same_decimals =
                    open.decimals.is_none_or(|decimals| decimals == unit.decimals());
                if !same_symbol || !same_decimals {
                    return Err(Refusal::UnitOfSubPool {
                        pool: open.pool.clone(),
                        unit: unit.clone(),
                    });
                }
                PoolKind::SubPool { parent: parent.clone() }
            }
            None => {
                let pool = || open.pool.clone();
                let symbol =
                    open.unit.clone().ok_or_else(|| Refusal::UnitMissing { pool: pool() })?;
                let unit = Unit::new(symbol, open.decimals.unwrap_or(0));
                PoolKind::Root(unit.map_err(|error| Refusal::UnitRefused { pool: pool(), error })?)
            }
        };
        Ok(PoolOpened { pool: open.pool.clone(), title: open.title.clone(), kind })
    }

    fn declared(&self, declare: &DeclareCapacity) -> Result<CapacityDeclared, Refusal> {
        let index = self.known(&declare.pool)?;
        let count = self.count(index, &declare.amount)?;
        Ok(CapacityDeclared {
            pool: declare.pool.clone(),
            capacity: Capacity::new(count),
            from: declare.from,
        })
    }

    fn asked(&self, grant: &Grant, derived: &dyn Fn() -> GrantId) -> Result<Granted, Refusal> {
        let index = self.known(&grant.pool)?;
        Ok(Granted {
            grant: grant.grant.unwrap_or_else(derived),
            pool: grant.pool.clone(),
            recipient: grant.recipient.clone(),
            amount: self.amount(index, &grant.amount)?,
            purpose: grant.purpose.clone(),
            window: grant.window,
        })
    }

    /// One event, or, where no amount was given, one for each stretch of the window in which something is left.
    fn revoked(&self, revoke: &Revoke, into: &mut Events) -> Result<(), Refusal> {
        let (grant, cause) = (revoke.grant, revoke.cause);
        let pool = self.granted(grant)?.pool;
        if let Some(quantity) = &revoke.amount {
            let amount = self.amount(pool, quantity)?;
            into.push(Event::Revoked(Revoked { grant, amount, window: revoke.window, cause }));
            return Ok(());
        }
        let within = self.within(grant, revoke.window)?;
        let first = into.len();
        for (window, left) in self.left(grant, within)? {
            // A piece that reaches the grant's end is revoked for good where that was asked.
            let for_good = window.until() == within.until() && revoke.window.until().is_none();
            let window = if for_good {
                crate::Window::new(window.from(), None).unwrap_or(window)
            } else {
                window
            };
            let left = u64::try_from(left).ok().and_then(|left| Amount::new(left).ok());
            into.extend(
                left.map(|amount| Event::Revoked(Revoked { grant, amount, window, cause })),
            );
        }
        if into.len() == first {
            return Err(Refusal::NothingLeft { grant, from: within.from() });
        }
        Ok(())
    }

    fn amount(&self, pool: PoolIndex, quantity: &Quantity) -> Result<Amount, Refusal> {
        let count = self.count(pool, quantity)?;
        Amount::new(count).map_err(|_| Refusal::AmountZero { pool: self.pool(pool).id.clone() })
    }

    fn count(&self, pool: PoolIndex, quantity: &Quantity) -> Result<u64, Refusal> {
        let pool = self.pool(pool);
        let (id, unit, asked) = (|| pool.id.clone(), || pool.unit.clone(), || quantity.clone());
        if quantity.unit().is_some_and(|symbol| symbol != pool.unit.symbol()) {
            return Err(Refusal::OtherUnit { pool: id(), unit: unit(), asked: asked() });
        }
        let count = quantity.count(pool.unit.decimals());
        let count = count.ok_or_else(|| Refusal::AmountTooFine {
            pool: id(),
            unit: unit(),
            asked: asked(),
        })?;
        u64::try_from(count).map_err(|_| Refusal::AmountTooLarge {
            pool: id(),
            unit: unit(),
            asked: asked(),
        })
    }
}

/// Whether the pools that an act opens make each other's parents.
fn in_circle(act: &Act, pool: &PoolId, parent: &PoolId) -> bool {
    let parent_in_act = |pool: &PoolId| {
        act.commands.iter().find_map(|command| match command {
            Command::OpenPool(open) if open.pool == *pool => open.parent.clone(),
            _ => None,
        })
    };
    let mut above = Some(parent.clone());
    for _ in 0..=act.commands.len() {
        match above {
            Some(above) if above == *pool => return true,
            Some(next) => above = parent_in_act(&next),
            None => return false,
        }
    }
    // A circle further up that does not pass through this pool: its own members are told so.
    false
}
