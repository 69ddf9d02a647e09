//! `sanad holders`: every holder and what it has.

use clap::Args;
use sanad::HolderStanding;
use serde::Serialize;

use crate::as_of::{AsOf, Taken};
use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::rows::TotalForm;
use crate::table::Cell;

/// Every holder and what it has.
#[derive(Debug, Args)]
pub(crate) struct Holders {
    #[command(flatten)]
    as_of: AsOf,
}

/// A holder, for programs.
#[derive(Debug, Serialize)]
struct HolderForm {
    holder: String,
    title: String,
    grants_in_force: u64,
    totals: Vec<TotalForm>,
    registered_in: u64,
}

#[derive(Debug, Serialize)]
struct Answer {
    basis: BasisForm,
    holders: Vec<HolderForm>,
}

impl Holders {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let Taken { view, at, basis, footer } = self.as_of.take(&auditor, desk)?;
        let holders = view.holders(at);
        if desk.json {
            desk.answer(&Answer { basis, holders: holders.iter().map(form).collect() })?;
            return Ok(Ending::Done);
        }
        let table = desk.table().flexible("HOLDER").flexible("TITLE").amount("GRANTS");
        let mut table = table.flexible("POOL").amount("AMOUNT");
        for holder in &holders {
            rows(holder).into_iter().for_each(|row| table.row(row));
            if table.is_full() {
                desk.lay_out(&mut table)?;
            }
        }
        desk.lay_out(&mut table)?;
        if holders.is_empty() {
            desk.say("no holders")?;
        }
        desk.whisper(footer)?;
        Ok(Ending::Done)
    }
}

/// A row for each pool that the holder has something of, and one where it has nothing.
fn rows(holder: &HolderStanding) -> Vec<[Cell; 5]> {
    let mut rows: Vec<_> = holder
        .totals
        .iter()
        .map(|(pool, unit, total)| {
            let (pool, amount) = (Cell::text(pool), Cell::amount(unit, *total));
            [Cell::empty(), Cell::empty(), Cell::empty(), pool, amount]
        })
        .collect();
    if rows.is_empty() {
        rows.push(std::array::from_fn(|_| Cell::empty()));
    }
    rows[0][0] = Cell::text(&holder.holder);
    rows[0][1] = Cell::text(&holder.title);
    rows[0][2] = Cell::count(holder.grants_in_force);
    rows
}

fn form(holder: &HolderStanding) -> HolderForm {
    HolderForm {
        holder: holder.holder.to_string(),
        title: holder.title.to_string(),
        grants_in_force: holder.grants_in_force,
        totals: holder.totals.iter().map(TotalForm::of).collect(),
        registered_in: holder.registered_in.0,
    }
}
