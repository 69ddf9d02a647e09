//! Identifiers, causes and windows as people write and read them.

use sanad_core::{Capacity, Cause, HolderId, Recipient, Sequence, SlugError};

use crate::story::{between, from};

#[test]
fn every_cause_has_one_name_and_a_recipient_is_shown_by_its_own() {
    let names = ["revoked", "surrendered", "lapsed", "transferred", "curtailed", "annulled"];
    assert_eq!(Cause::ALL.map(Cause::as_str), names);
    assert_eq!(names.map(Cause::from_name), Cause::ALL.map(Some));
    assert_eq!((Cause::from_name("Revoked"), Cause::Lapsed.to_string()), (None, "lapsed".into()));
    let (holder, pool) = ("acme".parse().unwrap(), "p/one".parse().unwrap());
    let shown = [Recipient::Holder(holder), Recipient::Pool(pool)].map(|it| it.to_string());
    assert_eq!(shown, ["acme", "p/one"]);
    let window = between(0, 1).to_string();
    assert_eq!(window, "from 2025-01-01T00:00:00Z until 2025-01-02T00:00:00Z");
    assert_eq!(from(0).to_string(), "from 2025-01-01T00:00:00Z on");
    assert_eq!((Sequence(7).to_string(), Capacity::new(9).get()), ("7".into(), 9));
}

#[test]
fn an_identifier_that_is_none_is_told_by_its_first_wrong_character() {
    let refused = |text: &str| text.parse::<HolderId>().unwrap_err();
    let wrong = |position, character| SlugError::BadCharacter { position, character };
    assert_eq!(refused("a-B"), wrong(3, 'B'));
    assert_eq!(refused("-B"), wrong(1, '-'));
    assert_eq!(refused(&format!("{}A", "a".repeat(63))), wrong(64, 'A'));
    assert_eq!(refused(&"A".repeat(65)), SlugError::TooLong { found: 65 });
    assert!("a".repeat(64).parse::<HolderId>().is_ok());
}
