//! How far something long has come.

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Entries are replayed to rebuild what the ledger remembers.
    Replaying,
    /// Records are verified.
    Verifying,
    /// Records are published, or copied into a mirror.
    Publishing,
    /// Records are copied into or out of a backup.
    Copying,
    /// Records are looked for to mend a log.
    Mending,
    /// Two histories are compared.
    Comparing,
}

/// How far it has come, in entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Entries done.
    pub done: u64,
    /// Entries altogether.
    pub total: u64,
}

/// How many entries are done between two reports.
pub(crate) const REPORT_EVERY: u64 = 4_096;

/// Whoever hears how far something has come, now and then.
pub(crate) struct Reports<'p> {
    stage: Stage,
    told: u64,
    total: u64,
    hears: &'p mut dyn FnMut(Progress),
}

impl<'p> Reports<'p> {
    /// Reports of what goes on behind so many entries, up to a total.
    pub(crate) fn behind(
        done: u64,
        total: u64,
        stage: Stage,
        hears: &'p mut dyn FnMut(Progress),
    ) -> Self {
        Self { stage, told: done, total, hears }
    }

    /// Says how many entries are done, where it is time to; never more than there are.
    pub(crate) fn tell(&mut self, done: u64) {
        if done >= self.told + REPORT_EVERY {
            self.told = done;
            let (stage, total) = (self.stage, self.total);
            (self.hears)(Progress { stage, done: done.min(total), total });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_how_far_something_has_come_after_each_few_thousand_entries() {
        let mut heard = Vec::new();
        let mut hears = |progress: Progress| heard.push((progress.done, progress.total));
        let mut reports = Reports::behind(10, 20_000, Stage::Verifying, &mut hears);
        for done in [11, 4_105, 4_106, 4_107, 8_201, 8_500, 12_595, 12_596, 20_001] {
            reports.tell(done);
        }
        let expected = [4_106, 8_500, 12_596, 20_000].map(|done| (done, 20_000));
        assert_eq!(heard, expected);
    }
}
