//! The verification of a ledger: one walk through the log, every record judged by the chain and by the rules.

use std::convert::Infallible;

use sanad_audit_log::{ChainVerifier, Head, RawRecord, Record};
use sanad_core::{Sequence, State};
use sanad_event_store::{
    Damage, FileReader, KeptCheckpoints, Memory, RecordBatch, ScanItem, SegmentFault,
    SegmentProblem, TornTail,
};
use sanad_projection::Doubt;

use crate::agreement::Agreement;
use crate::calendar::Calendar;
use crate::crew::in_order;
use crate::error::LedgerError;
use crate::evidence::{Dossier, Evidence};
use crate::examined::{Examined, Examiner, Pieces};
use crate::in_bulk::verify_in_bulk;
use crate::judging::{Judging, Replay};
use crate::progress::{Progress, Reports, Stage};
use crate::verdict::{Class, Remark, Verdict};

/// What a verification is held against.
#[derive(Clone, Copy)]
pub(crate) struct Grounds<'a> {
    /// Where the ledger's log ended when it was asked.
    pub(crate) head: Head,
    pub(crate) memory: Option<&'a Memory>,
    pub(crate) evidence: &'a Evidence,
    pub(crate) calendar: &'a Calendar,
}

/// Verifies a ledger from its first byte.
///
/// It is verified in bulk. Where anything is wrong, or may be, all is verified once more entry by entry, which tells
/// what there is to tell.
pub(crate) fn verify(
    reader: &FileReader,
    grounds: Grounds<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Verdict, LedgerError> {
    let kept = KeptCheckpoints::of(reader.dir())?.all()?;
    let dossier = Dossier::new(reader.identity().origin(), grounds.evidence, kept);
    match verify_in_bulk(reader, grounds, &dossier, progress)? {
        Ok(verdict) => Ok(verdict),
        Err(Doubt) => Walk::along(reader, grounds, &dossier).run(reader, &dossier, progress),
    }
}

/// What a scan came upon, examined.
enum Piece {
    Records(Examined),
    Other(ScanItem),
}

struct Walk<'a> {
    chain: ChainVerifier,
    judging: Judging<'a>,
    /// How many entries there are, as far as is known.
    total: u64,
}

impl<'a> Walk<'a> {
    fn along(reader: &FileReader, grounds: Grounds<'a>, dossier: &Dossier) -> Self {
        let agreement = Agreement::with(grounds.memory, grounds.head);
        let replay = Replay::Compared(Box::new(agreement));
        let judging = Judging::along(reader, dossier, replay, grounds.calendar);
        let chain = ChainVerifier::new(reader.identity());
        Self { chain, judging, total: grounds.head.size }
    }

    fn run(
        mut self,
        reader: &FileReader,
        dossier: &Dossier,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Verdict, LedgerError> {
        let sizes = self.judging.roots.sizes();
        let examiner = Examiner::new(reader.identity().ledger_id(), sizes);
        let pieces = Pieces::of(reader.scan()?, None);
        let mut reports = Reports::behind(0, self.total, Stage::Verifying, progress);
        let examine = |records| examiner.examine(records);
        self.through(pieces, examine, &mut |entries| reports.tell(entries));
        let held = dossier.hold_against(&self.judging.roots);
        Ok(self.judging.end(held, self.chain.head()).0)
    }

    /// Walks through all pieces. Records are examined on all cores and judged in order.
    fn through(
        &mut self,
        mut pieces: Pieces,
        examine: impl Fn(RecordBatch) -> Examined + Sync,
        heard: &mut dyn FnMut(u64),
    ) {
        let examined = |item| match item {
            ScanItem::Records(records) => Piece::Records(examine(records)),
            other => Piece::Other(other),
        };
        let judged = |piece| {
            match piece {
                Piece::Records(examined) => self.records(examined),
                Piece::Other(item) => self.item(item),
            }
            heard(self.judging.verdict.entries);
            Ok::<(), Infallible>(())
        };
        let Ok(()) = in_order(|| pieces.next(), examined, judged);
    }

    fn item(&mut self, item: ScanItem) {
        match item {
            ScanItem::Damage(damage) => self.damage(&damage),
            ScanItem::Segment { problem, resumes } => self.segment(&problem, resumes),
            ScanItem::TornTail(torn) => self.torn(&torn),
            ScanItem::Unreadable { path, segment, source } => {
                let message = format!("{} cannot be read: {source}", path.display());
                self.judging.broken(
                    Class::Coverage,
                    "unreadable_file",
                    Some(segment.get()),
                    None,
                    message,
                );
            }
            other => {
                let message = format!("the log holds what this version does not know: {other:?}");
                self.judging.broken(Class::Coverage, "unknown_item", None, None, message);
            }
        }
    }

    /// Judges records that were examined. If they are the next of the chain, all that is left is what they say; if not,
    /// or if anything about them is wrong, they are judged one by one, which tells what.
    fn records(&mut self, examined: Examined) {
        let Examined { records, sound } = examined;
        let segment = records.segment().get();
        let Some(sound) = sound.filter(|sound| self.chain.pass(&sound.run)) else {
            records
                .iter()
                .for_each(|(offset, raw)| self.record(raw, || file_place(segment, offset)));
            return;
        };
        if !self.judging.roots.take_groves(&sound.groves) {
            records.iter().for_each(|(_, raw)| self.judging.roots.take(raw.bytes()));
        }
        let first = sound.run.first().get();
        let each = (first..).zip(records.iter()).zip(&sound.contents);
        for ((sequence, (offset, raw)), content) in each {
            let place = (sequence - first) as usize;
            if place.is_multiple_of(State::ANTICIPATED) {
                let next = &sound.contents[place..];
                self.judging.anticipate(&next[..next.len().min(State::ANTICIPATED)]);
            }
            self.judging.verdict.entries += 1;
            self.judging.linked(sequence);
            self.judging.verdict.head = Head { size: sequence + 1, hash: raw.stored_hash() };
            self.judging.content(Sequence(sequence), content, || file_place(segment, offset));
        }
    }

    fn record(&mut self, raw: RawRecord<'_>, place: impl Fn() -> String) {
        self.judging.verdict.entries += 1;
        self.judging.roots.take(raw.bytes());
        match self.chain.check_raw(raw) {
            Ok(verified) => self.judging.linked(verified.record().sequence().get()),
            Err(finding) => {
                self.judging.unlinked(&finding, Some(place()));
                self.chain.resume_after(raw);
            }
        }
        self.judging.verdict.head = self.chain.head();
        if let Ok(record) = Record::decode(raw) {
            self.judging.record(&record, place);
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
        self.judging.broken(Class::Integrity, "damaged", Some(expected), Some(place), message);
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
        self.judging.broken(class, code, Some(problem.segment.get()), place, problem.to_string());
        self.go_on_at(resumes);
    }

    fn torn(&mut self, torn: &TornTail) {
        if torn.writer_active {
            self.judging.verdict.remark(being_written(torn));
            return;
        }
        let place = file_place(torn.segment.get(), torn.offset);
        let message = format!(
            "the last {} bytes are no whole record: an append that never finished, or damage to the last entries; \
             opening the ledger for recording sets them aside",
            torn.length
        );
        self.judging.broken(
            Class::Coverage,
            "torn_tail",
            Some(torn.expected.get()),
            Some(place),
            message,
        );
    }

    fn go_on_at(&mut self, resumes: Option<Head>) {
        if let Some(head) = resumes.filter(|head| *head != self.chain.head()) {
            let expected = self.chain.head().size;
            if head.size != expected {
                // What comes is not at its place of the tree: entries are missing, or come once more.
                self.judging.roots.skip(head.size.saturating_sub(expected));
            }
            if head.size > expected {
                self.judging.gap();
            }
            self.chain.resume_at(head);
        }
    }
}

/// What is said of an append that goes on during the verification.
pub(crate) fn being_written(torn: &TornTail) -> Remark {
    let reason = format!("{} bytes of an append are on their way just now", torn.length);
    Remark::NotChecked { class: Class::Coverage, reason }
}

fn file_place(segment: u64, offset: u64) -> String {
    format!("segment {segment}, byte {offset}")
}

#[cfg(test)]
#[path = "verify_tests.rs"]
pub(crate) mod tests;
