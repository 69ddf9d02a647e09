//! Why not: a stable code, and the numbers a person needs.

use std::fmt;

use crate::amount::Amount;
use crate::entry::Sequence;
use crate::id::{EntryId, GrantId};
use crate::judge::Shortfall;
use crate::quantity::Quantity;
use crate::slug::{HolderId, PoolId};
use crate::time::EffectiveTime;
use crate::unit::{Unit, UnitError};

/// A rule that an act would break.
///
/// Each has a stable [`code`](Refusal::code) and [`numbers`](Refusal::numbers) for programs; `Display` is a sentence
/// for people, with times in UTC. [`sentence`](Refusal::sentence) writes times as the caller likes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the sentences in Display say what each is, and the fields are named for their noun"
)]
pub enum Refusal {
    NothingAsked,
    PoolExists {
        pool: PoolId,
    },
    UnknownPool {
        pool: PoolId,
    },
    PoolCycle {
        pool: PoolId,
        parent: PoolId,
    },
    CapacityOfSubPool {
        pool: PoolId,
        parent: PoolId,
    },
    NotASubPool {
        pool: PoolId,
        recipient: PoolId,
    },
    UnitMissing {
        pool: PoolId,
    },
    UnitRefused {
        pool: PoolId,
        error: UnitError,
    },
    UnitOfSubPool {
        pool: PoolId,
        unit: Unit,
    },
    HolderExists {
        holder: HolderId,
    },
    UnknownHolder {
        holder: HolderId,
    },
    GrantExists {
        grant: GrantId,
    },
    UnknownGrant {
        grant: GrantId,
    },
    AmountZero {
        pool: PoolId,
    },
    AmountTooFine {
        pool: PoolId,
        unit: Unit,
        asked: Quantity,
    },
    AmountTooLarge {
        pool: PoolId,
        unit: Unit,
        asked: Quantity,
    },
    OtherUnit {
        pool: PoolId,
        unit: Unit,
        asked: Quantity,
    },
    ExceedsCapacity {
        pool: PoolId,
        unit: Unit,
        requested: i128,
        headroom: i128,
        at: EffectiveTime,
    },
    CausesShortfall(Shortfall),
    ShortfallWouldGrow {
        pool: PoolId,
        unit: Unit,
        shortfall: i128,
        would_be: i128,
        at: EffectiveTime,
    },
    RevokesTooMuch {
        grant: GrantId,
        unit: Unit,
        requested: Amount,
        left: i128,
        at: EffectiveTime,
    },
    NothingLeft {
        grant: GrantId,
        from: EffectiveTime,
    },
    RevokesBeforeGrant {
        grant: GrantId,
        begins: EffectiveTime,
        asked: EffectiveTime,
    },
    RevokesAfterGrant {
        grant: GrantId,
        ends: EffectiveTime,
        asked: EffectiveTime,
    },
    EntryIdReused {
        entry: EntryId,
        recorded_as: Sequence,
    },
    EntryTooLarge {
        bytes: usize,
        limit: usize,
    },
}

/// One of a refusal's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Number {
    /// An identifier.
    Id(String),
    /// An exact amount, written in its unit.
    Amount(String),
    /// An instant.
    Time(EffectiveTime),
    /// A count.
    Count(u64),
}

impl Refusal {
    /// The stable code, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NothingAsked => "nothing_asked",
            Refusal::PoolExists { .. } => "pool_exists",
            Refusal::UnknownPool { .. } => "unknown_pool",
            Refusal::PoolCycle { .. } => "pool_cycle",
            Refusal::CapacityOfSubPool { .. } => "capacity_of_sub_pool",
            Refusal::NotASubPool { .. } => "not_a_sub_pool",
            Refusal::UnitMissing { .. } => "unit_missing",
            Refusal::UnitRefused { .. } => "unit_refused",
            Refusal::UnitOfSubPool { .. } => "unit_of_sub_pool",
            Refusal::HolderExists { .. } => "holder_exists",
            Refusal::UnknownHolder { .. } => "unknown_holder",
            Refusal::GrantExists { .. } => "grant_exists",
            Refusal::UnknownGrant { .. } => "unknown_grant",
            Refusal::AmountZero { .. } => "amount_zero",
            Refusal::AmountTooFine { .. } => "amount_too_fine",
            Refusal::AmountTooLarge { .. } => "amount_too_large",
            Refusal::OtherUnit { .. } => "other_unit",
            Refusal::ExceedsCapacity { .. } => "exceeds_capacity",
            Refusal::CausesShortfall(_) => "causes_shortfall",
            Refusal::ShortfallWouldGrow { .. } => "shortfall_would_grow",
            Refusal::RevokesTooMuch { .. } => "revokes_too_much",
            Refusal::NothingLeft { .. } => "nothing_left",
            Refusal::RevokesBeforeGrant { .. } => "revokes_before_grant",
            Refusal::RevokesAfterGrant { .. } => "revokes_after_grant",
            Refusal::EntryIdReused { .. } => "entry_id_reused",
            Refusal::EntryTooLarge { .. } => "entry_too_large",
        }
    }

    /// The numbers behind the sentence, by name.
    #[must_use]
    pub fn numbers(&self) -> Vec<(&'static str, Number)> {
        let id = |name, id: &dyn fmt::Display| (name, Number::Id(id.to_string()));
        let amount =
            |name, unit: &Unit, total| (name, Number::Amount(unit.write_with_symbol(total)));
        let time = |name, at: &EffectiveTime| (name, Number::Time(*at));
        match self {
            Refusal::NothingAsked => vec![],
            Refusal::PoolExists { pool }
            | Refusal::UnknownPool { pool }
            | Refusal::UnitMissing { pool }
            | Refusal::UnitRefused { pool, .. }
            | Refusal::AmountZero { pool } => vec![id("pool", pool)],
            Refusal::PoolCycle { pool, parent } | Refusal::CapacityOfSubPool { pool, parent } => {
                vec![id("pool", pool), id("parent", parent)]
            }
            Refusal::NotASubPool { pool, recipient } => {
                vec![id("pool", pool), id("recipient", recipient)]
            }
            Refusal::UnitOfSubPool { pool, unit } => {
                vec![id("pool", pool), id("unit", unit.symbol())]
            }
            Refusal::HolderExists { holder } | Refusal::UnknownHolder { holder } => {
                vec![id("holder", holder)]
            }
            Refusal::GrantExists { grant } | Refusal::UnknownGrant { grant } => {
                vec![id("grant", grant)]
            }
            Refusal::AmountTooFine { pool, unit, asked }
            | Refusal::OtherUnit { pool, unit, asked } => {
                vec![
                    id("pool", pool),
                    id("unit", unit.symbol()),
                    (("requested"), Number::Amount(asked.to_string())),
                ]
            }
            Refusal::AmountTooLarge { pool, unit, asked } => vec![
                id("pool", pool),
                ("requested", Number::Amount(asked.to_string())),
                amount("largest", unit, i128::from(u64::MAX)),
            ],
            Refusal::ExceedsCapacity { pool, unit, requested, headroom, at } => vec![
                id("pool", pool),
                amount("requested", unit, *requested),
                amount("available", unit, (*headroom).max(0)),
                time("at", at),
            ],
            Refusal::CausesShortfall(Shortfall { pool, unit, missing, at }) => {
                vec![id("pool", pool), amount("shortfall", unit, *missing), time("at", at)]
            }
            Refusal::ShortfallWouldGrow { pool, unit, shortfall, would_be, at } => vec![
                id("pool", pool),
                amount("shortfall", unit, *shortfall),
                amount("would_be", unit, *would_be),
                time("at", at),
            ],
            Refusal::RevokesTooMuch { grant, unit, requested, left, at } => vec![
                id("grant", grant),
                amount("requested", unit, requested.total()),
                amount("available", unit, *left),
                time("at", at),
            ],
            Refusal::NothingLeft { grant, from } => vec![id("grant", grant), time("from", from)],
            Refusal::RevokesBeforeGrant { grant, begins, asked } => {
                vec![id("grant", grant), time("begins", begins), time("asked", asked)]
            }
            Refusal::RevokesAfterGrant { grant, ends, asked } => {
                vec![id("grant", grant), time("ends", ends), time("asked", asked)]
            }
            Refusal::EntryIdReused { entry, recorded_as } => {
                vec![id("entry", entry), ("recorded_as", Number::Count(recorded_as.0))]
            }
            Refusal::EntryTooLarge { bytes, limit } => {
                let count = |n: &usize| Number::Count(u64::try_from(*n).unwrap_or(u64::MAX));
                vec![("bytes", count(bytes)), ("limit", count(limit))]
            }
        }
    }

    /// The sentence for people: what is wrong, where, and what to do; times are written by `write`.
    #[must_use]
    pub fn sentence(&self, write: &dyn Fn(EffectiveTime) -> String) -> String {
        match self {
            Refusal::NothingAsked => "the act asks for nothing; give at least one event".into(),
            Refusal::PoolExists { pool } => {
                format!("pool {pool} exists already; choose another identifier")
            }
            Refusal::UnknownPool { pool } => format!("there is no pool {pool}; open it first"),
            Refusal::PoolCycle { pool, parent } => {
                format!("pool {pool} cannot be under {parent}: they would be each other's parents")
            }
            Refusal::CapacityOfSubPool { pool, parent } => format!(
                "pool {pool} is a sub-pool: its capacity is what {parent} grants to it; grant from {parent} instead"
            ),
            Refusal::NotASubPool { pool, recipient } => {
                format!(
                    "pool {recipient} is no sub-pool of {pool}; only its own parent can grant to it"
                )
            }
            Refusal::UnitMissing { pool } => format!("root pool {pool} needs a unit, such as MW"),
            Refusal::UnitRefused { pool, error } => {
                format!("the unit of pool {pool} is refused: {error}")
            }
            Refusal::UnitOfSubPool { pool, unit } => format!(
                "sub-pool {pool} has its parent's unit, {} with {} decimals; leave the unit out",
                unit.symbol(),
                unit.decimals()
            ),
            Refusal::HolderExists { holder } => {
                format!("holder {holder} is registered already; choose another identifier")
            }
            Refusal::UnknownHolder { holder } => {
                format!("there is no holder {holder}; register it first")
            }
            Refusal::GrantExists { grant } => {
                format!("grant {grant} exists already; leave its id out to have one made")
            }
            Refusal::UnknownGrant { grant } => format!("there is no grant {grant}"),
            Refusal::AmountZero { pool } => {
                format!("the amount of pool {pool} is zero; give more than nothing")
            }
            Refusal::AmountTooFine { pool, unit, asked } => format!(
                "{asked} is finer than pool {pool} counts: {} has {} decimals",
                unit.symbol(),
                unit.decimals()
            ),
            Refusal::AmountTooLarge { pool, unit, asked } => format!(
                "{asked} is more than pool {pool} can count; the largest amount is {}",
                unit.write_with_symbol(i128::from(u64::MAX))
            ),
            Refusal::OtherUnit { pool, unit, asked } => {
                format!("pool {pool} counts in {}, but {asked} was asked for", unit.symbol())
            }
            _ => self.sentence_with_times(write),
        }
    }

    fn sentence_with_times(&self, write: &dyn Fn(EffectiveTime) -> String) -> String {
        match self {
            Refusal::ExceedsCapacity { pool, unit, requested, headroom, at } => {
                let short = if *headroom < 0 {
                    format!(" (it is {} short)", unit.write_with_symbol(-headroom))
                } else {
                    String::new()
                };
                format!(
                    "pool {pool} has {} available at {}{short}, but {} was requested",
                    unit.write_with_symbol((*headroom).max(0)),
                    write(*at),
                    unit.write_with_symbol(*requested)
                )
            }
            Refusal::CausesShortfall(Shortfall { pool, unit, missing, at }) => format!(
                "this would leave pool {pool} short by {} at {}; revoke or curtail grants first, \
                 or accept the shortfall",
                unit.write_with_symbol(*missing),
                write(*at)
            ),
            Refusal::ShortfallWouldGrow { pool, unit, shortfall, would_be, at } => format!(
                "pool {pool} is already {} short at {}, and this would make it {}; \
                 revoke or curtail grants first, or in the same act",
                unit.write_with_symbol(*shortfall),
                write(*at),
                unit.write_with_symbol(*would_be)
            ),
            Refusal::RevokesTooMuch { grant, unit, requested, left, at } => format!(
                "grant {grant} has {} left at {}, but {} was to be revoked",
                unit.write_with_symbol(*left),
                write(*at),
                unit.write_with_symbol(requested.total())
            ),
            Refusal::NothingLeft { grant, from } => {
                format!("nothing is left of grant {grant} from {} on", write(*from))
            }
            Refusal::RevokesBeforeGrant { grant, begins, asked } => format!(
                "grant {grant} begins at {}; a revocation cannot begin before it, at {}",
                write(*begins),
                write(*asked)
            ),
            Refusal::RevokesAfterGrant { grant, ends, asked } => format!(
                "grant {grant} ends at {}; a revocation cannot reach behind it, to {}",
                write(*ends),
                write(*asked)
            ),
            Refusal::EntryIdReused { entry, recorded_as } => format!(
                "entry id {entry} stands for another act, recorded as entry {recorded_as}; use a new id"
            ),
            Refusal::EntryTooLarge { bytes, limit } => format!(
                "the act needs {bytes} bytes and an entry holds {limit}; ask for it in several acts"
            ),
            other => other.code().replace('_', " "),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(&|at| at.to_string()))
    }
}

impl std::error::Error for Refusal {}
