//! `sanad verify`: check the whole ledger from its first byte.

use std::path::PathBuf;

use clap::Args;
use sanad::note::{NoteError, SignerKey};
use sanad::publication::verify_publication;
use sanad::{Calendar, Class, Evidence, Finding, Known, Remark, Verdict, VerdictFile, write_lag};

use crate::basis::short_hash;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::files::write_new;
use crate::key_options::{Signing, Trust};
use crate::meter::Meter;
use crate::paint::Tone;
use crate::published::publication;
use crate::words::recorded_at;

/// How many findings of a class, and how many remarks, people are shown; `--json` tells more.
const SHOWN: usize = 5;

/// Who verifies.
pub(crate) const PROGRAM: &str = concat!("sanad ", env!("CARGO_PKG_VERSION"));

/// What no check of a ledger by itself can prove.
const NOT_PROVED: &str = "a history that was rewritten as a whole, or cut at its end together with all that remembers \
    it, looks whole; only a head that was kept elsewhere shows it";

/// Check the whole ledger from its first byte.
///
/// Integrity, coverage, lawfulness and agreement are told apart. Exit code 0 if nothing is wrong, 1 if something is, 2
/// if the check could not run.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Verify what is published there, without the ledger: a folder or an http(s) address
    #[arg(long, value_name = "DIR|URL")]
    published: Option<String>,
    /// Hold the history against this checkpoint too, kept by somebody else. May be repeated
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    #[command(flatten)]
    trust: Trust,
    /// Write the verdict to this file, for programs (docs/format/verdict.md)
    #[arg(long, value_name = "FILE")]
    verdict: Option<PathBuf>,
    #[command(flatten)]
    signing: Signing,
    /// End with 10 where integrity is found wanting, 11 coverage, 12 lawfulness, 13 agreement; the first that is
    #[arg(long)]
    exit_by_class: bool,
}

impl Verify {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let (evidence, signers) = (self.trust.evidence(&self.checkpoints)?, self.signing.keys()?);
        let (verdict, file, calendar) = match &self.published {
            Some(place) => audited(place, &evidence, desk)?,
            None => self.verified(&evidence, desk)?,
        };
        if let Some(path) = &self.verdict {
            write_new(path, &signed(&file, &signers)?)?;
        }
        if desk.json {
            desk.answer(&file)?;
        } else {
            let agreed = match self.published {
                Some(_) => "the published digest of the state equals the replay",
                None => "what the ledger remembers equals the replay",
            };
            print(&verdict, &calendar, agreed, desk)?;
        }
        let wanting =
            Class::ALL.into_iter().zip(10..).find(|(class, _)| !verdict.answer(*class).is_clean());
        Ok(match wanting {
            None => Ending::Done,
            Some((_, code)) if self.exit_by_class => Ending::WantingIn(code),
            Some(_) => Ending::Wanting,
        })
    }

    fn verified(
        &self,
        evidence: &Evidence,
        desk: &Desk,
    ) -> Result<(Verdict, VerdictFile, Calendar), Failure> {
        let auditor = desk.open_to_read()?;
        let mut meter = Meter::new();
        let verdict = auditor.verify_with(evidence, &mut |far| meter.hear(far))?;
        drop(meter);
        // The digest is of what can be replayed, so only of a history that can.
        let whole = verdict.is_clean() && self.verdict.is_some();
        let view = whole.then(|| auditor.view(Known::Head).ok()).flatten();
        let digest = view.map(|view| view.state_digest());
        let (calendar, now) = (auditor.calendar().clone(), desk.surroundings.clock.now());
        let file = VerdictFile::new(&verdict, auditor.identity(), &calendar, now, PROGRAM, digest);
        Ok((verdict, file, calendar))
    }
}

/// Verifies what is published, without the ledger.
fn audited(
    place: &str,
    evidence: &Evidence,
    desk: &Desk,
) -> Result<(Verdict, VerdictFile, Calendar), Failure> {
    let publication = publication(place)?;
    let mut meter = Meter::new();
    let audit = verify_publication(&publication, evidence, &mut |far| meter.hear(far))?;
    drop(meter);
    let (calendar, now) =
        (Calendar::new(audit.identity.time_zone())?, desk.surroundings.clock.now());
    let (identity, digest) = (&audit.identity, audit.state_digest);
    let file = VerdictFile::new(&audit.verdict, identity, &calendar, now, PROGRAM, digest);
    Ok((audit.verdict, file, calendar))
}

/// The verdict's text: signed where there is a key to sign with.
fn signed(file: &VerdictFile, signers: &[SignerKey]) -> Result<String, Failure> {
    let Some((first, others)) = signers.split_first() else { return Ok(file.to_json()) };
    let refused =
        |error: NoteError| Failure::Misread(format!("the verdict cannot be signed: {error}"));
    let mut note = file.sign(first).map_err(refused)?;
    for other in others {
        note.add(other.signature(note.text())).map_err(refused)?;
    }
    Ok(note.to_string())
}

/// Prints a verdict for people; `agreed` is what a clean agreement means.
pub(crate) fn print(
    verdict: &Verdict,
    calendar: &Calendar,
    agreed: &str,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let last = verdict.last_recorded_at;
    let last = last.map(|at| format!(", last recorded {}", recorded_at(at, calendar)));
    let (entries, head) = (verdict.entries, short_hash(&verdict.head.hash));
    let last = last.unwrap_or_default();
    desk.say(format_args!("{entries} entries checked to head {head}{last}"))?;
    for class in Class::ALL {
        print_class(class, verdict, agreed, desk)?;
    }
    if let Some(last_good) = verdict.last_good {
        desk.say(format_args!("intact up to and with entry {last_good}"))?;
    } else if !intact(verdict) {
        desk.say("no entry before the first finding is intact")?;
    }
    print_remarks(verdict, desk)?;
    if !verdict.checkpoints.is_empty() {
        let agreeing = verdict.checkpoints.iter().filter(|one| one.agrees);
        let (all, last) = (verdict.checkpoints.len(), agreeing.clone().map(|one| one.size).max());
        let last = last.map(|size| format!(", the latest of {size} entries")).unwrap_or_default();
        desk.say_wrapped(0, &format!("checkpoints: {} of {all} agree{last}", agreeing.count()))?;
    }
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

fn print_class(
    class: Class,
    verdict: &Verdict,
    agreed: &str,
    desk: &mut Desk,
) -> Result<(), Failure> {
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
        (Class::Agreement, _) => agreed.into(),
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
