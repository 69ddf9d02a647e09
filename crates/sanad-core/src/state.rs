//! What the rules need to know of the history so far, and no more.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use hashbrown::{HashMap, HashSet};

use crate::amount::Capacity;
use crate::draft::Draft;
use crate::effect::{Besides, ChangeAt, Changes, Effect};
use crate::entry::Entry;
use crate::event::Event;
use crate::grants::Grants;
use crate::headroom::Headroom;
use crate::id::GrantId;
use crate::refusal::Refusal;
use crate::slug::{HolderId, PoolId};
use crate::time::EffectiveTime;
use crate::unit::Unit;

/// Changes of headroom that are put in order and taken in together while a state is built from facts.
const MOST_CHANGES: usize = 1 << 18;

/// A pool's place in the state; counted from 1, so that no pool at all takes no room beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PoolIndex(NonZeroU32);

impl PoolIndex {
    /// The pool with so many before it.
    pub(crate) fn after(pools: usize) -> Self {
        let place = u32::try_from(pools).ok().and_then(|pools| NonZeroU32::MIN.checked_add(pools));
        Self(place.expect("fewer than 2^32 pools"))
    }

    /// How many pools are before it.
    pub(crate) fn place(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A pool as the rules see it.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pub(crate) id: PoolId,
    pub(crate) unit: Unit,
    pub(crate) parent: Option<PoolIndex>,
    /// A root pool's declarations by the instant from which they hold.
    pub(crate) declared: BTreeMap<EffectiveTime, Capacity>,
    /// Capacity minus usage.
    pub(crate) headroom: Headroom,
}

/// The history so far, as far as the rules ask.
///
/// ```
/// use sanad_core::{Act, Command, RegisterHolder, State};
/// let mut state = State::default();
/// let register = Command::RegisterHolder(RegisterHolder { holder: "acme".parse()?, title: "Acme".parse()? });
/// let act = Act::new("mof".parse()?, vec![register]);
/// let decided = state.decide(&act, "01970e3c-7b7a-7000-8000-000000000001".parse()?)?;
/// state.apply(decided.effect);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(crate) pools: Vec<Pool>,
    pub(crate) pools_by_id: HashMap<PoolId, PoolIndex>,
    pub(crate) holders: HashSet<HolderId>,
    pub(crate) grants: Grants,
    /// The pool of the last grant.
    pub(crate) granted_from: Option<PoolIndex>,
    /// How many effects were applied; an effect fits only the state that it was drafted on.
    pub(crate) applied: u64,
}

/// An entry that the rules do not allow at its place.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{refusal}")]
pub struct Unlawful {
    /// The first rule it breaks.
    pub refusal: Box<Refusal>,
    /// What it does all the same, where that can be told, so that an audit can go on behind it.
    pub effect: Option<Box<Effect>>,
}

impl State {
    /// Judges a recorded entry by the rules, at its place. O(log n) in the grants of the pools that it touches.
    ///
    /// # Errors
    /// [`Unlawful`] with the first rule that it breaks.
    pub fn admit(&self, entry: &Entry) -> Result<Effect, Unlawful> {
        let broken = |refusal| Unlawful { refusal: Box::new(refusal), effect: None };
        let mut draft = Draft::on(self);
        draft.take_all(entry.events()).map_err(broken)?;
        match draft.judge(entry.accepts_shortfall()) {
            Ok(()) => Ok(draft.effect),
            Err(refusal) => {
                Err(Unlawful { refusal: Box::new(refusal), effect: Some(Box::new(draft.effect)) })
            }
        }
    }

    /// What an entry does that was judged before, without judging it again.
    ///
    /// # Errors
    /// A refusal where it speaks of what does not exist.
    pub fn trust(&self, entry: &Entry) -> Result<Effect, Refusal> {
        let mut draft = Draft::on(self);
        draft.take_all(entry.events())?;
        Ok(draft.effect)
    }

    /// A state from facts that were judged before, in an order in which each speaks only of earlier ones. O(n log n).
    ///
    /// # Errors
    /// A refusal where a fact speaks of what does not exist.
    pub fn from_facts(facts: impl IntoIterator<Item = Event>) -> Result<Self, Refusal> {
        let mut state = State::default();
        let mut changes = Vec::new();
        for fact in facts {
            let mut draft = Draft::on(&state);
            draft.take(&fact)?;
            // Facts are not judged, so headroom may follow later: in order of time, many changes at once.
            changes.extend(state.apply_rows(draft.effect));
            if changes.len() >= MOST_CHANGES {
                state.apply_changes(&mut changes);
            }
        }
        state.apply_changes(&mut changes);
        Ok(state)
    }

    fn apply_changes(&mut self, changes: &mut Vec<ChangeAt>) {
        changes.sort_unstable_by_key(|change| (change.pool, change.at));
        for same in changes.chunk_by(|one, other| (one.pool, one.at) == (other.pool, other.at)) {
            let delta = same.iter().map(|change| change.change.headroom()).sum();
            self.pools[same[0].pool.place()].headroom.add(same[0].at, delta);
        }
        changes.clear();
    }

    /// Takes an effect in.
    ///
    /// # Panics
    /// If the effect was drafted on another state: that is a mistake in the calling program.
    pub fn apply(&mut self, effect: Effect) {
        for change in self.apply_rows(effect) {
            self.pools[change.pool.place()].headroom.add(change.at, change.change.headroom());
        }
    }

    /// Takes an effect in but for the headroom, whose changes it gives.
    pub(crate) fn apply_rows(&mut self, effect: Effect) -> Changes {
        assert_eq!(
            effect.drafted_on, self.applied,
            "an effect fits only the state it was drafted on"
        );
        self.applied += 1;
        for grant in &effect.grants {
            self.granted_from = Some(grant.pool);
            self.grants.add(*grant);
        }
        if let Some(besides) = effect.besides {
            self.apply_besides(*besides);
        }
        effect.changes
    }

    fn apply_besides(&mut self, besides: Besides) {
        for pool in besides.pools {
            self.pools_by_id.insert(pool.id.clone(), PoolIndex::after(self.pools.len()));
            self.pools.push(pool);
        }
        self.holders.extend(besides.holders);
        for (pool, from, capacity) in besides.declared {
            self.pools[pool.place()].declared.insert(from, capacity);
        }
        besides.taken.into_iter().for_each(|(grant, taken)| self.grants.take(grant, taken));
    }

    /// For the grants of so many acts or entries it pays to [anticipate](State::anticipate) them together.
    pub const ANTICIPATED: usize = 16;

    /// Looks for grants that are about to be asked for. Nothing comes of it but time: each is found in another place of
    /// a large memory, and waits for several places go by together, where those of one act after another do not.
    pub fn anticipate(&self, grants: impl IntoIterator<Item = GrantId>) {
        let there = grants.into_iter().filter(|grant| self.grants.may_have(*grant)).count();
        std::hint::black_box(there);
    }

    /// The unit of a pool.
    #[must_use]
    pub fn unit(&self, pool: &PoolId) -> Option<&Unit> {
        self.pools_by_id.get(pool).map(|index| &self.pools[index.place()].unit)
    }

    /// Capacity minus usage of a pool at an instant, in the unit's smallest part. O(log n).
    #[must_use]
    pub fn headroom(&self, pool: &PoolId, at: EffectiveTime) -> Option<i128> {
        self.pools_by_id.get(pool).map(|index| self.pools[index.place()].headroom.value(at))
    }
}
