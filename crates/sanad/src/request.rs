//! What callers hand to the sequencer, and how they wait for the answer.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

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
    reply: SyncSender<Answered>,
}

/// Acts and their answers. The acts go back with them: whoever took their memory gives it back, which costs less than
/// another thread's doing it.
pub(crate) struct Answered {
    acts: Vec<Act>,
    answers: Vec<Answer>,
}

/// Answers that wait until what they speak of is durable.
pub(crate) struct Waiting {
    pub(crate) answered: Answered,
    reply: SyncSender<Answered>,
}

impl Asked {
    /// The answers, one for each act, which are yet to become durable.
    pub(crate) fn answered(self, answers: Vec<Answer>) -> Waiting {
        Waiting { answered: Answered { acts: self.acts, answers }, reply: self.reply }
    }
}

impl Waiting {
    pub(crate) fn answers_mut(&mut self) -> &mut [Answer] {
        &mut self.answered.answers
    }

    /// Answers the caller. One that no longer waits can ask again with the same ids.
    pub(crate) fn send(self) {
        let _ = self.reply.send(self.answered);
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
        match self.answers.and_then(|answers| answers.recv().ok()) {
            Some(Answered { acts, answers }) => {
                drop(acts);
                answers
            }
            None => (0..self.count).map(|_| Err(RecordError::Closed)).collect(),
        }
    }
}

impl Request {
    pub(crate) fn record(acts: Vec<Act>, on_refusal: OnRefusal) -> (Self, Submitted) {
        let (reply, answers) = sync_channel(1);
        let submitted = Submitted { count: acts.len(), answers: Some(answers) };
        (Request::Record(Asked { acts, on_refusal, reply }), submitted)
    }

    pub(crate) fn dry_run(act: Act) -> (Self, Receiver<Result<DryRun, RecordError>>) {
        let (reply, answer) = sync_channel(1);
        (Request::DryRun { act: Box::new(act), reply }, answer)
    }
}
