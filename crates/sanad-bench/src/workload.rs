//! What is recorded: one act that opens a pool, then as many acts of one grant each as are asked for.
//!
//! The same seed gives the same acts. Each act depends on its number alone, so they can be made in any order, by any
//! thread, and none has to be kept.

use std::ops::Range;

use sanad::{
    Act, ActorId, Command, DeclareCapacity, EffectiveTime, EntryId, Grant, GrantId, HolderId,
    OpenPool, PoolId, Purpose, Quantity, Recipient, RecordedTime, RegisterHolder, Title, Unit,
    Window, timed_entry_id,
};
use uuid::Builder;

use crate::dice::Dice;

/// Holders that the opening act registers.
pub const HOLDERS: u64 = 1_000;
/// The pool that everything is granted from.
pub const POOL: &str = "surplus";
/// Who acts.
pub const ACTOR: &str = "registrar";

/// 2025-01-01T00:00:00Z, before the first day of any grant.
const FIRST_DAY_US: i64 = 1_735_689_600_000_000;
const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = 86_400 * SECOND_US;
/// Grants begin within so many days.
const DAYS: u64 = 3_650;

/// How the grants' windows lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Windows {
    /// They begin and end on days, as registers have them: for one to ten years, some for months, a tenth for good.
    OnDays,
    /// As before, and each begins and ends at a second that it shares with few others or none: the hardest case for the
    /// rules, because the pool's headroom changes at every one of them.
    Distinct,
}

/// Acts by number.
#[derive(Debug, Clone)]
pub struct Workload {
    seed: u64,
    windows: Windows,
    actor: ActorId,
    pool: PoolId,
    unit: Unit,
    holders: Vec<HolderId>,
    purposes: Vec<Purpose>,
}

impl Workload {
    /// The acts of a seed.
    #[must_use]
    pub fn new(seed: u64, windows: Windows) -> Self {
        let holder = |number| parsed(&format!("holder-{number:04}"));
        let purposes = ["bitcoin-mining", "ai-training", "research", "کان کنی"];
        Self {
            seed,
            windows,
            actor: parsed(ACTOR),
            pool: parsed(POOL),
            unit: unit(),
            holders: (0..HOLDERS).map(holder).collect(),
            purposes: purposes.into_iter().map(parsed).collect(),
        }
    }

    /// The act that everything stands on: a pool, its capacity and a thousand holders.
    #[must_use]
    pub fn opening(&self) -> Act {
        let mut commands = vec![
            Command::OpenPool(OpenPool {
                pool: self.pool.clone(),
                title: parsed("Surplus electricity (made up)"),
                unit: Some(self.unit.symbol().clone()),
                decimals: Some(self.unit.decimals()),
                parent: None,
            }),
            Command::DeclareCapacity(DeclareCapacity {
                pool: self.pool.clone(),
                amount: parsed("1000000000000"),
                from: time(FIRST_DAY_US),
            }),
        ];
        commands.extend(self.holders.iter().map(|holder| {
            let (holder, title) = (holder.clone(), parsed::<Title>(holder.as_str()));
            Command::RegisterHolder(RegisterHolder { holder, title })
        }));
        let id = self.entry_id(u64::MAX, &mut Dice::of(self.seed, u64::MAX));
        Act { id: Some(id), ..Act::new(self.actor.clone(), commands) }
    }

    /// The act with this number: one grant.
    #[must_use]
    pub fn act(&self, number: u64) -> Act {
        let mut dice = Dice::of(self.seed, number);
        let id = self.entry_id(number, &mut dice);
        let grant = Grant {
            grant: Some(self.grant_id(number)),
            pool: self.pool.clone(),
            recipient: Recipient::Holder(self.holder_of(number).clone()),
            amount: Quantity::exact(1 + dice.below(500), &self.unit),
            purpose: self.purpose(&mut dice),
            window: self.window(&mut dice),
        };
        Act { id: Some(id), ..Act::new(self.actor.clone(), vec![Command::Grant(grant)]) }
    }

    /// The acts with these numbers.
    #[must_use]
    pub fn acts(&self, numbers: Range<u64>) -> Vec<Act> {
        numbers.map(|number| self.act(number)).collect()
    }

    /// The grant that an act makes: random, so that an index finds no order in it.
    #[must_use]
    pub fn grant_id(&self, number: u64) -> GrantId {
        let uuid = Builder::from_random_bytes(Dice::of(!self.seed, number).bytes()).into_uuid();
        GrantId::new(uuid).unwrap_or_else(|_| unreachable!("a version 4 UUID is not nil"))
    }

    /// Who receives the grant of an act.
    #[must_use]
    pub fn holder_of(&self, number: u64) -> &HolderId {
        let place = Dice::of(self.seed ^ HOLDERS, number).below(HOLDERS);
        &self.holders[usize::try_from(place).unwrap_or(0)]
    }

    /// A day on which most grants of the workload have begun and most have not ended.
    #[must_use]
    pub fn busy_day(&self) -> EffectiveTime {
        time(FIRST_DAY_US + 2_500 * DAY_US)
    }

    /// As a ledger makes them itself: one every ten microseconds, the opening's first.
    fn entry_id(&self, number: u64, dice: &mut Dice) -> EntryId {
        let place = i64::try_from(number.wrapping_add(1)).unwrap_or(0);
        let at = RecordedTime::from_us(FIRST_DAY_US + 10 * place);
        let at = at.unwrap_or_else(|_| unreachable!("so many acts are not asked for"));
        timed_entry_id(at, dice.bytes())
    }

    /// One grant in eight says what it is for.
    fn purpose(&self, dice: &mut Dice) -> Option<Purpose> {
        let place = usize::try_from(dice.below(32)).unwrap_or(0);
        self.purposes.get(place).cloned()
    }

    fn window(&self, dice: &mut Dice) -> Window {
        let first = dice.below(DAYS);
        let days = match dice.below(10) {
            0 => None,
            1 => Some(30 * (1 + dice.below(11))),
            _ => Some(365 * (1 + dice.below(10))),
        };
        let second = |dice: &mut Dice| match self.windows {
            Windows::OnDays => 0,
            Windows::Distinct => signed(dice.below(86_400)) * SECOND_US,
        };
        let from = FIRST_DAY_US + signed(first) * DAY_US + second(dice);
        let until = days.map(|days| from + signed(days) * DAY_US + second(dice));
        Window::new(time(from), until.map(time))
            .unwrap_or_else(|_| unreachable!("a window of a day and more ends after it begins"))
    }
}

fn unit() -> Unit {
    Unit::new(parsed("MW"), 3).unwrap_or_else(|_| unreachable!("three decimals are allowed"))
}

fn time(us: i64) -> EffectiveTime {
    EffectiveTime::from_us(us).unwrap_or_else(|_| unreachable!("a time of this century"))
}

fn signed(small: u64) -> i64 {
    i64::try_from(small).unwrap_or(i64::MAX)
}

/// Reads a text that stands in this file.
fn parsed<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| unreachable!("the workload's own {text:?} can be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_acts_and_another_gives_others() {
        let workload = Workload::new(7, Windows::OnDays);
        assert_eq!(workload.acts(5..9), Workload::new(7, Windows::OnDays).acts(5..9));
        assert_ne!(workload.act(5), Workload::new(8, Windows::OnDays).act(5));
        assert_eq!(workload.acts(5..9)[2], workload.act(7));
    }

    #[test]
    fn no_two_acts_or_grants_share_an_id() {
        let workload = Workload::new(1, Windows::OnDays);
        let ids: std::collections::HashSet<_> =
            (0..10_000).map(|n| (workload.act(n).id, workload.grant_id(n))).collect();
        assert_eq!(ids.len(), 10_000);
    }

    #[test]
    fn distinct_windows_begin_at_instants_of_their_own() {
        let begins = |windows| {
            let workload = Workload::new(1, windows);
            let acts = workload.acts(0..10_000).into_iter();
            let begins = acts.map(|act| match &act.commands[0] {
                Command::Grant(grant) => grant.window.from(),
                other => unreachable!("{other:?}"),
            });
            begins.collect::<std::collections::BTreeSet<_>>().len()
        };
        assert!(begins(Windows::Distinct) > 9_900);
        assert!(begins(Windows::OnDays) <= 3_650);
    }
}
