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
    Record { acts: Vec<Act>, on_refusal: OnRefusal, reply: SyncSender<Vec<Answer>> },
    DryRun { act: Box<Act>, reply: SyncSender<Result<DryRun, RecordError>> },
}

impl Request {
    pub(crate) fn record(acts: Vec<Act>, on_refusal: OnRefusal) -> (Self, Receiver<Vec<Answer>>) {
        let (reply, answers) = sync_channel(1);
        (Request::Record { acts, on_refusal, reply }, answers)
    }

    pub(crate) fn dry_run(act: Act) -> (Self, Receiver<Result<DryRun, RecordError>>) {
        let (reply, answer) = sync_channel(1);
        (Request::DryRun { act: Box::new(act), reply }, answer)
    }
}
