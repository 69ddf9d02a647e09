//! A witness: what it answers, whoever brings the question.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use sanad::Clock;
use sanad_audit_log::note::{KeyName, VerifierKey};
use sanad_audit_log::witness::{AddCheckpoint, Answer, OriginHash, decide};
use sanad_audit_log::{Checkpoint, OpenedCheckpoint, PosixSeconds};

use crate::error::{SetupError, StateError};
use crate::judge::JudgeError;
use crate::log::WitnessedLog;
use crate::reply::Reply;
use crate::roll::Statement;
use crate::state::WitnessState;
use crate::unlawful::UnlawfulHistory;

/// A witness with its logs. It does not listen; [`WitnessServer`](crate::WitnessServer) does.
///
/// Safe to use from any thread.
pub struct Witness {
    state: WitnessState,
    logs: BTreeMap<KeyName, WitnessedLog>,
    by_hash: BTreeMap<String, KeyName>,
    clock: Arc<dyn Clock>,
    stop: AtomicBool,
}

impl Witness {
    /// A witness of these logs, each of which was enrolled in `state`. Enrolled logs that are not
    /// given are unknown to whoever asks, and what was cosigned of them stays kept.
    ///
    /// # Errors
    /// [`SetupError`] where a log comes twice, is not enrolled, or has no records although the
    /// witness signs lawful histories only.
    pub fn new(
        state: WitnessState,
        logs: Vec<WitnessedLog>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        let mut by_origin = BTreeMap::new();
        for log in logs {
            let origin = log.origin().clone();
            if state.last(&origin).is_none() {
                return Err(StateError::NotEnrolled { origin }.into());
            }
            if state.statement() == Statement::Lawful && log.judge().is_none() {
                return Err(SetupError::NoRecords { origin });
            }
            if by_origin.insert(origin.clone(), log).is_some() {
                return Err(SetupError::Twice { origin });
            }
        }
        let hashed = |origin: &KeyName| (OriginHash::of(origin).to_string(), origin.clone());
        let by_hash = by_origin.keys().map(hashed).collect();
        Ok(Self { state, logs: by_origin, by_hash, clock, stop: AtomicBool::new(false) })
    }

    /// The witness's public key.
    pub fn verifier_key(&self) -> VerifierKey {
        self.state.verifier_key()
    }

    /// What the witness knows.
    pub const fn state(&self) -> &WitnessState {
        &self.state
    }

    /// Replays what was cosigned of each log already, so that the first request need not wait for
    /// it. `heard` is told the log, how many of its entries are replayed, and how many there are.
    ///
    /// What could not be replayed now is replayed when the log asks. What is not lawful is
    /// remembered. Gives what the logs would be answered that could not be replayed, or are not
    /// lawful.
    pub fn warm_up(&self, heard: &mut dyn FnMut(&KeyName, u64, u64)) -> Vec<(KeyName, Reply)> {
        let mut unready = Vec::new();
        for log in self.logs.values() {
            let Some(last) = self.state.checkpoint(log.origin()) else { continue };
            let size = last.claimed().size();
            let judged = self.judge(log, &last, &mut |done| heard(log.origin(), done, size));
            if let Err(reply) = judged {
                unready.push((log.origin().clone(), reply));
            }
        }
        unready
    }

    /// Answers the body of an `add-checkpoint` request. A cosignature is kept before this returns
    /// it. Takes as long as the replay of what is new, for a witness of lawful histories.
    pub fn answer(&self, body: &[u8]) -> Reply {
        match AddCheckpoint::parse(body) {
            Ok(request) => self.answer_parsed(&request),
            Err(error) => Reply::Protocol(error.into()),
        }
    }

    fn answer_parsed(&self, request: &AddCheckpoint) -> Reply {
        let asked = request.checkpoint();
        let origin = asked.claimed().origin();
        let (Some(log), Some(last)) = (self.logs.get(origin), self.state.last(origin)) else {
            return Reply::Protocol(Answer::UnknownLog);
        };
        // Cheap, and decided again below: nobody waits for a replay who would be refused anyway.
        let consistent = match decide(request, Some(log.keys()), &last) {
            Ok(consistent) => consistent,
            Err(refused) => return self.refuse(asked, log, refused),
        };
        let remembered = self.state.unlawful(origin);
        let size = consistent.checkpoint().size();
        if let Some(unlawful) = remembered.filter(|unlawful| unlawful.is_in(size)) {
            return Reply::Unlawful(Box::new(unlawful));
        }
        if let Err(reply) = self.judge(log, asked, &mut |_| {}) {
            return reply;
        }
        let Some(now) = self.now() else {
            return Reply::NotJudged("the witness's clock shows no time".to_owned());
        };
        let advanced = self.state.advance(request, log.keys(), now);
        advanced.unwrap_or_else(|error| Reply::NotKept(error.to_string()))
    }

    /// Refuses, and keeps what proves that a log showed two histories.
    fn refuse(&self, asked: &OpenedCheckpoint, log: &WitnessedLog, refused: Answer) -> Reply {
        if let Answer::NotConsistent(_) = refused {
            // That it could not be kept does not change the answer.
            let _ = self.state.keep_conflict(asked, log.keys());
        }
        Reply::Protocol(refused)
    }

    /// Asks the log's judge, if it has one.
    fn judge(
        &self,
        log: &WitnessedLog,
        asked: &OpenedCheckpoint,
        heard: &mut dyn FnMut(u64),
    ) -> Result<(), Reply> {
        let Some(judge) = log.judge() else { return Ok(()) };
        let mut judge = judge.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = match judge.judge(asked.claimed(), &self.stop, heard) {
            Ok(()) => return Ok(()),
            Err(JudgeError::Unlawful(fault)) => fault,
            Err(error) => return Err(Reply::NotJudged(error.to_string())),
        };
        let unlawful = UnlawfulHistory::new(fault, asked.clone());
        match self.state.condemn(log.origin(), unlawful.clone()) {
            Ok(()) => Err(Reply::Unlawful(Box::new(unlawful))),
            Err(error) => Err(Reply::NotKept(error.to_string())),
        }
    }

    /// The checkpoint that was cosigned last, of the log whose origin has this hash.
    pub fn checkpoint(&self, origin_hash: &str) -> Option<OpenedCheckpoint> {
        self.state.checkpoint(self.by_hash.get(origin_hash)?)
    }

    /// What was cosigned last of each log, and what it is.
    pub fn logs(&self) -> impl Iterator<Item = (&KeyName, Option<Checkpoint>)> {
        self.logs.keys().map(|origin| {
            let last = self.state.checkpoint(origin);
            (origin, last.map(|checkpoint| checkpoint.claimed().clone()))
        })
    }

    /// Ends replays that are under way; they are answered as not judged.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    fn now(&self) -> Option<PosixSeconds> {
        let seconds = self.clock.now().us().div_euclid(1_000_000);
        PosixSeconds::new(u64::try_from(seconds).ok()?)
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").field("state", &self.state).finish_non_exhaustive()
    }
}
