//! The verification of a ledger: one walk through the log, every record judged by the chain and by the rules.

use sanad_audit_log::{ChainVerifier, Head, RawRecord, Record};
use sanad_event_store::{
    Damage, FileReader, KeptCheckpoints, Memory, ScanItem, SegmentFault, SegmentProblem, TornTail,
};

use crate::agreement::Agreement;
use crate::calendar::Calendar;
use crate::error::LedgerError;
use crate::evidence::{Dossier, Evidence};
use crate::judging::Judging;
use crate::progress::{Progress, REPORT_EVERY, Stage};
use crate::verdict::{Class, Remark, Verdict};

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
    let agreement = Agreement::with(memory, head);
    let mut walk = Walk {
        chain: ChainVerifier::new(reader.identity()),
        judging: Judging::new(genesis, dossier.roots(), Some(agreement), calendar),
    };
    let total = head.size;
    let mut scan = reader.scan()?;
    let mut reported = 0;
    while let Some(item) = scan.next_item() {
        walk.item(item);
        let entries = walk.judging.verdict.entries;
        if entries >= reported + REPORT_EVERY {
            reported = entries;
            progress(Progress { stage: Stage::Verifying, done: reported.min(total), total });
        }
    }
    let held = dossier.hold_against(&walk.judging.roots);
    let (verdict, _) = walk.judging.end(held, walk.chain.head());
    Ok(verdict)
}

struct Walk<'a> {
    chain: ChainVerifier,
    judging: Judging<'a>,
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
            self.judging.content(&record, place);
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
            let reason = format!("{} bytes of an append are on their way just now", torn.length);
            self.judging.verdict.remark(Remark::NotChecked { class: Class::Coverage, reason });
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
            if head.size > self.chain.head().size {
                self.judging.gap();
            }
            self.chain.resume_at(head);
        }
    }
}

fn file_place(segment: u64, offset: u64) -> String {
    format!("segment {segment}, byte {offset}")
}
