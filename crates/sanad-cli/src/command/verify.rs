//! `sanad verify`: check the whole ledger from its first byte.

use clap::Args;
use sanad::{Auditor, Calendar, Class, Finding, Remark, Verdict, write_lag};
use serde_json::{Value, json};

use crate::basis::short_hash;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::meter::Meter;
use crate::paint::Tone;
use crate::words::recorded_at;

/// How many findings of a class, and how many remarks, people are shown; `--json` tells more.
const SHOWN: usize = 5;

/// What no check of a ledger by itself can prove.
const NOT_PROVED: &str = "a history that was rewritten as a whole, or cut at its end together with all that remembers \
    it, looks whole; only a head that was kept elsewhere shows it";

/// Check the whole ledger from its first byte: integrity, coverage, lawfulness and agreement.
///
/// Exit code 0 if nothing is wrong, 1 if something is, 2 if the check could not run.
#[derive(Debug, Args)]
pub(crate) struct Verify {}

impl Verify {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_read()?;
        let mut meter = Meter::new();
        let verdict = auditor.verify(&mut |far| meter.hear(far))?;
        drop(meter);
        if desk.json {
            desk.answer(&form(&verdict, &auditor))?;
        } else {
            print(&verdict, auditor.calendar(), desk)?;
        }
        Ok(if verdict.is_clean() { Ending::Done } else { Ending::Wanting })
    }
}

fn print(verdict: &Verdict, calendar: &Calendar, desk: &mut Desk) -> Result<(), Failure> {
    let last = verdict.last_recorded_at;
    let last = last.map(|at| format!(", last recorded {}", recorded_at(at, calendar)));
    let (entries, head) = (verdict.entries, short_hash(&verdict.head.hash));
    let last = last.unwrap_or_default();
    desk.say(format_args!("{entries} entries checked to head {head}{last}"))?;
    for class in Class::ALL {
        print_class(class, verdict, desk)?;
    }
    if let Some(last_good) = verdict.last_good {
        desk.say(format_args!("intact up to and with entry {last_good}"))?;
    } else if !intact(verdict) {
        desk.say("no entry before the first finding is intact")?;
    }
    print_remarks(verdict, desk)?;
    desk.say_wrapped(0, &format!("not proved: {NOT_PROVED}"))?;
    let (tone, word) = match verdict.is_clean() {
        true => (Tone::Good, "clean"),
        false => (Tone::Bad, "found wanting"),
    };
    let word = desk.paint.apply(tone, word);
    desk.say(word)
}

/// Nothing is wrong with the records themselves.
fn intact(verdict: &Verdict) -> bool {
    [Class::Integrity, Class::Coverage].iter().all(|class| verdict.answer(*class).is_clean())
}

fn print_class(class: Class, verdict: &Verdict, desk: &mut Desk) -> Result<(), Failure> {
    let answer = verdict.answer(class);
    let unasked = verdict.remarks.iter().find_map(|remark| match remark {
        Remark::NotChecked { class: found, reason } if *found == class => Some(reason),
        _ => None,
    });
    let (tone, word) = match (answer.count, unasked) {
        (0, None) => (Tone::Good, "clean".to_owned()),
        (0, Some(_)) => (Tone::Quiet, "not checked".to_owned()),
        (count, _) => (Tone::Bad, format!("{count} found")),
    };
    let word = desk.paint.apply(tone, &format!("{word:<13}"));
    let asked = match (class, unasked) {
        (_, Some(reason)) => reason.clone(),
        (Class::Integrity, _) => "every hash follows from the one before it".into(),
        (Class::Coverage, _) => "no entry and no file is missing or foreign".into(),
        (Class::Lawfulness, _) => "every entry was allowed at its place".into(),
        (Class::Agreement, _) => "what the ledger remembers equals the replay".into(),
    };
    let asked = if answer.is_clean() { asked } else { String::new() };
    desk.say(format!("  {:<12}{word}{asked}", class.as_str()).trim_end())?;
    for finding in answer.findings.iter().take(SHOWN) {
        print_finding(finding, desk)?;
    }
    let shown = u64::try_from(answer.findings.len().min(SHOWN)).unwrap_or(0);
    match answer.count - shown {
        0 => Ok(()),
        more => desk.say(format_args!("    and {more} more")),
    }
}

fn print_finding(finding: &Finding, desk: &mut Desk) -> Result<(), Failure> {
    let place = finding.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
    let touched = finding.touched.as_ref();
    let touched = touched.map(|(pool, amount)| format!("; {amount} of {pool} touched"));
    let (code, message) = (finding.code, &finding.message);
    let line = format!("[{code}] {message}{place}{}", touched.unwrap_or_default());
    desk.say_wrapped(4, &line)
}

fn print_remarks(verdict: &Verdict, desk: &mut Desk) -> Result<(), Failure> {
    let lags = verdict.remarks.iter().filter_map(|remark| match remark {
        Remark::Backdated { sequence, lag_us } => {
            Some(format!("entry {sequence} by {}", write_lag(*lag_us)))
        }
        _ => None,
    });
    listed("backdated", verdict.backdated, lags, desk)?;
    let shortfalls = verdict.remarks.iter().filter_map(|remark| match remark {
        Remark::ShortfallAccepted { sequence, pool, missing } => {
            Some(format!("entry {sequence}, {missing} of {pool}"))
        }
        _ => None,
    });
    listed("shortfall accepted", verdict.shortfalls_accepted, shortfalls, desk)
}

fn listed(
    what: &str,
    count: u64,
    each: impl Iterator<Item = String>,
    desk: &mut Desk,
) -> Result<(), Failure> {
    if count == 0 {
        return Ok(());
    }
    let first: Vec<String> = each.take(SHOWN).collect();
    let shown = u64::try_from(first.len()).unwrap_or(0);
    let more = match count.saturating_sub(shown) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    desk.say_wrapped(0, &format!("{what}: {}{more}", first.join("; ")))
}

fn form(verdict: &Verdict, auditor: &Auditor) -> Value {
    let calendar = auditor.calendar();
    let answers: serde_json::Map<String, Value> = Class::ALL
        .into_iter()
        .map(|class| {
            let answer = verdict.answer(class);
            let findings: Vec<Value> = answer.findings.iter().map(finding_form).collect();
            let clean = answer.is_clean();
            let form = json!({ "clean": clean, "count": answer.count, "findings": findings });
            (class.as_str().to_owned(), form)
        })
        .collect();
    json!({
        "basis": {
            "size": verdict.head.size,
            "head": verdict.head.hash.to_string(),
            "ledger_size": auditor.head().size,
            "last_recorded_at":
                verdict.last_recorded_at.map(|at| calendar.write_recorded_rfc3339(at)),
        },
        "clean": verdict.is_clean(),
        "entries": verdict.entries,
        "last_good": verdict.last_good.map(|sequence| sequence.0),
        "answers": answers,
        "backdated": verdict.backdated,
        "shortfalls_accepted": verdict.shortfalls_accepted,
        "remarks": verdict.remarks.iter().map(remark_form).collect::<Vec<_>>(),
        "not_proved": NOT_PROVED,
    })
}

fn finding_form(finding: &Finding) -> Value {
    let touched = finding.touched.as_ref().map(|(pool, amount)| {
        let (amount, unit) = amount.split_once(' ').unwrap_or((amount, ""));
        json!({ "pool": pool.to_string(), "amount": amount, "unit": unit })
    });
    json!({
        "code": finding.code,
        "sequence": finding.sequence.map(|sequence| sequence.0),
        "place": finding.place,
        "sentence": finding.message,
        "touched": touched,
    })
}

fn remark_form(remark: &Remark) -> Value {
    match remark {
        Remark::Backdated { sequence, lag_us } => {
            json!({ "backdated": { "sequence": sequence.0, "lag_us": lag_us } })
        }
        Remark::ShortfallAccepted { sequence, pool, missing } => {
            let (amount, unit) = missing.split_once(' ').unwrap_or((missing, ""));
            json!({ "shortfall_accepted": {
                "sequence": sequence.0, "pool": pool.to_string(), "missing": amount, "unit": unit,
            } })
        }
        Remark::NotChecked { class, reason } => {
            json!({ "not_checked": { "class": class.as_str(), "reason": reason } })
        }
    }
}
