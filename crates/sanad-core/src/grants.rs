//! The grants as the rules see them: rows in order of granting, found by their ids.

use hashbrown::HashMap;

use crate::amount::Amount;
use crate::id::GrantId;
use crate::id_table::IdTable;
use crate::state::PoolIndex;
use crate::timeline::Timeline;
use crate::window::Window;

/// A grant as the rules see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GrantState {
    pub(crate) id: GrantId,
    pub(crate) pool: PoolIndex,
    /// The sub-pool whose capacity it is, where it went to one.
    pub(crate) sub_pool: Option<PoolIndex>,
    pub(crate) amount: Amount,
    pub(crate) window: Window,
}

/// All grants. A grant takes 56 bytes and some 16 in the table that finds it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grants {
    rows: Vec<GrantState>,
    by_id: IdTable,
    /// What revocations took of a row's grant, as changes below zero; most grants have none.
    taken: HashMap<u32, Timeline>,
}

impl Grants {
    pub(crate) fn get(&self, id: GrantId) -> Option<&GrantState> {
        self.place(id).map(|place| &self.rows[place as usize])
    }

    /// What was taken of a grant, where something was.
    pub(crate) fn taken(&self, id: GrantId) -> Option<&Timeline> {
        if self.taken.is_empty() {
            return None;
        }
        self.place(id).and_then(|place| self.taken.get(&place))
    }

    /// Adds a grant with an id that is new.
    pub(crate) fn add(&mut self, grant: GrantState) {
        let place = u32::try_from(self.rows.len()).expect("fewer than 2^32 grants");
        self.rows.push(grant);
        self.by_id.insert(grant.id.uuid(), place);
    }

    /// Takes from a grant that exists.
    pub(crate) fn take(&mut self, id: GrantId, changes: Timeline) {
        let Some(place) = self.place(id) else { return };
        let taken = self.taken.entry(place).or_default();
        changes.changes().into_iter().for_each(|(at, delta)| taken.add(at, delta));
    }

    /// Whether there may be a grant with this id.
    pub(crate) fn may_have(&self, id: GrantId) -> bool {
        self.by_id.may_have(id.uuid())
    }

    fn place(&self, id: GrantId) -> Option<u32> {
        self.by_id.find(id.uuid(), |place| self.rows[place as usize].id == id)
    }
}
