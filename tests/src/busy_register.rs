//! A register that is busy: lawful acts without end, of every kind, the same ones every time.

use sanad::{
    Act, Cause, Command, DeclareCapacity, EffectiveTime, Grant, GrantId, OpenPool, Recipient,
    RegisterHolder, Revoke, Window,
};
use uuid::Uuid;

const DAY_US: i64 = 86_400_000_000;
/// 2025-01-01T00:00:00Z.
const FIRST_DAY_US: i64 = 1_735_689_600_000_000;

/// Gives the acts of the register one after another, each to be recorded before the next.
#[derive(Debug, Default)]
pub struct BusyRegister {
    next: u64,
}

impl Iterator for BusyRegister {
    type Item = Act;

    fn next(&mut self) -> Option<Act> {
        let number = self.next;
        self.next += 1;
        let (commands, accept_shortfall) = commands(number);
        let actor = "mof".parse().ok()?;
        Some(Act { accept_shortfall, ..Act::new(actor, commands) })
    }
}

/// What is asked in an act, and whether a shortfall is accepted.
fn commands(number: u64) -> (Vec<Command>, bool) {
    let plainly = |commands| (commands, false);
    match number % 8 {
        _ if number == 0 => plainly(opening()),
        1 => plainly(vec![grant(number, "pk", "misal", None)]),
        2 | 3 => plainly(vec![grant(number, "pk/mining", "misal", None)]),
        4 => plainly(vec![revoke(number - 1, Some("0.002"), 10, Some(40), Cause::Curtailed)]),
        5 => plainly(vec![revoke(number - 3, None, number % 2 * 7, None, Cause::Revoked)]),
        6 => plainly(vec![grant(number, "pk/mining/ai", "qaf", Some(200))]),
        7 => plainly(vec![revoke(number - 1, Some("0.003"), 30, None, Cause::Surrendered)]),
        _ if number.is_multiple_of(64) => (vec![shrunk(number / 64)], true),
        _ if number % 16 == 8 => {
            let taken = revoke(number - 5, Some("0.001"), 5, None, Cause::Transferred);
            plainly(vec![taken, grant(number, "pk/mining", "late", None)])
        }
        _ => plainly(vec![holder(&format!("holder-{number}"), &format!("مثال {number}"))]),
    }
}

fn opening() -> Vec<Command> {
    let ever = || window(0, None);
    vec![
        pool("pk", "فاضل بجلی", None),
        pool("pk/mining", "Mining", Some("pk")),
        pool("pk/mining/ai", "مصنوعی ذہانت", Some("pk/mining")),
        pool("short", "Short", None),
        holder("misal", "مثال"),
        holder("late", "Late"),
        holder("qaf", "قاف"),
        declare("pk", "1000000000", 0),
        declare("short", "0.1", 0),
        to(1 << 64, "pk", pool_of("pk/mining"), "100000000", None, ever()),
        to(2 << 64, "pk/mining", pool_of("pk/mining/ai"), "10000000", None, ever()),
        to(3 << 64, "short", holder_of("late"), "0.1", None, ever()),
    ]
}

/// The capacity of the small pool shrinks once, and from later on a little less.
fn shrunk(times: u64) -> Command {
    declare("short", &format!("0.{:03}", 59 + times.min(40)), 100 + times)
}

fn pool(id: &str, title: &str, parent: Option<&str>) -> Command {
    Command::OpenPool(OpenPool {
        pool: id.parse().expect("an identifier"),
        title: title.parse().expect("a title"),
        unit: parent.is_none().then(|| "MW".parse().expect("a unit")),
        decimals: parent.is_none().then_some(3),
        parent: parent.map(|parent| parent.parse().expect("an identifier")),
    })
}

fn declare(pool: &str, amount: &str, day: u64) -> Command {
    Command::DeclareCapacity(DeclareCapacity {
        pool: pool.parse().expect("an identifier"),
        amount: amount.parse().expect("an amount"),
        from: on(day),
    })
}

/// The day on which the grant with this number begins.
fn first_day(number: u64) -> u64 {
    number % 400
}

fn holder(id: &str, title: &str) -> Command {
    let (holder, title) = (id.parse().expect("an id"), title.parse().expect("a title"));
    Command::RegisterHolder(RegisterHolder { holder, title })
}

fn grant(number: u64, pool: &str, holder: &str, days: Option<u64>) -> Command {
    let (amount, from) = (format!("0.{:03}", 10 + number % 5), first_day(number));
    let purpose = number.is_multiple_of(3).then_some("کان کنی");
    let window = window(from, days.map(|days| from + days));
    to(number.into(), pool, holder_of(holder), &amount, purpose, window)
}

fn to(
    grant: u128,
    pool: &str,
    recipient: Recipient,
    amount: &str,
    purpose: Option<&str>,
    window: Window,
) -> Command {
    Command::Grant(Grant {
        grant: Some(grant_id(grant)),
        pool: pool.parse().expect("an identifier"),
        recipient,
        amount: amount.parse().expect("an amount"),
        purpose: purpose.map(|purpose| purpose.parse().expect("a purpose")),
        window,
    })
}

/// Takes from a grant from so many days after its beginning on.
fn revoke(number: u64, amount: Option<&str>, days: u64, end: Option<u64>, cause: Cause) -> Command {
    let first = first_day(number);
    Command::Revoke(Revoke {
        grant: grant_id(number.into()),
        amount: amount.map(|amount| amount.parse().expect("an amount")),
        window: window(first + days, end.map(|end| first + end)),
        cause,
    })
}

fn pool_of(id: &str) -> Recipient {
    Recipient::Pool(id.parse().expect("an identifier"))
}

fn holder_of(id: &str) -> Recipient {
    Recipient::Holder(id.parse().expect("an identifier"))
}

fn grant_id(number: u128) -> GrantId {
    GrantId::new(Uuid::from_u128(0x9000_0000_0000_0000 + number)).expect("it is not nil")
}

fn on(day: u64) -> EffectiveTime {
    let day = i64::try_from(day).expect("a day of this era");
    EffectiveTime::from_us(FIRST_DAY_US + day * DAY_US).expect("a time of this era")
}

fn window(from: u64, until: Option<u64>) -> Window {
    Window::new(on(from), until.map(on)).expect("it ends after it begins")
}
