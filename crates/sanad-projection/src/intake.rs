//! How an entry enters the tables.

use std::collections::HashMap;
use std::hash::Hash;

use sanad_core::{Event, PoolId, PoolKind, Recipient, RecordedEntry, Sequence};

use crate::error::ProjectionError;
use crate::projection::{Projection, at};
use crate::row::{DeclarationRow, EntryRow, GrantRow, HolderRow, PoolRow, RecipientRow};

impl Projection {
    /// Takes an entry in.
    ///
    /// # Errors
    /// Where it is not the next one, or speaks of what no entry brought. The tables then hold the events before the
    /// one that failed; a history that was verified cannot fail.
    pub fn take(&mut self, recorded: &RecordedEntry) -> Result<(), ProjectionError> {
        let (expected, found) = (self.size(), recorded.sequence.0);
        if expected != found {
            return Err(ProjectionError::OutOfOrder { expected, found });
        }
        let id = recorded.entry.id();
        refuse_repeated(&self.entries_by_id, &id, "entry", recorded.sequence)?;
        self.add_entry(EntryRow { id, recorded_at: recorded.recorded_at });
        recorded
            .entry
            .events()
            .iter()
            .try_for_each(|event| self.take_event(event, recorded.sequence))
    }

    fn take_event(&mut self, event: &Event, sequence: Sequence) -> Result<(), ProjectionError> {
        match event {
            Event::PoolOpened(opened) => {
                refuse_repeated(&self.pools_by_id, &opened.pool, "pool", sequence)?;
                if let PoolKind::SubPool { parent } = &opened.kind {
                    self.pool_index(parent).ok_or_else(|| unknown_pool(sequence, parent))?;
                }
                self.add_pool(PoolRow {
                    id: opened.pool.clone(),
                    title: opened.title.clone(),
                    kind: opened.kind.clone(),
                    opened_in: sequence,
                    declared: Vec::new(),
                    grants: Vec::new(),
                    received: Vec::new(),
                });
            }
            Event::CapacityDeclared(declared) => {
                let pool = self
                    .pool_index(&declared.pool)
                    .ok_or_else(|| unknown_pool(sequence, &declared.pool))?;
                let (from, capacity) = (declared.from, declared.capacity);
                self.pools[at(pool)].declared.push(DeclarationRow {
                    from,
                    capacity,
                    declared_in: sequence,
                });
            }
            Event::HolderRegistered(registered) => {
                refuse_repeated(&self.holders_by_id, &registered.holder, "holder", sequence)?;
                let (id, title) = (registered.holder.clone(), registered.title.clone());
                self.add_holder(HolderRow {
                    id,
                    title,
                    registered_in: sequence,
                    grants: Vec::new(),
                });
            }
            Event::Granted(granted) => {
                refuse_repeated(&self.grants_by_id, &granted.grant, "grant", sequence)?;
                let pool = self
                    .pool_index(&granted.pool)
                    .ok_or_else(|| unknown_pool(sequence, &granted.pool))?;
                let recipient = self.recipient_row(&granted.recipient, sequence)?;
                self.add_grant(GrantRow {
                    id: granted.grant,
                    pool,
                    recipient,
                    amount: granted.amount,
                    window: granted.window,
                    purpose: granted.purpose.clone(),
                    granted_in: sequence,
                    last_revocation: None,
                });
            }
            Event::Revoked(revoked) => {
                let unknown = || ProjectionError::Unknown {
                    sequence,
                    what: "grant",
                    id: revoked.grant.to_string(),
                };
                let grant = *self.grants_by_id.get(&revoked.grant).ok_or_else(unknown)?;
                let (amount, window, cause) = (revoked.amount, revoked.window, revoked.cause);
                self.add_revocation(grant, amount, window, cause, sequence);
            }
        }
        Ok(())
    }

    fn recipient_row(
        &self,
        recipient: &Recipient,
        sequence: Sequence,
    ) -> Result<RecipientRow, ProjectionError> {
        match recipient {
            Recipient::Pool(pool) => self
                .pool_index(pool)
                .map(RecipientRow::Pool)
                .ok_or_else(|| unknown_pool(sequence, pool)),
            Recipient::Holder(holder) => {
                let unknown = || ProjectionError::Unknown {
                    sequence,
                    what: "holder",
                    id: holder.to_string(),
                };
                self.holders_by_id
                    .get(holder)
                    .copied()
                    .map(RecipientRow::Holder)
                    .ok_or_else(unknown)
            }
        }
    }
}

fn refuse_repeated<K: Eq + Hash + ToString>(
    known: &HashMap<K, u32>,
    id: &K,
    what: &'static str,
    sequence: Sequence,
) -> Result<(), ProjectionError> {
    if known.contains_key(id) {
        return Err(ProjectionError::Repeated { sequence, what, id: id.to_string() });
    }
    Ok(())
}

fn unknown_pool(sequence: Sequence, pool: &PoolId) -> ProjectionError {
    ProjectionError::Unknown { sequence, what: "pool", id: pool.to_string() }
}
