//! Validity windows.

use std::fmt;

use crate::time::EffectiveTime;

/// Why two instants are no window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// The end is not after the beginning.
    #[error("the window ends at {until}, which is not after its beginning at {from}")]
    EndsBeforeItBegins {
        /// The first instant.
        from: EffectiveTime,
        /// The end.
        until: EffectiveTime,
    },
}

/// `[from, until)`: the first instant belongs to it, the end does not; without an end it goes on for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    from: EffectiveTime,
    until: Option<EffectiveTime>,
}

impl Window {
    /// Joins a beginning and an end.
    ///
    /// # Errors
    /// [`WindowError::EndsBeforeItBegins`], an empty window among them.
    pub fn new(from: EffectiveTime, until: Option<EffectiveTime>) -> Result<Self, WindowError> {
        match until {
            Some(until) if until <= from => Err(WindowError::EndsBeforeItBegins { from, until }),
            _ => Ok(Self { from, until }),
        }
    }

    /// The first instant.
    #[must_use]
    pub fn from(&self) -> EffectiveTime {
        self.from
    }

    /// The first instant after the window, or none.
    #[must_use]
    pub fn until(&self) -> Option<EffectiveTime> {
        self.until
    }

    /// Whether an instant lies in the window.
    #[must_use]
    pub fn contains(&self, at: EffectiveTime) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// The part of this window that lies in another, if any.
    #[must_use]
    pub fn overlap(&self, other: Window) -> Option<Window> {
        let until = match (self.until, other.until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Window::new(self.from.max(other.from), until).ok()
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until {
            Some(until) => write!(f, "from {} until {until}", self.from),
            None => write!(f, "from {} on", self.from),
        }
    }
}
