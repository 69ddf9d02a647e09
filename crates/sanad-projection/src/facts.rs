//! Facts told again as events: all of them, for the rules' own state to be rebuilt from, or those about a few
//! identifiers, for an act to be compared with an entry that stands.

use sanad_core::{
    CapacityDeclared, Event, GrantId, Granted, HolderId, HolderRegistered, PoolId, PoolKind,
    PoolOpened, Recipient, Revoked,
};

use crate::projection::Projection;
use crate::row::PoolRow;

impl Projection {
    /// Every fact as an event, in an order that can be replayed. Titles and purposes are told too.
    pub fn all_facts(&self) -> impl Iterator<Item = Event> + '_ {
        let pools = self.pools.iter().map(|row| {
            let (pool, title, kind) = (row.id.clone(), row.title.clone(), row.kind.clone());
            Event::PoolOpened(PoolOpened { pool, title, kind })
        });
        let declared = (0..self.declarations.len()).map(|row| {
            let row = self.declarations.get(row);
            let pool = self.pool_row(row.pool).id.clone();
            Event::CapacityDeclared(CapacityDeclared {
                pool,
                capacity: row.capacity,
                from: row.from,
            })
        });
        let holders = self.holders.iter().map(|row| {
            let (holder, title) = (row.id.clone(), row.title.clone());
            Event::HolderRegistered(HolderRegistered { holder, title })
        });
        let grants = (0..self.grants.len()).flat_map(|grant| self.grant_facts(grant, self.size()));
        pools.chain(declared).chain(holders).chain(grants)
    }

    /// A grant and its revocations among the first `size` entries.
    fn grant_facts(&self, index: u32, size: u64) -> impl Iterator<Item = Event> + '_ {
        let granted = self.granted(index);
        let grant = granted.grant;
        let revoked = self.revocations(index, size).map(move |revocation| {
            let (amount, window) = (revocation.amount(), revocation.span.window());
            Event::Revoked(Revoked { grant, amount, window, cause: revocation.cause })
        });
        std::iter::once(Event::Granted(granted)).chain(revoked)
    }

    /// A grant as it was recorded.
    pub(crate) fn granted(&self, index: u32) -> Granted {
        let row = self.grants.get(index);
        Granted {
            grant: self.grant_id(index),
            pool: self.pool_row(row.pool).id.clone(),
            recipient: self.recipient(row.recipient),
            amount: row.amount(),
            purpose: self.purpose(row.purpose).cloned(),
            window: row.span.window(),
        }
    }

    /// What the first `size` entries say of these pools, holders and grants, and of the pools and holders that they
    /// stand on: events that can be replayed in this order. Capacity is left out.
    #[must_use]
    pub fn facts(
        &self,
        size: u64,
        pools: &[PoolId],
        holders: &[HolderId],
        grants: &[GrantId],
    ) -> Vec<Event> {
        let rows: Vec<_> = grants
            .iter()
            .filter_map(|id| self.row_of_grant(*id))
            .map(|index| (index, self.grants.get(index)))
            .filter(|(_, row)| row.granted_in.0 < size)
            .collect();
        let mut told = Told::default();
        for pool in pools.iter().filter_map(|id| self.pool_index(id)) {
            self.tell_pool(self.pool_row(pool), size, &mut told);
        }
        for (_, row) in &rows {
            self.tell_pool(self.pool_row(row.pool), size, &mut told);
            match self.recipient(row.recipient) {
                Recipient::Pool(pool) => {
                    let index = self.pool_index(&pool);
                    index
                        .into_iter()
                        .for_each(|index| self.tell_pool(self.pool_row(index), size, &mut told));
                }
                Recipient::Holder(holder) => self.tell_holder(&holder, size, &mut told),
            }
        }
        holders.iter().for_each(|holder| self.tell_holder(holder, size, &mut told));
        let mut events = told.events;
        events.extend(rows.into_iter().flat_map(|(grant, _)| self.grant_facts(grant, size)));
        events
    }

    /// Tells a pool after the pools above it.
    fn tell_pool(&self, row: &PoolRow, size: u64, told: &mut Told) {
        let mut path = vec![row];
        while let Some(PoolKind::SubPool { parent }) = path.last().map(|row| &row.kind) {
            match self.pool_index(parent) {
                Some(parent) => path.push(self.pool_row(parent)),
                None => break,
            }
        }
        for row in path.into_iter().rev().filter(|row| row.opened_in.0 < size) {
            if told.pools.insert(row.id.clone()) {
                let (pool, title, kind) = (row.id.clone(), row.title.clone(), row.kind.clone());
                told.events.push(Event::PoolOpened(PoolOpened { pool, title, kind }));
            }
        }
    }

    fn tell_holder(&self, holder: &HolderId, size: u64, told: &mut Told) {
        let row = self.holder_index(holder).map(|index| self.holders.get(index));
        if let Some(row) = row.filter(|row| row.registered_in.0 < size)
            && told.holders.insert(row.id.clone())
        {
            let (holder, title) = (row.id.clone(), row.title.clone());
            told.events.push(Event::HolderRegistered(HolderRegistered { holder, title }));
        }
    }
}

#[derive(Default)]
struct Told {
    pools: std::collections::HashSet<PoolId>,
    holders: std::collections::HashSet<HolderId>,
    events: Vec<Event>,
}
