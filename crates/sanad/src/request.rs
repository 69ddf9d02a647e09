//! What is asked of the sequencer.

use std::sync::mpsc::SyncSender;

use sanad_core::Act;

use crate::error::RecordError;
use crate::receipt::DryRun;
use crate::tray::Reply;

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
