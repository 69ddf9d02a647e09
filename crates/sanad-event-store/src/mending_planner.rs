//! How a log can be mended: what is sound stays, and what lies between is filled record by record.

use std::ops::Range;

use sanad_audit_log::{ChainHash, Head, Identity, RawRecord, Sequence};

use crate::error::StoreError;
use crate::folder::Folder;
use crate::mending::{Donor, Lack, Mend, MendingPlan, Origin, Run};
use crate::own_log::{OwnLog, OwnState, follows};

/// Makes a [`MendingPlan`].
///
/// A record is taken from the copy only where it follows from what is sound before it, and it stays
/// only where the ledger's own next record follows from it, or somebody vouches for the head that it
/// leads to.
pub(crate) struct Planner<'a> {
    own: OwnLog,
    donor: Option<&'a mut dyn Donor>,
    vouched: &'a dyn Fn(Head) -> bool,
    progress: &'a mut dyn FnMut(u64),
}

/// A part of the log that is being filled.
struct Filling {
    /// The first segment that is not known to stay as it is.
    at: usize,
    begins: Head,
    reached: Head,
    runs: Vec<Run>,
    /// How far the ledger itself, or somebody, speaks for it.
    accepted: Head,
    is_vouched: bool,
}

/// What filling a part of the log came to.
enum Filled {
    /// It is whole, and goes on with the segment of this index.
    Closed(Mend, usize),
    /// There is nothing to fill: this is the log's end, with so many torn bytes behind it.
    AsItIs(Head, u64),
    /// It is not whole.
    Wanting(String),
}

/// A record that could be had, or why not.
enum Had {
    Record(Head, Origin),
    Wanting(String),
    /// The copy's record before is another.
    Parted,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(
        folder: &Folder,
        identity: &Identity,
        donor: Option<&'a mut dyn Donor>,
        vouched: &'a dyn Fn(Head) -> bool,
        progress: &'a mut dyn FnMut(u64),
    ) -> Result<Self, StoreError> {
        let own = OwnLog::read(folder, identity, progress)?;
        Ok(Self { own, donor, vouched, progress })
    }

    /// Goes through the log from the genesis on.
    pub(crate) fn plan(mut self, genesis: ChainHash) -> Result<MendingPlan, StoreError> {
        let (mut head, mut at, mut tail, mut offered) = (Head::empty(genesis), 0, 0, None);
        let (mut mends, mut lacks) = (Vec::new(), Vec::new());
        loop {
            if let Some((ends, torn)) = self.kept(at, head) {
                (head, at, tail) = (ends, at + 1, torn);
                continue;
            }
            if at == self.own.segments.len() && (self.donor.is_none() || tail > 0) {
                break;
            }
            let (filled, filling) = self.fill(head, at)?;
            let theirs = (filling.reached.size > filling.accepted.size).then_some(filling.reached);
            match filled {
                Filled::Closed(mend, next) => {
                    let is_end = next == self.own.segments.len();
                    (head, at) = (mend.ends, next);
                    mends.push(mend);
                    if is_end {
                        offered = theirs;
                        break;
                    }
                }
                Filled::AsItIs(ends, torn) => {
                    (head, tail, offered) = (ends, torn, theirs);
                    break;
                }
                Filled::Wanting(why) => {
                    let next = self.next_sound(at, head.size);
                    let segments = self.instead_of(at..next.unwrap_or(self.own.segments.len()));
                    lacks.push(Lack { sequence: filling.accepted.next_sequence(), segments, why });
                    let Some(next) = next else {
                        offered = theirs;
                        break;
                    };
                    (head, at) = (self.own.segments[next].begins().unwrap_or(head), next);
                }
            }
        }
        Ok(MendingPlan { mends, lacks, head, offered, tail, own: self.own })
    }

    /// The head behind a segment that stays as it is, and the torn bytes there.
    fn kept(&self, at: usize, head: Head) -> Option<(Head, u64)> {
        match self.own.segments.get(at)?.state {
            // A copy may have what was damaged in a torn end.
            OwnState::Sound { begins, ends, tail } if begins == head => {
                (tail == 0 || self.donor.is_none()).then_some((ends, tail))
            }
            _ => None,
        }
    }

    /// The first sound segment from `at` on that begins behind `size`.
    fn next_sound(&self, at: usize, size: u64) -> Option<usize> {
        let begins = |n: &usize| self.own.segments[*n].begins();
        (at..self.own.segments.len()).find(|n| begins(n).is_some_and(|begins| begins.size > size))
    }

    fn instead_of(&self, segments: Range<usize>) -> Vec<(Sequence, String)> {
        let why = |state: &OwnState| match state {
            OwnState::Unsound(why) => why.clone(),
            OwnState::Headless(length) => format!("it has {length} bytes, and no record"),
            OwnState::Sound { tail: 1.., .. } => "its end is torn".to_owned(),
            OwnState::Sound { begins, .. } => format!("it goes on from {begins}"),
        };
        self.own.segments[segments].iter().map(|it| (it.name, why(&it.state))).collect()
    }

    /// Fills the log from `head` on, up to a segment that goes on from there, or to the end.
    fn fill(&mut self, head: Head, at: usize) -> Result<(Filled, Filling), StoreError> {
        let mut filling = Filling {
            at,
            begins: head,
            reached: head,
            runs: Vec::new(),
            accepted: head,
            is_vouched: false,
        };
        loop {
            if let Some(next) = self.meets(&filling) {
                filling.accepted = filling.reached;
                let instead_of = self.instead_of(at..next);
                return Ok((Filled::Closed(filling.mend(instead_of), next), filling));
            }
            match self.next_record(filling.reached) {
                Had::Record(after, origin) => {
                    filling.take(after, origin);
                    let is_vouched = (self.vouched)(after);
                    if is_vouched || origin != Origin::Copy {
                        (filling.accepted, filling.is_vouched) = (after, is_vouched);
                    }
                    (self.progress)(after.size);
                }
                Had::Wanting(why) => return Ok((self.end(&filling, why)?, filling)),
                Had::Parted => return Err(self.parted(&filling, filling.reached.size)),
            }
        }
    }

    /// The segment that goes on from what is reached.
    fn meets(&self, filling: &Filling) -> Option<usize> {
        let Filling { at, begins, reached, .. } = *filling;
        // One whose end is torn does not go on from itself.
        let first = if self.as_it_is(filling).is_some() && begins == reached { at + 1 } else { at };
        let goes_on = |n: &usize| self.own.segments[*n].begins() == Some(reached);
        (first..self.own.segments.len()).find(goes_on)
    }

    /// The next record after `head`: the ledger's own, or else the copy's.
    fn next_record(&mut self, head: Head) -> Had {
        if let Some((bytes, segment)) = self.own.following(head)
            && let Some((after, _)) = follows(&bytes, head)
        {
            return Had::Record(after, Origin::Own(self.own.segments[segment].name));
        }
        let Some(donor) = &mut self.donor else {
            return Had::Wanting("no copy was given that could have it".to_owned());
        };
        match donor.record(head.next_sequence()) {
            Ok(None) => Had::Wanting("the copy ends before it".to_owned()),
            Err(why) => Had::Wanting(why),
            Ok(Some(bytes)) => match follows(&bytes, head) {
                Some((after, _)) => Had::Record(after, Origin::Copy),
                None => misfit(&mut **donor, &bytes, head),
            },
        }
    }

    /// What it means that no record more is to be had.
    fn end(&self, filling: &Filling, why: String) -> Result<Filled, StoreError> {
        let Filling { at, accepted, reached, .. } = *filling;
        let rest = &self.own.segments[at..];
        if let Some((ends, tail)) = self.as_it_is(filling)
            && accepted.size <= ends.size
        {
            return Ok(Filled::AsItIs(ends, tail));
        }
        let covers = rest.iter().all(|segment| {
            let in_place = match segment.state {
                OwnState::Sound { ends, .. } => ends.size <= accepted.size,
                OwnState::Headless(_) => true,
                // What a stranger's file is named after says nothing of the ledger, if its end is known.
                OwnState::Unsound(_) => {
                    segment.place < accepted.size || segment.is_foreign && filling.is_vouched
                }
            };
            in_place && (filling.is_vouched || segment.gap.is_none_or(|gap| gap < accepted.size))
        });
        let all = self.own.segments.len();
        if covers && !self.own.claims_beyond(accepted.size, at..all) {
            return Ok(Filled::Closed(filling.mend(self.instead_of(at..all)), all));
        }
        let last = rest.iter().filter_map(|segment| segment.begins()).next_back();
        if let Some(last) = last.filter(|last| last.size <= reached.size && *last != filling.begins)
            && self.donor.is_some()
            && reached.size > accepted.size
        {
            // The copy goes on beyond where the ledger does, and never meets it.
            return Err(self.parted(filling, last.size));
        }
        Ok(Filled::Wanting(why))
    }

    /// The log's end as it is, where what is being filled is nothing but that end.
    fn as_it_is(&self, filling: &Filling) -> Option<(Head, u64)> {
        let Some(segment) = self.own.segments.get(filling.at) else {
            return Some((filling.begins, 0));
        };
        match segment.state {
            OwnState::Headless(length) => Some((filling.begins, length)),
            OwnState::Sound { begins, ends, tail: tail @ 1.. } if begins == filling.begins => {
                Some((ends, tail))
            }
            _ => None,
        }
    }

    fn parted(&self, filling: &Filling, until: u64) -> StoreError {
        StoreError::HistoriesPart {
            from: filling.accepted.next_sequence(),
            until: Sequence::new(until),
        }
    }
}

impl Filling {
    fn take(&mut self, after: Head, origin: Origin) {
        let sequence = self.reached.size;
        match self.runs.last_mut().filter(|run| run.origin == origin) {
            Some(run) => run.records.end = after.size,
            None => self.runs.push(Run { records: sequence..after.size, origin }),
        }
        self.reached = after;
    }

    /// What is accepted of it.
    fn mend(&self, instead_of: Vec<(Sequence, String)>) -> Mend {
        let mut runs = self.runs.clone();
        runs.retain(|run| run.records.start < self.accepted.size);
        if let Some(last) = runs.last_mut() {
            last.records.end = last.records.end.min(self.accepted.size);
        }
        Mend { begins: self.begins, ends: self.accepted, runs, instead_of }
    }
}

/// Why a copy's record does not follow from `head`: it is damaged, or the copy's history is another.
fn misfit(donor: &mut dyn Donor, bytes: &[u8], head: Head) -> Had {
    let damaged = || Had::Wanting("the copy is damaged there too".to_owned());
    let Some(before) = head.size.checked_sub(1) else { return damaged() };
    let Ok(Some(before)) = donor.record(Sequence::new(before)) else { return damaged() };
    let Ok(before) = RawRecord::exact(&before) else { return damaged() };
    let theirs = Head { size: head.size, hash: before.stored_hash() };
    match theirs != head && follows(bytes, theirs).is_some() {
        true => Had::Parted,
        false => damaged(),
    }
}
