//! A violation can never be recorded; a shortfall can, if the entry accepts it; and nothing makes it larger.

use sanad_core::Refusal;

use crate::story::{
    Story, allot, between, day, declare, from, grant, open_under, register, revoke, revoke_all,
};

/// A pool of 100 that is full, and short by 30 from day 10 until day 20.
fn short() -> Story {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", from(0))]);
    let shortfalls = story.accepts([declare("p", "70", 10), declare("p", "100", 20)]);
    assert_eq!(shortfalls.len(), 1);
    assert_eq!((shortfalls[0].missing, shortfalls[0].at), (30_000, day(10)));
    story
}

#[test]
fn a_lower_declaration_under_live_grants_is_refused_unless_the_shortfall_is_accepted() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", from(0))]);
    let refusal = story.refuses([declare("p", "70", 10)]);
    let Refusal::CausesShortfall(shortfall) = &refusal else { panic!("{refusal}") };
    assert_eq!((shortfall.missing, shortfall.at), (30_000, day(10)));
    let accepted = story.accepts([declare("p", "70", 10)]);
    assert_eq!(&accepted, std::slice::from_ref(shortfall));
    assert_eq!(story.headroom("p", 10), -30_000);
}

#[test]
fn accepting_a_shortfall_does_not_let_a_grant_beyond_capacity_through() {
    let mut story = Story::with_capacity("100");
    assert_eq!(
        story.refuses_even_accepting([grant(1, "p", "a", "101", from(0))]).code(),
        "exceeds_capacity"
    );
    story.does([grant(1, "p", "a", "100", from(0))]);
    let both = [declare("p", "70", 10), grant(2, "p", "b", "1", from(15))];
    let refusal = story.refuses_even_accepting(both);
    let Refusal::ExceedsCapacity { requested, headroom, .. } = &refusal else {
        panic!("{refusal}")
    };
    assert_eq!(
        (*requested, *headroom),
        (1_000, -30_000),
        "what the entry itself takes away counts"
    );
}

#[test]
fn no_grant_fits_into_the_window_of_a_shortfall() {
    let mut story = short();
    let refusal = story.refuses([grant(2, "p", "b", "0.001", between(19, 20))]);
    assert_eq!(
        refusal.to_string(),
        "pool p has 0 MW available at 2025-01-20T00:00:00Z (it is 30 MW short), but 0.001 MW was requested"
    );
    assert_eq!(
        story.refuses([grant(2, "p", "b", "0.001", between(0, 11))]).code(),
        "exceeds_capacity"
    );
}

#[test]
fn an_existing_shortfall_cannot_be_made_larger_even_by_accepting() {
    let mut story = short();
    let refusal = story.refuses_even_accepting([declare("p", "69.999", 10)]);
    let Refusal::ShortfallWouldGrow { shortfall, would_be, at, .. } = &refusal else {
        panic!("{refusal}")
    };
    assert_eq!((*shortfall, *would_be, *at), (30_000, 30_001, day(10)));
    assert_eq!(story.refuses([declare("p", "60", 15)]).code(), "shortfall_would_grow");
}

#[test]
fn elsewhere_in_time_another_shortfall_can_be_accepted() {
    let mut story = short();
    assert_eq!(story.accepts([declare("p", "95", 40)]).len(), 1);
}

#[test]
fn an_entry_may_make_a_shortfall_smaller_without_ending_it() {
    let mut story = short();
    story.does([revoke(1, "10", between(10, 15))]);
    story.does([declare("p", "75", 10)]);
    assert_eq!([story.headroom("p", 10), story.headroom("p", 15)], [-15_000, -25_000]);
}

#[test]
fn an_entry_may_leave_a_shortfall_as_it_is() {
    let mut story = short();
    story.does([revoke(1, "40", from(12)), grant(2, "p", "b", "40", from(12))]);
    story.does([register("c")]);
    assert_eq!(story.headroom("p", 12), -30_000);
}

#[test]
fn a_transfer_that_would_make_a_shortfall_larger_at_one_instant_is_refused() {
    let mut story = short();
    let longer = [revoke(1, "40", from(12)), grant(2, "p", "b", "40", from(11))];
    assert_eq!(story.refuses(longer).code(), "exceeds_capacity");
}

#[test]
fn lowering_capacity_and_revoking_as_much_leaves_the_shortfall_as_it_is() {
    let mut story = short();
    story.does([declare("p", "60", 10), revoke(1, "10", between(10, 20))]);
    assert_eq!(story.headroom("p", 10), -30_000);
}

#[test]
fn a_curtailment_heals_a_shortfall_and_then_grants_fit_again() {
    let mut story = short();
    story.does([revoke(1, "30", between(10, 20))]);
    assert_eq!(story.headroom("p", 10), 0);
    assert_eq!(
        story.refuses([grant(2, "p", "b", "1", between(10, 20))]).code(),
        "exceeds_capacity"
    );
    story.does([revoke(1, "1", between(10, 20))]);
    story.does([grant(2, "p", "b", "1", between(10, 20))]);
}

#[test]
fn taking_from_a_sub_pool_can_leave_it_short_and_only_by_acceptance() {
    let mut story = Story::with_capacity("100");
    story.does([
        open_under("p", "s"),
        allot(1, "p", "s", "60", from(0)),
        grant(2, "s", "a", "60", from(0)),
    ]);
    assert_eq!(story.refuses([revoke(1, "10", from(5))]).code(), "causes_shortfall");
    let accepted = story.accepts([revoke(1, "10", from(5))]);
    assert_eq!((accepted[0].pool.as_str(), accepted[0].missing), ("s", 10_000));
    assert_eq!([story.headroom("p", 5), story.headroom("s", 5)], [50_000, -10_000]);
    assert_eq!(
        story.refuses_even_accepting([revoke_all(1, from(5))]).code(),
        "shortfall_would_grow"
    );
}

#[test]
fn a_parent_that_is_short_can_still_take_back_from_its_sub_pool() {
    let mut story = Story::with_capacity("100");
    story.does([open_under("p", "s"), allot(1, "p", "s", "100", from(0))]);
    story.accepts([declare("p", "80", 10)]);
    story.does([revoke(1, "20", from(10))]);
    assert_eq!([story.headroom("p", 10), story.headroom("s", 10)], [0, 80_000]);
}

#[test]
fn a_shortfall_that_ends_by_itself_when_a_grant_expires_stays_recorded_for_its_window_only() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", between(0, 30))]);
    story.accepts([declare("p", "50", 10)]);
    assert_eq!([story.headroom("p", 29), story.headroom("p", 30)], [-50_000, 50_000]);
    story.does([grant(2, "p", "b", "50", from(30))]);
}
