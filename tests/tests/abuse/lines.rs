//! Lines of acts that are too long, too deep, or say in an error what they want said.

use std::cell::Cell;
use std::io::{BufReader, Read};
use std::rc::Rc;

use sanad::Calendar;
use sanad::exchange::{ActReader, MAX_LINE_LEN, parse_act};
use sanad_tests::{allow_only, is_long, run_alone};

/// A stream of one byte again and again, `length` long, that counts how much was asked of it.
struct Endless {
    byte: u8,
    left: u64,
    read: Rc<Cell<u64>>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        buffer[..length].fill(self.byte);
        self.left -= length as u64;
        self.read.set(self.read.get() + length as u64);
        Ok(length)
    }
}

/// How long the line is that is tried, in bytes.
fn long_line() -> u64 {
    if is_long() { 200 << 20 } else { 50 << 20 }
}

#[test]
fn a_line_of_any_length_is_refused_and_the_next_one_is_read() {
    for byte in [b'{', b'"', 0xff] {
        let read = Rc::new(Cell::new(0));
        let long = Endless { byte, left: long_line(), read: Rc::clone(&read) };
        let act = br#"{"actor":"mof","events":[]}"#;
        let input = BufReader::new(long.chain(&b"\n"[..]).chain(&act[..]));
        let mut acts = ActReader::new(input, Calendar::new("UTC").unwrap());
        let refused = acts.next().unwrap().unwrap_err();
        assert_eq!((refused.code(), refused.place.line), ("line_too_long", 1));
        assert!(refused.to_string().len() < 200, "{refused}");
        assert_eq!(read.get(), long_line());
        assert_eq!(acts.next().unwrap().unwrap().line, 2);
    }
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn a_reader_of_lines_with_little_memory() {
    allow_only(24 << 20);
    a_line_of_any_length_is_refused_and_the_next_one_is_read();
}

#[test]
fn no_more_of_a_line_is_held_than_a_line_may_have() {
    assert!(long_line() > 2 * (24 << 20));
    run_alone("lines::a_reader_of_lines_with_little_memory");
}

#[test]
fn a_line_as_deep_as_it_is_long_is_refused() {
    let calendar = Calendar::new("UTC").unwrap();
    for deep in ["[", "{\"a\":", "{\"events\":[", "{\"events\":[{\"grant\":"] {
        let line = deep.repeat(MAX_LINE_LEN / deep.len());
        let refused = parse_act(&line, 1, &calendar).unwrap_err();
        assert!(refused.to_string().len() < 1_000, "{} bytes", refused.to_string().len());
    }
}

/// What must not stand in a message to a terminal: it moves the cursor, hides or reorders what stands around it.
fn misleads(character: char) -> bool {
    let code = u32::from(character);
    character.is_control()
        || matches!(code, 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x2069 | 0xfeff)
}

/// A field that the form does not know was said as it stood in the line: a megabyte of it, and with whatever moves a
/// terminal's cursor or turns the direction of a line.
#[test]
fn no_refusal_says_more_of_a_line_than_a_reader_can_bear() {
    let calendar = Calendar::new("UTC").unwrap();
    let bombs = [
        "x".repeat(900_000),
        "\\u001b[2J\\u001b]0;pwned\\u0007".into(),
        "\\u202eevil\\u2066".repeat(20_000),
        "e\\u0301\\u0301\\u0301".repeat(40_000),
        "\\u200b\\u200d".repeat(60_000),
        "👩\u{200d}👩\u{200d}👧".repeat(40_000),
    ];
    let grant = r#"{"pool":"p","to":{"holder":"h"},"amount":"1","from":"2025-01-01","until":null}"#;
    let mut lines = vec![
        r#"{"BOMB":1}"#.to_owned(),
        r#"{"actor":"mof","events":"BOMB"}"#.into(),
        r#"{"actor":"mof","events":["BOMB"]}"#.into(),
        r#"{"actor":"mof","events":[{"BOMB":{}}]}"#.into(),
        r#"{"actor":"mof","accept_shortfall":"BOMB","events":[]}"#.into(),
        r#"{"id":"BOMB","actor":"mof","events":[]}"#.into(),
        r#"{"actor":"BOMB","events":[]}"#.into(),
        r#"{"actor":"mof","reason":"BOMB","events":[]}"#.into(),
        r#"{"actor":"mof","instrument":{"reference":"r","digest":"BOMB"},"events":[]}"#.into(),
        r#"{"actor":"mof","events":[{"revoke":{"grant":"BOMB","from":"2025-01-01"}}]}"#.into(),
        r#"{"actor":"mof","events":[{"open_pool":{"pool":"p","title":"t","unit":"BOMB"}}]}"#.into(),
        r#"{"actor":"mof","events":[{"open_pool":{"pool":"p","title":"t","decimals":"BOMB"}}]}"#
            .into(),
    ];
    for field in ["\"p\"", "\"h\"", "\"1\"", "\"2025-01-01\"", "null"] {
        let grant = grant.replacen(field, "\"BOMB\"", 1);
        lines.push(format!(r#"{{"actor":"mof","events":[{{"grant":{grant}}}]}}"#));
    }
    let cause =
        r#"{"grant":"0197a3b0-5c1e-7d00-8000-000000000001","from":"2025-01-01","cause":"BOMB"}"#;
    lines.push(format!(r#"{{"actor":"mof","events":[{{"revoke":{cause}}}]}}"#));
    for line in &lines {
        for bomb in &bombs {
            let refused = parse_act(&line.replace("BOMB", bomb), 1, &calendar).map(|_| line);
            let Err(refused) = refused else { panic!("{line} is an act") };
            let said = refused.to_string();
            assert!(said.chars().count() < 700, "{line}: {} characters", said.chars().count());
            assert!(!said.chars().any(misleads), "{line}: {said:?}");
        }
    }
}
