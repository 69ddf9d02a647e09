//! All that a run found, as data.

use sanad_bench::{Machine, Plan, Report};
use serde::Serialize;

use crate::contest::Contest;
use crate::deciding::Cost;
use crate::growth::Point;
use crate::targets::Row;

/// What was found; a part that was not run is empty.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    /// The machine and the disk.
    pub(crate) machine: Machine,
    /// How much was measured.
    pub(crate) plan: Plan,
    /// The bytes of a record, on average.
    pub(crate) record_bytes: f64,
    /// Sanad beside the limits.
    pub(crate) sanad: Option<Report>,
    /// Sanad beside its peers.
    pub(crate) contests: Vec<Contest>,
    /// What deciding costs as a pool fills.
    pub(crate) deciding: Vec<Cost>,
    /// What a ledger does as it grows.
    pub(crate) growth: Vec<Point>,
    /// The targets.
    pub(crate) targets: Vec<Row>,
}
