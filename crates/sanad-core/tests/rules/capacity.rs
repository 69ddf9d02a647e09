//! Usage stays within capacity at every instant, past and future.

use sanad_core::{Event, Refusal};

use crate::story::{
    Story, allot, between, day, declare, from, grant, id, open, open_under, register, revoke,
};

#[test]
fn a_grant_that_fits_is_recorded_and_one_that_does_not_is_refused_with_its_numbers() {
    let mut story = Story::with_capacity("2000");
    story.does([grant(1, "p", "a", "1700", from(0))]);
    let refusal = story.refuses([grant(2, "p", "b", "300.001", from(5))]);
    let Refusal::ExceedsCapacity { requested, headroom, at, .. } = &refusal else {
        panic!("{refusal}")
    };
    assert_eq!((*requested, *headroom, *at), (300_001, 300_000, day(5)));
    assert_eq!(
        refusal.to_string(),
        "pool p has 300 MW available at 2025-01-06T00:00:00Z, but 300.001 MW was requested"
    );
    story.does([grant(2, "p", "b", "300", from(5))]);
}

#[test]
fn a_grant_is_judged_in_its_whole_window_and_not_only_today() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "80", between(100, 200))]);
    assert!(matches!(
        story.refuses([grant(2, "p", "b", "30", from(0))]),
        Refusal::ExceedsCapacity { headroom: 20_000, at, .. } if at == day(100)
    ));
    story.does([grant(2, "p", "b", "30", between(0, 100))]);
    story.does([grant(3, "p", "b", "30", from(200))]);
}

#[test]
fn a_grant_in_the_past_counts_against_the_past() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", between(10, 20))]);
    assert_eq!(story.refuses([grant(2, "p", "b", "1", between(0, 11))]).code(), "exceeds_capacity");
    assert_eq!(story.refuses([grant(2, "p", "b", "1", between(-5, 1))]).code(), "exceeds_capacity");
}

#[test]
fn capacity_holds_from_its_instant_until_the_next_declaration_whichever_was_recorded_first() {
    let mut story = Story::with_capacity("100");
    story.does([declare("p", "300", 20)]);
    story.does([declare("p", "200", 10)]);
    assert_eq!(
        [story.headroom("p", 9), story.headroom("p", 10), story.headroom("p", 20)],
        [100_000, 200_000, 300_000]
    );
    story.does([declare("p", "50", 10)]);
    assert_eq!(
        [story.headroom("p", 9), story.headroom("p", 10), story.headroom("p", 20)],
        [100_000, 50_000, 300_000]
    );
}

#[test]
fn two_declarations_for_one_instant_in_one_entry_leave_the_later_one() {
    let mut story = Story::with_capacity("100");
    story.does([declare("p", "300", 5), declare("p", "200", 5), declare("p", "250", 3)]);
    assert_eq!(
        [story.headroom("p", 2), story.headroom("p", 3), story.headroom("p", 5)],
        [100_000, 250_000, 200_000]
    );
}

#[test]
fn a_later_phase_can_be_granted_before_it_begins() {
    let mut story = Story::with_capacity("100");
    story.does([declare("p", "150", 365)]);
    assert_eq!(story.refuses([grant(1, "p", "a", "150", from(364))]).code(), "exceeds_capacity");
    story.does([grant(1, "p", "a", "150", from(365))]);
}

#[test]
fn what_a_parent_grants_to_sub_pools_and_to_holders_together_stays_within_what_it_has() {
    let mut story = Story::with_capacity("100");
    story.does([open_under("p", "p/s"), allot(1, "p", "p/s", "60", from(0))]);
    assert_eq!(story.refuses([grant(2, "p", "a", "41", from(0))]).code(), "exceeds_capacity");
    story.does([grant(2, "p", "a", "40", from(0))]);
    assert_eq!(story.refuses([grant(3, "p/s", "a", "61", from(0))]).code(), "exceeds_capacity");
    story.does([grant(3, "p/s", "a", "60", from(0))]);
}

#[test]
fn sub_pools_go_to_any_depth_and_only_a_parent_grants_to_them() {
    let mut story = Story::with_capacity("100");
    let mut parent = "p".to_owned();
    for depth in 0..30 {
        let child = format!("p{depth}");
        story.does([
            open_under(&parent, &child),
            allot(100 + depth, &parent, &child, "100", from(0)),
        ]);
        parent = child;
    }
    story.does([grant(1, &parent, "a", "100", from(0))]);
    assert!(matches!(
        story.refuses([allot(2, "p", "p5", "1", from(0))]),
        Refusal::NotASubPool { .. }
    ));
    assert_eq!(story.refuses([declare(&parent, "5", 0)]).code(), "capacity_of_sub_pool");
}

#[test]
fn an_entry_is_judged_as_a_whole_so_a_transfer_needs_no_room() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", from(0))]);
    story.does([grant(2, "p", "b", "40", from(10)), revoke(1, "40", from(10))]);
    assert_eq!(story.headroom("p", 10), 0);
}

#[test]
fn one_bad_event_refuses_the_whole_entry_and_leaves_nothing_behind() {
    let mut story = Story::with_capacity("100");
    story.refuses([
        register("c"),
        grant(1, "p", "c", "50", from(0)),
        grant(2, "p", "nobody", "1", from(0)),
    ]);
    assert_eq!(story.refuses([grant(1, "p", "c", "50", from(0))]).code(), "unknown_holder");
    assert_eq!(story.headroom("p", 0), 100_000);
}

#[test]
fn later_events_of_an_entry_see_the_earlier_ones() {
    let mut story = Story::empty();
    story.does([
        open("root"),
        declare("root", "10", 0),
        open_under("root", "root/sub"),
        register("x"),
        allot(1, "root", "root/sub", "10", from(0)),
        grant(2, "root/sub", "x", "10", from(0)),
        revoke(2, "4", from(5)),
    ]);
    assert_eq!([story.headroom("root/sub", 0), story.headroom("root/sub", 5)], [0, 4_000]);
    assert_eq!(story.last_events().len(), 7);
    assert!(matches!(&story.last_events()[6], Event::Revoked(revoked) if revoked.grant == id(2)));
}

#[test]
fn amounts_that_no_pool_can_count_are_refused_each_by_its_own_code() {
    let mut story = Story::with_capacity("100");
    let mut code = |amount: &str| story.refuses([grant(1, "p", "a", amount, from(0))]).code();
    assert_eq!(code("0"), "amount_zero");
    assert_eq!(code("0.0001"), "amount_too_fine");
    assert_eq!(code("99999999999999999999"), "amount_too_large");
    assert_eq!(code("1 GW"), "other_unit");
    assert_eq!(code("18446744073709551.616"), "amount_too_large");
    assert_eq!(code("18446744073709551.615"), "exceeds_capacity");
}

#[test]
fn totals_do_not_overflow_where_amounts_are_the_largest() {
    let mut story = Story::with_capacity("18446744073709551.615");
    story.does([open_under("p", "s"), allot(1, "p", "s", "18446744073709551.615", from(0))]);
    story.does([open("q"), declare("q", "18446744073709551.615", 0)]);
    let refusal = story.refuses([
        grant(2, "q", "a", "18446744073709551.615", from(0)),
        grant(3, "q", "b", "18446744073709551.615", from(0)),
    ]);
    assert!(
        matches!(refusal, Refusal::ExceedsCapacity { requested, .. } if requested == 2 * i128::from(u64::MAX))
    );
}

/// Changes of one pool at one instant are judged together, though each comes in order behind the one before it.
#[test]
fn what_an_entry_gives_and_takes_at_one_instant_is_judged_as_one_change() {
    let mut story = Story::with_capacity("100");
    story.does([declare("p", "150", 5), grant(1, "p", "a", "150", from(5))]);
    story.does([declare("p", "200", 5), grant(2, "p", "b", "50", from(5))]);
    let both = [grant(3, "p", "a", "0.002", from(5)), declare("p", "200.001", 5)];
    let refusal = story.refuses(both);
    let Refusal::ExceedsCapacity { requested, headroom, .. } = &refusal else {
        panic!("{refusal}")
    };
    assert_eq!((*requested, *headroom), (2, 1));
}
