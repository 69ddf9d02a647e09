//! What one entry changes in the state, told before it is changed.

use hashbrown::HashSet;
use smallvec::SmallVec;

use crate::amount::Capacity;
use crate::grants::GrantState;
use crate::id::GrantId;
use crate::judge::Shortfall;
use crate::slug::HolderId;
use crate::state::{Pool, PoolIndex};
use crate::time::EffectiveTime;
use crate::timeline::Timeline;

/// What an entry changes in the state that it was drafted on.
#[derive(Debug, Clone)]
pub struct Effect {
    pub(crate) drafted_on: u64,
    pub(crate) grants: SmallVec<[GrantState; 1]>,
    pub(crate) changes: Changes,
    /// Apart, because most entries have none of it: an effect is moved often on its way.
    pub(crate) besides: Option<Box<Besides>>,
}

/// What an entry changes besides granting.
#[derive(Debug, Clone, Default)]
pub(crate) struct Besides {
    pub(crate) pools: Vec<Pool>,
    pub(crate) holders: HashSet<HolderId>,
    pub(crate) declared: Vec<(PoolIndex, EffectiveTime, Capacity)>,
    pub(crate) taken: Vec<(GrantId, Timeline)>,
    pub(crate) shortfalls: Vec<Shortfall>,
}

impl Effect {
    /// The shortfalls that the entry leaves behind because it accepts them.
    #[must_use]
    pub fn shortfalls(&self) -> &[Shortfall] {
        self.besides.as_ref().map_or(&[], |besides| &besides.shortfalls)
    }

    pub(crate) fn besides(&mut self) -> &mut Besides {
        self.besides.get_or_insert_default()
    }

    pub(crate) fn pools(&self) -> &[Pool] {
        self.besides.as_ref().map_or(&[], |besides| &besides.pools)
    }
}

/// How one entry changes a pool: capacity and usage apart, because only capacity may leave a shortfall.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) capacity: i128,
    pub(crate) usage: i128,
}

impl Change {
    pub(crate) fn headroom(self) -> i128 {
        self.capacity - self.usage
    }
}

/// A change of a pool from an instant on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChangeAt {
    pub(crate) pool: PoolIndex,
    pub(crate) at: EffectiveTime,
    pub(crate) change: Change,
}

/// The changes of an entry. A grant with an end makes two, and most entries are one grant: they need no memory of
/// their own.
pub(crate) type Changes = SmallVec<[ChangeAt; 2]>;
