//! What callers hand to the sequencer, and how they wait for the answer.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use sanad_core::Act;

use crate::error::RecordError;
use crate::receipt::{DryRun, Receipt};

pub(crate) type Answer = Result<Receipt, RecordError>;

/// What becomes of the acts behind one that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnRefusal {
    /// They are asked all the same, each for itself.
    GoOn,
    /// They are not asked any more: their answer is [`RecordError::NotAsked`].
    Stop,
}

/// One thing the sequencer is asked to do.
pub(crate) enum Request {
    Record(Asked),
    DryRun { act: Box<Act>, reply: SyncSender<Result<DryRun, RecordError>> },
}

/// Acts that are to be recorded.
pub(crate) struct Asked {
    pub(crate) acts: Vec<Act>,
    pub(crate) on_refusal: OnRefusal,
    pub(crate) reply: Reply,
}

/// Where the answers to a request go, as many at a time as became durable together.
#[derive(Clone)]
pub(crate) struct Reply(Sender<Answered>);

/// Answers in the order of the acts, and the acts themselves with the last of them.
struct Answered {
    answers: Vec<Answer>,
    _acts: Vec<Act>,
}

impl Reply {
    /// Answers the caller. One that no longer waits can ask again with the same ids.
    pub(crate) fn send(&self, answers: Vec<Answer>, acts: Vec<Act>) {
        let _ = self.0.send(Answered { answers, _acts: acts });
    }
}

/// Acts that were handed in and are being recorded, as [`Ledger::submit`](crate::Ledger::submit) gives them.
#[derive(Debug)]
#[must_use = "whether the acts were recorded is known only from the answers"]
pub struct Submitted {
    count: usize,
    /// None where the ledger was closed before.
    answers: Option<Receiver<Answered>>,
}

impl Submitted {
    pub(crate) fn closed(count: usize) -> Self {
        Self { count, answers: None }
    }

    /// Waits until every act is durable or refused: one answer an act, in the same order.
    ///
    /// # Errors
    /// Each answer as [`Ledger::record`](crate::Ledger::record).
    pub fn wait(self) -> Vec<Result<Receipt, RecordError>> {
        let mut told = Vec::new();
        let mut parts = self.answers.into_iter().flatten();
        while told.len() < self.count
            && let Some(part) = parts.next()
        {
            match told.is_empty() {
                true => told = part.answers,
                false => told.extend(part.answers),
            }
        }
        told.resize_with(self.count, || Err(RecordError::Closed));
        told
    }
}

impl Request {
    pub(crate) fn record(acts: Vec<Act>, on_refusal: OnRefusal) -> (Self, Submitted) {
        let (reply, answers) = channel();
        let submitted = Submitted { count: acts.len(), answers: Some(answers) };
        (Request::Record(Asked { acts, on_refusal, reply: Reply(reply) }), submitted)
    }

    pub(crate) fn dry_run(act: Act) -> (Self, Receiver<Result<DryRun, RecordError>>) {
        let (reply, answer) = sync_channel(1);
        (Request::DryRun { act: Box::new(act), reply }, answer)
    }
}
