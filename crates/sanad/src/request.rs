//! What callers hand to the sequencer, and how they wait for the answer.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use sanad_core::Act;

use crate::error::RecordError;
use crate::receipt::{DryRun, Receipt};

pub(crate) type Answer = Result<Receipt, RecordError>;

/// One thing the sequencer is asked to do.
pub(crate) enum Request {
    Record { acts: Vec<Act>, reply: SyncSender<Vec<Answer>> },
    DryRun { act: Box<Act>, reply: SyncSender<Result<DryRun, RecordError>> },
}

impl Request {
    pub(crate) fn record(acts: Vec<Act>) -> (Self, Receiver<Vec<Answer>>) {
        let (reply, answers) = sync_channel(1);
        (Request::Record { acts, reply }, answers)
    }

    pub(crate) fn dry_run(act: Act) -> (Self, Receiver<Result<DryRun, RecordError>>) {
        let (reply, answer) = sync_channel(1);
        (Request::DryRun { act: Box::new(act), reply }, answer)
    }
}
