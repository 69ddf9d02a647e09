//! The rows of the fact tables: each fact with the entry that brought it.

use sanad_core::{
    Amount, Capacity, Cause, EARLIEST_US, EffectiveTime, HolderId, LATEST_US, PoolId, PoolKind,
    RecordedTime, Sequence, Title, Window,
};

/// The sixteen bytes of an entry's or a grant's id.
pub(crate) type Id = [u8; 16];

/// The tables, in the order in which they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum TableName {
    Entries,
    Pools,
    Declarations,
    Holders,
    Purposes,
    Grants,
    Revocations,
}

impl TableName {
    pub(crate) const ALL: [Self; 7] = [
        Self::Entries,
        Self::Pools,
        Self::Declarations,
        Self::Holders,
        Self::Purposes,
        Self::Grants,
        Self::Revocations,
    ];

    /// The table's number in bytes.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Entries => 1,
            Self::Pools => 2,
            Self::Declarations => 3,
            Self::Holders => 4,
            Self::Purposes => 5,
            Self::Grants => 6,
            Self::Revocations => 7,
        }
    }

    /// What people call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::Pools => "pools",
            Self::Declarations => "declarations",
            Self::Holders => "holders",
            Self::Purposes => "purposes",
            Self::Grants => "grants",
            Self::Revocations => "revocations",
        }
    }
}

/// A row that is written as `N` numbers, beside an identifier where the table has one.
pub(crate) trait Row<const N: usize>: Copy + PartialEq {
    const TABLE: TableName;
    /// Whether each row has an identifier.
    const HAS_IDS: bool = false;
    /// Whether rows are looked for by their first number.
    const DIRECTORY: bool = false;
    /// The number that never falls from row to row.
    const ASCENDING: Option<usize> = None;

    fn numbers(&self) -> [u64; N];

    /// The row of numbers that fit.
    fn of(numbers: [u64; N]) -> Self;

    /// Whether rows with numbers from the lesser to the greater of each pair can be taken; references are for others to
    /// check.
    fn fits(bounds: &[(u64, u64); N]) -> bool;
}

/// The latest instant, counted from the earliest.
const LATEST: u64 = LATEST_US.abs_diff(EARLIEST_US);

/// An instant, counted from the earliest.
pub(crate) fn ticks(us: i64) -> u64 {
    us.wrapping_sub(EARLIEST_US).cast_unsigned()
}

fn us(ticks: u64) -> i64 {
    EARLIEST_US.wrapping_add(ticks.cast_signed())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntryRow {
    pub(crate) recorded_us: i64,
}

impl EntryRow {
    pub(crate) fn recorded_at(self) -> RecordedTime {
        RecordedTime::from_us(self.recorded_us).expect("a time is checked when it is taken")
    }
}

impl Row<1> for EntryRow {
    const TABLE: TableName = TableName::Entries;
    const HAS_IDS: bool = true;
    const ASCENDING: Option<usize> = Some(0);

    fn numbers(&self) -> [u64; 1] {
        [ticks(self.recorded_us)]
    }

    fn of([recorded]: [u64; 1]) -> Self {
        Self { recorded_us: us(recorded) }
    }

    fn fits([recorded]: &[(u64, u64); 1]) -> bool {
        recorded.1 <= LATEST
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PoolRow {
    pub(crate) id: PoolId,
    pub(crate) title: Title,
    pub(crate) kind: PoolKind,
    pub(crate) opened_in: Sequence,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HolderRow {
    pub(crate) id: HolderId,
    pub(crate) title: Title,
    pub(crate) registered_in: Sequence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeclarationRow {
    pub(crate) pool: u32,
    pub(crate) from: EffectiveTime,
    pub(crate) capacity: Capacity,
    pub(crate) declared_in: Sequence,
}

impl Row<4> for DeclarationRow {
    const TABLE: TableName = TableName::Declarations;
    const ASCENDING: Option<usize> = Some(3);

    fn numbers(&self) -> [u64; 4] {
        let from = ticks(self.from.us());
        [self.pool.into(), from, self.capacity.get(), self.declared_in.0]
    }

    fn of([pool, from, capacity, declared_in]: [u64; 4]) -> Self {
        Self {
            pool: narrow(pool),
            from: EffectiveTime::from_us(us(from)).expect("a time is checked when it is taken"),
            capacity: Capacity::new(capacity),
            declared_in: Sequence(declared_in),
        }
    }

    fn fits([pool, from, ..]: &[(u64, u64); 4]) -> bool {
        pool.1 < u32::MAX.into() && from.1 <= LATEST
    }
}

/// From when until when, in microseconds: no end where the length is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from_us: i64,
    pub(crate) length_us: u64,
}

impl Span {
    pub(crate) fn of(window: Window) -> Self {
        let from_us = window.from().us();
        let length_us = window.until().map_or(0, |until| until.us().abs_diff(from_us));
        Self { from_us, length_us }
    }

    pub(crate) fn window(self) -> Window {
        let at = |us| EffectiveTime::from_us(us).expect("a time is checked when it is taken");
        let until =
            (self.length_us > 0).then(|| self.from_us.wrapping_add_unsigned(self.length_us));
        Window::new(at(self.from_us), until.map(at)).expect("a window ends after its beginning")
    }

    #[inline]
    pub(crate) fn contains(self, at_us: i64) -> bool {
        let away = at_us.wrapping_sub(self.from_us).cast_unsigned();
        self.from_us <= at_us && (self.length_us == 0 || away < self.length_us)
    }

    /// Whether a window holds an instant, all counted from the earliest, as numbers are written.
    #[inline]
    pub(crate) fn holds(from: u64, length: u64, at: u64) -> bool {
        from <= at && (length == 0 || at - from < length)
    }

    #[inline]
    fn read(from: u64, length_us: u64) -> Self {
        Self { from_us: us(from), length_us }
    }

    fn fits(from: (u64, u64), length: (u64, u64)) -> bool {
        from.1.checked_add(length.1).is_some_and(|end| end <= LATEST)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecipientRow {
    Holder(u32),
    Pool(u32),
}

impl RecipientRow {
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::Holder(holder) => u64::from(holder) << 1,
            Self::Pool(pool) => u64::from(pool) << 1 | 1,
        }
    }

    #[inline]
    pub(crate) fn of(number: u64) -> Self {
        let row = narrow(number >> 1);
        if number & 1 == 0 { Self::Holder(row) } else { Self::Pool(row) }
    }
}

/// A grant; its id stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GrantRow {
    pub(crate) recipient: RecipientRow,
    pub(crate) pool: u32,
    pub(crate) count: u64,
    pub(crate) span: Span,
    /// 0 for none; else one more than its row.
    pub(crate) purpose: u32,
    pub(crate) granted_in: Sequence,
}

impl GrantRow {
    /// The places of its numbers.
    pub(crate) const RECIPIENT: usize = 0;
    pub(crate) const POOL: usize = 1;
    pub(crate) const COUNT: usize = 2;
    pub(crate) const FROM: usize = 3;
    pub(crate) const LENGTH: usize = 4;

    pub(crate) fn amount(self) -> Amount {
        Amount::new(self.count).expect("an amount is checked when it is taken")
    }
}

impl Row<7> for GrantRow {
    const TABLE: TableName = TableName::Grants;
    const HAS_IDS: bool = true;
    const DIRECTORY: bool = true;
    const ASCENDING: Option<usize> = Some(6);

    fn numbers(&self) -> [u64; 7] {
        let Span { from_us, length_us } = self.span;
        let (recipient, pool) = (self.recipient.number(), self.pool.into());
        let (from, purpose) = (ticks(from_us), self.purpose.into());
        [recipient, pool, self.count, from, length_us, purpose, self.granted_in.0]
    }

    #[inline]
    fn of([recipient, pool, count, from, length, purpose, granted_in]: [u64; 7]) -> Self {
        Self {
            recipient: RecipientRow::of(recipient),
            pool: narrow(pool),
            count,
            span: Span::read(from, length),
            purpose: narrow(purpose),
            granted_in: Sequence(granted_in),
        }
    }

    fn fits([recipient, pool, count, from, length, purpose, _]: &[(u64, u64); 7]) -> bool {
        let narrow = recipient.1 >> 1 < u32::MAX.into()
            && pool.1 < u32::MAX.into()
            && purpose.1 < u32::MAX.into();
        narrow && count.0 > 0 && Span::fits(*from, *length)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RevocationRow {
    pub(crate) grant: u32,
    pub(crate) count: u64,
    pub(crate) span: Span,
    pub(crate) cause: Cause,
    pub(crate) revoked_in: Sequence,
}

impl RevocationRow {
    pub(crate) fn amount(self) -> Amount {
        Amount::new(self.count).expect("an amount is checked when it is taken")
    }
}

impl Row<6> for RevocationRow {
    const TABLE: TableName = TableName::Revocations;
    const ASCENDING: Option<usize> = Some(5);

    fn numbers(&self) -> [u64; 6] {
        let cause = Cause::ALL.iter().position(|cause| *cause == self.cause).unwrap_or(0);
        let Span { from_us, length_us } = self.span;
        let cause = cause.to_le_bytes()[0];
        let (grant, from) = (self.grant.into(), ticks(from_us));
        [grant, self.count, from, length_us, cause.into(), self.revoked_in.0]
    }

    #[inline]
    fn of([grant, count, from, length, cause, revoked_in]: [u64; 6]) -> Self {
        let cause = usize::try_from(cause).ok().and_then(|place| Cause::ALL.get(place));
        Self {
            grant: narrow(grant),
            count,
            span: Span::read(from, length),
            cause: cause.copied().unwrap_or_default(),
            revoked_in: Sequence(revoked_in),
        }
    }

    fn fits([grant, count, from, length, cause, _]: &[(u64, u64); 6]) -> bool {
        grant.1 < u32::MAX.into()
            && count.0 > 0
            && Span::fits(*from, *length)
            && usize::try_from(cause.1).is_ok_and(|place| place < Cause::ALL.len())
    }
}

/// A reference to a row; that it is one was checked.
#[inline]
fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
