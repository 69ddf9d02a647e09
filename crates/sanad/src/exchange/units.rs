//! The unit of each pool, learned from a history while it is read.

use std::collections::HashMap;

use sanad_core::{Entry, Event, PoolId, PoolKind, Unit};

/// The units that a history counts in, as far as it was read from its first entry on: so whoever writes it out needs no
/// view, and no memory that grows with it. O(pools).
///
/// ```
/// use sanad::exchange::Units;
/// use sanad::{Entry, Event, PoolKind, PoolOpened, Unit};
/// let unit = Unit::new("MW".parse()?, 3)?;
/// let kind = PoolKind::Root(unit.clone());
/// let opened = PoolOpened { pool: "surplus".parse()?, title: "Surplus".parse()?, kind };
/// let id = "01970e3c-7b7a-7000-8000-000000000001".parse()?;
/// let entry = Entry::new(id, "mof".parse()?, None, None, false, vec![Event::PoolOpened(opened)])?;
/// let mut units = Units::default();
/// units.learn(&entry);
/// assert_eq!(units.of_pool(&"surplus".parse()?), Some(&unit));
/// assert_eq!(units.only(), Some(&unit));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Units {
    by_pool: HashMap<PoolId, Unit>,
    /// The unit of the first pool.
    first: Option<Unit>,
    /// There is another unit than the first.
    many: bool,
}

impl Units {
    /// Takes in the next entry. What its events speak of is then known too.
    pub fn learn(&mut self, entry: &Entry) {
        for event in entry.events() {
            let Event::PoolOpened(opened) = event else { continue };
            let unit = match &opened.kind {
                PoolKind::Root(unit) => Some(unit),
                PoolKind::SubPool { parent } => self.of_pool(parent),
            };
            if let Some(unit) = unit.cloned() {
                self.many |= self.first.get_or_insert_with(|| unit.clone()) != &unit;
                self.by_pool.entry(opened.pool.clone()).or_insert(unit);
            }
        }
    }

    /// The unit of a pool; `None` of one that no entry opened so far.
    #[must_use]
    pub fn of_pool(&self, pool: &PoolId) -> Option<&Unit> {
        self.by_pool.get(pool)
    }

    /// The unit of every pool so far, and so of every grant; `None` where there are several or none.
    #[must_use]
    pub fn only(&self) -> Option<&Unit> {
        self.first.as_ref().filter(|_| !self.many)
    }
}
