//! Very many grants in one pool, very many sub-pools, and pools in pools in pools.

use std::thread;

use sanad::{
    Act, Auditor, Cause, Command, DeclareCapacity, EffectiveTime, Grant, GrantId, Known, Ledger,
    OnRefusal, OpenPool, PoolId, Recipient, RegisterHolder, Revoke, Window,
};
use sanad_tests::{TestLedger, is_long};
use uuid::Uuid;

/// Commands in an act, at the most: an entry has room for so many.
const TOGETHER: usize = 200;
const DAY_US: i64 = 86_400_000_000;

pub(crate) fn day(n: usize) -> EffectiveTime {
    EffectiveTime::from_us(1_735_689_600_000_000 + i64::try_from(n).unwrap() * DAY_US).unwrap()
}

pub(crate) fn grant_id(n: usize) -> GrantId {
    GrantId::new(Uuid::from_u128((0x0197 << 112) + n as u128 + 1)).unwrap()
}

pub(crate) fn grant(
    n: usize,
    pool: &str,
    to: Recipient,
    window: (EffectiveTime, Option<EffectiveTime>),
) -> Command {
    Command::Grant(Grant {
        grant: Some(grant_id(n)),
        pool: pool.parse().unwrap(),
        recipient: to,
        amount: "0.001".parse().unwrap(),
        purpose: None,
        window: Window::new(window.0, window.1).unwrap(),
    })
}

pub(crate) fn acme() -> Recipient {
    Recipient::Holder("acme".parse().unwrap())
}

/// Records all commands, many to an act.
pub(crate) fn record_all(ledger: &Ledger, commands: &[Command]) {
    let acts = commands.chunks(TOGETHER).map(|some| Act::new("mof".parse().unwrap(), some.into()));
    for answer in ledger.record_many(acts.collect(), OnRefusal::Stop) {
        answer.unwrap();
    }
}

/// A pool `crowd` of `amount`, and the holder `acme`.
pub(crate) fn scene(ledger: &Ledger, amount: &str) {
    record_all(
        ledger,
        &[
            open_pool("crowd", None),
            Command::DeclareCapacity(DeclareCapacity {
                pool: "crowd".parse().unwrap(),
                amount: amount.parse().unwrap(),
                from: EffectiveTime::EARLIEST,
            }),
            Command::RegisterHolder(RegisterHolder {
                holder: "acme".parse().unwrap(),
                title: "Acme".parse().unwrap(),
            }),
        ],
    );
}

fn open_pool(id: &str, parent: Option<&str>) -> Command {
    Command::OpenPool(OpenPool {
        pool: id.parse().unwrap(),
        title: "Pool".parse().unwrap(),
        unit: parent.is_none().then(|| "MW".parse().unwrap()),
        decimals: parent.is_none().then_some(3),
        parent: parent.map(|parent| parent.parse().unwrap()),
    })
}

/// Closed, verified as a whole, and opened again: the same allocations.
fn holds(mut ledger: TestLedger, grants: usize, usage: i128) {
    let pool: PoolId = "crowd".parse().unwrap();
    let looks = |ledger: &Ledger| {
        let view = ledger.view(Known::Head).unwrap();
        let pools = view.pools(day(1));
        let standing = pools.iter().find(|standing| standing.pool == pool).unwrap();
        assert_eq!(standing.usage, usage);
        assert_eq!(view.allocations(day(1)).count(), grants);
    };
    looks(ledger.ledger());
    ledger.close();
    let verdict = Auditor::open(&ledger.folder()).unwrap().verify(&mut |_| {}).unwrap();
    assert!(verdict.is_clean(), "{verdict:?}");
    ledger.reopen_after(|_| {});
    looks(ledger.ledger());
}

#[test]
fn a_crowd_of_grants_in_one_pool() {
    let count = if is_long() { 1_000_000 } else { 2_000 };
    let ledger = TestLedger::new();
    scene(ledger.ledger(), "1000");
    // Every window is another one, and all of them are open at the end of the first day.
    let window = |n: usize| (day(0), Some(day(2 + n % 5_000)));
    let commands: Vec<_> = (0..count).map(|n| grant(n, "crowd", acme(), window(n))).collect();
    record_all(ledger.ledger(), &commands);
    let taken_back: Vec<_> = (0..count)
        .step_by(10)
        .map(|n| {
            Command::Revoke(Revoke {
                grant: grant_id(n),
                amount: None,
                window: Window::new(day(0), window(n).1).unwrap(),
                cause: Cause::Revoked,
            })
        })
        .collect();
    record_all(ledger.ledger(), &taken_back);
    let left = count - taken_back.len();
    holds(ledger, left, left as i128);
}

#[test]
fn a_crowd_of_sub_pools() {
    let count = if is_long() { 100_000 } else { 600 };
    let ledger = TestLedger::new();
    scene(ledger.ledger(), "1000");
    let commands: Vec<_> = (0..count)
        .flat_map(|n| {
            let id = format!("crowd/{n}");
            let to = Recipient::Pool(id.parse().unwrap());
            [open_pool(&id, Some("crowd")), grant(n, "crowd", to, (day(0), None))]
        })
        .collect();
    record_all(ledger.ledger(), &commands);
    let last = format!("crowd/{}", count - 1);
    record_all(ledger.ledger(), &[grant(count, &last, acme(), (day(0), None))]);
    holds(ledger, count + 1, count as i128);
}

#[test]
fn pools_in_pools_to_a_great_depth_need_no_deep_stack() {
    let depth = if is_long() { 10_000 } else { 1_000 };
    let ledger = TestLedger::new();
    scene(ledger.ledger(), "1000");
    let name = |n: usize| if n == 0 { "crowd".to_owned() } else { format!("deep/{n}") };
    let commands: Vec<_> = (1..=depth)
        .flat_map(|n| {
            let (id, parent) = (name(n), name(n - 1));
            let to = Recipient::Pool(id.parse().unwrap());
            [open_pool(&id, Some(&parent)), grant(n, &parent, to, (day(0), None))]
        })
        .collect();
    record_all(ledger.ledger(), &commands);
    record_all(ledger.ledger(), &[grant(depth + 1, &name(depth), acme(), (day(0), None))]);
    // The stack is so small that a call for each level would not fit.
    let small = thread::Builder::new().stack_size(256 << 10);
    small.spawn(move || holds(ledger, depth + 1, 1)).unwrap().join().unwrap();
}
