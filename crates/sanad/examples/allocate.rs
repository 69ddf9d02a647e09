//! Opens a ledger, grants, revokes, and prints what is allocated.

use sanad::{CreateOptions, Known, Ledger};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "surplus.ledger".into());
    let ledger = Ledger::create(folder.as_ref(), CreateOptions::default())?;
    let opening = ledger.act("ministry")?.open_pool("surplus", "Surplus electricity", "MW", 3)?;
    let opening = opening.declare_capacity("surplus", "2000", "2025-05-25")?;
    ledger.record(opening.register_holder("acme", "Acme Compute (made up)")?.build())?;
    let grant = ledger.act("ministry")?.grant("surplus", "acme", "300 MW", "2025-06-01")?;
    let grant = ledger.record(grant.build())?.grants[0];
    ledger.record(ledger.act("ministry")?.revoke(grant, "100 MW", "2025-09-01")?.build())?;
    let in_force_at = ledger.calendar().effective("2025-09-01")?;
    for allocation in ledger.view(Known::Head)?.allocations(in_force_at) {
        println!("{} {}", allocation.recipient, allocation.unit.write_with_symbol(allocation.left));
    }
    Ok(())
}
