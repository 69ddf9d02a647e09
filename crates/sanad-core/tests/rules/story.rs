//! A history in the making that checks itself after every step, against sums that share no code with the rules.

use std::collections::BTreeSet;

use sanad_core::{
    Act, Cause, Command, DeclareCapacity, EffectiveTime, Entry, EntryId, Event, Grant, GrantId,
    OpenPool, PoolId, PoolKind, Recipient, Refusal, RegisterHolder, Revoke, Shortfall, State,
    Window,
};
use uuid::Uuid;

pub(crate) struct Story {
    state: State,
    entries: Vec<Entry>,
}

/// Midnight UTC of a day counted from 2025-01-01.
pub(crate) fn day(n: i64) -> EffectiveTime {
    EffectiveTime::from_us(1_735_689_600_000_000 + n * 86_400_000_000).unwrap()
}

pub(crate) fn from(n: i64) -> Window {
    Window::new(day(n), None).unwrap()
}

pub(crate) fn between(a: i64, b: i64) -> Window {
    Window::new(day(a), Some(day(b))).unwrap()
}

pub(crate) fn id(n: u128) -> GrantId {
    GrantId::new(Uuid::from_u128(n)).unwrap()
}

pub(crate) fn open(pool: &str) -> Command {
    Command::OpenPool(OpenPool {
        pool: pool.parse().unwrap(),
        title: "Pool".parse().unwrap(),
        unit: Some("MW".parse().unwrap()),
        decimals: Some(3),
        parent: None,
    })
}

pub(crate) fn open_under(parent: &str, pool: &str) -> Command {
    Command::OpenPool(OpenPool {
        pool: pool.parse().unwrap(),
        title: "Pool".parse().unwrap(),
        unit: None,
        decimals: None,
        parent: Some(parent.parse().unwrap()),
    })
}

pub(crate) fn declare(pool: &str, amount: &str, n: i64) -> Command {
    let (pool, amount) = (pool.parse().unwrap(), amount.parse().unwrap());
    Command::DeclareCapacity(DeclareCapacity { pool, amount, from: day(n) })
}

pub(crate) fn register(holder: &str) -> Command {
    Command::RegisterHolder(RegisterHolder {
        holder: holder.parse().unwrap(),
        title: "Holder".parse().unwrap(),
    })
}

fn granted(grant: u128, pool: &str, recipient: Recipient, amount: &str, window: Window) -> Command {
    Command::Grant(Grant {
        grant: Some(id(grant)),
        pool: pool.parse().unwrap(),
        recipient,
        amount: amount.parse().unwrap(),
        purpose: None,
        window,
    })
}

pub(crate) fn grant(n: u128, pool: &str, holder: &str, amount: &str, window: Window) -> Command {
    granted(n, pool, Recipient::Holder(holder.parse().unwrap()), amount, window)
}

pub(crate) fn allot(n: u128, pool: &str, sub_pool: &str, amount: &str, window: Window) -> Command {
    granted(n, pool, Recipient::Pool(sub_pool.parse().unwrap()), amount, window)
}

pub(crate) fn revoke(n: u128, amount: &str, window: Window) -> Command {
    let amount = Some(amount.parse().unwrap());
    Command::Revoke(Revoke { grant: id(n), amount, window, cause: Cause::Revoked })
}

pub(crate) fn revoke_all(n: u128, window: Window) -> Command {
    Command::Revoke(Revoke { grant: id(n), amount: None, window, cause: Cause::Revoked })
}

/// What the ministry asks for.
pub(crate) fn act(commands: impl Into<Vec<Command>>) -> Act {
    Act::new("mof".parse().unwrap(), commands.into())
}

impl Story {
    /// A root pool `p` in MW with 3 decimals and a capacity from day 0 on, and holders `a` and `b`.
    pub(crate) fn with_capacity(amount: &str) -> Self {
        let mut story = Story { state: State::default(), entries: Vec::new() };
        story.does([open("p"), declare("p", amount, 0), register("a"), register("b")]);
        story
    }

    pub(crate) fn empty() -> Self {
        Story { state: State::default(), entries: Vec::new() }
    }

    fn ask(
        &mut self,
        commands: Vec<Command>,
        accept_shortfall: bool,
    ) -> Result<Vec<Shortfall>, Refusal> {
        let act = Act { accept_shortfall, ..act(commands) };
        let place = u128::try_from(self.entries.len()).unwrap() + 1_000_000;
        let decided = self.state.decide(&act, EntryId::new(Uuid::from_u128(place)).unwrap());
        if let Ok(decided) = &decided {
            self.state.apply(decided.effect.clone());
            self.entries.push(decided.entry.clone());
        }
        self.check();
        decided.map(|decided| decided.effect.shortfalls().to_vec())
    }

    /// Then it is recorded.
    pub(crate) fn does(&mut self, commands: impl Into<Vec<Command>>) {
        let shortfalls = self.ask(commands.into(), false).unwrap();
        assert_eq!(shortfalls, [], "nothing was accepted");
    }

    /// Then it is recorded with the shortfalls that it accepts.
    pub(crate) fn accepts(&mut self, commands: impl Into<Vec<Command>>) -> Vec<Shortfall> {
        self.ask(commands.into(), true).unwrap()
    }

    /// Then it is refused.
    pub(crate) fn refuses(&mut self, commands: impl Into<Vec<Command>>) -> Refusal {
        self.ask(commands.into(), false).unwrap_err()
    }

    /// Then it is refused although it accepts a shortfall.
    pub(crate) fn refuses_even_accepting(&mut self, commands: impl Into<Vec<Command>>) -> Refusal {
        self.ask(commands.into(), true).unwrap_err()
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn last_events(&self) -> &[Event] {
        self.entries.last().unwrap().events()
    }

    pub(crate) fn headroom(&self, pool: &str, n: i64) -> i128 {
        self.state.headroom(&pool.parse().unwrap(), day(n)).unwrap()
    }

    /// Every pool's headroom at every instant that any event names equals what the events add up to, in a state that is
    /// made of the facts alone too; nothing is revoked beyond what was granted, and the whole history is lawful again
    /// when replayed.
    fn check(&self) {
        let events: Vec<&Event> = self.entries.iter().flat_map(|entry| entry.events()).collect();
        let mut instants = BTreeSet::from([day(0)]);
        for event in &events {
            instants.extend(event.effective_from());
            match event {
                Event::Granted(granted) => instants.extend(granted.window.until()),
                Event::Revoked(revoked) => instants.extend(revoked.window.until()),
                _ => {}
            }
        }
        let from_facts = State::from_facts(events.iter().map(|event| (*event).clone())).unwrap();
        for event in &events {
            if let Event::PoolOpened(opened) = event {
                assert!(self.state.unit(&opened.pool).is_some());
                for at in &instants {
                    let naive = naive_headroom(&events, &opened.pool, *at);
                    assert_eq!(
                        self.state.headroom(&opened.pool, *at),
                        Some(naive),
                        "{} at {at}",
                        opened.pool
                    );
                    assert_eq!(from_facts.headroom(&opened.pool, *at), Some(naive));
                }
            }
        }
        let mut replayed = State::default();
        for entry in &self.entries {
            let effect =
                replayed.admit(entry).expect("every recorded entry is lawful at its place");
            replayed.apply(effect);
        }
    }
}

fn naive_left(events: &[&Event], grant: GrantId, at: EffectiveTime) -> i128 {
    let mut left = 0;
    for event in events {
        match event {
            Event::Granted(granted) if granted.grant == grant && granted.window.contains(at) => {
                left += granted.amount.total();
            }
            Event::Revoked(revoked) if revoked.grant == grant && revoked.window.contains(at) => {
                left -= revoked.amount.total();
            }
            _ => {}
        }
    }
    left
}

fn naive_headroom(events: &[&Event], pool: &PoolId, at: EffectiveTime) -> i128 {
    let (mut capacity, mut usage, mut latest) = (0, 0, None);
    for event in events {
        match event {
            Event::CapacityDeclared(declared)
                if declared.pool == *pool
                    && declared.from <= at
                    && latest.is_none_or(|latest| latest <= declared.from) =>
            {
                (latest, capacity) = (Some(declared.from), declared.capacity.total());
            }
            Event::Granted(granted) if granted.window.contains(at) => {
                let left = naive_left(events, granted.grant, at);
                assert!(
                    left >= 0,
                    "grant {} is revoked beyond what was granted at {at}",
                    granted.grant
                );
                if granted.pool == *pool {
                    usage += left;
                }
                if granted.recipient == Recipient::Pool(pool.clone()) {
                    capacity += left;
                }
            }
            Event::PoolOpened(opened) => assert!(
                opened.pool != *pool
                    || !matches!(&opened.kind, PoolKind::SubPool { parent } if parent == pool)
            ),
            _ => {}
        }
    }
    capacity - usage
}
