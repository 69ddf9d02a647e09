//! Where the answers to a request are laid, and where its caller waits for them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use sanad_core::Act;

use crate::error::RecordError;
use crate::receipt::Receipt;
use crate::under_way::UnderWay;

pub(crate) type Answer = Result<Receipt, RecordError>;

/// Acts that were handed in and are being recorded, as [`Ledger::submit`](crate::Ledger::submit) gives them.
#[derive(Debug)]
#[must_use = "whether the acts were recorded is known only from the answers"]
pub struct Submitted {
    count: usize,
    tray: Arc<Tray>,
}

/// Where the answers to a request go, as many at a time as became durable together.
#[derive(Debug, Clone)]
pub(crate) struct Reply(Arc<Answering>);

/// The last of those who could answer tells the caller that there is no more to come.
#[derive(Debug)]
struct Answering {
    tray: Arc<Tray>,
    _under_way: UnderWay,
}

#[derive(Debug, Default)]
struct Tray {
    lying: Mutex<Lying>,
    /// All answers are there, or there will be no more.
    ready: Condvar,
}

#[derive(Debug, Default)]
struct Lying {
    /// In the order of the acts.
    answers: Vec<Answer>,
    /// The acts, once they are needed no more: their memory is given back by the thread that took it.
    acts: Vec<Act>,
    awaited: usize,
    closed: bool,
}

impl Tray {
    fn lying(&self) -> MutexGuard<'_, Lying> {
        // Nothing that can panic is done under the lock.
        self.lying.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A tray for so many answers: for who asks, and for who answers.
pub(crate) fn tray(count: usize, under_way: UnderWay) -> (Submitted, Reply) {
    let tray = Arc::new(Tray::default());
    tray.lying().awaited = count;
    let answering = Answering { tray: Arc::clone(&tray), _under_way: under_way };
    (Submitted { count, tray }, Reply(Arc::new(answering)))
}

impl Reply {
    /// Answers the caller. One that no longer waits can ask again with the same ids.
    pub(crate) fn send(&self, answers: Vec<Answer>, acts: Vec<Act>) {
        let mut lying = self.0.tray.lying();
        match lying.answers.is_empty() {
            true => lying.answers = answers,
            false => lying.answers.extend(answers),
        }
        if !acts.is_empty() {
            lying.acts = acts;
        }
        let all = lying.answers.len() >= lying.awaited;
        drop(lying);
        if all {
            self.0.tray.ready.notify_one();
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let mut lying = self.tray.lying();
        lying.closed = true;
        if lying.answers.len() < lying.awaited {
            self.tray.ready.notify_one();
        }
    }
}

impl Submitted {
    /// Waits until every act is durable or refused: one answer an act, in the same order.
    ///
    /// # Errors
    /// Each answer as [`Ledger::record`](crate::Ledger::record).
    pub fn wait(self) -> Vec<Result<Receipt, RecordError>> {
        let is_missing = |lying: &mut Lying| !lying.closed && lying.answers.len() < lying.awaited;
        let lying = self.tray.ready.wait_while(self.tray.lying(), is_missing);
        let mut lying = lying.unwrap_or_else(PoisonError::into_inner);
        let mut answers = std::mem::take(&mut lying.answers);
        answers.resize_with(self.count, || Err(RecordError::Closed));
        answers
    }
}
