//! What is taken back never exceeds what was granted, per grant, at every instant.

use sanad_core::{Event, Refusal, Window};

use crate::story::{Story, allot, between, day, from, grant, id, open_under, revoke, revoke_all};

#[test]
fn part_of_a_grant_comes_back_from_an_instant_on() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", from(0))]);
    story.does([revoke(1, "40", from(10))]);
    assert_eq!([story.headroom("p", 9), story.headroom("p", 10)], [0, 40_000]);
    story.does([grant(2, "p", "b", "40", from(10))]);
}

#[test]
fn revoking_more_than_is_left_at_some_instant_is_refused_with_that_instant() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", from(0))]);
    story.does([revoke(1, "70", between(50, 60))]);
    let refusal = story.refuses([revoke(1, "31", from(10))]);
    let Refusal::RevokesTooMuch { left, at, grant, .. } = &refusal else { panic!("{refusal}") };
    assert_eq!((*left, *at, *grant), (30_000, day(50), id(1)));
    story.does([revoke(1, "30", from(10))]);
    story.does([revoke(1, "70", from(60))]);
    assert_eq!(story.refuses([revoke(1, "0.001", from(60))]).code(), "revokes_too_much");
}

#[test]
fn two_revocations_in_one_entry_count_together() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", from(0))]);
    assert_eq!(
        story.refuses([revoke(1, "60", from(10)), revoke(1, "60", between(5, 11))]).code(),
        "revokes_too_much"
    );
    story.does([revoke(1, "60", from(10)), revoke(1, "60", between(5, 10))]);
}

#[test]
fn revocations_of_two_grants_in_one_entry_count_each_for_its_own() {
    let mut story = Story::with_capacity("200");
    story.does([grant(1, "p", "a", "100", from(0)), grant(2, "p", "b", "100", from(0))]);
    story.does([revoke(1, "90", from(10)), revoke(2, "60", from(10)), revoke(2, "10", from(20))]);
    let refusal = story.refuses([revoke(2, "30.001", from(20))]);
    assert!(matches!(refusal, Refusal::RevokesTooMuch { left: 30_000, .. }), "{refusal}");
    story.does([revoke(2, "30", from(20)), revoke(1, "10", from(20))]);
    assert_eq!(story.headroom("p", 20), 200_000);
}

#[test]
fn all_that_is_left_within_a_window_is_taken_only_there() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", from(0))]);
    story.does([revoke_all(1, between(10, 20))]);
    assert!(matches!(&story.last_events()[0], Event::Revoked(r) if r.window == between(10, 20)));
    assert_eq!([story.headroom("p", 19), story.headroom("p", 20)], [100_000, 0]);
}

#[test]
fn a_curtailment_gives_back_only_for_its_window() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", between(0, 100))]);
    story.does([revoke(1, "25", between(30, 40))]);
    let headroom = |n| story.headroom("p", n);
    assert_eq!(
        [headroom(29), headroom(30), headroom(39), headroom(40), headroom(100)],
        [0, 25_000, 25_000, 0, 100_000]
    );
}

#[test]
fn a_revocation_lies_within_its_grant() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", between(10, 20))]);
    assert_eq!(story.refuses([revoke(1, "1", from(9))]).code(), "revokes_before_grant");
    assert_eq!(story.refuses([revoke(1, "1", from(20))]).code(), "revokes_after_grant");
    assert_eq!(story.refuses([revoke(1, "1", between(15, 21))]).code(), "revokes_after_grant");
    story.does([revoke(1, "1", between(15, 20))]);
    story.does([revoke(1, "99", from(15))]);
    assert_eq!(story.headroom("p", 20), 100_000);
}

#[test]
fn all_that_is_left_is_what_is_left_at_each_instant() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", from(0))]);
    story.does([revoke(1, "40", between(30, 60))]);
    story.does([revoke_all(1, from(10))]);
    let taken: Vec<(Window, u64)> = story
        .last_events()
        .iter()
        .map(|event| match event {
            Event::Revoked(revoked) => (revoked.window, revoked.amount.get()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(taken, [(between(10, 30), 100_000), (between(30, 60), 60_000), (from(60), 100_000)]);
    assert_eq!(story.refuses([revoke_all(1, from(10))]).code(), "nothing_left");
}

#[test]
fn all_that_is_left_of_a_grant_that_ends_is_taken_for_good() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", between(0, 50))]);
    story.does([revoke_all(1, from(10))]);
    assert!(matches!(&story.last_events()[0], Event::Revoked(r) if r.window == from(10)));
    story.does([grant(2, "p", "a", "100", between(10, 50))]);
}

#[test]
fn an_annulment_reaches_back_to_the_first_instant() {
    let mut story = Story::with_capacity("100");
    story.does([grant(1, "p", "a", "100", from(0))]);
    story.does([revoke_all(1, from(0))]);
    story.does([grant(2, "p", "b", "100", from(0))]);
}

#[test]
fn a_revocation_from_a_sub_pool_that_would_uncover_its_grants_is_refused() {
    let mut story = Story::with_capacity("100");
    story.does([
        open_under("p", "s"),
        allot(1, "p", "s", "60", from(0)),
        grant(2, "s", "a", "50", between(20, 30)),
    ]);
    let refusal = story.refuses([revoke(1, "20", from(0))]);
    let Refusal::CausesShortfall(shortfall) = &refusal else { panic!("{refusal}") };
    assert_eq!((shortfall.missing, shortfall.at), (10_000, day(20)));
    story.does([revoke(1, "20", between(0, 20)), revoke(1, "10", from(20))]);
}
