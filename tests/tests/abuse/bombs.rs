//! Texts made to hurt who prints them: recorded or refused, shown in full, and never let out of their place.

use sanad::exchange::{act_to_json, parse_act};
use sanad::{Command, Known, Purpose, Reason, Reference, TextError, Title};
use sanad_tests::TestLedger;

/// As many of a text as fit into `bytes`.
fn repeated(text: &str, bytes: usize) -> String {
    text.repeat(bytes / text.len())
}

/// Texts that are letters of some script, however hard to draw.
fn lawful(bytes: usize) -> Vec<String> {
    vec![
        "e".to_owned() + &repeated("\u{301}", bytes - 1),
        repeated("Z\u{363}\u{323}\u{489}", bytes),
        repeated("👩\u{200d}", bytes),
        repeated("👨\u{200d}👩\u{200d}👧\u{200d}👦", bytes),
        repeated("🇵🇰", bytes),
        repeated("\u{fdfd}", bytes),
        repeated("م\u{200c}ی\u{200d}", bytes),
        repeated("אa1 ", bytes).trim_end().to_owned(),
        repeated("ｗｉｄｅ", bytes),
        repeated("x", bytes),
    ]
}

const UNLAWFUL: [&str; 8] = [
    "\u{202e}gnp.exe",
    "a\u{2066}b",
    "\u{1b}[31mred",
    "line\nbreak",
    "nul\0",
    "\u{9b}31m",
    "para\u{2029}graph",
    "\r",
];

#[test]
fn what_would_reorder_or_break_a_report_is_refused_in_every_text() {
    for text in UNLAWFUL {
        let title = text.parse::<Title>().unwrap_err();
        let named = matches!(title, TextError::Control { .. } | TextError::Bidi { .. });
        assert!(named || text.trim().is_empty(), "{title}");
        assert!(title.to_string().chars().all(|c| !c.is_control()), "{title}");
        assert!(text.parse::<Purpose>().is_err());
        assert!(text.parse::<Reason>().is_err());
        assert!(text.parse::<Reference>().is_err());
    }
}

#[test]
fn a_text_of_full_length_in_any_script_is_recorded_shown_and_written_as_it_was_given() {
    let ledger = TestLedger::with_surplus();
    for (n, title) in lawful(Title::MAX_LEN).into_iter().enumerate() {
        let (holder, reason) = (format!("h{n}"), lawful(Reason::MAX_LEN).remove(n));
        let act = ledger.act().register_holder(&holder, &title).unwrap();
        let mut act = act.reason(&reason).unwrap().build();
        let purpose = lawful(Purpose::MAX_LEN).remove(n);
        let grant = ledger.act().grant("surplus", &holder, "1 MW", "2025-06-01").unwrap().build();
        act.commands.extend(grant.commands);
        if let Some(Command::Grant(grant)) = act.commands.last_mut() {
            grant.purpose = Some(purpose.parse().unwrap());
        }
        // Through the exchange form and back, it is the same act.
        let line = act_to_json(&act, ledger.ledger().calendar());
        let read = parse_act(&line, 1, ledger.ledger().calendar()).unwrap();
        assert_eq!(read, act);
        ledger.record(act).unwrap();
        let view = ledger.ledger().view(Known::Head).unwrap();
        let found = view.allocations(ledger.on("2025-06-01")).last().unwrap();
        assert_eq!(found.purpose.as_ref().map(Purpose::as_str), Some(purpose.as_str()));
    }
    ledger.check();
}

#[test]
fn a_byte_more_than_a_text_may_have_is_refused_with_both_numbers() {
    for text in lawful(10 * Title::MAX_LEN) {
        let refused = text.parse::<Title>().unwrap_err();
        assert_eq!(refused, TextError::TooLong { found: text.len(), max: Title::MAX_LEN });
        assert!(refused.to_string().len() < 100);
    }
}
