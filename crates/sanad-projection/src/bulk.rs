//! Many entries taken in at once: their ids are looked at when all are there, and not one by one.

use hashbrown::HashMap;
use sanad_core::{GrantId, Granted, Sequence};

use crate::error::ProjectionError;
use crate::index::Index;
use crate::parts::in_parts;
use crate::projection::{Projection, as_u32, at};
use crate::repeats::all_differ;
use crate::row::{GrantRow, Id, RecipientRow, RevocationRow, TableName};
use crate::sheet::{Called, Revoking, Sheet};

/// So many revocations wait for their grants to be looked for together.
const MOST_WAITING: usize = 1 << 20;

/// The entries do not fit the tables, or may not: whoever wants to know takes them one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt;

impl From<ProjectionError> for Doubt {
    fn from(_: ProjectionError) -> Self {
        Self
    }
}

/// Tables that are being filled. What comes of it is what [`Projection::take`] makes of the same entries.
///
/// To look an id up takes longer than all else about an entry. So grants that are revoked are looked for many at a
/// time, and whether an id was there before is asked once, of all of them. In return little can be asked of the tables
/// before [`finish`](Bulk::finish), and what does not fit is not told apart.
///
/// ```
/// use sanad_core::{Entry, Event, HolderRegistered, RecordedEntry, RecordedTime, Sequence};
/// use sanad_projection::{Bulk, Projection, Sheet};
/// let registered = HolderRegistered { holder: "acme".parse()?, title: "Acme".parse()? };
/// let id = "01970e3c-7b7a-7000-8000-000000000001".parse()?;
/// let entry = Entry::new(id, "mof".parse()?, None, None, false, vec![Event::HolderRegistered(registered)])?;
/// let recorded_at = RecordedTime::from_us(1_748_131_200_000_000)?;
/// let recorded = RecordedEntry { sequence: Sequence(0), recorded_at, entry };
/// let mut sheet = Sheet::default();
/// sheet.add(&recorded);
/// let mut bulk = Bulk::behind(Projection::default());
/// assert_eq!(bulk.take(&sheet), Ok(()));
/// let mut taken = Projection::default();
/// taken.take(&recorded)?;
/// assert_eq!(bulk.finish(), Ok(taken));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Bulk {
    projection: Projection,
    /// The tables that may come of it.
    expected: Option<Projection>,
    waiting: Vec<Revoking>,
}

impl Bulk {
    /// Goes on behind the entries that there are.
    #[must_use]
    pub fn behind(mut projection: Projection) -> Self {
        // They are made again when it is worth it.
        projection.entries_by_id = Index::default();
        projection.grants_by_id = Index::default();
        Self { projection, expected: None, waiting: Vec::new() }
    }

    /// Makes tables that are expected to be these: what is as expected is shared, so that both together hardly take
    /// more memory than one of them.
    #[must_use]
    pub fn expecting(self, expected: Projection) -> Self {
        Self { expected: Some(expected), ..self }
    }

    /// How many entries were taken in.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.projection.size()
    }

    /// Takes in the entries of a sheet, which come next.
    ///
    /// # Errors
    /// [`Doubt`]; nothing can be made of it then.
    pub fn take(&mut self, sheet: &Sheet) -> Result<(), Doubt> {
        let tables = &mut self.projection;
        if sheet.parted || sheet.first != tables.size() {
            return Err(Doubt);
        }
        let first_grant = tables.grants.len();
        let expected = self.expected.as_ref();
        let entries = expected.map(|expected| &expected.entries);
        let sealed = tables.entries.append(&sheet.entry_ids, &sheet.entries, entries);
        (0..sealed).for_each(|_| tables.note_sealed(TableName::Entries, true));
        let mut numbers = Numbers::of(sheet, expected);
        let mut done = 0;
        for apart in &sheet.apart {
            numbers.append(sheet, done..apart.behind, tables)?;
            done = apart.behind;
            tables.take_event(&apart.event, apart.sequence, true)?;
        }
        numbers.append(sheet, done..sheet.grants.len(), tables)?;
        self.waiting.extend(sheet.revocations.iter().map(|revoking| {
            let behind = first_grant + revoking.behind;
            Revoking { behind, ..*revoking }
        }));
        if self.waiting.len() > MOST_WAITING { self.settle() } else { Ok(()) }
    }

    /// A grant that was made before an entry, of those that were taken in. As long as few are asked for, each costs a
    /// look into all chunks; then an index is made.
    pub fn granted(&mut self, grant: GrantId, before: Sequence) -> Option<Granted> {
        let tables = &mut self.projection;
        if let Some(known) = tables.grants_by_id.known() {
            let behind = known..tables.grants.len();
            for (row, id) in behind.clone().zip(tables.grants.ids_of(behind)) {
                tables.grants_by_id.add(id, row);
            }
        }
        let row = tables.row_of_grant(grant)?;
        (tables.grants.get(row).granted_in < before).then(|| tables.granted(row))
    }

    /// The tables, with all that was taken in so far. Whether all ids differ is not asked yet.
    ///
    /// # Errors
    /// [`Doubt`], where a grant was revoked before it was granted.
    pub fn so_far(&mut self) -> Result<&Projection, Doubt> {
        self.settle()?;
        Ok(&self.projection)
    }

    /// The tables, with all that was taken in.
    ///
    /// # Errors
    /// [`Doubt`], where an id is there twice, or a grant was revoked before it was granted.
    pub fn finish(mut self) -> Result<Projection, Doubt> {
        self.settle()?;
        let Self { projection, .. } = self;
        if all_differ(&projection.entries) && all_differ(&projection.grants) {
            Ok(projection)
        } else {
            Err(Doubt)
        }
    }

    /// Looks for the grants of all revocations that wait, in one pass over all grants.
    fn settle(&mut self) -> Result<(), Doubt> {
        let (tables, waiting) = (&mut self.projection, std::mem::take(&mut self.waiting));
        if waiting.is_empty() {
            return Ok(());
        }
        let mut wanted: HashMap<Id, u32> = HashMap::new();
        let places: Vec<u32> = waiting
            .iter()
            .map(|revoking| {
                let next = as_u32(wanted.len());
                *wanted.entry(revoking.grant).or_insert(next)
            })
            .collect();
        let (grants, wanted) = (&tables.grants, &wanted);
        let found = in_parts(grants.len(), |rows| {
            let rows = rows.clone().zip(grants.ids_of(rows));
            let found = rows.filter_map(|(row, id)| Some((*wanted.get(id)?, row)));
            found.collect::<Vec<_>>()
        });
        let mut rows = vec![None; wanted.len()];
        found.into_iter().flatten().for_each(|(place, row)| rows[at(place)] = Some(row));
        for (revoking, place) in waiting.iter().zip(places) {
            let grant = rows[at(place)].filter(|row| *row < revoking.behind).ok_or(Doubt)?;
            let sealed = tables.revocations.push(RevocationRow { grant, ..revoking.row });
            tables.note_sealed(TableName::Revocations, sealed);
        }
        Ok(())
    }
}

/// What a sheet's numbers stand for in the tables, as far as it was asked.
struct Numbers<'e> {
    expected: Option<&'e Projection>,
    pools: Vec<Option<u32>>,
    holders: Vec<Option<u32>>,
    purposes: Vec<Option<u32>>,
    rows: Vec<GrantRow>,
}

impl<'e> Numbers<'e> {
    fn of(sheet: &Sheet, expected: Option<&'e Projection>) -> Self {
        fn unknown<T>(called: &Called<T>) -> Vec<Option<u32>> {
            vec![None; called.names.len()]
        }
        let (pools, holders) = (unknown(&sheet.pools), unknown(&sheet.holders));
        Self { expected, pools, holders, purposes: unknown(&sheet.purposes), rows: Vec::new() }
    }

    /// Appends grants of a sheet to the tables.
    fn append(
        &mut self,
        sheet: &Sheet,
        grants: std::ops::Range<usize>,
        tables: &mut Projection,
    ) -> Result<(), Doubt> {
        self.rows.clear();
        for row in &sheet.grants[grants.clone()] {
            let row = self.row(sheet, row, tables).ok_or(Doubt)?;
            self.rows.push(row);
        }
        let expected = self.expected.map(|expected| &expected.grants);
        let sealed = tables.grants.append(&sheet.grant_ids[grants], &self.rows, expected);
        (0..sealed).for_each(|_| tables.note_sealed(TableName::Grants, true));
        Ok(())
    }

    /// A row with the tables' numbers.
    fn row(&mut self, sheet: &Sheet, row: &GrantRow, tables: &mut Projection) -> Option<GrantRow> {
        let pool = |pools: &mut [Option<u32>], number: u32| {
            let find = || tables.pools.find(sheet.pools.names[at(number)].as_str());
            known(&mut pools[at(number)], find)
        };
        let recipient = match row.recipient {
            RecipientRow::Holder(number) => {
                let find = || tables.holders.find(sheet.holders.names[at(number)].as_str());
                RecipientRow::Holder(known(&mut self.holders[at(number)], find)?)
            }
            RecipientRow::Pool(number) => RecipientRow::Pool(pool(&mut self.pools, number)?),
        };
        let of_pool = pool(&mut self.pools, row.pool)?;
        let purpose = match row.purpose.checked_sub(1) {
            None => 0,
            Some(number) => known(&mut self.purposes[at(number)], || {
                Some(tables.purpose_number(Some(&sheet.purposes.names[at(number)])))
            })?,
        };
        Some(GrantRow { recipient, pool: of_pool, purpose, ..*row })
    }
}

/// What was found before; else what is found now.
#[inline]
fn known(before: &mut Option<u32>, find: impl FnOnce() -> Option<u32>) -> Option<u32> {
    if before.is_none() {
        *before = find();
    }
    *before
}
