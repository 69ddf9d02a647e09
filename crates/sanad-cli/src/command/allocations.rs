//! `sanad allocations`: what grants amount to.

use clap::Args;
use sanad::{Allocation, EffectiveTime, HolderId, PoolId, View};
use serde::Serialize;

use crate::as_of::{AsOf, Taken};
use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::naming::{self, Shortened};
use crate::paint::Tone;
use crate::rows::{AllocationForm, Streamed, Totals, allocation_row};
use crate::table::{Cell, Table};

/// What grants amount to: who has how much of what.
#[derive(Debug, Args)]
pub(crate) struct Allocations {
    /// Only grants from this pool
    #[arg(long, value_name = "POOL")]
    pool: Option<String>,
    /// Only grants to this holder
    #[arg(long, value_name = "HOLDER")]
    holder: Option<String>,
    #[command(flatten)]
    as_of: AsOf,
}

#[derive(Serialize)]
struct Answer<A> {
    basis: BasisForm,
    allocations: A,
}

/// Which allocations are asked for.
struct Sought {
    pool: Option<PoolId>,
    holder: Option<HolderId>,
}

impl Sought {
    /// Those in a view, in order of granting.
    fn among<'a>(
        &'a self,
        view: &'a View<'_>,
        at: EffectiveTime,
    ) -> impl Iterator<Item = Allocation> + 'a {
        let of_all = self.holder.is_none().then(|| view.allocations(at));
        let of_one = self.holder.iter().flat_map(move |holder| view.allocations_to(holder, at));
        let found = of_all.into_iter().flatten().chain(of_one);
        found.filter(|found| self.pool.as_ref().is_none_or(|pool| found.pool == *pool))
    }
}

impl Allocations {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let calendar = auditor.calendar();
        let Taken { view, at, basis, footer } = self.as_of.take(&auditor, desk)?;
        let pool = self.pool.as_deref().map(|text| naming::pool(text, &view, calendar));
        let holder = self.holder.as_deref().map(|text| naming::holder(text, &view, calendar));
        let sought = Sought { pool: pool.transpose()?, holder: holder.transpose()? };
        let found = || sought.among(&view, at);
        if desk.json {
            let forms = || found().map(|found| AllocationForm::of(&found, calendar));
            desk.answer(&Answer { basis, allocations: Streamed(forms) })?;
            return Ok(Ending::Done);
        }
        let (mut table, mut totals) = (allocation_table(desk), Totals::default());
        let shortened = Shortened::for_grants_of(&view);
        let mut count = 0u64;
        for found in found() {
            count += 1;
            totals.add(&found.pool, &found.unit, found.left);
            table.row(allocation_row(&found, shortened, calendar));
            if table.is_full() {
                desk.lay_out(&mut table)?;
            }
        }
        desk.lay_out(&mut table)?;
        match count {
            0 => desk.say("no allocations")?,
            _ => print_totals(&totals, desk)?,
        }
        desk.whisper(footer)?;
        Ok(Ending::Done)
    }
}

/// A table for [`allocation_row`]s.
pub(crate) fn allocation_table(desk: &Desk) -> Table {
    let table = desk.table().fixed("GRANT").flexible("POOL").flexible("TO").flexible("PURPOSE");
    table.fixed("FROM").fixed("UNTIL").amount("AMOUNT")
}

/// Sums by pool.
pub(crate) fn print_totals(totals: &Totals, desk: &mut Desk) -> Result<(), Failure> {
    desk.say("")?;
    let mut table = desk.table().flexible("GRANTED FROM").amount("TOTAL");
    for (pool, unit, total) in totals.iter() {
        table.row([Cell::text(pool), Cell::amount(unit, *total).toned(Tone::Heading)]);
    }
    desk.lay_out(&mut table)
}
