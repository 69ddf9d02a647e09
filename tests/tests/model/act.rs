//! Acts as the model speaks of them, and the same in the ledger's words.

use proptest::prelude::*;
use sanad_core::{
    Act, Cause, Command, DeclareCapacity, EffectiveTime, Grant, GrantId, OpenPool, Recipient,
    RegisterHolder, Revoke, Window,
};
use uuid::Uuid;

use crate::naive::{DAYS, Naive};

#[derive(Debug, Clone)]
pub(crate) struct ModelAct {
    pub(crate) accept: bool,
    pub(crate) asks: Vec<Ask>,
}

#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Open {
        pool: usize,
        parent: Option<usize>,
    },
    Declare {
        pool: usize,
        amount: u64,
        from: usize,
    },
    Register {
        holder: usize,
    },
    Grant {
        grant: u128,
        pool: usize,
        holder: usize,
        amount: u64,
        from: usize,
        until: Option<usize>,
    },
    Allot {
        grant: u128,
        pool: usize,
        to: usize,
        amount: u64,
        from: usize,
        until: Option<usize>,
    },
    Revoke {
        grant: u128,
        amount: Option<u64>,
        from: usize,
        until: Option<usize>,
    },
}

fn window() -> impl Strategy<Value = (usize, Option<usize>)> {
    (0..DAYS - 1).prop_flat_map(|from| (Just(from), prop::option::of(from + 1..DAYS)))
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        1 => (0..4usize, prop::option::of(0..4usize)).prop_map(|(pool, parent)| Ask::Open { pool, parent }),
        3 => (0..3usize, 0..40u64, 0..DAYS).prop_map(|(pool, amount, from)| Ask::Declare { pool, amount, from }),
        1 => (0..3usize).prop_map(|holder| Ask::Register { holder }),
        5 => (1..60u128, 0..4usize, 0..3usize, 1..9u64, window()).prop_map(
            |(grant, pool, holder, amount, (from, until))| Ask::Grant { grant, pool, holder, amount, from, until }
        ),
        3 => (1..60u128, 0..4usize, 0..4usize, 1..20u64, window()).prop_map(
            |(grant, pool, to, amount, (from, until))| Ask::Allot { grant, pool, to, amount, from, until }
        ),
        5 => (1..60u128, prop::option::weighted(0.8, 1..7u64), window()).prop_map(
            |(grant, amount, (from, until))| Ask::Revoke { grant, amount, from, until }
        ),
    ]
}

/// The acts of a history. Most begin with what sets the scene.
pub(crate) fn history() -> impl Strategy<Value = Vec<ModelAct>> {
    let acts = prop::collection::vec(strategy(), 1..40);
    (prop::bool::weighted(0.9), acts).prop_map(|(with_scene, mut acts)| {
        if with_scene {
            acts.insert(0, ModelAct { accept: false, asks: scene() });
        }
        acts
    })
}

fn scene() -> Vec<Ask> {
    vec![
        Ask::Open { pool: 0, parent: None },
        Ask::Open { pool: 1, parent: Some(0) },
        Ask::Open { pool: 2, parent: Some(1) },
        Ask::Register { holder: 0 },
        Ask::Register { holder: 1 },
        Ask::Declare { pool: 0, amount: 30, from: 0 },
        Ask::Allot { grant: 100, pool: 0, to: 1, amount: 20, from: 0, until: None },
        Ask::Allot { grant: 101, pool: 1, to: 2, amount: 10, from: 2, until: Some(20) },
    ]
}

/// Most acts ask one thing.
fn strategy() -> impl Strategy<Value = ModelAct> {
    let asks = prop_oneof![
        1 => Just(scene()),
        8 => prop::collection::vec(ask(), 1..2),
        4 => prop::collection::vec(ask(), 2..5),
    ];
    (any::<bool>(), asks).prop_map(|(accept, asks)| ModelAct { accept, asks })
}

impl ModelAct {
    /// The act, most of it aimed at what there is: else nearly all that is asked at random would be refused.
    pub(crate) fn aimed(&self, known: &Naive) -> ModelAct {
        ModelAct { asks: self.asks.iter().map(|ask| aimed(ask, known)).collect(), ..*self }
    }
}

fn aimed(ask: &Ask, known: &Naive) -> Ask {
    let mut ask = ask.clone();
    match &mut ask {
        Ask::Revoke { grant, from, until, .. } if *grant % 5 != 0 => {
            let place = usize::try_from(*grant).unwrap() % known.grants.len().max(1);
            if let Some((id, found)) = known.grants.iter().nth(place) {
                (*grant, *from) = (*id, (*from).max(found.from));
                let ends = found.until.unwrap_or(DAYS);
                *until = until.map(|until| until.min(ends)).filter(|until| until > from);
            }
        }
        Ask::Allot { grant, pool: from, to, .. } if *grant % 5 != 0 => {
            let parent = known.pools.get(&pool(*to)).and_then(|pool| pool.parent.as_ref());
            if let Some(number) = (0..4).find(|&n| parent == Some(&pool(n))) {
                *from = number;
            }
        }
        _ => {}
    }
    ask
}

pub(crate) fn day(n: usize) -> EffectiveTime {
    EffectiveTime::from_us(n as i64 * 86_400_000_000).unwrap()
}

pub(crate) fn pool(n: usize) -> String {
    format!("pool-{n}")
}

pub(crate) fn holder(n: usize) -> String {
    format!("holder-{n}")
}

fn span(from: usize, until: Option<usize>) -> Window {
    Window::new(day(from), until.map(day)).unwrap()
}

fn id(n: u128) -> GrantId {
    GrantId::new(Uuid::from_u128(n)).unwrap()
}

pub(crate) fn to_act(asked: &ModelAct) -> Act {
    let commands = asked.asks.iter().map(command).collect();
    Act { accept_shortfall: asked.accept, ..Act::new("model".parse().unwrap(), commands) }
}

fn command(ask: &Ask) -> Command {
    let granted =
        |grant: &u128, from: &usize, recipient, amount: &u64, at: &usize, until: &Option<usize>| {
            Command::Grant(Grant {
                grant: Some(id(*grant)),
                pool: pool(*from).parse().unwrap(),
                recipient,
                amount: amount.to_string().parse().unwrap(),
                purpose: None,
                window: span(*at, *until),
            })
        };
    match ask {
        Ask::Open { pool: number, parent } => Command::OpenPool(OpenPool {
            pool: pool(*number).parse().unwrap(),
            title: "Pool".parse().unwrap(),
            unit: parent.is_none().then(|| "MW".parse().unwrap()),
            decimals: None,
            parent: parent.map(|parent| pool(parent).parse().unwrap()),
        }),
        Ask::Declare { pool: number, amount, from } => Command::DeclareCapacity(DeclareCapacity {
            pool: pool(*number).parse().unwrap(),
            amount: amount.to_string().parse().unwrap(),
            from: day(*from),
        }),
        Ask::Register { holder: number } => Command::RegisterHolder(RegisterHolder {
            holder: holder(*number).parse().unwrap(),
            title: "Holder".parse().unwrap(),
        }),
        Ask::Grant { grant, pool, holder: number, amount, from, until } => granted(
            grant,
            pool,
            Recipient::Holder(holder(*number).parse().unwrap()),
            amount,
            from,
            until,
        ),
        Ask::Allot { grant, pool: number, to, amount, from, until } => {
            granted(grant, number, Recipient::Pool(pool(*to).parse().unwrap()), amount, from, until)
        }
        Ask::Revoke { grant, amount, from, until } => Command::Revoke(Revoke {
            grant: id(*grant),
            amount: amount.map(|amount| amount.to_string().parse().unwrap()),
            window: span(*from, *until),
            cause: Cause::Revoked,
        }),
    }
}
