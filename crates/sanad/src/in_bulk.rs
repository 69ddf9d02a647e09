//! The verification of a history in which nothing is wrong, as almost every one is: its records are read, hashed,
//! decoded and made rows on all cores, and its grants are judged in runs.
//!
//! What is wrong is not told apart here. Wherever something is, or may be, it ends in [`Doubt`], and whoever wants to
//! know walks through the history entry by entry.

use std::ops::Range;

use sanad_audit_log::tree::Grove;
use sanad_audit_log::{ChainVerifier, LinkedRun};
use sanad_core::{Event, Recipient, RecordedEntry, RecordedTime, Sequence};
use sanad_event_store::{FileReader, RecordBatch, ScanItem};
use sanad_projection::{Bulk, Doubt, Projection, Sheet};

use crate::agreement::Agreement;
use crate::calendar::{Calendar, Day};
use crate::crew::in_order;
use crate::error::LedgerError;
use crate::evidence::Dossier;
use crate::examined::{Examiner, Pieces, each_entry};
use crate::judging::{Judging, Replay};
use crate::progress::{Progress, Reports, Stage};
use crate::verdict::{Remark, Verdict};
use crate::verify::{Grounds, being_written};

/// Verifies a ledger in bulk, or comes to doubt it.
pub(crate) fn verify_in_bulk(
    reader: &FileReader,
    grounds: Grounds<'_>,
    dossier: &Dossier,
    progress: &mut dyn FnMut(Progress),
) -> Result<Result<Verdict, Doubt>, LedgerError> {
    let mut walk = InBulk::along(reader, grounds, dossier);
    let sizes = walk.judging.roots.sizes();
    let examiner = Examiner::new(reader.identity().ledger_id(), sizes);
    // The memory is held against the tables when they have come as far.
    let mut pieces = Pieces::of(reader.scan()?, walk.agreement.until());
    let mut reports = Reports::behind(0, grounds.head.size, Stage::Verifying, progress);
    let walked = in_order(
        || pieces.next(),
        |item| match item {
            ScanItem::Records(records) => {
                Piece::Records(examined(&examiner, &records, grounds.calendar).map(Box::new))
            }
            other => Piece::Other(other),
        },
        |piece| {
            walk.piece(piece)?;
            reports.tell(walk.chain.head().size);
            Ok(())
        },
    );
    Ok(walked.and_then(|()| walk.end(dossier)))
}

/// What a scan came upon, examined.
enum Piece {
    Records(Result<Box<Examined>, Doubt>),
    Other(ScanItem),
}

/// Records that follow from one another, with what every core finds out about some of them.
struct Examined {
    run: LinkedRun,
    groves: Vec<Grove>,
    /// All entries, as rows.
    sheet: Sheet,
    /// The entries that do more than grant to holders.
    apart: Vec<Apart>,
    /// The entries that took effect before the day on which they were recorded, and by how much, in microseconds.
    backdated: Vec<(Sequence, i64)>,
    last_recorded_at: Option<RecordedTime>,
}

/// An entry that is judged by itself.
struct Apart {
    recorded: RecordedEntry,
    /// The places of its grants in the sheet.
    grants: Range<usize>,
}

fn examined(
    examiner: &Examiner,
    records: &RecordBatch,
    calendar: &Calendar,
) -> Result<Examined, Doubt> {
    let run = examiner.linked(records).ok_or(Doubt)?;
    let mut sheet = Sheet::with_room_for(records.len());
    let (mut apart, mut backdated, mut day) = (Vec::new(), Vec::new(), None::<Day>);
    let mut last_recorded_at = None;
    let all_read = each_entry(records, |recorded| {
        let at = recorded.recorded_at;
        let today = calendar.day_behind(day, at);
        (day, last_recorded_at) = (Some(today), Some(at));
        if let Some(lag_us) = today.lag_us(recorded) {
            backdated.push((recorded.sequence, lag_us));
        }
        let before = sheet.grant_count();
        sheet.add(recorded);
        if !only_grants_to_holders(recorded) {
            let grants = before..sheet.grant_count();
            apart.push(Apart { recorded: recorded.clone(), grants });
        }
    });
    all_read.ok_or(Doubt)?;
    let groves = examiner.groves(&run, records);
    Ok(Examined { run, groves, sheet, apart, backdated, last_recorded_at })
}

fn only_grants_to_holders(recorded: &RecordedEntry) -> bool {
    recorded.entry.events().iter().all(|event| match event {
        Event::Granted(granted) => matches!(granted.recipient, Recipient::Holder(_)),
        _ => false,
    })
}

struct InBulk<'a> {
    chain: ChainVerifier,
    judging: Judging<'a>,
    /// What the history amounts to. It knows the grants, which the rules then need not.
    bulk: Bulk,
    /// What is remembered.
    agreement: Agreement<'a>,
    /// It was held against the tables.
    compared: bool,
}

impl<'a> InBulk<'a> {
    fn along(reader: &FileReader, grounds: Grounds<'a>, dossier: &Dossier) -> Self {
        let agreement = Agreement::with(grounds.memory, grounds.head);
        let bulk = Bulk::behind(Projection::default());
        Self {
            chain: ChainVerifier::new(reader.identity()),
            judging: Judging::along(reader, dossier, Replay::Elsewhere, grounds.calendar),
            bulk: match agreement.expected() {
                Some(expected) => bulk.expecting(expected.clone()),
                None => bulk,
            },
            agreement,
            compared: false,
        }
    }

    fn piece(&mut self, piece: Piece) -> Result<(), Doubt> {
        match piece {
            Piece::Records(examined) => self.records(&*examined?),
            Piece::Other(ScanItem::TornTail(torn)) if torn.writer_active => {
                self.judging.verdict.remark(being_written(&torn));
                Ok(())
            }
            Piece::Other(_) => Err(Doubt),
        }
    }

    fn records(&mut self, examined: &Examined) -> Result<(), Doubt> {
        let Examined { run, groves, sheet, apart, backdated, last_recorded_at } = examined;
        if !self.chain.pass(run) || !self.judging.roots.take_groves(groves) {
            return Err(Doubt);
        }
        self.bulk.take(sheet)?;
        let (mut judged, mut remarked) = (0, 0);
        for Apart { recorded, grants } in apart {
            self.grants(sheet, judged..grants.start)?;
            let until = backdated.partition_point(|(sequence, _)| *sequence < recorded.sequence);
            self.remark(&backdated[remarked..until]);
            self.entry(recorded)?;
            (judged, remarked) = (grants.end, until);
        }
        self.grants(sheet, judged..sheet.grant_count())?;
        self.remark(&backdated[remarked..]);
        self.judging.passed(run.after(), *last_recorded_at);
        self.hold_against_memory()
    }

    /// Judges grants to holders in runs, and takes in what they use.
    fn grants(&mut self, sheet: &Sheet, grants: Range<usize>) -> Result<(), Doubt> {
        let state = &mut self.judging.state;
        let mut by_pool = sheet.grants_by_pool(grants);
        by_pool.try_for_each(|(pool, grants)| state.use_up(pool, grants).map_err(|_| Doubt))
    }

    /// Judges an entry by itself.
    fn entry(&mut self, recorded: &RecordedEntry) -> Result<(), Doubt> {
        let state = &mut self.judging.state;
        for event in recorded.entry.events() {
            if let Event::Revoked(revoked) = event
                && !state.has_grant(revoked.grant)
                && let Some(granted) = self.bulk.granted(revoked.grant, recorded.sequence)
            {
                state.recall(&granted).map_err(|_| Doubt)?;
            }
        }
        let effect = state.admit(&recorded.entry).map_err(|_| Doubt)?;
        self.judging.take(recorded.sequence, effect);
        Ok(())
    }

    fn remark(&mut self, backdated: &[(Sequence, i64)]) {
        for &(sequence, lag_us) in backdated {
            self.judging.verdict.remark(Remark::Backdated { sequence, lag_us });
        }
    }

    fn hold_against_memory(&mut self) -> Result<(), Doubt> {
        let head = self.chain.head();
        if self.agreement.until() == Some(head.size) {
            self.compared = true;
            let findings = self.agreement.hold_against(self.bulk.so_far()?, head);
            findings.into_iter().for_each(|finding| self.judging.verdict.find(finding));
        }
        Ok(())
    }

    fn end(self, dossier: &Dossier) -> Result<Verdict, Doubt> {
        // Whether all ids differ is asked now, of all of them.
        self.bulk.finish()?;
        let head = self.chain.head();
        let until = self.agreement.until().filter(|until| (1..=head.size).contains(until));
        if until.is_some() && !self.compared {
            return Err(Doubt);
        }
        let held = dossier.hold_against(&self.judging.roots);
        let (mut verdict, _) = self.judging.end(held, head);
        verdict.note_agreement(self.agreement.end(true, head));
        Ok(verdict)
    }
}

#[cfg(test)]
#[path = "in_bulk_tests.rs"]
mod tests;
