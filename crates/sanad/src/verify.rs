//! The verification of a ledger: one walk through the log, every record judged by the chain and by the rules.

use std::collections::HashMap;

use sanad_audit_log::{ChainFinding, ChainVerifier, Head, RawRecord, Record};
use sanad_core::{EntryId, RecordedEntry, Refusal, Sequence, State, Unlawful};
use sanad_event_store::{
    Damage, FileReader, KeptCheckpoints, Memory, ScanItem, SegmentFault, SegmentProblem, TornTail,
};
use sanad_projection::Projection;

use crate::agreement::Agreement;
use crate::calendar::Calendar;
use crate::error::LedgerError;
use crate::evidence::{Dossier, Evidence, Roots};
use crate::progress::{Progress, REPORT_EVERY, Stage};
use crate::reading::parts_of;

use crate::verdict::{Class, Finding, Remark, Verdict};

/// Verifies a ledger from its first byte.
pub(crate) fn verify(
    reader: &FileReader,
    head: Head,
    memory: Option<&Memory>,
    evidence: &Evidence,
    calendar: &Calendar,
    progress: &mut dyn FnMut(Progress),
) -> Result<Verdict, LedgerError> {
    let genesis = Head::empty(reader.identity().genesis());
    let kept = KeptCheckpoints::of(reader.dir())?.all()?;
    let dossier = Dossier::new(reader.identity().origin(), evidence, kept);
    let mut walk = Walk {
        roots: dossier.roots(),
        chain: ChainVerifier::new(reader.identity()),
        verdict: Verdict::new(genesis),
        state: State::default(),
        entries: HashMap::new(),
        projection: Some(Projection::default()),
        agreement: Agreement::with(memory, head),
        calendar,
        clean: true,
    };
    let total = head.size;
    let mut scan = reader.scan()?;
    let mut reported = 0;
    while let Some(item) = scan.next_item() {
        walk.item(item);
        if walk.verdict.entries >= reported + REPORT_EVERY {
            reported = walk.verdict.entries;
            progress(Progress { stage: Stage::Verifying, done: reported.min(total), total });
        }
    }
    Ok(walk.end(&dossier))
}

struct Walk<'a> {
    roots: Roots,
    chain: ChainVerifier,
    verdict: Verdict,
    state: State,
    /// Where each entry id was seen first.
    entries: HashMap<EntryId, Sequence>,
    /// The replay that memory is held against; given up where entries are missing.
    projection: Option<Projection>,
    agreement: Agreement<'a>,
    calendar: &'a Calendar,
    /// No finding of integrity or coverage so far.
    clean: bool,
}

impl Walk<'_> {
    fn item(&mut self, item: ScanItem<'_>) {
        match item {
            ScanItem::Records(batch) => {
                let segment = batch.segment();
                batch.iter().for_each(|(offset, raw)| {
                    self.record(raw, || file_place(segment.get(), offset))
                });
            }
            ScanItem::Damage(damage) => self.damage(&damage),
            ScanItem::Segment { problem, resumes } => self.segment(&problem, resumes),
            ScanItem::TornTail(torn) => self.torn(&torn),
            ScanItem::Unreadable { path, segment, source } => {
                let message = format!("{} cannot be read: {source}", path.display());
                self.broken(Class::Coverage, "unreadable_file", Some(segment.get()), None, message);
            }
            other => {
                let message = format!("the log holds what this version does not know: {other:?}");
                self.broken(Class::Coverage, "unknown_item", None, None, message);
            }
        }
    }

    fn record(&mut self, raw: RawRecord<'_>, place: impl Fn() -> String) {
        self.verdict.entries += 1;
        self.roots.take(raw.bytes());
        match self.chain.check_raw(raw) {
            Ok(verified) => {
                if self.clean {
                    self.verdict.last_good = Some(Sequence(verified.record().sequence().get()));
                }
            }
            Err(finding) => {
                let class = match finding {
                    ChainFinding::SequenceBreak { .. } => Class::Coverage,
                    _ => Class::Integrity,
                };
                let sequence = finding.sequence().get();
                self.broken(
                    class,
                    finding.code(),
                    Some(sequence),
                    Some(place()),
                    finding.to_string(),
                );
                self.chain.resume_after(raw);
            }
        }
        self.verdict.head = self.chain.head();
        if let Ok(record) = Record::decode(raw) {
            self.content(&record, place);
        }
    }

    /// Judges what a record says, whether or not the chain holds there: later entries stand on it.
    fn content(&mut self, record: &Record<'_>, place: impl Fn() -> String) {
        let sequence = Sequence(record.sequence().get());
        match parts_of(record, sequence) {
            Ok(recorded) => {
                self.verdict.last_recorded_at = Some(recorded.recorded_at);
                self.judge(&recorded);
                self.project(&recorded);
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
        if let Some(&recorded_as) = self.entries.get(&entry) {
            self.unlawful(sequence, &Refusal::EntryIdReused { entry, recorded_as });
        } else {
            self.entries.insert(entry, sequence);
        }
        let effect = match self.state.admit(&recorded.entry) {
            Ok(effect) => {
                for shortfall in effect.shortfalls() {
                    let (pool, missing) = (
                        shortfall.pool.clone(),
                        shortfall.unit.write_with_symbol(shortfall.missing),
                    );
                    self.verdict.remark(Remark::ShortfallAccepted { sequence, pool, missing });
                }
                Some(effect)
            }
            Err(Unlawful { refusal, effect }) => {
                self.unlawful(sequence, &refusal);
                effect.map(|effect| *effect)
            }
        };
        if let Some(effect) = effect {
            self.state.apply(effect);
        }
        let begins = recorded.entry.effective_from();
        if let Some(begins) =
            begins.filter(|begins| *begins < self.calendar.day_start(recorded.recorded_at))
        {
            let lag_us = recorded.recorded_at.us().saturating_sub(begins.us());
            self.verdict.remark(Remark::Backdated { sequence, lag_us });
        }
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
        if projection.take(recorded).is_err() {
            self.projection = None;
            return;
        }
        let head = self.chain.head();
        self.agreement.note(recorded);
        for finding in self.agreement.hold_against(projection, head) {
            self.verdict.find(finding);
        }
    }

    fn damage(&mut self, damage: &Damage) {
        let place = file_place(damage.segment.get(), damage.offset);
        let expected = damage.expected.get();
        let lost = match damage.resumes {
            Some(head) if head.size > expected + 1 => {
                format!("entries {expected} to {}", head.size - 1)
            }
            Some(_) => format!("entry {expected}"),
            None => format!("entry {expected} and all behind it in this file"),
        };
        let message = format!(
            "{lost} cannot be read there: {} bytes are no records that follow those before them",
            damage.length
        );
        self.broken(Class::Integrity, "damaged", Some(expected), Some(place), message);
        self.go_on_at(damage.resumes);
    }

    fn segment(&mut self, problem: &SegmentProblem, resumes: Option<Head>) {
        let (class, code) = match problem.fault {
            SegmentFault::Header(_) => (Class::Integrity, "segment_header"),
            SegmentFault::Foreign { .. } => (Class::Coverage, "foreign_segment"),
            SegmentFault::Gap { .. } => (Class::Coverage, "gap"),
            SegmentFault::Overlap { .. } => (Class::Coverage, "overlap"),
            SegmentFault::Previous { .. } => (Class::Coverage, "replaced_segment"),
            _ => (Class::Coverage, "segment"),
        };
        let place = Some(format!("segment {}", problem.segment.get()));
        self.broken(class, code, Some(problem.segment.get()), place, problem.to_string());
        self.go_on_at(resumes);
    }

    fn torn(&mut self, torn: &TornTail) {
        if torn.writer_active {
            let reason = format!("{} bytes of an append are on their way just now", torn.length);
            self.verdict.remark(Remark::NotChecked { class: Class::Coverage, reason });
            return;
        }
        let place = file_place(torn.segment.get(), torn.offset);
        let message = format!(
            "the last {} bytes are no whole record: an append that never finished, or damage to the last entries; \
             opening the ledger for recording sets them aside",
            torn.length
        );
        self.broken(Class::Coverage, "torn_tail", Some(torn.expected.get()), Some(place), message);
    }

    fn go_on_at(&mut self, resumes: Option<Head>) {
        if let Some(head) = resumes.filter(|head| *head != self.chain.head()) {
            if head.size > self.chain.head().size {
                self.projection = None;
            }
            self.chain.resume_at(head);
        }
    }

    fn broken(
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

    fn end(mut self, dossier: &Dossier) -> Verdict {
        let held = dossier.hold_against(self.verdict.entries, &self.roots);
        self.verdict.root = self.roots.last();
        self.verdict.checkpoints = held.checked;
        held.findings.into_iter().for_each(|finding| self.verdict.find(finding));
        held.remarks.into_iter().for_each(|remark| self.verdict.remark(remark));
        if self.clean {
            // Where nothing was found there is no last good entry to tell: all are.
            self.verdict.last_good = None;
        }
        for finding in self.agreement.end(self.projection.as_ref(), self.chain.head()) {
            match finding {
                Ok(finding) => self.verdict.find(finding),
                Err(reason) => {
                    self.verdict.remark(Remark::NotChecked { class: Class::Agreement, reason })
                }
            }
        }
        self.verdict
    }
}

fn file_place(segment: u64, offset: u64) -> String {
    format!("segment {segment}, byte {offset}")
}
