//! Ordered events → current allocations, at any pair of recorded and effective time.
//!
//! The projection is a set of fact tables: pools, declarations, holders, grants and revocations, each fact with the
//! sequence of the entry that brought it. "As known at entry N" is the facts up to N, "in force at t" is the windows
//! that hold t. Both are filters, so every pair of them is answered from the same tables, without replaying.
//!
//! The arithmetic here is deliberately plain (sums over rows): it is what an auditor reads to know what a number means.
//! The rules in `sanad-core` keep their own, faster books, and the tests hold the one against the other.
//!
//! | file | noun |
//! |---|---|
//! | `projection` | the fact tables, and how they are looked up |
//! | `row` | the rows of the tables: each fact with the entry that brought it |
//! | `table`, `chunk`, `field`, `directory` | rows of numbers: sealed 4,096 at a time, packed, and found again |
//! | `having` | the rows of one recipient, many looked for at a time |
//! | `roll`, `text_rows` | rows with names |
//! | `index`, `revoked` | look-ups that copies of the tables share |
//! | `intake` | how an entry enters the tables |
//! | `sheet`, `bulk`, `repeats` | how many do: as rows made apart, their ids looked at all at once |
//! | `error` | why an entry or a question does not fit them |
//! | `known` | up to which entry the history is known |
//! | `allocation` | what a grant amounts to at an instant |
//! | `standing`, `tally` | capacity, usage and headroom of pools; what holders have |
//! | `taken`, `parts` | what revocations take at an instant; work on many rows, shared between cores |
//! | `timeline` | capacity and usage of a pool over effective time |
//! | `statement` | all that was given to and taken from a holder |
//! | `history` | all that happened to a grant |
//! | `facts` | the facts about a few identifiers, as events, for a retry to be compared by |
//! | `canonical` | what a history amounts to, as bytes that two programs can compare |
//! | `prefix` | grants by the beginning of their id |
//! | `snapshot`, `block` | the tables as bytes, and back |

mod allocation;
mod block;
mod bulk;
mod canonical;
mod chunk;
mod directory;
mod error;
mod facts;
mod field;
mod having;
mod history;
mod index;
mod intake;
mod known;
mod parts;
mod prefix;
mod projection;
mod repeats;
mod revoked;
mod roll;
mod row;
mod sheet;
mod snapshot;
mod standing;
mod statement;
mod table;
mod taken;
mod tally;
mod text_rows;
mod timeline;

pub use allocation::Allocation;
pub use block::Block;
pub use bulk::{Bulk, Doubt};
pub use error::{ProjectionError, SnapshotError};
pub use history::{GrantHistory, HistoryLine};
pub use known::Known;
pub use projection::Projection;
pub use sheet::Sheet;
pub use snapshot::SNAPSHOT_VERSION;
pub use standing::{HolderStanding, PoolStanding};
pub use statement::{Change, Statement, StatementLine};
pub use timeline::TimelineStep;
