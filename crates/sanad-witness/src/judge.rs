//! Whether every entry of a history was allowed.

use std::collections::HashMap;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};

use sanad::{Calendar, EntryId, Identity, Refusal, State, recorded_entry};
use sanad_audit_log::tile::{BundlePlace, EntryBundle, FULL, TilePath, Width};
use sanad_audit_log::tree::{Frontier, TreeHash};
use sanad_audit_log::{ChainVerifier, Checkpoint, RawRecord, Sequence};

use crate::error::SetupError;
use crate::records::{RecordSource, RecordsError};
use crate::unlawful::Fault;

/// Replays the records of one log with the rules, and goes on where it was when the log has grown.
///
/// It holds what the rules need to know of the history (the pools, grants and entry ids), and one
/// bundle of records at a time.
pub(crate) struct LawfulJudge {
    identity: Identity,
    calendar: Calendar,
    records: Box<dyn RecordSource>,
    replay: Replay,
}

/// Why a history is not judged to be lawful.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JudgeError {
    /// An entry of it is wrong, and the checkpoint's root says that the entry is in its tree.
    #[error("an entry was not allowed")]
    Unlawful(Fault),
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The records are not those of the checkpoint. Nothing is known against the history.
    #[error(
        "the records that are published up to entry {size} have the root {found}, and the \
         checkpoint has {expected}"
    )]
    OtherRecords { size: u64, expected: TreeHash, found: TreeHash },
    #[error("the witness is being stopped")]
    Stopped,
}

impl LawfulJudge {
    pub(crate) fn new(
        identity: Identity,
        records: Box<dyn RecordSource>,
    ) -> Result<Self, SetupError> {
        let calendar = Calendar::new(identity.time_zone())?;
        let replay = Replay::new(&identity);
        Ok(Self { identity, calendar, records, replay })
    }

    /// Replays the history up to a checkpoint and holds its tree against the checkpoint's root.
    /// `heard` is told how many entries have been replayed.
    pub(crate) fn judge(
        &mut self,
        checkpoint: &Checkpoint,
        stop: &AtomicBool,
        heard: &mut dyn FnMut(u64),
    ) -> Result<(), JudgeError> {
        // Taken out: what an error or a panic leaves behind may not be of this log at all.
        let mut replay = mem::replace(&mut self.replay, Replay::new(&self.identity));
        if checkpoint.size() < replay.tree.size() {
            replay = Replay::new(&self.identity);
        }
        self.replay_to(&mut replay, checkpoint, stop, heard)?;
        self.replay = replay;
        Ok(())
    }

    fn replay_to(
        &mut self,
        replay: &mut Replay,
        checkpoint: &Checkpoint,
        stop: &AtomicBool,
        heard: &mut dyn FnMut(u64),
    ) -> Result<(), JudgeError> {
        let size = checkpoint.size();
        while replay.tree.size() < size {
            if stop.load(Ordering::Relaxed) {
                return Err(JudgeError::Stopped);
            }
            self.bundle(replay, size)?;
            heard(replay.tree.size());
        }
        let (expected, found) = (checkpoint.root(), replay.tree.root());
        if expected != found {
            return Err(JudgeError::OtherRecords { size, expected, found });
        }
        // Only now: before, the wrong entry was the word of whoever gave the records.
        match replay.fault.take() {
            Some(fault) => Err(JudgeError::Unlawful(fault)),
            None => Ok(()),
        }
    }

    /// Takes in what is new of the bundle in which the replay stands, in the log of `size` entries.
    fn bundle(&mut self, replay: &mut Replay, size: u64) -> Result<(), JudgeError> {
        let full = u64::from(FULL);
        let (index, known) = (replay.tree.size() / full, (replay.tree.size() % full) as usize);
        // The replay stands before the end of the log, which so has this bundle.
        let place =
            BundlePlace::in_log(index, size).unwrap_or(BundlePlace::new(index, Width::FULL));
        let bytes = self.records.bundle(place)?;
        let malformed = |cause| {
            let path = TilePath::Entries(place).to_string();
            RecordsError::Malformed { path, cause }
        };
        let bundle = EntryBundle::parse(&bytes, place.width()).map_err(malformed)?;
        for entry in bundle.entries().skip(known) {
            replay.take(entry, &self.calendar);
        }
        Ok(())
    }
}

/// A history as far as it was replayed.
struct Replay {
    chain: ChainVerifier,
    tree: Frontier,
    state: State,
    /// Where each entry id was seen first.
    entries: HashMap<EntryId, sanad::Sequence>,
    /// The first thing that was wrong. After it entries are only hashed.
    fault: Option<Fault>,
}

impl Replay {
    fn new(identity: &Identity) -> Self {
        Self {
            chain: ChainVerifier::new(identity),
            tree: Frontier::new(),
            state: State::default(),
            entries: HashMap::new(),
            fault: None,
        }
    }

    fn take(&mut self, entry: &[u8], calendar: &Calendar) {
        let sequence = Sequence::new(self.tree.size());
        self.tree.append(TreeHash::leaf(entry));
        if self.fault.is_none() {
            let judged = self.judge(entry, calendar);
            let fault = judged.map_err(|(code, why)| Fault::new(sequence, code, &why));
            self.fault = fault.err();
        }
    }

    fn judge(&mut self, entry: &[u8], calendar: &Calendar) -> Result<(), (&'static str, String)> {
        let raw = RawRecord::exact(entry).map_err(|cause| (cause.code(), cause.to_string()))?;
        let verified = self.chain.check_raw(raw);
        let verified = verified.map_err(|finding| (finding.code(), finding.to_string()))?;
        let recorded = recorded_entry(&verified.record());
        let recorded = recorded.map_err(|cause| {
            let sequence = verified.record().sequence();
            ("no_entry", format!("entry {sequence} holds no act: {cause}"))
        })?;
        let sequence = recorded.sequence;
        let refused = |refusal: &Refusal| {
            let why = refusal.sentence(&|at| calendar.write(at));
            (refusal.code(), format!("entry {sequence} was not allowed: {why}"))
        };
        let id = recorded.entry.id();
        if let Some(&recorded_as) = self.entries.get(&id) {
            return Err(refused(&Refusal::EntryIdReused { entry: id, recorded_as }));
        }
        let effect = self.state.admit(&recorded.entry);
        let effect = effect.map_err(|unlawful| refused(&unlawful.refusal))?;
        self.state.apply(effect);
        self.entries.insert(id, sequence);
        Ok(())
    }
}
