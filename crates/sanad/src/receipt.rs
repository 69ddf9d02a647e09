//! What a registrar is given back.

use sanad_audit_log::ChainHash;
use smallvec::SmallVec;

use sanad_core::{Entry, EntryId, Event, GrantId, RecordedTime, Sequence, Shortfall};

/// Ids of grants; a single one takes no memory of its own.
pub type GrantIds = SmallVec<[GrantId; 1]>;

/// Says that an entry is recorded and durable, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's id.
    pub entry: EntryId,
    /// Its place.
    pub sequence: Sequence,
    /// When the ledger learned it.
    pub recorded_at: RecordedTime,
    /// Its chain hash, which stands for the whole history up to it.
    pub hash: ChainHash,
    /// The same act was recorded before; this is its first receipt again.
    pub repeated: bool,
    /// The clock was behind the last recorded time, or the ledger's creation, and was held at it.
    pub clock_held: bool,
    /// What the entry leaves short, because it accepts that. Empty on a repeated receipt.
    pub shortfalls: Vec<Shortfall>,
    /// The grants that the entry made, in order.
    pub grants: GrantIds,
}

/// What recording an act would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// The entry that would be recorded.
    pub entry: Entry,
    /// What it would leave short, because it accepts that.
    pub shortfalls: Vec<Shortfall>,
    /// The place of the entry that stands for the same act already.
    pub repeats: Option<Sequence>,
}

/// The grants that an entry makes, in order.
pub(crate) fn grants_of(entry: &Entry) -> GrantIds {
    let granted = |event: &Event| match event {
        Event::Granted(granted) => Some(granted.grant),
        _ => None,
    };
    entry.events().iter().filter_map(granted).collect()
}
