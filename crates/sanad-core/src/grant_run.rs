//! Grants judged in runs, for an audit of a history that has most likely kept to the rules.
//!
//! A plain grant, to a holder, only takes headroom away, and nothing gives any back before the run ends. So it is
//! enough to ask of each whether its amount is there, and to keep what it uses; nothing else of it is needed until it
//! is revoked. Whether its id is new and its holder registered is for others to know: they have all ids and holders.

use crate::amount::Amount;
use crate::draft::Draft;
use crate::event::Granted;
use crate::id::GrantId;
use crate::refusal::Refusal;
use crate::slug::PoolId;
use crate::state::State;
use crate::window::Window;

/// A run of grants is not allowed, or is of a pool that nobody opened. Which of them it is, and why, is learned by
/// [admitting](State::admit) the entries one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one of these grants is not allowed: judge their entries one by one to learn which")]
pub struct Overdrawn;

impl State {
    /// Takes in what grants from a pool to holders use, each of which must find its amount free behind those before it.
    /// The state does not know the grants themselves then. O(log n) a grant at worst, in the pool's grants, and O(1) as
    /// long as much is free.
    ///
    /// ```
    /// use sanad_core::{Amount, EffectiveTime, Overdrawn, State, Window};
    /// let always = Window::new(EffectiveTime::EARLIEST, None)?;
    /// let nobody_opened_it = State::default().use_up(&"surplus".parse()?, [(Amount::new(1)?, always)]);
    /// assert_eq!(nobody_opened_it, Err(Overdrawn));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Overdrawn`]; the state is of no use then.
    pub fn use_up(
        &mut self,
        pool: &PoolId,
        grants: impl IntoIterator<Item = (Amount, Window)>,
    ) -> Result<(), Overdrawn> {
        let index = *self.pools_by_id.get(pool).ok_or(Overdrawn)?;
        let headroom = &mut self.pools[index.place()].headroom;
        grants.into_iter().try_for_each(|(amount, window)| {
            let amount = amount.total();
            if headroom.floor(window) < amount && headroom.lowest(window).value < amount {
                return Err(Overdrawn);
            }
            headroom.add(window.from(), -amount);
            if let Some(until) = window.until() {
                headroom.add(until, amount);
            }
            Ok(())
        })
    }

    /// Whether the state knows a grant.
    #[must_use]
    pub fn has_grant(&self, grant: GrantId) -> bool {
        self.grants.get(grant).is_some()
    }

    /// Makes a grant known whose amount was [used up](State::use_up) before, so that it can be revoked.
    ///
    /// # Errors
    /// A refusal where it is known already, or speaks of what does not exist.
    pub fn recall(&mut self, granted: &Granted) -> Result<(), Refusal> {
        let mut draft = Draft::on(self);
        draft.grant(granted)?;
        // What it uses is taken in.
        drop(self.apply_rows(draft.effect));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::entry::Entry;
    use crate::event::{
        CapacityDeclared, Cause, Event, HolderRegistered, PoolKind, PoolOpened, Recipient, Revoked,
    };
    use crate::id::EntryId;
    use crate::time::EffectiveTime;
    use crate::unit::Unit;
    use crate::{Capacity, Unlawful};

    fn at(us: i64) -> EffectiveTime {
        EffectiveTime::from_us(us).unwrap()
    }

    fn window(from: i64, length: Option<i64>) -> Window {
        Window::new(at(from), length.map(|length| at(from + length))).unwrap()
    }

    fn entry(number: u128, events: Vec<Event>) -> Entry {
        let id = EntryId::new(Uuid::from_u128(number + 1)).unwrap();
        Entry::new(id, "mof".parse().unwrap(), None, None, false, events).unwrap()
    }

    fn grant_id(number: u128) -> GrantId {
        GrantId::new(Uuid::from_u128(number + 1)).unwrap()
    }

    fn granted(number: u128, amount: u64, window: Window) -> Granted {
        Granted {
            grant: grant_id(number),
            pool: "surplus".parse().unwrap(),
            recipient: Recipient::Holder("acme".parse().unwrap()),
            amount: Amount::new(amount).unwrap(),
            purpose: None,
            window,
        }
    }

    /// A pool with a capacity from the instant 0 on.
    fn opened(capacity: u64) -> State {
        let pool: PoolId = "surplus".parse().unwrap();
        let unit = Unit::new("MW".parse().unwrap(), 0).unwrap();
        let open = PoolOpened {
            pool: pool.clone(),
            title: "Surplus".parse().unwrap(),
            kind: PoolKind::Root(unit),
        };
        let declare = CapacityDeclared { pool, capacity: Capacity::new(capacity), from: at(0) };
        let register =
            HolderRegistered { holder: "acme".parse().unwrap(), title: "Acme".parse().unwrap() };
        let events = vec![
            Event::PoolOpened(open),
            Event::CapacityDeclared(declare),
            Event::HolderRegistered(register),
        ];
        let mut state = State::default();
        admit(&mut state, &entry(0, events)).unwrap();
        state
    }

    fn admit(state: &mut State, entry: &Entry) -> Result<(), Unlawful> {
        let effect = state.admit(entry)?;
        state.apply(effect);
        Ok(())
    }

    #[derive(Debug, Clone)]
    enum Step {
        Grant { amount: u64, from: i64, length: Option<i64> },
        Revoke { which: prop::sample::Index, amount: u64, from: i64 },
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let length = prop::option::of(1i64..30);
        let grant = (1u64..20, 0i64..60, length).prop_map(|(amount, from, length)| Step::Grant {
            amount,
            from,
            length,
        });
        let revoke = (any::<prop::sample::Index>(), 1u64..20, 0i64..60)
            .prop_map(|(which, amount, from)| Step::Revoke { which, amount, from });
        prop::collection::vec(prop_oneof![6 => grant, 1 => revoke], 0..60)
    }

    proptest! {
        #[test]
        fn a_run_is_allowed_where_each_of_its_entries_is_and_leaves_the_same_headroom(
            capacity in 0u64..400,
            steps in steps(),
        ) {
            let (mut singly, mut in_runs) = (opened(capacity), opened(capacity));
            let mut granted_so_far: Vec<Granted> = Vec::new();
            for (number, step) in (1u128..).zip(steps) {
                let (mut next, alike) = (singly.clone(), in_runs.clone());
                let allowed = match step {
                    Step::Grant { amount, from, length } => {
                        let granted = granted(number, amount, window(from, length));
                        let alone = entry(number, vec![Event::Granted(granted.clone())]);
                        let allowed = admit(&mut next, &alone).is_ok();
                        let used = in_runs.use_up(&granted.pool, [(granted.amount, granted.window)]);
                        prop_assert_eq!(used.is_ok(), allowed);
                        prop_assert!(!in_runs.has_grant(granted.grant));
                        if allowed {
                            granted_so_far.push(granted);
                        }
                        allowed
                    }
                    Step::Revoke { .. } if granted_so_far.is_empty() => continue,
                    Step::Revoke { which, amount, from } => {
                        let granted = which.get(&granted_so_far);
                        let window = Window::new(at(from), granted.window.until());
                        let Ok(window) = window else { continue };
                        let (amount, cause) = (Amount::new(amount).unwrap(), Cause::default());
                        let revoked = Revoked { grant: granted.grant, amount, window, cause };
                        let alone = entry(number, vec![Event::Revoked(revoked)]);
                        if !in_runs.has_grant(granted.grant) {
                            prop_assert_eq!(in_runs.recall(granted), Ok(()));
                        }
                        let allowed = admit(&mut next, &alone).is_ok();
                        prop_assert_eq!(admit(&mut in_runs, &alone).is_ok(), allowed);
                        allowed
                    }
                };
                match allowed {
                    true => singly = next,
                    false => in_runs = alike,
                }
            }
            let pool = "surplus".parse().unwrap();
            for us in -1..100 {
                prop_assert_eq!(in_runs.headroom(&pool, at(us)), singly.headroom(&pool, at(us)));
            }
        }
    }

    #[test]
    fn of_a_run_the_first_grant_that_does_not_fit_is_not_allowed() {
        let always = window(0, None);
        let grants = |amounts: &[u64]| -> Vec<_> {
            amounts.iter().map(|amount| (Amount::new(*amount).unwrap(), always)).collect()
        };
        let pool = "surplus".parse().unwrap();
        assert_eq!(opened(10).use_up(&pool, grants(&[3, 3, 4])), Ok(()));
        assert_eq!(opened(10).use_up(&pool, grants(&[3, 3, 5])), Err(Overdrawn));
        let before_there_is_any = [(Amount::new(1).unwrap(), window(-1, None))];
        assert_eq!(opened(10).use_up(&pool, before_there_is_any), Err(Overdrawn));
        assert_eq!(opened(10).use_up(&"other".parse().unwrap(), grants(&[1])), Err(Overdrawn));
    }

    #[test]
    fn a_grant_that_is_known_is_not_recalled_again() {
        let mut state = opened(10);
        let grant = granted(1, 4, window(0, None));
        state.use_up(&grant.pool, [(grant.amount, grant.window)]).unwrap();
        state.recall(&grant).unwrap();
        assert_eq!(state.recall(&grant), Err(Refusal::GrantExists { grant: grant.grant }));
        assert_eq!(state.headroom(&grant.pool, at(5)), Some(6), "used once");
    }
}
