//! Whether an act asks again for an entry that stands.

use sanad_core::{Act, Command, Entry, Recipient, Sequence, State};
use sanad_projection::Projection;

/// An act asks again for an entry if, asked on the ledger as it was before that entry, it would have become the same
/// entry: so a field that was left out matches what was made for it, and any other difference is another act.
///
/// Only what the act names is looked at, so the cost does not grow with the ledger.
pub(crate) fn asks_again(
    act: &Act,
    entry: &Entry,
    recorded_as: Sequence,
    projection: &Projection,
) -> bool {
    let (mut pools, mut holders, mut grants) = (Vec::new(), Vec::new(), Vec::new());
    for command in &act.commands {
        match command {
            Command::OpenPool(open) => pools.extend(open.parent.clone()),
            Command::DeclareCapacity(declare) => pools.push(declare.pool.clone()),
            Command::RegisterHolder(_) => {}
            Command::Grant(grant) => {
                pools.push(grant.pool.clone());
                match &grant.recipient {
                    Recipient::Holder(holder) => holders.push(holder.clone()),
                    Recipient::Pool(pool) => pools.push(pool.clone()),
                }
            }
            Command::Revoke(revoke) => grants.push(revoke.grant),
        }
    }
    grants.sort_unstable();
    grants.dedup();
    let before = State::from_facts(projection.facts(recorded_as.0, &pools, &holders, &grants));
    before.and_then(|before| before.expand(act, entry.id())).is_ok_and(|asked| asked == *entry)
}
