//! Asking the witnesses of a policy for their cosignatures.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sanad_audit_log::note::VerifierKey;
use sanad_audit_log::tree::ConsistencyProof;
use sanad_audit_log::{CheckpointError, OpenedCheckpoint, Policy, VerifiedCheckpoint};

use crate::ask::{Given, Question};
use crate::outcome::{Asked, Outcome};
use crate::remembered::Remembered;

/// The most witnesses that are asked at once.
const MOST_AT_ONCE: usize = 16;

/// Why a consistency proof cannot be made: whatever the caller's tiles say.
pub type ProofError = Box<dyn std::error::Error + Send + Sync>;

/// How long a client waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientLimits {
    /// For one answer of one witness, from the look-up of its host's name to the last byte.
    pub answer: Duration,
    /// For all witnesses together.
    pub whole: Duration,
    /// For others, once enough have cosigned.
    pub after_quorum: Duration,
}

impl Default for ClientLimits {
    /// 30 s for one answer, 90 s for all, 1 s once enough have cosigned.
    fn default() -> Self {
        let (answer, whole) = (Duration::from_secs(30), Duration::from_secs(90));
        Self { answer, whole, after_quorum: Duration::from_secs(1) }
    }
}

/// Asks witnesses for cosignatures.
#[derive(Clone, Default, Debug)]
pub struct WitnessClient {
    limits: ClientLimits,
}

/// A checkpoint with what was collected for it.
#[derive(Debug)]
pub struct Collected {
    /// The checkpoint, with each cosignature that holds.
    pub checkpoint: OpenedCheckpoint,
    /// Whether the policy believes it now; if not, why.
    pub verified: Result<VerifiedCheckpoint, CheckpointError>,
    /// What became of each witness, in the policy's order.
    pub asked: Vec<Asked>,
}

/// What a thread that asks has to say.
enum Word {
    /// It needs a proof from this size on.
    Proof(u64, SyncSender<Result<ConsistencyProof, String>>),
    /// The witness with this place has answered.
    Done(usize, Result<Given, Outcome>),
}

impl WitnessClient {
    /// A client that waits so long.
    pub const fn new(limits: ClientLimits) -> Self {
        Self { limits }
    }

    /// Asks the policy's witnesses to cosign a checkpoint, all at once, until its quorum holds and a
    /// little longer, or all have answered. Each cosignature is checked before it is added.
    ///
    /// `log_keys` are keys of the log beyond the policy's own. `proofs` makes the proof that the
    /// checkpoint's tree, the second size, grew out of the tree of the first size; it is called on
    /// this thread, once or more for each witness.
    ///
    /// That too few cosigned is no error here: see [`Collected::verified`].
    ///
    /// # Errors
    /// [`CheckpointError`] where the log itself did not validly sign the checkpoint. Then nobody is
    /// asked.
    pub fn collect(
        &self,
        policy: &Policy,
        log_keys: &[VerifierKey],
        checkpoint: &OpenedCheckpoint,
        remembered: &Remembered,
        mut proofs: impl FnMut(u64, u64) -> Result<ConsistencyProof, ProofError>,
    ) -> Result<Collected, CheckpointError> {
        let members = policy.logs().iter().chain(policy.witnesses()).map(|member| member.key());
        let keys: Vec<_> = members.chain(log_keys).cloned().collect();
        let before = checkpoint.verify(&keys)?;
        let mut round = Round::begin(policy, &before, checkpoint.clone());
        let questions = round.questions(policy, remembered, self.limits.answer);
        let words = ask_all(questions);
        let size = checkpoint.claimed().size();
        let mut deadline = Instant::now() + self.limits.whole;
        let mut is_enough = false;
        while round.is_open() {
            if !is_enough && policy.verify_also(&round.checkpoint, log_keys).is_ok() {
                is_enough = true;
                deadline = deadline.min(Instant::now() + self.limits.after_quorum);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match words.recv_timeout(left) {
                Ok(Word::Proof(old, answer)) => {
                    let proof = proofs(old, size).map_err(|error| error.to_string());
                    // Whoever asked for it may have been given up since.
                    let _ = answer.send(proof);
                }
                Ok(Word::Done(place, given)) => round.take(place, given),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        Ok(round.end(policy, log_keys))
    }
}

/// One checkpoint, and what each witness of a policy has said to it so far.
struct Round {
    checkpoint: OpenedCheckpoint,
    outcomes: Vec<Option<Outcome>>,
}

impl Round {
    /// Those who cosigned before are not asked again.
    fn begin(policy: &Policy, before: &VerifiedCheckpoint, checkpoint: OpenedCheckpoint) -> Self {
        let outcome = |witness: &sanad_audit_log::PolicyMember| {
            let mut by_it = before.cosignatures().filter(|known| known.key() == witness.key());
            match by_it.find_map(|known| known.cosigned_at()) {
                Some(at) => Some(Outcome::HadCosigned { at }),
                None if witness.url().is_none() => Some(Outcome::NoUrl),
                None => None,
            }
        };
        Self { checkpoint, outcomes: policy.witnesses().iter().map(outcome).collect() }
    }

    fn questions(
        &self,
        policy: &Policy,
        remembered: &Remembered,
        limit: Duration,
    ) -> VecDeque<(usize, Question)> {
        let open = policy.witnesses().iter().zip(&self.outcomes).enumerate();
        let open = open.filter(|(_, (_, outcome))| outcome.is_none());
        let question = |(place, (witness, _)): (usize, (&sanad_audit_log::PolicyMember, _))| {
            let question = Question {
                witness: witness.key().clone(),
                url: witness.url()?.to_owned(),
                checkpoint: self.checkpoint.clone(),
                old: remembered.size(self.checkpoint.claimed().origin(), witness.key()),
                limit,
            };
            Some((place, question))
        };
        open.filter_map(question).collect()
    }

    fn is_open(&self) -> bool {
        self.outcomes.iter().any(Option::is_none)
    }

    fn take(&mut self, place: usize, given: Result<Given, Outcome>) {
        let added = given.and_then(|(cosignature, at)| {
            let added = self.checkpoint.add([cosignature]);
            added.map(|()| Outcome::Cosigned { at }).map_err(|_| Outcome::NoRoom)
        });
        if let Some(open) = self.outcomes.get_mut(place) {
            *open = Some(added.unwrap_or_else(|outcome| outcome));
        }
    }

    fn end(self, policy: &Policy, log_keys: &[VerifierKey]) -> Collected {
        let witnesses = policy.witnesses().iter().map(|witness| witness.key().clone());
        let asked = witnesses.zip(self.outcomes).map(|(witness, outcome)| Asked {
            witness,
            outcome: outcome.unwrap_or(Outcome::NotWaitedFor),
        });
        let verified = policy.verify_also(&self.checkpoint, log_keys);
        Collected { asked: asked.collect(), verified, checkpoint: self.checkpoint }
    }
}

/// Asks on threads of their own, which nobody waits for: each ends by itself when its witness has
/// answered or its time is over, and begins no other question once nobody listens.
fn ask_all(questions: VecDeque<(usize, Question)>) -> Receiver<Word> {
    let (say, words) = channel();
    let threads = questions.len().min(MOST_AT_ONCE);
    let questions = Arc::new(Mutex::new(questions));
    for _ in 0..threads {
        let (say, questions) = (say.clone(), Arc::clone(&questions));
        // Without a thread its witnesses are asked by the others; without any, nobody is.
        let _ = thread::Builder::new().name("sanad-ask".into()).spawn(move || {
            while let Some((place, question)) = next(&questions) {
                let given = question.ask(&mut |old| proof(&say, old));
                if say.send(Word::Done(place, given)).is_err() {
                    break;
                }
            }
        });
    }
    words
}

fn next(questions: &Mutex<VecDeque<(usize, Question)>>) -> Option<(usize, Question)> {
    questions.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// Has a proof made by the thread that collects.
fn proof(say: &Sender<Word>, old: u64) -> Result<ConsistencyProof, String> {
    let (answer, answered) = sync_channel(1);
    let gone = || "nobody waits for it any more".to_owned();
    say.send(Word::Proof(old, answer)).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}
