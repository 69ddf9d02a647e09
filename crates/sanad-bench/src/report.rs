//! All that was found, as data.

use serde::Serialize;

use crate::figure::Figure;
use crate::machine::Machine;
use crate::plan::Plan;

/// The figures, and what they were measured on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The machine and the disk.
    pub machine: Machine,
    /// The folder in which a folder was made to measure in, and removed.
    pub folder: String,
    /// How much was measured.
    pub plan: Plan,
    /// The bytes of a record, on average.
    pub record_bytes: f64,
    /// The figures, in the order in which an entry lives: recorded, verified, asked for, kept.
    pub figures: Vec<Figure>,
}

impl Report {
    /// The figure of that name.
    #[must_use]
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.id == id)
    }
}
