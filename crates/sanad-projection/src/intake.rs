//! How an entry enters the tables.

use sanad_core::{
    Event, Granted, PoolId, PoolKind, PoolOpened, Recipient, RecordedEntry, Revoked, Sequence,
};

use crate::error::ProjectionError;
use crate::projection::Projection;
use crate::row::{
    DeclarationRow, EntryRow, GrantRow, HolderRow, PoolRow, RecipientRow, RevocationRow, Span,
    TableName,
};

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
        let (entry, sequence) = (recorded.entry.id(), recorded.sequence);
        if self.sequence_of(entry).is_some() {
            return Err(repeated(sequence, "entry", entry.to_string()));
        }
        self.take_all(recorded, true)
    }

    /// As [`take`](Projection::take), of an entry that was decided upon: its ids and those of its grants are new, which
    /// is not looked up again.
    ///
    /// # Errors
    /// As [`take`](Projection::take), but for what is repeated.
    pub fn take_decided(&mut self, recorded: &RecordedEntry) -> Result<(), ProjectionError> {
        let (expected, found) = (self.size(), recorded.sequence.0);
        if expected != found {
            return Err(ProjectionError::OutOfOrder { expected, found });
        }
        self.take_all(recorded, false)
    }

    fn take_all(&mut self, recorded: &RecordedEntry, check: bool) -> Result<(), ProjectionError> {
        let id = recorded.entry.id().uuid().into_bytes();
        self.entries_by_id.add(&id, self.entries.len());
        let sealed = self.entries.add(id, EntryRow { recorded_us: recorded.recorded_at.us() });
        self.note_sealed(TableName::Entries, sealed);
        let mut events = recorded.entry.events().iter();
        events.try_for_each(|event| self.take_event(event, recorded.sequence, check))
    }

    pub(crate) fn take_event(
        &mut self,
        event: &Event,
        sequence: Sequence,
        check: bool,
    ) -> Result<(), ProjectionError> {
        match event {
            Event::PoolOpened(opened) => self.take_pool(opened, sequence)?,
            Event::CapacityDeclared(declared) => {
                let pool = self.pool_named(&declared.pool, sequence)?;
                let (from, capacity) = (declared.from, declared.capacity);
                let row = DeclarationRow { pool, from, capacity, declared_in: sequence };
                let sealed = self.declarations.push(row);
                self.note_sealed(TableName::Declarations, sealed);
            }
            Event::HolderRegistered(registered) => {
                if self.holder_index(&registered.holder).is_some() {
                    return Err(repeated(sequence, "holder", registered.holder.to_string()));
                }
                let (id, title) = (registered.holder.clone(), registered.title.clone());
                let sealed = self.holders.add(HolderRow { id, title, registered_in: sequence });
                self.note_sealed(TableName::Holders, sealed);
            }
            Event::Granted(granted) => self.take_grant(granted, sequence, check)?,
            Event::Revoked(revoked) => self.take_revocation(revoked, sequence)?,
        }
        Ok(())
    }

    fn take_pool(
        &mut self,
        opened: &PoolOpened,
        sequence: Sequence,
    ) -> Result<(), ProjectionError> {
        if self.pool_index(&opened.pool).is_some() {
            return Err(repeated(sequence, "pool", opened.pool.to_string()));
        }
        let parent = match &opened.kind {
            PoolKind::Root(_) => None,
            PoolKind::SubPool { parent } => Some(self.pool_named(parent, sequence)?),
        };
        let row = PoolRow {
            id: opened.pool.clone(),
            title: opened.title.clone(),
            kind: opened.kind.clone(),
            opened_in: sequence,
        };
        self.add_pool(row, parent);
        Ok(())
    }

    fn take_grant(
        &mut self,
        granted: &Granted,
        sequence: Sequence,
        check: bool,
    ) -> Result<(), ProjectionError> {
        let id = granted.grant.uuid().into_bytes();
        if check && self.row_of_grant(granted.grant).is_some() {
            return Err(repeated(sequence, "grant", granted.grant.to_string()));
        }
        let row = GrantRow {
            pool: self.pool_named(&granted.pool, sequence)?,
            recipient: self.recipient_row(&granted.recipient, sequence)?,
            count: granted.amount.get(),
            span: Span::of(granted.window),
            purpose: self.purpose_number(granted.purpose.as_ref()),
            granted_in: sequence,
        };
        self.grants_by_id.add(&id, self.grants.len());
        let sealed = self.grants.add(id, row);
        self.note_sealed(TableName::Grants, sealed);
        Ok(())
    }

    fn take_revocation(
        &mut self,
        revoked: &Revoked,
        sequence: Sequence,
    ) -> Result<(), ProjectionError> {
        let unknown = || unknown(sequence, "grant", revoked.grant.to_string());
        let grant = self.row_of_grant(revoked.grant).ok_or_else(unknown)?;
        let row = RevocationRow {
            grant,
            count: revoked.amount.get(),
            span: Span::of(revoked.window),
            cause: revoked.cause,
            revoked_in: sequence,
        };
        self.revoked.add(grant, self.revocations.len());
        let sealed = self.revocations.push(row);
        self.note_sealed(TableName::Revocations, sealed);
        Ok(())
    }

    fn pool_named(&mut self, pool: &PoolId, sequence: Sequence) -> Result<u32, ProjectionError> {
        self.pools.meet(pool.as_str()).ok_or_else(|| unknown(sequence, "pool", pool.to_string()))
    }

    fn recipient_row(
        &mut self,
        recipient: &Recipient,
        sequence: Sequence,
    ) -> Result<RecipientRow, ProjectionError> {
        match recipient {
            Recipient::Pool(pool) => self.pool_named(pool, sequence).map(RecipientRow::Pool),
            Recipient::Holder(holder) => {
                let found = self.holder_index(holder).map(RecipientRow::Holder);
                found.ok_or_else(|| unknown(sequence, "holder", holder.to_string()))
            }
        }
    }
}

fn repeated(sequence: Sequence, what: &'static str, id: String) -> ProjectionError {
    ProjectionError::Repeated { sequence, what, id }
}

fn unknown(sequence: Sequence, what: &'static str, id: String) -> ProjectionError {
    ProjectionError::Unknown { sequence, what, id }
}
