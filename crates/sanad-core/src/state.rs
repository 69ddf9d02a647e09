//! What the rules need to know of the history so far, and no more.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::amount::{Amount, Capacity};
use crate::draft::{Draft, Effect};
use crate::entry::Entry;
use crate::event::Event;
use crate::id::GrantId;
use crate::refusal::Refusal;
use crate::slug::{HolderId, PoolId};
use crate::time::EffectiveTime;
use crate::timeline::Timeline;
use crate::unit::Unit;
use crate::window::Window;

/// A pool's place in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PoolIndex(pub(crate) usize);

/// A pool as the rules see it.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pub(crate) id: PoolId,
    pub(crate) unit: Unit,
    pub(crate) parent: Option<PoolIndex>,
    /// A root pool's declarations by the instant from which they hold.
    pub(crate) declared: BTreeMap<EffectiveTime, Capacity>,
    /// Capacity minus usage.
    pub(crate) headroom: Timeline,
}

/// A grant as the rules see it.
#[derive(Debug, Clone)]
pub(crate) struct GrantState {
    pub(crate) pool: PoolIndex,
    /// The sub-pool whose capacity it is, where it went to one.
    pub(crate) sub_pool: Option<PoolIndex>,
    pub(crate) amount: Amount,
    pub(crate) window: Window,
    /// What revocations took, as changes below zero; most grants have none.
    pub(crate) taken: Option<Box<Timeline>>,
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
    pub(crate) grants: HashMap<GrantId, GrantState>,
    /// How many effects were applied; an effect fits only the state that it was drafted on.
    pub(crate) applied: u64,
}

/// An entry that the rules do not allow at its place.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{refusal}")]
pub struct Unlawful {
    /// The first rule it breaks.
    pub refusal: Refusal,
    /// What it does all the same, where that can be told, so that an audit can go on behind it.
    pub effect: Option<Box<Effect>>,
}

impl State {
    /// Judges a recorded entry by the rules, at its place. O(log n) in the grants of the pools that it touches.
    ///
    /// # Errors
    /// [`Unlawful`] with the first rule that it breaks.
    pub fn admit(&self, entry: &Entry) -> Result<Effect, Unlawful> {
        let broken = |refusal| Unlawful { refusal, effect: None };
        let draft = self.draft(entry).map_err(broken)?;
        match draft.judge(entry.accepts_shortfall()) {
            Ok(shortfalls) => Ok(draft.into_effect(shortfalls)),
            Err(refusal) => {
                Err(Unlawful { refusal, effect: Some(Box::new(draft.into_effect(Vec::new()))) })
            }
        }
    }

    /// What an entry does that was judged before, without judging it again.
    ///
    /// # Errors
    /// A refusal where it speaks of what does not exist.
    pub fn trust(&self, entry: &Entry) -> Result<Effect, Refusal> {
        Ok(self.draft(entry)?.into_effect(Vec::new()))
    }

    /// A state from facts that were judged before, in an order in which each speaks only of earlier ones. O(n log n).
    ///
    /// # Errors
    /// A refusal where a fact speaks of what does not exist.
    pub fn from_facts(facts: impl IntoIterator<Item = Event>) -> Result<Self, Refusal> {
        let mut state = State::default();
        for fact in facts {
            let mut draft = Draft::on(&state);
            draft.take(&fact)?;
            let effect = draft.into_effect(Vec::new());
            state.apply(effect);
        }
        Ok(state)
    }

    fn draft(&self, entry: &Entry) -> Result<Draft<'_>, Refusal> {
        let mut draft = Draft::on(self);
        entry.events().iter().try_for_each(|event| draft.take(event))?;
        Ok(draft)
    }

    /// Takes an effect in.
    ///
    /// # Panics
    /// If the effect was drafted on another state: that is a mistake in the calling program.
    pub fn apply(&mut self, effect: Effect) {
        assert_eq!(
            effect.drafted_on, self.applied,
            "an effect fits only the state it was drafted on"
        );
        self.applied += 1;
        for pool in effect.pools {
            self.pools_by_id.insert(pool.id.clone(), PoolIndex(self.pools.len()));
            self.pools.push(pool);
        }
        self.holders.extend(effect.holders);
        self.grants.extend(effect.grants);
        for (pool, from, capacity) in effect.declared {
            self.pools[pool.0].declared.insert(from, capacity);
        }
        for (pool, changes) in effect.headroom {
            for (at, delta) in changes {
                self.pools[pool.0].headroom.add(at, delta);
            }
        }
        for (grant, changes) in effect.taken {
            if let Some(grant) = self.grants.get_mut(&grant) {
                let taken = grant.taken.get_or_insert_default();
                changes.into_iter().for_each(|(at, delta)| taken.add(at, delta));
            }
        }
    }

    /// The unit of a pool.
    #[must_use]
    pub fn unit(&self, pool: &PoolId) -> Option<&Unit> {
        self.pools_by_id.get(pool).map(|index| &self.pools[index.0].unit)
    }

    /// Capacity minus usage of a pool at an instant, in the unit's smallest part. O(log n).
    #[must_use]
    pub fn headroom(&self, pool: &PoolId, at: EffectiveTime) -> Option<i128> {
        self.pools_by_id.get(pool).map(|index| self.pools[index.0].headroom.value(at))
    }
}
