//! Every view of the projection at a pair of recorded and effective time, held against the model.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::{
    EffectiveTime, GrantId, HolderId, PoolId, Recipient, RecordedTime, Sequence, Unit,
};
use sanad_projection::{Allocation, Change, Known, Projection, StatementLine};
use uuid::Uuid;

use crate::act::day;
use crate::naive::{DAYS, Naive, NaiveGrant};

/// Every view at an effective day equals the model's, as known after `size` entries; `at_size` is a projection that
/// never took more.
pub(crate) fn agree(
    projection: &Projection,
    known: &Naive,
    at_size: &Projection,
    size: u64,
    at: usize,
) {
    pools_agree(projection, known, size, at);
    allocations_agree(projection, known, size, at);
    holders_agree(projection, known, size, at);
    histories_agree(projection, known, size);
    let canonical = |projection: &Projection| {
        let mut bytes = Vec::new();
        projection.canonical_state(size, &mut |more| bytes.extend_from_slice(more));
        bytes
    };
    assert_eq!(canonical(projection), canonical(at_size), "the state after {size} entries");
    // Entry n is recorded at the n-th microsecond.
    let last = size.checked_sub(1);
    let by_entry = last.map_or(Known::Nothing, |last| Known::AtEntry(Sequence(last)));
    let recorded = RecordedTime::from_us(size as i64 - 1).unwrap();
    for known in [by_entry, Known::At(recorded)] {
        assert_eq!(projection.known(known).ok(), Some(size), "{known:?}");
    }
}

fn pools_agree(projection: &Projection, known: &Naive, size: u64, at: usize) {
    let standings = projection.pools(size, day(at));
    let names: Vec<_> = standings.iter().map(|standing| standing.pool.to_string()).collect();
    let unique: BTreeSet<_> = names.iter().collect();
    assert!(unique.into_iter().eq(known.pools.keys()), "{names:?}");
    for standing in &standings {
        let pool = &known.pools[standing.pool.as_str()];
        let (capacity, usage) = (pool.capacity[at], pool.usage[at]);
        assert_eq!((standing.capacity, standing.usage), (capacity, usage), "{}", standing.pool);
        assert_eq!(standing.headroom, capacity - usage);
        assert_eq!(standing.parent.as_ref().map(PoolId::as_str), pool.parent.as_deref());
        let above = pool.parent.as_ref().map(|parent| {
            let place = names.iter().position(|name| name == parent).unwrap();
            assert!(names[place + 1..].contains(&standing.pool.to_string()), "behind its parent");
            standings[place].depth + 1
        });
        assert_eq!(standing.depth, above.unwrap_or(0));
    }
    for pool in projection.pool_ids() {
        let steps = projection.timeline(size, pool);
        let Some(naive) = known.pools.get(pool.as_str()) else {
            assert!(steps.is_none(), "{pool} is not known yet");
            continue;
        };
        let steps = steps.unwrap();
        for at in 0..DAYS {
            let step = steps.iter().filter(|step| step.window.contains(day(at)));
            let step: Vec<_> = step.map(|s| (s.capacity, s.usage, s.headroom)).collect();
            let (capacity, usage) = (naive.capacity[at], naive.usage[at]);
            let expected = (capacity, usage, capacity - usage);
            // Where nothing was ever said, there is no step.
            let fits = step == [expected] || step.is_empty() && expected == (0, 0, 0);
            assert!(fits, "{pool} on day {at}: {step:?} and not {expected:?}");
        }
    }
}

fn id_of(grant: u128) -> GrantId {
    GrantId::new(Uuid::from_u128(grant)).unwrap()
}

/// Whether an allocation is this grant on a day.
fn is_grant(allocation: &Allocation, grant: &NaiveGrant, at: usize) {
    assert_eq!(allocation.pool.as_str(), grant.pool);
    match &allocation.recipient {
        Recipient::Pool(pool) => assert_eq!(Some(pool.as_str()), grant.to_pool.as_deref()),
        Recipient::Holder(holder) => assert_eq!(Some(holder.as_str()), grant.to_holder.as_deref()),
    }
    assert_eq!(allocation.granted.total(), grant.amount);
    assert_eq!(
        (allocation.left, allocation.revoked),
        (grant.left[at], grant.amount - grant.left[at])
    );
    assert_eq!(allocation.window.from(), day(grant.from));
    assert_eq!(allocation.window.until(), grant.until.map(day));
}

/// The allocations among `grants` that amount to something on a day, each the same as the model's.
fn same_allocations<'g>(
    found: impl Iterator<Item = Allocation>,
    grants: impl Iterator<Item = (&'g u128, &'g NaiveGrant)>,
    at: usize,
) {
    let mut found: BTreeMap<u128, Allocation> =
        found.map(|allocation| (allocation.grant.uuid().as_u128(), allocation)).collect();
    for (id, grant) in grants.filter(|(_, grant)| grant.left[at] > 0) {
        let allocation = found.remove(id).unwrap_or_else(|| panic!("no allocation of {id}"));
        is_grant(&allocation, grant, at);
    }
    assert!(found.is_empty(), "and no others: {found:?}");
}

fn allocations_agree(projection: &Projection, known: &Naive, size: u64, at: usize) {
    let found: Vec<_> = projection.allocations(size, day(at)).collect();
    assert!(found.is_sorted_by_key(|allocation| allocation.granted_in), "in order of granting");
    same_allocations(found.into_iter(), known.grants.iter(), at);
}

fn holders_agree(projection: &Projection, known: &Naive, size: u64, at: usize) {
    let standings = projection.holders(size, day(at));
    let names: BTreeSet<_> = standings.iter().map(|s| s.holder.to_string()).collect();
    assert_eq!((names, standings.len()), (known.holders.clone(), known.holders.len()));
    for standing in &standings {
        let theirs = known.grants_of(standing.holder.as_str());
        let in_force = || theirs.iter().filter(|(_, grant)| grant.left[at] > 0);
        assert_eq!(standing.grants_in_force, in_force().count() as u64);
        let mut expected: BTreeMap<String, i128> = BTreeMap::new();
        in_force().for_each(|(_, g)| *expected.entry(g.pool.clone()).or_default() += g.left[at]);
        let statement = projection.statement(size, &standing.holder, day(at)).unwrap();
        let plain = |totals: &[(PoolId, Unit, i128)]| {
            let totals = totals.iter().map(|(pool, _, total)| (pool.to_string(), *total));
            totals.collect::<BTreeMap<_, _>>()
        };
        assert_eq!(plain(&standing.totals), expected);
        assert_eq!(plain(&statement.totals), expected);
        let own = projection.allocations_to(size, &standing.holder, day(at));
        assert!(own.eq(statement.allocations.iter().cloned()));
        same_allocations(statement.allocations.into_iter(), theirs.iter().copied(), at);
        assert!(statement.lines.is_sorted_by_key(|line| line.sequence));
        for &(id, grant) in &theirs {
            add_up(statement.lines.iter().filter(|line| line.grant == id_of(*id)), grant);
        }
        let others = statement.lines.iter().map(|line| line.grant.uuid().as_u128());
        assert!(others.into_iter().all(|id| theirs.iter().any(|(own, _)| **own == id)));
    }
    for holder in projection.holder_ids() {
        let is_known = known.holders.contains(holder.as_str());
        assert_eq!(projection.statement(size, holder, day(at)).is_some(), is_known, "{holder}");
    }
    let nobody: HolderId = "nobody".parse().unwrap();
    assert!(projection.statement(size, &nobody, day(at)).is_none());
}

/// The lines of a grant amount to what is left of it, on every day.
fn add_up<'l>(lines: impl Iterator<Item = &'l StatementLine>, grant: &NaiveGrant) {
    let mut left = [0; DAYS];
    for line in lines {
        assert_eq!(line.pool.as_str(), grant.pool);
        let sign = if line.change == Change::Granted { 1 } else { -1 };
        // A revocation may be said to be for good where the grant itself ends.
        let within = left.iter_mut().enumerate().take(grant.until.unwrap_or(DAYS));
        for (at, left) in within.skip(grant.from) {
            if line.window.contains(day(at)) {
                *left += sign * line.amount.total();
            }
        }
    }
    assert_eq!(left, grant.left);
}

fn histories_agree(projection: &Projection, known: &Naive, size: u64) {
    for (&id, grant) in &known.grants {
        let history = projection.history(size, id_of(id)).unwrap();
        assert_eq!(history.pool.as_str(), grant.pool);
        assert_eq!(history.window.from(), day(grant.from));
        assert_eq!(history.window.until(), grant.until.map(day));
        add_up(history.lines.iter().map(|line| &line.line), grant);
        let first = &history.lines[0];
        assert_eq!((first.line.change, first.line.amount.total()), (Change::Granted, grant.amount));
        assert!(history.lines[1..].iter().all(|line| line.line.change != Change::Granted));
        assert!(history.lines.is_sorted_by_key(|line| line.line.sequence));
        // What was left after the last line is what is left now.
        let last = history.lines.last().unwrap();
        let at = (0..DAYS).find(|&at| day(at) == last.line.window.from());
        assert_eq!(last.left, grant.left[at.expect("a day of the model")]);
    }
    let unknown = projection.allocations(projection.size(), EffectiveTime::LATEST);
    for allocation in unknown.filter(|found| found.granted_in.0 >= size) {
        assert!(projection.history(size, allocation.grant).is_none());
    }
}
