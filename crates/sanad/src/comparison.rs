//! What is remembered, held against a replay in bulk, as long as there is no doubt about the history.

use sanad_audit_log::Head;
use sanad_projection::{Bulk, Doubt, Projection, Sheet};

use crate::agreement::Agreement;
use crate::verdict::Finding;

/// A memory and the replay that it is held against, up to where it stands.
///
/// Wherever the replay is not that of a history without gaps and repetitions, it ends in [`Doubt`]: what is to be said
/// then comes of a replay entry by entry.
pub(crate) struct Comparison<'a> {
    agreement: Agreement<'a>,
    until: u64,
    /// None once it was held against the memory.
    bulk: Option<Bulk>,
    /// Entries are missing before that.
    parted: bool,
}

impl<'a> Comparison<'a> {
    pub(crate) fn of(agreement: Agreement<'a>) -> Self {
        let until = agreement.until();
        let bulk = until.map(|_| Bulk::behind(Projection::default()));
        Self { agreement, until: until.unwrap_or(0), bulk, parted: false }
    }

    /// The entries that are compared come before this one.
    pub(crate) fn until(&self) -> u64 {
        self.until
    }

    /// Takes the next entries in; none where they cannot be taken together.
    pub(crate) fn take(&mut self, sheet: Option<&Sheet>) -> Result<(), Doubt> {
        match &mut self.bulk {
            Some(bulk) => bulk.take(sheet.ok_or(Doubt)?),
            None => Ok(()),
        }
    }

    /// Takes note that entries are missing, whether or not others come behind them.
    pub(crate) fn gap(&mut self) {
        self.parted |= self.bulk.is_some();
    }

    /// Holds what is remembered at this point against what was taken in.
    pub(crate) fn hold_against(&mut self, head: Head) -> Result<Vec<Finding>, Doubt> {
        match self.bulk.take_if(|_| head.size == self.until) {
            Some(bulk) => Ok(self.agreement.hold_against(&bulk.finish()?, head)),
            None => Ok(Vec::new()),
        }
    }

    /// What is left to say at the end of the history.
    pub(crate) fn end(self, head: Head) -> Result<Vec<Result<Finding, String>>, Doubt> {
        if self.parted {
            return Err(Doubt);
        }
        if let Some(bulk) = self.bulk {
            bulk.finish()?;
        }
        Ok(self.agreement.end(true, head))
    }
}
