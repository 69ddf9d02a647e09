//! Where acts are handed in.
//!
//! Requests that are many go to the sequencer's thread, which decides while the committer's waits for the disk. A
//! request that is alone has nothing to share: its caller takes it all the way by itself, and no thread is woken.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use sanad_core::Act;

use crate::batch::Batch;
use crate::committer::Committer;
use crate::error::{LedgerError, RecordError};
use crate::receipt::DryRun;
use crate::request::{Asked, OnRefusal, Request};
use crate::sequencer::Sequencer;
use crate::tray::{Answer, Reply, Submitted, tray};
use crate::under_way::Traffic;

/// Requests that may wait; one more makes its caller wait to hand it in.
const MOST_WAITING: usize = 1_024;
/// A request of more acts is worth two threads.
const FEW: usize = 64;

#[derive(Debug)]
pub(crate) struct Desk {
    /// None once it is closed.
    counter: Option<Counter>,
    threads: Vec<JoinHandle<()>>,
}

struct Counter {
    requests: SyncSender<Request>,
    sequencer: Arc<Mutex<Sequencer>>,
    traffic: Traffic,
}

impl std::fmt::Debug for Counter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counter").finish_non_exhaustive()
    }
}

/// The two ends of what goes between sequencer and committer.
pub(crate) struct Belt {
    pub(crate) to_commit: Receiver<Batch>,
    pub(crate) given_back: SyncSender<Batch>,
}

impl Desk {
    /// Starts the two threads.
    ///
    /// # Errors
    /// [`LedgerError::Thread`].
    pub(crate) fn open(
        sequencer: Sequencer,
        committer: Arc<Mutex<Committer>>,
        belt: Belt,
    ) -> Result<Self, LedgerError> {
        let (requests, waiting) = sync_channel(MOST_WAITING);
        let sequencer = Arc::new(Mutex::new(sequencer));
        let serving = Arc::clone(&sequencer);
        let Belt { to_commit, given_back } = belt;
        let threads = vec![
            thread("sanad-sequencer", move || Sequencer::run(&serving, &waiting))?,
            thread("sanad-committer", move || Committer::run(&committer, &to_commit, &given_back))?,
        ];
        let counter = Counter { requests, sequencer, traffic: Traffic::default() };
        Ok(Self { counter: Some(counter), threads })
    }

    /// Hands acts in and does not wait for them.
    pub(crate) fn submit(&self, acts: Vec<Act>, on_refusal: OnRefusal) -> Submitted {
        let (asked, submitted, _) = self.asked(acts, on_refusal);
        self.send(Request::Record(asked));
        submitted
    }

    /// Hands acts in and waits for the answers.
    pub(crate) fn record(&self, acts: Vec<Act>, on_refusal: OnRefusal) -> Vec<Answer> {
        let few = acts.len() <= FEW;
        let (asked, submitted, alone) = self.asked(acts, on_refusal);
        match &self.counter {
            // Whoever panicked with the sequencer in hand closed the ledger: what is asked is dropped, and told so.
            Some(counter) if few && alone => {
                _ = counter.sequencer.lock().map(|mut sequencer| sequencer.serve_alone(asked));
            }
            _ => self.send(Request::Record(asked)),
        }
        submitted.wait()
    }

    /// What recording an act would do.
    pub(crate) fn rehearse(&self, act: Act) -> Result<DryRun, RecordError> {
        let (reply, answer) = sync_channel(1);
        self.send(Request::DryRun { act: Box::new(act), reply });
        answer.recv().unwrap_or(Err(RecordError::Closed))
    }

    fn asked(&self, acts: Vec<Act>, on_refusal: OnRefusal) -> (Asked, Submitted, bool) {
        let traffic = self.counter.as_ref().map(|counter| &counter.traffic);
        let (under_way, alone) = traffic.cloned().unwrap_or_default().join();
        let (submitted, reply): (_, Reply) = tray(acts.len(), under_way);
        (Asked { acts, on_refusal, reply }, submitted, alone)
    }

    /// Where the sequencer has ended, the request is dropped, which tells its caller that the ledger is closed.
    fn send(&self, request: Request) {
        if let Some(counter) = &self.counter {
            _ = counter.requests.send(request);
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.counter = None;
        for thread in self.threads.drain(..) {
            // One that panicked has told of it on standard error already.
            let _ = thread.join();
        }
    }
}

fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, LedgerError> {
    std::thread::Builder::new().name(name.into()).spawn(run).map_err(LedgerError::Thread)
}
