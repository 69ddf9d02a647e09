//! Every refusal says in a sentence what is wrong and what to do, and gives its numbers by name.

use sanad_core::{Number, Quantity, Refusal, Shortfall, Unit, UnitError};

use crate::story::{day, id};

fn unit() -> Unit {
    Unit::new("MW".parse().unwrap(), 3).unwrap()
}

/// Each refusal, the sentence for it, and the names of its numbers.
fn all() -> Vec<(Refusal, &'static str, &'static [&'static str])> {
    let pool = || "p".parse().unwrap();
    let holder = || "h".parse().unwrap();
    let asked = |text: &str| -> Quantity { text.parse().unwrap() };
    let requested = sanad_core::Amount::new(7_000).unwrap();
    let (grant, at) = (id(1), day(0));
    vec![
        (Refusal::NothingAsked, "the act asks for nothing; give at least one event", &[]),
        (
            Refusal::PoolExists { pool: pool() },
            "pool p exists already; choose another identifier",
            &["pool"],
        ),
        (Refusal::UnknownPool { pool: pool() }, "there is no pool p; open it first", &["pool"]),
        (
            Refusal::PoolCycle { pool: pool(), parent: "q".parse().unwrap() },
            "pool p cannot be under q: they would be each other's parents",
            &["pool", "parent"],
        ),
        (
            Refusal::CapacityOfSubPool { pool: pool(), parent: "q".parse().unwrap() },
            "pool p is a sub-pool: its capacity is what q grants to it; grant from q instead",
            &["pool", "parent"],
        ),
        (
            Refusal::NotASubPool { pool: pool(), recipient: "q".parse().unwrap() },
            "pool q is no sub-pool of p; only its own parent can grant to it",
            &["pool", "recipient"],
        ),
        (Refusal::UnitMissing { pool: pool() }, "root pool p needs a unit, such as MW", &["pool"]),
        (
            Refusal::UnitRefused { pool: pool(), error: UnitError::TooManyDecimals { found: 19 } },
            "the unit of pool p is refused: a unit has 0 to 18 decimals; 19 were asked for",
            &["pool"],
        ),
        (
            Refusal::UnitOfSubPool { pool: pool(), unit: unit() },
            "sub-pool p has its parent's unit, MW with 3 decimals; leave the unit out",
            &["pool", "unit"],
        ),
        (
            Refusal::HolderExists { holder: holder() },
            "holder h is registered already; choose another identifier",
            &["holder"],
        ),
        (
            Refusal::UnknownHolder { holder: holder() },
            "there is no holder h; register it first",
            &["holder"],
        ),
        (
            Refusal::GrantExists { grant },
            "grant 00000000-0000-0000-0000-000000000001 exists already; leave its id out to have one made",
            &["grant"],
        ),
        (
            Refusal::UnknownGrant { grant },
            "there is no grant 00000000-0000-0000-0000-000000000001",
            &["grant"],
        ),
        (
            Refusal::AmountZero { pool: pool() },
            "the amount of pool p is zero; give more than nothing",
            &["pool"],
        ),
        (
            Refusal::AmountTooFine { pool: pool(), unit: unit(), asked: asked("0.0001") },
            "0.0001 is finer than pool p counts: MW has 3 decimals",
            &["pool", "unit", "requested"],
        ),
        (
            Refusal::AmountTooLarge {
                pool: pool(),
                unit: unit(),
                asked: asked("99999999999999999"),
            },
            "99999999999999999 is more than pool p can count; the largest amount is 18446744073709551.615 MW",
            &["pool", "requested", "largest"],
        ),
        (
            Refusal::OtherUnit { pool: pool(), unit: unit(), asked: asked("1 GW") },
            "pool p counts in MW, but 1 GW was asked for",
            &["pool", "unit", "requested"],
        ),
        (
            Refusal::ExceedsCapacity { pool: pool(), unit: unit(), requested: 1, headroom: 0, at },
            "pool p has 0 MW available at 2025-01-01T00:00:00Z, but 0.001 MW was requested",
            &["pool", "requested", "available", "at"],
        ),
        (
            Refusal::CausesShortfall(Shortfall { pool: pool(), unit: unit(), missing: 30, at }),
            "this would leave pool p short by 0.03 MW at 2025-01-01T00:00:00Z; revoke or curtail grants \
             first, or accept the shortfall",
            &["pool", "shortfall", "at"],
        ),
        (
            Refusal::ShortfallWouldGrow {
                pool: pool(),
                unit: unit(),
                shortfall: 1_000,
                would_be: 2_000,
                at,
            },
            "pool p is already 1 MW short at 2025-01-01T00:00:00Z, and this would make it 2 MW; \
             revoke or curtail grants first, or in the same act",
            &["pool", "shortfall", "would_be", "at"],
        ),
        (
            Refusal::RevokesTooMuch { grant, unit: unit(), requested, left: 5_000, at },
            "grant 00000000-0000-0000-0000-000000000001 has 5 MW left at 2025-01-01T00:00:00Z, but 7 MW was \
             to be revoked",
            &["grant", "requested", "available", "at"],
        ),
        (
            Refusal::NothingLeft { grant, from: at },
            "nothing is left of grant 00000000-0000-0000-0000-000000000001 from 2025-01-01T00:00:00Z on",
            &["grant", "from"],
        ),
    ]
}

#[test]
fn each_says_what_is_wrong_and_what_to_do() {
    for (refusal, sentence, names) in all() {
        assert_eq!(refusal.to_string(), sentence);
        let numbers: Vec<_> = refusal.numbers().into_iter().map(|(name, _)| name).collect();
        assert_eq!(numbers, names, "{}", refusal.code());
    }
}

#[test]
fn available_is_never_below_nothing() {
    let (pool, unit, at) = ("p".parse().unwrap(), unit(), day(0));
    let refusal = Refusal::ExceedsCapacity { pool, unit, requested: 1_000, headroom: -30_000, at };
    let available = refusal.numbers().into_iter().find(|(name, _)| *name == "available").unwrap();
    assert_eq!(available.1, Number::Amount("0 MW".into()));
    assert_eq!(
        refusal.to_string(),
        "pool p has 0 MW available at 2025-01-01T00:00:00Z (it is 30 MW short), but 1 MW was requested"
    );
}
