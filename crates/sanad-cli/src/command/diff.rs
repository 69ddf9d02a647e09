//! `sanad diff`: what changed between two points of the history.

use std::collections::{BTreeMap, HashMap};

use clap::Args;
use sanad::{Allocation, Auditor, EffectiveTime, GrantId, Known, PoolId, PoolStanding, View};
use serde::Serialize;

use crate::as_of::read_date;
use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::naming::{self, Shortened};
use crate::paint::Tone;
use crate::rows::RecipientForm;
use crate::table::Cell;

/// What changed between two points of the history.
///
/// Shown are the grants that came, went or changed, and the pools that did. A point is an entry (its number or its
/// id), a date or time of recording, `start` for the ledger before its first entry, or `head`. Both points are looked
/// at as in force at the same instant.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The earlier point
    before: String,
    /// The later point
    #[arg(default_value = "head")]
    after: String,
    /// What was in force at this date or time [default: now]
    #[arg(long, value_name = "DATE")]
    in_force_at: Option<String>,
}

/// A grant at both points.
struct Difference {
    /// As it is at the later point, or at the earlier one where it is gone.
    seen: Allocation,
    before: i128,
    after: i128,
}

impl Difference {
    fn word(&self) -> (&'static str, Tone) {
        match (self.before, self.after) {
            (0, _) => ("added", Tone::Good),
            (_, 0) => ("removed", Tone::Bad),
            _ => ("changed", Tone::Heading),
        }
    }
}

#[derive(Serialize)]
struct DifferenceForm {
    change: &'static str,
    grant: String,
    pool: String,
    to: RecipientForm,
    unit: String,
    before: String,
    after: String,
}

#[derive(Serialize)]
struct PoolForm {
    pool: String,
    unit: String,
    capacity_before: Option<String>,
    capacity_after: Option<String>,
    usage_before: Option<String>,
    usage_after: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    before: BasisForm,
    after: BasisForm,
    grants: Vec<DifferenceForm>,
    pools: Vec<PoolForm>,
}

impl Diff {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let calendar = auditor.calendar();
        let at = match &self.in_force_at {
            Some(text) => read_date("--in-force-at", text, &auditor)?,
            None => desk.now()?,
        };
        let before = auditor.view(point(&self.before, &auditor)?)?;
        let after = auditor.view(point(&self.after, &auditor)?)?;
        let grants = grants(&before, &after, at);
        let pools = pools(&before, &after, at);
        let bases = [&before, &after].map(|view| BasisForm::of(view, Some(at), calendar));
        if desk.json {
            let [before, after] = bases;
            desk.answer(&Answer {
                before,
                after,
                grants: grants.iter().map(difference_form).collect(),
                pools: pools.values().map(pool_form).collect(),
            })?;
            return Ok(Ending::Done);
        }
        print_grants(&grants, Shortened::for_grants_of(&after), desk)?;
        print_pools(&pools, desk)?;
        let [before, after] = bases.map(|basis| basis.footer(Some(at), calendar));
        desk.whisper(format_args!("before: {before}"))?;
        desk.whisper(format_args!("after:  {after}"))?;
        Ok(Ending::Done)
    }
}

/// A point of the history.
fn point(text: &str, auditor: &Auditor) -> Result<Known, Failure> {
    match text {
        "start" => Ok(Known::Nothing),
        "head" => Ok(Known::Head),
        _ => match auditor.calendar().recorded(text) {
            Ok(at) => Ok(Known::At(at)),
            Err(_) => Ok(Known::AtEntry(naming::entry(text, auditor)?)),
        },
    }
}

fn grants(before: &View<'_>, after: &View<'_>, at: EffectiveTime) -> Vec<Difference> {
    let mut gone: HashMap<GrantId, Allocation> =
        before.allocations(at).map(|found| (found.grant, found)).collect();
    let mut differences = Vec::new();
    for seen in after.allocations(at) {
        let before = gone.remove(&seen.grant).map_or(0, |found| found.left);
        let after = seen.left;
        if before != after {
            differences.push(Difference { seen, before, after });
        }
    }
    let mut gone: Vec<Difference> =
        gone.into_values().map(|seen| Difference { before: seen.left, after: 0, seen }).collect();
    gone.sort_by_key(|difference| (difference.seen.granted_in, difference.seen.grant));
    gone.extend(differences);
    gone
}

type Standings = (Option<PoolStanding>, Option<PoolStanding>);

/// The pools that differ.
fn pools(before: &View<'_>, after: &View<'_>, at: EffectiveTime) -> BTreeMap<PoolId, Standings> {
    let mut pools: BTreeMap<PoolId, Standings> = BTreeMap::new();
    for standing in before.pools(at) {
        let pool = standing.pool.clone();
        pools.entry(pool).or_default().0 = Some(standing);
    }
    for standing in after.pools(at) {
        let pool = standing.pool.clone();
        pools.entry(pool).or_default().1 = Some(standing);
    }
    pools.retain(|_, (before, after)| before != after);
    pools
}

fn print_grants(
    grants: &[Difference],
    shortened: Shortened,
    desk: &mut Desk,
) -> Result<(), Failure> {
    if grants.is_empty() {
        return desk.say("no grant differs");
    }
    let table = desk.table().fixed("").fixed("GRANT").flexible("POOL").flexible("TO");
    let mut table = table.amount("BEFORE").amount("AFTER").amount("CHANGE");
    for difference in grants {
        let (seen, (word, tone)) = (&difference.seen, difference.word());
        table.row([
            Cell::text(word).toned(tone),
            Cell::text(shortened.id(seen.grant)),
            Cell::text(&seen.pool),
            Cell::text(&seen.recipient),
            Cell::amount(&seen.unit, difference.before),
            Cell::amount(&seen.unit, difference.after),
            Cell::change(&seen.unit, difference.after - difference.before),
        ]);
        if table.is_full() {
            desk.lay_out(&mut table)?;
        }
    }
    desk.lay_out(&mut table)
}

fn print_pools(pools: &BTreeMap<PoolId, Standings>, desk: &mut Desk) -> Result<(), Failure> {
    desk.say("")?;
    if pools.is_empty() {
        return desk.say("no pool differs");
    }
    let table = desk.table().flexible("POOL").amount("CAPACITY").amount("CHANGE");
    let mut table = table.amount("USED").amount("CHANGE").fixed("");
    for (pool, standings) in pools {
        let (before, after) = standings;
        let Some(known) = after.as_ref().or(before.as_ref()) else { continue };
        let capacity =
            |standing: &Option<PoolStanding>| standing.as_ref().map_or(0, |s| s.capacity);
        let usage = |standing: &Option<PoolStanding>| standing.as_ref().map_or(0, |s| s.usage);
        let opened = if before.is_none() { "opened" } else { "" };
        table.row([
            Cell::text(pool),
            Cell::amount(&known.unit, capacity(after)),
            Cell::change(&known.unit, capacity(after) - capacity(before)),
            Cell::amount(&known.unit, usage(after)),
            Cell::change(&known.unit, usage(after) - usage(before)),
            Cell::text(opened),
        ]);
    }
    desk.lay_out(&mut table)
}

fn difference_form(difference: &Difference) -> DifferenceForm {
    let seen = &difference.seen;
    DifferenceForm {
        change: difference.word().0,
        grant: seen.grant.to_string(),
        pool: seen.pool.to_string(),
        to: RecipientForm::from(&seen.recipient),
        unit: seen.unit.symbol().to_string(),
        before: seen.unit.write(difference.before),
        after: seen.unit.write(difference.after),
    }
}

fn pool_form((before, after): &Standings) -> PoolForm {
    let known = after.as_ref().or(before.as_ref());
    let capacity = |standing: &PoolStanding| standing.unit.write(standing.capacity);
    let usage = |standing: &PoolStanding| standing.unit.write(standing.usage);
    PoolForm {
        pool: known.map(|known| known.pool.to_string()).unwrap_or_default(),
        unit: known.map(|known| known.unit.symbol().to_string()).unwrap_or_default(),
        capacity_before: before.as_ref().map(capacity),
        capacity_after: after.as_ref().map(capacity),
        usage_before: before.as_ref().map(usage),
        usage_after: after.as_ref().map(usage),
    }
}
