//! Identifiers are unique, and nothing speaks of what does not exist.

use sanad_core::{Command, OpenPool, Refusal};

use crate::story::{Story, declare, from, grant, open, open_under, register, revoke};

#[test]
fn what_exists_cannot_be_brought_again() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "1", from(0))]);
    assert_eq!(story.refuses([open("p")]).code(), "pool_exists");
    assert_eq!(story.refuses([register("a")]).code(), "holder_exists");
    assert_eq!(story.refuses([register("c"), register("c")]).code(), "holder_exists");
    assert_eq!(story.refuses([grant(1, "p", "a", "1", from(0))]).code(), "grant_exists");
}

#[test]
fn a_typing_error_creates_nobody_and_nothing() {
    let mut story = Story::with_capacity("100");
    assert_eq!(story.refuses([grant(1, "p", "aa", "1", from(0))]).code(), "unknown_holder");
    assert_eq!(story.refuses([grant(1, "pp", "a", "1", from(0))]).code(), "unknown_pool");
    assert_eq!(story.refuses([declare("pp", "1", 0)]).code(), "unknown_pool");
    assert_eq!(story.refuses([revoke(9, "1", from(0))]).code(), "unknown_grant");
    assert_eq!(story.refuses([]).code(), "nothing_asked");
}

#[test]
fn pools_cannot_be_each_others_parents() {
    let mut story = Story::empty();
    assert!(matches!(story.refuses([open_under("x", "x")]), Refusal::PoolCycle { .. }));
    assert!(matches!(
        story.refuses([open_under("y", "x"), open_under("z", "y"), open_under("x", "z")]),
        Refusal::PoolCycle { .. }
    ));
    assert_eq!(story.refuses([open_under("nowhere", "x")]).code(), "unknown_pool");
}

#[test]
fn a_root_pool_needs_a_unit_and_a_sub_pool_has_its_parents() {
    let opening = |unit: Option<&str>, decimals, parent: Option<&str>| {
        Command::OpenPool(OpenPool {
            pool: "new".parse().unwrap(),
            title: "New".parse().unwrap(),
            unit: unit.map(|unit| unit.parse().unwrap()),
            decimals,
            parent: parent.map(|parent| parent.parse().unwrap()),
        })
    };
    let mut story = Story::with_capacity("100");
    assert_eq!(story.refuses([opening(None, None, None)]).code(), "unit_missing");
    assert_eq!(story.refuses([opening(Some("MW"), Some(19), None)]).code(), "unit_refused");
    assert_eq!(story.refuses([opening(Some("GW"), None, Some("p"))]).code(), "unit_of_sub_pool");
    assert_eq!(story.refuses([opening(Some("MW"), Some(2), Some("p"))]).code(), "unit_of_sub_pool");
    story.does([opening(Some("MW"), Some(3), Some("p"))]);
}
