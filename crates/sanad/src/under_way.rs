//! How many requests are on their way, so that one that is alone can be told from one of many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traffic(Arc<AtomicUsize>);

/// A request that counts as long as this lives.
#[derive(Debug)]
pub(crate) struct UnderWay(Traffic);

impl Traffic {
    /// Counts a request; tells whether no other is on its way.
    pub(crate) fn join(&self) -> (UnderWay, bool) {
        let before = self.0.fetch_add(1, Ordering::AcqRel);
        (UnderWay(self.clone()), before == 0)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::AcqRel);
    }
}
