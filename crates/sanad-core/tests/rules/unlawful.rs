//! What was recorded although the rules forbid it is told with the rule, and an audit goes on behind it.

use sanad_core::{Entry, EntryId, Event, Granted, PoolKind, PoolOpened, Recipient, State};
use uuid::Uuid;

use crate::story::{Story, act, between, day, declare, from, grant, id, open, register};

/// An entry as another program may have recorded it.
fn entry(event: Event) -> Entry {
    let id = EntryId::new(Uuid::from_u128(9_000_000)).unwrap();
    Entry::new(id, "mof".parse().unwrap(), None, None, false, [event]).unwrap()
}

fn granted(amount: u64) -> Event {
    Event::Granted(Granted {
        grant: id(7),
        pool: "p".parse().unwrap(),
        recipient: Recipient::Holder("a".parse().unwrap()),
        amount: sanad_core::Amount::new(amount).unwrap(),
        purpose: None,
        window: from(0),
    })
}

#[test]
fn a_recorded_pool_under_itself_is_told_as_a_circle() {
    let kind = PoolKind::SubPool { parent: "x".parse().unwrap() };
    let (pool, title) = ("x".parse().unwrap(), "X".parse().unwrap());
    let opened = entry(Event::PoolOpened(PoolOpened { pool, title, kind }));
    let unlawful = State::default().admit(&opened).unwrap_err();
    assert_eq!(unlawful.refusal.code(), "pool_cycle");
    assert!(unlawful.effect.is_none(), "what it would do cannot be told");
}

#[test]
fn a_recorded_grant_beyond_capacity_is_told_and_counts_all_the_same() {
    let story = Story::with_capacity("100");
    let mut state = story.state().clone();
    let unlawful = state.admit(&entry(granted(150_000))).unwrap_err();
    assert_eq!(unlawful.to_string(), unlawful.refusal.to_string());
    assert_eq!(unlawful.refusal.code(), "exceeds_capacity");
    state.apply(*unlawful.effect.unwrap());
    assert_eq!(state.headroom(&"p".parse().unwrap(), day(0)), Some(-50_000));
}

#[test]
fn what_was_judged_before_is_taken_without_being_judged_again() {
    let story = Story::with_capacity("100");
    let mut state = story.state().clone();
    let effect = state.trust(&entry(granted(150_000))).unwrap();
    state.apply(effect);
    assert_eq!(state.headroom(&"p".parse().unwrap(), day(0)), Some(-50_000));
    assert_eq!(state.trust(&entry(granted(1))).unwrap_err().code(), "grant_exists");
}

#[test]
#[should_panic(expected = "an effect fits only the state it was drafted on")]
fn an_effect_does_not_fit_a_state_that_went_on() {
    let mut state = Story::with_capacity("100").state().clone();
    let entry_id = EntryId::new(Uuid::from_u128(5)).unwrap();
    let one = state.decide(&act([grant(1, "p", "a", "80", from(0))]), entry_id).unwrap();
    let other = state.decide(&act([grant(2, "p", "b", "80", from(0))]), entry_id).unwrap();
    state.apply(one.effect);
    state.apply(other.effect);
}

#[test]
fn an_act_names_its_entry_itself_or_takes_the_name_that_is_given() {
    let given = EntryId::new(Uuid::from_u128(5)).unwrap();
    let own = EntryId::new(Uuid::from_u128(6)).unwrap();
    let mut asked = act([register("a")]);
    let state = State::default();
    assert_eq!(state.decide(&asked, given).unwrap().entry.id(), given);
    asked.id = Some(own);
    assert_eq!(state.decide(&asked, given).unwrap().entry.id(), own);
    assert_eq!(state.expand(&asked, given).unwrap().id(), own);
}

#[test]
fn an_entry_keeps_its_authority_and_tells_the_first_instant_that_it_speaks_of() {
    let mut asked = act([
        open("q"),
        declare("q", "5", 20),
        register("h"),
        grant(3, "q", "h", "1", between(30, 40)),
    ]);
    let digest = "blake3:00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
    asked.instrument = Some(sanad_core::Instrument {
        reference: "S.R.O. 12".parse().unwrap(),
        digest: Some(digest.parse().unwrap()),
    });
    asked.reason = Some("phase one".parse().unwrap());
    let entry = State::default().decide(&asked, EntryId::new(Uuid::from_u128(5)).unwrap()).unwrap();
    assert_eq!(entry.entry.instrument(), asked.instrument.as_ref());
    assert_eq!(entry.entry.reason(), asked.reason.as_ref());
    assert_eq!(entry.entry.effective_from(), Some(day(20)));
    let digest = asked.instrument.unwrap().digest.unwrap();
    assert_eq!(digest.as_bytes()[..4], [0x00, 0x11, 0x22, 0x33]);
    assert_eq!(digest.as_bytes()[31], 0xff);
    assert_eq!(
        digest.to_string(),
        format!("blake3:{}", "00112233445566778899aabbccddeeff".repeat(2))
    );
    for form in ["blake3:00", "sha256:00", &format!("blake3:{}", "0".repeat(63) + "g")] {
        assert!(form.parse::<sanad_core::Digest>().is_err(), "{form}");
    }
}
