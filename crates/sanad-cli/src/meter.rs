//! A progress bar for what takes longer than a second: on standard error, and only on a terminal.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sanad::{Progress, Stage};

/// What is done sooner than this needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that appears when the wait becomes one.
#[derive(Debug)]
pub(crate) struct Meter {
    bar: ProgressBar,
    begun: Instant,
    shown: bool,
    wanted: bool,
}

impl Meter {
    pub(crate) fn new() -> Self {
        let wanted = std::io::stderr().is_terminal();
        Self { bar: ProgressBar::hidden(), begun: Instant::now(), shown: false, wanted }
    }

    /// Hears from the library how far it has come.
    pub(crate) fn hear(&mut self, progress: Progress) {
        let doing = match progress.stage {
            Stage::Replaying => "replaying entries",
            Stage::Verifying => "verifying entries",
            Stage::Publishing => "publishing entries",
            Stage::Copying => "copying entries",
            Stage::Mending => "looking at entries",
            Stage::Comparing => "comparing entries",
        };
        self.tell(doing, progress.done, progress.total);
    }

    /// Says that so much of the whole is done.
    pub(crate) fn tell(&mut self, doing: &'static str, done: u64, total: u64) {
        if !self.wanted || (!self.shown && self.begun.elapsed() < PATIENCE) {
            return;
        }
        if !self.shown {
            self.shown = true;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            let form = "{msg} {bar:30} {percent}%, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(form) {
                self.bar.set_style(style);
            }
        }
        self.bar.set_message(doing);
        self.bar.set_length(total.max(done));
        self.bar.set_position(done);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
