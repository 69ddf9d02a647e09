//! `sanad pools`: capacity, use and headroom of every pool.

use clap::Args;
use sanad::PoolStanding;
use serde::Serialize;

use crate::as_of::{AsOf, Taken};
use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::paint::Tone;
use crate::rows::indented;
use crate::table::Cell;

/// Capacity, use and headroom of every pool, each part under its whole.
#[derive(Debug, Args)]
pub(crate) struct Pools {
    #[command(flatten)]
    as_of: AsOf,
}

/// A pool, for programs.
#[derive(Debug, Serialize)]
struct PoolForm {
    pool: String,
    title: String,
    parent: Option<String>,
    unit: String,
    decimals: u8,
    capacity: String,
    usage: String,
    headroom: String,
    shortfall: String,
    opened_in: u64,
}

#[derive(Debug, Serialize)]
struct Answer {
    basis: BasisForm,
    pools: Vec<PoolForm>,
}

impl Pools {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let Taken { view, at, basis, footer } = self.as_of.take(&auditor, desk)?;
        let pools = view.pools(at);
        if desk.json {
            desk.answer(&Answer { basis, pools: pools.iter().map(form).collect() })?;
            return Ok(Ending::Done);
        }
        print(&pools, desk)?;
        desk.whisper(footer)?;
        Ok(Ending::Done)
    }
}

fn print(pools: &[PoolStanding], desk: &mut Desk) -> Result<(), Failure> {
    if pools.is_empty() {
        return desk.say("no pools");
    }
    let table = desk.table().flexible("POOL").flexible("TITLE");
    let mut table = table.amount("CAPACITY").amount("USED").amount("HEADROOM").fixed("");
    for pool in pools {
        let headroom = Cell::amount(&pool.unit, pool.headroom);
        let (headroom, mark) = if pool.headroom < 0 {
            (headroom.toned(Tone::Bad), Cell::text("short").toned(Tone::Bad))
        } else {
            (headroom, Cell::empty())
        };
        table.row([
            Cell::text(indented(pool.depth, pool.pool.as_str())),
            Cell::text(&pool.title),
            Cell::amount(&pool.unit, pool.capacity),
            Cell::amount(&pool.unit, pool.usage),
            headroom,
            mark,
        ]);
    }
    desk.lay_out(&mut table)
}

fn form(pool: &PoolStanding) -> PoolForm {
    PoolForm {
        pool: pool.pool.to_string(),
        title: pool.title.to_string(),
        parent: pool.parent.as_ref().map(ToString::to_string),
        unit: pool.unit.symbol().to_string(),
        decimals: pool.unit.decimals(),
        capacity: pool.unit.write(pool.capacity),
        usage: pool.unit.write(pool.usage),
        headroom: pool.unit.write(pool.headroom.max(0)),
        shortfall: pool.unit.write((-pool.headroom).max(0)),
        opened_in: pool.opened_in.0,
    }
}
