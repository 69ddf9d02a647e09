//! Allocations by loops over days. The last day stands for all that come after it.

use std::collections::{BTreeMap, BTreeSet};

use crate::act::{Ask, ModelAct, holder, pool};

pub(crate) const DAYS: usize = 24;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NaivePool {
    pub(crate) parent: Option<String>,
    declared: BTreeMap<usize, i128>,
    pub(crate) capacity: [i128; DAYS],
    pub(crate) usage: [i128; DAYS],
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NaiveGrant {
    pub(crate) pool: String,
    pub(crate) to_pool: Option<String>,
    pub(crate) to_holder: Option<String>,
    pub(crate) from: usize,
    pub(crate) until: Option<usize>,
    pub(crate) amount: i128,
    pub(crate) left: [i128; DAYS],
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Naive {
    pub(crate) pools: BTreeMap<String, NaivePool>,
    pub(crate) holders: BTreeSet<String>,
    pub(crate) grants: BTreeMap<u128, NaiveGrant>,
}

impl Naive {
    /// What the ledger is after the act, or nothing where it must be refused.
    pub(crate) fn ask(&self, act: &ModelAct) -> Option<Naive> {
        let mut after = self.clone();
        for ask in &act.asks {
            after.take(ask)?;
            after.add_up();
        }
        after.lawful_after(self, act.accept).then_some(after)
    }

    fn take(&mut self, ask: &Ask) -> Option<()> {
        match ask {
            Ask::Open { pool: number, parent } => {
                let parent = parent.map(pool);
                let known = parent.as_ref().is_none_or(|parent| self.pools.contains_key(parent));
                if !known || self.pools.contains_key(&pool(*number)) {
                    return None;
                }
                let (capacity, usage, declared) = ([0; DAYS], [0; DAYS], BTreeMap::new());
                self.pools.insert(pool(*number), NaivePool { parent, declared, capacity, usage });
            }
            Ask::Declare { pool: number, amount, from } => {
                let found =
                    self.pools.get_mut(&pool(*number)).filter(|pool| pool.parent.is_none())?;
                found.declared.insert(*from, i128::from(*amount));
            }
            Ask::Register { holder: number } => {
                return self.holders.insert(holder(*number)).then_some(());
            }
            Ask::Grant { grant, pool: number, holder: to, amount, from, until } => {
                let to = holder(*to);
                if !self.holders.contains(&to) {
                    return None;
                }
                return self.grant(*grant, pool(*number), None, Some(to), *amount, (*from, *until));
            }
            Ask::Allot { grant, pool: number, to, amount, from, until } => {
                let to = pool(*to);
                if self.pools.get(&to)?.parent != Some(pool(*number)) {
                    return None;
                }
                return self.grant(*grant, pool(*number), Some(to), None, *amount, (*from, *until));
            }
            Ask::Revoke { grant, amount, from, until } => {
                return self.revoke(*grant, *amount, *from, *until);
            }
        }
        Some(())
    }

    fn grant(
        &mut self,
        grant: u128,
        pool: String,
        to_pool: Option<String>,
        to_holder: Option<String>,
        amount: u64,
        (from, until): (usize, Option<usize>),
    ) -> Option<()> {
        if !self.pools.contains_key(&pool) || self.grants.contains_key(&grant) {
            return None;
        }
        let mut left = [0; DAYS];
        let amount = i128::from(amount);
        left[from..until.unwrap_or(DAYS)].fill(amount);
        let granted = NaiveGrant { pool, to_pool, to_holder, from, until, amount, left };
        self.grants.insert(grant, granted);
        Some(())
    }

    fn revoke(
        &mut self,
        grant: u128,
        amount: Option<u64>,
        from: usize,
        until: Option<usize>,
    ) -> Option<()> {
        let grant = self.grants.get_mut(&grant)?;
        let ends = grant.until.unwrap_or(DAYS);
        let outside = match (grant.until, until) {
            (Some(ends), Some(until)) => until > ends,
            (Some(ends), None) => from >= ends,
            _ => false,
        };
        if from < grant.from || outside {
            return None;
        }
        let days = from..until.unwrap_or(ends);
        match amount.map(i128::from) {
            Some(amount) if grant.left[days.clone()].iter().any(|left| *left < amount) => {
                return None;
            }
            Some(amount) => grant.left[days].iter_mut().for_each(|left| *left -= amount),
            None if grant.left[days.clone()].iter().all(|left| *left == 0) => return None,
            None => grant.left[days].fill(0),
        }
        Some(())
    }

    fn add_up(&mut self) {
        for (id, pool) in &mut self.pools {
            let (mut capacity, mut usage) = ([0; DAYS], [0; DAYS]);
            for at in 0..DAYS {
                for (from, amount) in &pool.declared {
                    if *from <= at {
                        capacity[at] = *amount;
                    }
                }
                for grant in self.grants.values() {
                    if grant.pool == *id {
                        usage[at] += grant.left[at];
                    }
                    if grant.to_pool.as_ref() == Some(id) {
                        capacity[at] += grant.left[at];
                    }
                }
            }
            (pool.capacity, pool.usage) = (capacity, usage);
        }
    }

    fn lawful_after(&self, before: &Naive, accept: bool) -> bool {
        self.pools.iter().all(|(id, pool)| {
            (0..DAYS).all(|at| {
                let old = before.pools.get(id);
                let (old_capacity, old_usage) =
                    old.map_or((0, 0), |old| (old.capacity[at], old.usage[at]));
                let (was, is) = (old_capacity - old_usage, pool.capacity[at] - pool.usage[at]);
                is >= 0 || is >= was || (accept && was >= 0 && pool.usage[at] <= old_usage)
            })
        })
    }

    /// The grants to a holder.
    pub(crate) fn grants_of(&self, holder: &str) -> Vec<(&u128, &NaiveGrant)> {
        let theirs = |grant: &NaiveGrant| grant.to_holder.as_deref() == Some(holder);
        self.grants.iter().filter(|(_, grant)| theirs(grant)).collect()
    }
}
