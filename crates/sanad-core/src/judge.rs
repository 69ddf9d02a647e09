//! The invariants, judged on the net effect of a whole entry at every effective instant, past and future.
//!
//! Where a pool's headroom stays at or above zero, nothing is wrong. Where it ends below zero:
//!
//! - an entry that leaves it as it was, or makes it less short, is allowed;
//! - an entry that makes it shorter and raises usage is a grant beyond capacity: never allowed;
//! - an entry that makes an existing shortfall larger is never allowed either;
//! - an entry that takes capacity away under grants that were covered is allowed if it accepts the shortfall.

use crate::draft::Draft;
use crate::effect::{Change, ChangeAt};
use crate::refusal::Refusal;
use crate::slug::PoolId;
use crate::state::Pool;
use crate::time::EffectiveTime;
use crate::unit::Unit;
use crate::window::Window;

/// Capacity that an entry took away under live grants, because it accepts that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// The pool.
    pub pool: PoolId,
    /// Its unit.
    pub unit: Unit,
    /// How much is missing where most is missing, in the unit's smallest part.
    pub missing: i128,
    /// The first instant at which so much is missing.
    pub at: EffectiveTime,
}

/// A stretch of effective time in which an entry's change of a pool is constant.
struct Piece {
    change: Change,
    /// The lowest headroom before the entry, and where.
    before: i128,
    at: EffectiveTime,
}

impl Piece {
    fn after(&self) -> i128 {
        self.before + self.change.headroom()
    }
}

impl Draft<'_> {
    /// Notes the shortfalls that the entry accepts, or tells the gravest rule that it breaks.
    pub(crate) fn judge(&mut self, accept_shortfall: bool) -> Result<(), Refusal> {
        let mut shortfalls = Vec::new();
        for (pool, changes) in self.changes() {
            shortfalls.extend(judge_pool(pool, changes, accept_shortfall)?);
        }
        self.accept(shortfalls);
        Ok(())
    }
}

fn judge_pool(
    pool: &Pool,
    changes: &[ChangeAt],
    accept: bool,
) -> Result<Option<Shortfall>, Refusal> {
    let worse = worsened(pool, changes);
    if worse.is_empty() {
        return Ok(None);
    }
    let lowest =
        |chosen: &dyn Fn(&&Piece) -> bool| worse.iter().filter(chosen).min_by_key(|p| p.after());

    if let Some(piece) = lowest(&|p| p.change.usage > 0) {
        return Err(Refusal::ExceedsCapacity {
            pool: pool.id.clone(),
            unit: pool.unit.clone(),
            requested: piece.change.usage,
            headroom: piece.before + piece.change.capacity,
            at: piece.at,
        });
    }
    if let Some(piece) = lowest(&|p| p.before < 0) {
        return Err(Refusal::ShortfallWouldGrow {
            pool: pool.id.clone(),
            unit: pool.unit.clone(),
            shortfall: -piece.before,
            would_be: -piece.after(),
            at: piece.at,
        });
    }
    let Some(piece) = lowest(&|_| true) else { return Ok(None) };
    let shortfall = Shortfall {
        pool: pool.id.clone(),
        unit: pool.unit.clone(),
        missing: -piece.after(),
        at: piece.at,
    };
    if accept { Ok(Some(shortfall)) } else { Err(Refusal::CausesShortfall(shortfall)) }
}

/// The stretches in which an entry makes headroom that ends below zero less; nothing else can break a rule.
fn worsened(pool: &Pool, changes: &[ChangeAt]) -> Vec<Piece> {
    let mut worse = Vec::new();
    let mut change = Change::default();
    for (place, next) in changes.iter().enumerate() {
        change.capacity += next.change.capacity;
        change.usage += next.change.usage;
        let taken = -change.headroom();
        if taken <= 0 {
            continue;
        }
        let until = changes.get(place + 1).map(|next| next.at);
        let Ok(window) = Window::new(next.at, until) else { continue };
        if pool.headroom.floor(window) < taken {
            let before = pool.headroom.lowest(window);
            worse.push(Piece { change, before: before.value, at: before.at });
        }
    }
    worse.retain(|piece| piece.after().is_negative());
    worse
}
