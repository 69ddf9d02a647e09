//! A transfer, put together: what is taken from one holder and given to another, in one act.

use sanad_core::{
    Cause, Command, EffectiveTime, Grant, GrantId, HolderId, Quantity, Recipient, Revoke, Window,
};
use sanad_projection::{Change, GrantHistory};

use crate::view::View;

impl View<'_> {
    /// The commands that hand a grant, or an amount of it, to another holder from an instant on: a revocation with the
    /// cause [`Cause::Transferred`], and a grant of the same pool for what remains of the window and for the same
    /// purpose. `None` for a grant that is unknown.
    ///
    /// Where no amount is named, all that is left goes over; where revocations leave different amounts over time,
    /// there is one grant for each stretch. Whether it is allowed is for the ledger to decide.
    #[must_use]
    pub fn transfer(
        &self,
        grant: GrantId,
        to: HolderId,
        amount: Option<Quantity>,
        from: EffectiveTime,
    ) -> Option<Vec<Command>> {
        let history = self.history(grant)?;
        let window = Window::new(from, None).ok()?;
        let cause = Cause::Transferred;
        let mut commands =
            vec![Command::Revoke(Revoke { grant, amount: amount.clone(), window, cause })];
        // Where nothing of the window remains the revocation is refused, and with it the act.
        let Ok(rest) = Window::new(from, history.window.until()) else { return Some(commands) };
        let given = match amount {
            Some(amount) => vec![(rest, amount)],
            None => left_within(rest, &history)
                .into_iter()
                .filter_map(|(window, left)| {
                    let left = u64::try_from(left).ok().filter(|left| *left > 0)?;
                    Some((window, Quantity::exact(left, &history.unit)))
                })
                .collect(),
        };
        commands.extend(given.into_iter().map(|(window, amount)| {
            Command::Grant(Grant {
                grant: None,
                pool: history.pool.clone(),
                recipient: Recipient::Holder(to.clone()),
                amount,
                purpose: history.purpose.clone(),
                window,
            })
        }));
        Some(commands)
    }
}

/// What is left of a grant over a window, stretch by stretch; neighbours differ.
fn left_within(rest: Window, history: &GrantHistory) -> Vec<(Window, i128)> {
    let lines = || history.lines.iter().map(|line| &line.line);
    let mut instants = vec![rest.from()];
    let ends = lines().flat_map(|line| [Some(line.window.from()), line.window.until()]);
    instants.extend(ends.flatten().filter(|at| rest.contains(*at)));
    instants.sort_unstable();
    instants.dedup();
    let left = |at| {
        let held = lines().filter(|line| line.window.contains(at));
        held.map(|line| match line.change {
            Change::Granted => line.amount.total(),
            Change::Revoked(_) => -line.amount.total(),
        })
        .sum::<i128>()
    };
    let mut steps: Vec<_> = instants.into_iter().map(|at| (at, left(at))).collect();
    steps.dedup_by_key(|(_, left)| *left);
    let ends = steps.iter().skip(1).map(|(at, _)| Some(*at)).chain([rest.until()]);
    let stretch = |(step, until): (&(EffectiveTime, i128), _)| {
        Some((Window::new(step.0, until).ok()?, step.1))
    };
    steps.iter().zip(ends).filter_map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sanad_core::GrantId;

    use crate::{CreateOptions, Known, Ledger};

    /// A ledger in which `a` has 300 MW throughout 2025, and the grant.
    fn granted(folder: &Path) -> (Ledger, GrantId) {
        let ledger = Ledger::create(folder, CreateOptions::default()).unwrap();
        let act = ledger.act("mof").unwrap().open_pool("p", "P", "MW", 0).unwrap();
        let act = act.declare_capacity("p", "500", "2025-01-01").unwrap();
        let act = act.register_holder("a", "A").unwrap().register_holder("b", "B").unwrap();
        let act = act.grant_until("p", "a", "300", "2025-01-01", "2026-01-01").unwrap();
        let grant = ledger.record(act.build()).unwrap().grants[0];
        (ledger, grant)
    }

    #[test]
    fn what_is_handed_over_is_exactly_what_was_left_through_a_curtailment_and_to_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, grant) = granted(&folder.path().join("ledger"));
        let act = ledger.act("mof").unwrap();
        let act = act.curtail(grant, "100", "2025-06-01", "2025-07-01").unwrap();
        ledger.record(act.build()).unwrap();
        let at = |date| ledger.calendar().effective(date).unwrap();
        let to = || "b".parse().unwrap();
        let to_b = |view: crate::View<'_>| view.transfer(grant, to(), None, at("2025-05-01"));
        let commands = to_b(ledger.view(Known::Head).unwrap()).unwrap();
        let mut act = ledger.act("mof").unwrap();
        for command in commands {
            act = act.command(command);
        }
        assert_eq!(ledger.record(act.build()).unwrap().grants.len(), 3);
        let view = ledger.view(Known::Head).unwrap();
        for (date, holder, amount) in [
            ("2025-04-30", "a", 300),
            ("2025-05-01", "b", 300),
            ("2025-06-01", "b", 200),
            ("2025-07-01", "b", 300),
        ] {
            let found: Vec<_> = view.allocations(at(date)).collect();
            assert_eq!(found.len(), 1, "{date}");
            assert_eq!((found[0].recipient.to_string().as_str(), found[0].left), (holder, amount));
        }
        assert_eq!(view.allocations(at("2026-01-01")).count(), 0);
    }

    #[test]
    fn a_transfer_of_more_than_is_left_or_after_the_end_is_refused_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, grant) = granted(&folder.path().join("ledger"));
        let try_it = |amount: Option<&str>, date: &str| {
            let from = ledger.calendar().effective(date).unwrap();
            let amount = amount.map(|amount| amount.parse().unwrap());
            let view = ledger.view(Known::Head).unwrap();
            let commands = view.transfer(grant, "b".parse().unwrap(), amount, from).unwrap();
            drop(view);
            let act = ledger.act("mof").unwrap().build();
            let refused = ledger.record(sanad_core::Act { commands, ..act }).unwrap_err();
            match refused {
                crate::RecordError::Refused(refusal) => refusal.code(),
                other => panic!("{other}"),
            }
        };
        assert_eq!(try_it(Some("301"), "2025-05-01"), "revokes_too_much");
        assert_eq!(try_it(None, "2024-05-01"), "revokes_before_grant");
        assert_eq!(try_it(Some("1"), "2026-02-01"), "revokes_after_grant");
        assert_eq!(try_it(None, "2026-02-01"), "revokes_after_grant");
        assert_eq!(ledger.view(Known::Head).unwrap().basis().size, 1);
    }
}
