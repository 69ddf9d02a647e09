//! What is judged of a history's records, wherever they are read from: what they say, whether it was allowed, what it
//! amounts to.

use sanad_audit_log::{ChainFinding, Head, Record};
use sanad_core::{Effect, Entry, RecordedEntry, RecordedTime, Refusal, Sequence, State, Unlawful};
use sanad_event_store::FileReader;
use sanad_projection::Projection;

use crate::agreement::Agreement;
use crate::calendar::{Calendar, Day};
use crate::entry_ids::EntryIds;
use crate::evidence::{Dossier, Held, Roots};
use crate::examined::Content;
use crate::reading::parts_of;
use crate::verdict::{Class, Finding, Remark, Verdict};

/// A verification on its way.
pub(crate) struct Judging<'a> {
    pub(crate) verdict: Verdict,
    pub(crate) roots: Roots,
    pub(crate) state: State,
    /// Where each entry id was seen first.
    entries: EntryIds,
    /// What the history amounts to; given up where entries are missing.
    projection: Option<Projection>,
    /// What is remembered and held against it, where that is done entry by entry.
    agreement: Option<Agreement<'a>>,
    calendar: &'a Calendar,
    /// The day of the last entry.
    day: Option<Day>,
    /// No finding of integrity or coverage so far.
    clean: bool,
}

/// Who replays the history that is judged.
pub(crate) enum Replay<'a> {
    /// Nobody here.
    Elsewhere,
    /// It is given back at the end.
    Kept,
    /// What is remembered is held against it.
    Compared(Box<Agreement<'a>>),
}

impl<'a> Judging<'a> {
    pub(crate) fn new(
        genesis: Head,
        roots: Roots,
        replay: Replay<'a>,
        calendar: &'a Calendar,
    ) -> Self {
        let (projection, agreement) = match replay {
            Replay::Elsewhere => (None, None),
            Replay::Kept => (Some(Projection::default()), None),
            Replay::Compared(agreement) => {
                // Where nothing is to be compared with a replay, there is none.
                (agreement.until().map(|_| Projection::default()), Some(*agreement))
            }
        };
        Self {
            verdict: Verdict::new(genesis),
            roots,
            state: State::default(),
            entries: EntryIds::default(),
            projection,
            agreement,
            calendar,
            day: None,
            clean: true,
        }
    }

    /// A verification of a ledger from its first record.
    pub(crate) fn along(
        reader: &FileReader,
        dossier: &Dossier,
        replay: Replay<'a>,
        calendar: &'a Calendar,
    ) -> Self {
        let genesis = Head::empty(reader.identity().genesis());
        Self::new(genesis, dossier.roots(), replay, calendar)
    }

    /// Takes note that all is well up to this head.
    pub(crate) fn passed(&mut self, head: Head, last_recorded_at: Option<RecordedTime>) {
        (self.verdict.entries, self.verdict.head) = (head.size, head);
        self.verdict.last_recorded_at = last_recorded_at;
        self.verdict.last_good = head.size.checked_sub(1).map(Sequence);
    }

    /// Takes note of a record that follows from the one before.
    pub(crate) fn linked(&mut self, sequence: u64) {
        if self.clean {
            self.verdict.last_good = Some(Sequence(sequence));
        }
    }

    /// Takes note of a record that does not follow from the one before.
    pub(crate) fn unlinked(&mut self, finding: &ChainFinding, place: Option<String>) {
        let class = match finding {
            ChainFinding::SequenceBreak { .. } => Class::Coverage,
            _ => Class::Integrity,
        };
        let sequence = finding.sequence().get();
        self.broken(class, finding.code(), Some(sequence), place, finding.to_string());
    }

    /// Takes note that entries are missing, so that there is no replay.
    pub(crate) fn gap(&mut self) {
        self.projection = None;
    }

    /// Judges what a record says, whether or not the chain holds there: later entries stand on it.
    pub(crate) fn record(&mut self, record: &Record<'_>, place: impl Fn() -> String) {
        let sequence = Sequence(record.sequence().get());
        self.content(sequence, &parts_of(record, sequence), place);
    }

    /// Prepares to judge what some records say.
    pub(crate) fn anticipate(&self, contents: &[Content]) {
        let entries = contents.iter().flatten().map(|recorded| &recorded.entry);
        self.state.anticipate(entries.flat_map(Entry::grants));
    }

    /// Judges what the record in this place says.
    pub(crate) fn content(
        &mut self,
        sequence: Sequence,
        content: &Content,
        place: impl Fn() -> String,
    ) {
        match content {
            Ok(recorded) => {
                self.verdict.last_recorded_at = Some(recorded.recorded_at);
                self.judge(recorded);
                self.project(recorded);
            }
            Err(cause) => {
                self.projection = None;
                self.verdict.find(Finding {
                    class: Class::Lawfulness,
                    code: "no_entry",
                    sequence: Some(sequence),
                    place: Some(place()),
                    message: format!("entry {sequence} holds no act: {cause}"),
                    touched: None,
                });
            }
        }
    }

    fn judge(&mut self, recorded: &RecordedEntry) {
        let sequence = recorded.sequence;
        let entry = recorded.entry.id();
        match self.entries.place(entry) {
            None => self.entries.add(entry, sequence),
            Some(recorded_as) => {
                self.unlawful(sequence, &Refusal::EntryIdReused { entry, recorded_as });
            }
        }
        match self.state.admit(&recorded.entry) {
            Ok(effect) => self.take(sequence, effect),
            Err(Unlawful { refusal, effect }) => {
                self.unlawful(sequence, &refusal);
                if let Some(effect) = effect {
                    self.state.apply(*effect);
                }
            }
        }
        if let Some(lag_us) = self.day(recorded.recorded_at).lag_us(recorded) {
            self.verdict.remark(Remark::Backdated { sequence, lag_us });
        }
    }

    /// Takes in what an entry does that was allowed.
    pub(crate) fn take(&mut self, sequence: Sequence, effect: Effect) {
        for shortfall in effect.shortfalls() {
            let missing = shortfall.unit.write_with_symbol(shortfall.missing);
            let pool = shortfall.pool.clone();
            self.verdict.remark(Remark::ShortfallAccepted { sequence, pool, missing });
        }
        self.state.apply(effect);
    }

    /// The day on which something was recorded.
    fn day(&mut self, at: RecordedTime) -> Day {
        let day = self.calendar.day_behind(self.day, at);
        self.day = Some(day);
        day
    }

    fn unlawful(&mut self, sequence: Sequence, refusal: &Refusal) {
        let calendar = self.calendar;
        let touched = match refusal {
            Refusal::ExceedsCapacity { pool, unit, requested, headroom, .. } => {
                Some((pool.clone(), unit.write_with_symbol(requested - headroom)))
            }
            Refusal::CausesShortfall(shortfall) => {
                Some((shortfall.pool.clone(), shortfall.unit.write_with_symbol(shortfall.missing)))
            }
            Refusal::ShortfallWouldGrow { pool, unit, shortfall, would_be, .. } => {
                Some((pool.clone(), unit.write_with_symbol(would_be - shortfall)))
            }
            _ => None,
        };
        self.verdict.find(Finding {
            class: Class::Lawfulness,
            code: refusal.code(),
            sequence: Some(sequence),
            place: None,
            message: format!(
                "entry {sequence} was not allowed: {}",
                refusal.sentence(&|at| calendar.write(at))
            ),
            touched,
        });
    }

    fn project(&mut self, recorded: &RecordedEntry) {
        let Some(projection) = &mut self.projection else { return };
        // As long as every entry was allowed, what is new to the rules is new to the tables.
        let taken = match self.verdict.answer(Class::Lawfulness).is_clean() {
            true => projection.take_decided(recorded),
            false => projection.take(recorded),
        };
        if taken.is_err() {
            self.projection = None;
            return;
        }
        let Some(agreement) = &mut self.agreement else { return };
        for finding in agreement.hold_against(projection, self.verdict.head) {
            self.verdict.find(finding);
        }
    }

    /// Takes note of something that is wrong with integrity or coverage.
    pub(crate) fn broken(
        &mut self,
        class: Class,
        code: &'static str,
        sequence: Option<u64>,
        place: Option<String>,
        message: String,
    ) {
        self.clean = false;
        self.verdict.find(Finding {
            class,
            code,
            sequence: sequence.map(Sequence),
            place,
            message,
            touched: None,
        });
    }

    /// A checkpoint speaks of another history from this entry on: none from there on is known to be good.
    fn parted_at(&mut self, sequence: Sequence) {
        let before = sequence.0.checked_sub(1).map(Sequence);
        let so_far = if self.clean { before } else { self.verdict.last_good };
        self.verdict.last_good = so_far.min(before);
        self.clean = false;
    }

    /// Joins what was held against the history from outside, and what is remembered of it; gives the verdict, and the
    /// replay where there is one. `head` is where the history ends.
    pub(crate) fn end(mut self, held: Held, head: Head) -> (Verdict, Option<Projection>) {
        self.verdict.root = self.roots.last();
        self.verdict.checkpoints = held.checked;
        if let Some(parted) = held.findings.iter().filter_map(|finding| finding.sequence).min() {
            self.parted_at(parted);
        }
        held.findings.into_iter().for_each(|finding| self.verdict.find(finding));
        held.remarks.into_iter().for_each(|remark| self.verdict.remark(remark));
        if self.clean {
            // Where nothing was found there is no last good entry to tell: all are.
            self.verdict.last_good = None;
        }
        let agreed = self.agreement.map(|agreement| agreement.end(self.projection.is_some(), head));
        self.verdict.note_agreement(agreed.into_iter().flatten());
        (self.verdict, self.projection)
    }
}
