//! One entry's effects, laid over the state: later events of an entry see the earlier ones, and nothing is changed
//! until the whole entry is judged.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Bound;

use smallvec::SmallVec;

use crate::effect::{Change, ChangeAt, Effect};
use crate::event::{
    CapacityDeclared, Event, Granted, HolderRegistered, PoolKind, PoolOpened, Recipient, Revoked,
};
use crate::grants::GrantState;
use crate::headroom::Headroom;
use crate::id::GrantId;
use crate::judge::Shortfall;
use crate::refusal::Refusal;
use crate::slug::{HolderId, PoolId};
use crate::state::{Pool, PoolIndex, State};
use crate::time::EffectiveTime;
use crate::timeline::{Low, Timeline};
use crate::window::Window;

/// An entry in the making: its effect so far.
pub(crate) struct Draft<'s> {
    state: &'s State,
    /// The pool that was looked up last, which is most often the next one too.
    last: Cell<Option<PoolIndex>>,
    /// Its changes are in the order of the events; by pool and instant, each once, when the draft is settled.
    pub(crate) effect: Effect,
}

impl<'s> Draft<'s> {
    pub(crate) fn on(state: &'s State) -> Self {
        let (grants, changes) = (SmallVec::new(), SmallVec::new());
        let last = Cell::new(state.granted_from);
        Draft {
            state,
            last,
            effect: Effect { drafted_on: state.applied, grants, changes, besides: None },
        }
    }

    /// Takes all of an entry's events, or those before the first that cannot be.
    pub(crate) fn take_all(&mut self, events: &[Event]) -> Result<(), Refusal> {
        events.iter().try_for_each(|event| self.take(event))?;
        self.settle();
        Ok(())
    }

    pub(crate) fn take(&mut self, event: &Event) -> Result<(), Refusal> {
        match event {
            Event::PoolOpened(opened) => self.open(opened),
            Event::CapacityDeclared(declared) => self.declare(declared),
            Event::HolderRegistered(registered) => self.register(registered),
            Event::Granted(granted) => self.grant(granted),
            Event::Revoked(revoked) => self.revoke(revoked),
        }
    }

    fn open(&mut self, opened: &PoolOpened) -> Result<(), Refusal> {
        if self.index(&opened.pool).is_some() {
            return Err(Refusal::PoolExists { pool: opened.pool.clone() });
        }
        let (unit, parent) = match &opened.kind {
            PoolKind::Root(unit) => (unit.clone(), None),
            PoolKind::SubPool { parent } if *parent == opened.pool => {
                return Err(Refusal::PoolCycle {
                    pool: opened.pool.clone(),
                    parent: parent.clone(),
                });
            }
            PoolKind::SubPool { parent } => {
                let parent = self.known(parent)?;
                (self.pool(parent).unit.clone(), Some(parent))
            }
        };
        self.effect.besides().pools.push(Pool {
            id: opened.pool.clone(),
            unit,
            parent,
            declared: BTreeMap::new(),
            headroom: Headroom::default(),
        });
        Ok(())
    }

    fn register(&mut self, registered: &HolderRegistered) -> Result<(), Refusal> {
        if self.has_holder(&registered.holder) {
            return Err(Refusal::HolderExists { holder: registered.holder.clone() });
        }
        self.effect.besides().holders.insert(registered.holder.clone());
        Ok(())
    }

    fn declare(&mut self, declared: &CapacityDeclared) -> Result<(), Refusal> {
        let index = self.known(&declared.pool)?;
        if let Some(parent) = self.pool(index).parent {
            let parent = self.pool(parent).id.clone();
            return Err(Refusal::CapacityOfSubPool { pool: declared.pool.clone(), parent });
        }
        let (before, next) = self.declarations_around(index, declared.from);
        if let Ok(window) = Window::new(declared.from, next) {
            let delta = declared.capacity.total() - before;
            self.change(index, window, Change { capacity: delta, usage: 0 });
        }
        self.effect.besides().declared.push((index, declared.from, declared.capacity));
        Ok(())
    }

    /// The capacity that holds at an instant, and the instant of the next declaration after it.
    fn declarations_around(
        &self,
        pool: PoolIndex,
        from: EffectiveTime,
    ) -> (i128, Option<EffectiveTime>) {
        let known = &self.pool(pool).declared;
        let drafted = || {
            let declared = self.effect.besides.iter().flat_map(|besides| &besides.declared);
            declared.filter(|(of, ..)| *of == pool).map(|(_, at, c)| (*at, *c))
        };
        // Of two declarations for one instant the later one holds, so the drafted ones come last.
        let holding = known.range(..=from).next_back().map(|(at, c)| (*at, *c)).into_iter();
        let holding =
            holding.chain(drafted().filter(|(at, _)| *at <= from)).max_by_key(|(at, _)| *at);
        let after = (Bound::Excluded(from), Bound::Unbounded);
        let next = known.range(after).next().map(|(at, _)| *at).into_iter();
        let next = next.chain(drafted().map(|(at, _)| at).filter(|at| *at > from)).min();
        (holding.map_or(0, |(_, capacity)| capacity.total()), next)
    }

    pub(crate) fn grant(&mut self, granted: &Granted) -> Result<(), Refusal> {
        if self.granted(granted.grant).is_ok() {
            return Err(Refusal::GrantExists { grant: granted.grant });
        }
        let pool = self.known(&granted.pool)?;
        let sub_pool = match &granted.recipient {
            Recipient::Holder(holder) if self.has_holder(holder) => None,
            Recipient::Holder(holder) => {
                return Err(Refusal::UnknownHolder { holder: holder.clone() });
            }
            Recipient::Pool(recipient) => Some(self.child(recipient, pool)?),
        };
        let (id, amount, window) = (granted.grant, granted.amount, granted.window);
        self.use_up(pool, sub_pool, window, amount.total());
        self.effect.grants.push(GrantState { id, pool, sub_pool, amount, window });
        Ok(())
    }

    fn child(&self, recipient: &PoolId, parent: PoolIndex) -> Result<PoolIndex, Refusal> {
        let child = self.known(recipient)?;
        if self.pool(child).parent == Some(parent) {
            return Ok(child);
        }
        Err(Refusal::NotASubPool {
            pool: self.pool(parent).id.clone(),
            recipient: recipient.clone(),
        })
    }

    fn revoke(&mut self, revoked: &Revoked) -> Result<(), Refusal> {
        let within = self.within(revoked.grant, revoked.window)?;
        let requested = revoked.amount.total();
        let low = self.least_left(revoked.grant, within)?;
        let GrantState { pool, sub_pool, .. } = *self.granted(revoked.grant)?;
        if requested > low.value {
            let unit = self.pool(pool).unit.clone();
            return Err(Refusal::RevokesTooMuch {
                grant: revoked.grant,
                unit,
                requested: revoked.amount,
                left: low.value,
                at: low.at,
            });
        }
        self.use_up(pool, sub_pool, within, -requested);
        let taken = &mut self.effect.besides().taken;
        match taken.iter_mut().find(|(grant, _)| *grant == revoked.grant) {
            Some((_, taken)) => taken.add_within(within, -requested),
            None => {
                let mut first = Timeline::default();
                first.add_within(within, -requested);
                taken.push((revoked.grant, first));
            }
        }
        Ok(())
    }

    /// The part of a revocation's window that takes effect; it must lie in the grant's.
    pub(crate) fn within(&self, grant: GrantId, asked: Window) -> Result<Window, Refusal> {
        let window = self.granted(grant)?.window;
        if asked.from() < window.from() {
            return Err(Refusal::RevokesBeforeGrant {
                grant,
                begins: window.from(),
                asked: asked.from(),
            });
        }
        match (window.until(), asked.until()) {
            (Some(ends), None) if asked.from() >= ends => {
                Err(Refusal::RevokesAfterGrant { grant, ends, asked: asked.from() })
            }
            (Some(ends), Some(until)) if until > ends => {
                Err(Refusal::RevokesAfterGrant { grant, ends, asked: until })
            }
            _ => window.overlap(asked).ok_or(Refusal::UnknownGrant { grant }),
        }
    }

    /// The least that is left of a grant in a window.
    fn least_left(&self, grant: GrantId, window: Window) -> Result<Low, Refusal> {
        let granted = self.granted(grant)?;
        let taken_before = self.state.grants.taken(grant);
        let before = |window| taken_before.map(|taken| taken.lowest(window));
        let untouched = Low { value: 0, at: window.from() };
        let low = match self.taken_now(grant) {
            None => before(window).unwrap_or(untouched),
            Some(now) => now
                .pieces(window)
                .into_iter()
                .map(|(piece, value)| {
                    let low = before(piece).unwrap_or(Low { value: 0, at: piece.from() });
                    Low { value: low.value + value, at: low.at }
                })
                .min_by_key(|low| low.value)
                .unwrap_or(untouched),
        };
        Ok(Low { value: granted.amount.total() + low.value, at: low.at })
    }

    /// What the entry itself takes of a grant.
    fn taken_now(&self, grant: GrantId) -> Option<&Timeline> {
        let taken = &self.effect.besides.as_ref()?.taken;
        taken.iter().find(|(of, _)| *of == grant).map(|(_, taken)| taken)
    }

    /// What is left of a grant in each piece of a window.
    pub(crate) fn left(
        &self,
        grant: GrantId,
        window: Window,
    ) -> Result<Vec<(Window, i128)>, Refusal> {
        let granted = self.granted(grant)?;
        let mut taken = Timeline::default();
        let sources = [self.state.grants.taken(grant), self.taken_now(grant)];
        for source in sources.into_iter().flatten() {
            source
                .pieces(window)
                .into_iter()
                .for_each(|(piece, value)| taken.add_within(piece, value));
        }
        let amount = granted.amount.total();
        Ok(taken.pieces(window).into_iter().map(|(piece, value)| (piece, amount + value)).collect())
    }

    /// Usage of the granting pool is capacity of the receiving one.
    fn use_up(
        &mut self,
        pool: PoolIndex,
        sub_pool: Option<PoolIndex>,
        window: Window,
        amount: i128,
    ) {
        self.change(pool, window, Change { capacity: 0, usage: amount });
        if let Some(sub_pool) = sub_pool {
            self.change(sub_pool, window, Change { capacity: amount, usage: 0 });
        }
    }

    fn change(&mut self, pool: PoolIndex, window: Window, change: Change) {
        self.effect.changes.push(ChangeAt { pool, at: window.from(), change });
        if let Some(at) = window.until() {
            let change = Change { capacity: -change.capacity, usage: -change.usage };
            self.effect.changes.push(ChangeAt { pool, at, change });
        }
    }

    /// Joins the changes of one pool at one instant, and puts all in order.
    pub(crate) fn settle(&mut self) {
        // A single grant's changes are in order as they are.
        if self.effect.changes.is_sorted_by(|a, b| (a.pool, a.at) < (b.pool, b.at)) {
            return;
        }
        self.effect.changes.sort_by_key(|change| (change.pool, change.at));
        self.effect.changes.dedup_by(|later, earlier| {
            let same = (later.pool, later.at) == (earlier.pool, earlier.at);
            if same {
                earlier.change.capacity += later.change.capacity;
                earlier.change.usage += later.change.usage;
            }
            same
        });
    }

    pub(crate) fn index(&self, pool: &PoolId) -> Option<PoolIndex> {
        let last = self.last.get().filter(|last| self.pool(*last).id == *pool);
        if last.is_some() {
            return last;
        }
        let drafted = || self.effect.pools().iter().position(|p| p.id == *pool);
        let known = self.state.pools_by_id.get(pool).copied();
        let found = known
            .or_else(|| drafted().map(|place| PoolIndex::after(self.state.pools.len() + place)));
        self.last.set(found.or(self.last.get()));
        found
    }

    pub(crate) fn known(&self, pool: &PoolId) -> Result<PoolIndex, Refusal> {
        self.index(pool).ok_or_else(|| Refusal::UnknownPool { pool: pool.clone() })
    }

    pub(crate) fn pool(&self, index: PoolIndex) -> &Pool {
        let known = self.state.pools.len();
        let place = index.place();
        if place < known { &self.state.pools[place] } else { &self.effect.pools()[place - known] }
    }

    pub(crate) fn granted(&self, grant: GrantId) -> Result<&GrantState, Refusal> {
        let drafted = || self.effect.grants.iter().find(|drafted| drafted.id == grant);
        let found = self.state.grants.get(grant).or_else(drafted);
        found.ok_or(Refusal::UnknownGrant { grant })
    }

    fn has_holder(&self, holder: &HolderId) -> bool {
        let drafted = || self.effect.besides.as_ref().is_some_and(|b| b.holders.contains(holder));
        self.state.holders.contains(holder) || drafted()
    }

    /// The changes, pool by pool, each pool's in order of time.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&Pool, &[ChangeAt])> {
        let by_pool = self.effect.changes.chunk_by(|one, other| one.pool == other.pool);
        by_pool.map(|changes| (self.pool(changes[0].pool), changes))
    }

    /// Notes the shortfalls that the entry accepts.
    pub(crate) fn accept(&mut self, shortfalls: Vec<Shortfall>) {
        if !shortfalls.is_empty() {
            self.effect.besides().shortfalls = shortfalls;
        }
    }
}
