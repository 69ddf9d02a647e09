//! The exchange form as its page describes it, and what it says to those who do not keep to it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sanad::exchange::{act_to_json, parse_act, recorded_to_json};
use sanad::{
    Act, Calendar, Cause, Command, DeclareCapacity, EffectiveTime, Grant, Instrument, OpenPool,
    Recipient, RecordedEntry, RegisterHolder, Revoke, Sequence, State, Window,
};

const PAGE: &str = include_str!("../../../docs/format/exchange.md");

fn karachi() -> Calendar {
    Calendar::new("Asia/Karachi").unwrap()
}

fn examples(fence: &str) -> Vec<&'static str> {
    let block = PAGE.split(&format!("```{fence}\n")).nth(1).unwrap().split("```").next().unwrap();
    block.lines().collect()
}

fn said(line: &str) -> String {
    parse_act(line, 7, &karachi()).unwrap_err().to_string()
}

fn revoke_with(fields: &str) -> String {
    format!(
        r#"{{"actor":"mof","events":[{{"revoke":{{"grant":"01970e3c-7b7a-7000-8000-0000000000a1",{fields}}}}}]}}"#
    )
}

#[test]
fn every_act_on_the_page_is_read_and_allowed() {
    let mut state = State::default();
    for (place, line) in examples("json").into_iter().enumerate() {
        let act = parse_act(line, 1, &karachi()).unwrap_or_else(|error| panic!("{error}\n{line}"));
        let id = format!("01970e3c-7b7a-7000-8000-{:012}", place + 1);
        let decided = state.decide(&act, id.parse().unwrap()).unwrap();
        state.apply(decided.effect);
    }
}

#[test]
fn the_history_on_the_page_is_what_its_second_act_became() {
    let mut state = State::default();
    let mut last = None;
    for (place, line) in examples("json").into_iter().take(2).enumerate() {
        let act = parse_act(line, 1, &karachi()).unwrap();
        let id = format!("01970e3c-7b7a-7000-8000-{:012}", place + 1);
        let decided = state.decide(&act, id.parse().unwrap()).unwrap();
        state.apply(decided.effect);
        last = Some(decided.entry);
    }
    let recorded = RecordedEntry {
        sequence: Sequence(1),
        recorded_at: karachi().recorded("2025-05-26T10:00:00+05:00").unwrap(),
        entry: last.unwrap(),
    };
    let line = recorded_to_json(
        &recorded,
        &"1".repeat(64),
        &|pool| state.unit(pool).cloned(),
        &|_| None,
        &karachi(),
    );
    assert_eq!(serde_json::to_string(&line).unwrap(), examples("json history")[0]);
}

#[test]
fn the_tables_on_the_page_name_the_fields_that_are_read() {
    let tables =
        [("act", r#"{"?":1}"#.to_owned()), ("instrument", r#"{"instrument":{"?":1}}"#.to_owned())];
    let verbs = ["open_pool", "declare_capacity", "register_holder", "grant", "revoke"]
        .map(|verb| (verb, format!(r#"{{"events":[{{"{verb}":{{"?":1}}}}]}}"#)));
    for (name, line) in tables.into_iter().chain(verbs) {
        let table = PAGE.split(&format!("### `{name}`\n")).nth(1).unwrap().split("\n#").next();
        let rows = table.unwrap().lines().filter_map(|row| row.strip_prefix("| `"));
        let described: BTreeSet<_> = rows.filter_map(|row| row.split('`').next()).collect();
        let message = said(&line);
        let expected = message.split("expected ").nth(1).unwrap();
        let read: BTreeSet<_> = expected.split('`').skip(1).step_by(2).collect();
        assert_eq!(described, read, "the table of {name}");
    }
}

#[test]
fn malformed_json_is_told_with_line_and_column() {
    assert_eq!(
        said(r#"{"actor":"mof" "events":[]}"#),
        "line 7, column 16: this is no JSON: expected `,` or `}`"
    );
    assert_eq!(
        said(r#"{"actor":"mof","events":["#),
        "line 7, column 25: this is no JSON: EOF while parsing a list; is the line cut off?"
    );
    assert_eq!(
        said("{\"actor\":\"mof\",\"events\":[]} {}"),
        "line 7, column 29: this is no JSON: there is more behind the act; write one act a line"
    );
    assert_eq!(parse_act("{\n\n!", 7, &karachi()).unwrap_err().place.line, 9);
}

#[test]
fn an_unknown_field_is_named_with_the_ones_that_are_possible() {
    assert_eq!(
        said(r#"{"actor":"mof","events":[{"revoke":{"grnt":"x"}}]}"#),
        "line 7, column 42, events[0].revoke.grnt: unknown field `grnt`, expected one of `grant`, \
         `amount`, `from`, `until`, `cause`"
    );
    assert!(said(r#"{"actor":"mof","events":[{"seize":{}}]}"#).contains("`revoke`"));
}

#[test]
fn a_field_that_is_missing_repeated_or_of_the_wrong_type_is_named() {
    assert!(said(r#"{"events":[]}"#).ends_with("missing field `actor`"));
    assert!(
        said(r#"{"actor":"mof","actor":"pcc","events":[]}"#).ends_with("duplicate field `actor`")
    );
    let number = revoke_with(r#""amount":300,"from":"2025-07-01""#);
    assert!(
        said(&number).ends_with(
            "events[0].revoke.amount: invalid type: integer `300`, expected a decimal in quotes, \
             such as \"300\" or \"92.4\""
        ),
        "{}",
        said(&number)
    );
    assert!(said("[]").contains("expected an act"), "{}", said("[]"));
}

#[test]
fn an_event_says_one_thing_and_a_grant_has_one_recipient() {
    assert_eq!(
        said(r#"{"actor":"mof","events":[{}]}"#),
        "line 7, events[0]: give exactly one of open_pool, declare_capacity, register_holder, \
         grant, revoke; 0 are given"
    );
    let both = r#"{"actor":"mof","events":[{"grant":{"pool":"a","to":{"pool":"b","holder":"c"},"amount":"1","from":"2025-07-01"}}]}"#;
    assert_eq!(
        said(both),
        "line 7, events[0].grant.to: give exactly one of holder, pool; 2 are given"
    );
}

#[test]
fn a_value_that_is_refused_is_told_with_its_field() {
    for (fields, sentence) in [
        (r#""amount":"-5","from":"2025-07-01""#, "amount: the amount -5 is negative"),
        (r#""amount":"1,000","from":"2025-07-01""#, "amount: "),
        (r#""from":"01/07/2025""#, "from: \"01/07/2025\" is no date; write 2025-05-25"),
        (
            r#""from":"2025-07-01","until":"2025-06-01""#,
            "until: the window ends at 2025-06-01, which is not after its beginning at 2025-07-01",
        ),
        (
            r#""from":"2025-07-01","cause":"stolen""#,
            "cause: \"stolen\" is no cause; use one of revoked, surrendered, lapsed, transferred, \
             curtailed, annulled",
        ),
    ] {
        let said = said(&revoke_with(fields));
        assert!(said.starts_with(&format!("line 7, events[0].revoke.{sentence}")), "{said}");
    }
}

#[test]
fn an_override_cannot_hide_in_an_identifier_nor_a_control_character_in_a_title() {
    let hidden = "{\"actor\":\"mof\u{202e}\",\"events\":[]}";
    assert!(said(hidden).starts_with("line 7, actor: character 4 of an identifier is '\\u{202e}'"));
    let escape =
        r#"{"actor":"mof","events":[{"register_holder":{"holder":"a","title":"\u001b[2J"}}]}"#;
    assert!(
        said(escape).contains("title: character 1 of the text is the control character U+001B")
    );
    let long = format!(r#"{{"actor":"mof","reason":"{}","events":[]}}"#, "س".repeat(1025));
    assert!(said(&long).contains("reason: the text has 2050 bytes of UTF-8; at most 2048"));
}

fn time() -> impl Strategy<Value = EffectiveTime> {
    (-60_000_000_000_000_000i64..200_000_000_000_000_000)
        .prop_map(|us| EffectiveTime::from_us(us).unwrap())
}

fn window() -> impl Strategy<Value = Window> {
    (time(), prop::option::of(1i64..1_000_000_000_000)).prop_map(|(from, length)| {
        let until = length.map(|us| EffectiveTime::from_us(from.us() + us).unwrap());
        Window::new(from, until).unwrap()
    })
}

fn parsed<T: std::str::FromStr + std::fmt::Debug>(
    pattern: &str,
) -> impl Strategy<Value = T> + use<T> {
    let texts = prop::string::string_regex(pattern).unwrap();
    texts.prop_filter_map("no value", |text| text.parse().ok())
}

fn amount() -> impl Strategy<Value = sanad::Quantity> {
    parsed("[0-9]{1,12}(\\.[0-9]{1,6})?( MW)?")
}

fn recipient() -> impl Strategy<Value = Recipient> {
    prop_oneof![
        parsed("[a-z0-9][a-z0-9._/-]{0,20}").prop_map(Recipient::Holder),
        parsed("[a-z0-9][a-z0-9._/-]{0,20}").prop_map(Recipient::Pool),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let slug = "[a-z0-9][a-z0-9._/-]{0,20}";
    let uuid = "[1-9a-f][0-9a-f]{7}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    let open = (
        parsed(slug),
        parsed("\\PC{1,30}"),
        prop::option::of(parsed("MW|address|m³")),
        prop::option::of(0u8..=18),
        prop::option::of(parsed(slug)),
    );
    let grant = (
        prop::option::of(parsed(uuid)),
        parsed(slug),
        recipient(),
        amount(),
        prop::option::of(parsed("\\PC{1,30}")),
        window(),
    );
    let revoke = (
        parsed(uuid),
        prop::option::of(amount()),
        window(),
        prop::sample::select(Cause::ALL.to_vec()),
    );
    prop_oneof![
        open.prop_map(|(pool, title, unit, decimals, parent)| {
            Command::OpenPool(OpenPool { pool, title, unit, decimals, parent })
        }),
        (parsed(slug), amount(), time()).prop_map(|(pool, amount, from)| {
            Command::DeclareCapacity(DeclareCapacity { pool, amount, from })
        }),
        (parsed(slug), parsed("\\PC{1,30}"))
            .prop_map(|(holder, title)| Command::RegisterHolder(RegisterHolder { holder, title })),
        grant.prop_map(|(grant, pool, recipient, amount, purpose, window)| {
            Command::Grant(Grant { grant, pool, recipient, amount, purpose, window })
        }),
        revoke.prop_map(|(grant, amount, window, cause)| {
            Command::Revoke(Revoke { grant, amount, window, cause })
        }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let digest = prop::option::of(parsed("blake3:[0-9a-f]{64}"));
    let instrument = (parsed("\\PC{1,40}"), digest)
        .prop_map(|(reference, digest)| Instrument { reference, digest });
    (
        prop::option::of(parsed(
            "[1-9a-f][0-9a-f]{7}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
        )),
        parsed("[a-z0-9]{1,8}"),
        prop::option::of(instrument),
        prop::option::of(parsed("\\PC{1,40}")),
        any::<bool>(),
        prop::collection::vec(command(), 0..5),
    )
        .prop_map(|(id, actor, instrument, reason, accept_shortfall, commands)| Act {
            id,
            actor,
            instrument,
            reason,
            accept_shortfall,
            commands,
        })
}

proptest! {
    #[test]
    fn an_act_that_is_written_is_read_back_the_same(act in act()) {
        let line = act_to_json(&act, &karachi());
        prop_assert!(!line.contains('\n'));
        prop_assert_eq!(parse_act(&line, 1, &karachi()).unwrap(), act);
    }

    #[test]
    fn no_text_makes_the_reader_panic(line in "\\PC{0,80}") {
        let _ = parse_act(&line, 1, &karachi());
    }

    #[test]
    fn a_good_line_with_a_byte_changed_is_read_or_refused_and_never_panics(
        place in 0usize..400, byte in 0u8..128,
    ) {
        let mut line = examples("json")[0].as_bytes().to_vec();
        let place = place % line.len();
        line[place] = byte;
        let _ = parse_act(&String::from_utf8_lossy(&line), 1, &karachi());
    }
}

/// A real register names a customer with a tab where a space was meant, and all of its acts were refused for it.
#[test]
fn a_tab_in_a_text_is_read_as_a_space_and_no_other_control_character_is_let_in() {
    let line = |title: &str| {
        let title = serde_json::to_string(title).unwrap();
        format!(
            r#"{{"actor":"a","events":[{{"register_holder":{{"holder":"h","title":{title}}}}}]}}"#
        )
    };
    let utc = Calendar::new("UTC").unwrap();
    let tab = parse_act(&line("Source Galileo\tLimited"), 1, &utc).unwrap();
    assert_eq!(tab, parse_act(&line("Source Galileo Limited"), 1, &utc).unwrap());
    for title in
        ["two\nlines", "bell\u{7}", "escape\u{1b}[2J", "next\u{85}line", "override\u{202e}"]
    {
        let error = parse_act(&line(title), 1, &utc).unwrap_err();
        assert_eq!(error.place.path.as_deref(), Some("events[0].register_holder.title"));
    }
}
