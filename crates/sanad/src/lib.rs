//! An event-sourced allocation ledger: who was granted how much of a scarce capacity, by whom, under which instrument,
//! from when until when, and what was revoked; and a proof that nobody has rewritten any of it.
//!
//! A [`Ledger`] records acts; an [`Auditor`] reads, and cannot write. Both give a [`View`], which answers at any pair
//! of recorded and effective time. Acts are plain values ([`Act`], [`Command`]); the [`exchange`] form is their JSON.
//!
//! ```no_run
#![doc = include_str!("../examples/allocate.rs")]
//! ```
//!
//! | file | noun |
//! |---|---|
//! | `ledger` | create, open, record |
//! | `act_builder` | an act put together from texts |
//! | `request`, `sequencer` | how acts of many threads become entries, one after another |
//! | `receipt`, `retry` | what a registrar is given, and given again |
//! | `opening`, `book`, `remembrance` | what is rebuilt at open, and what is remembered |
//! | `auditor`, `view` | reading |
//! | `verify`, `verdict` | the four answers of a verification |
//! | `calendar`, `exchange` | dates in the ledger's time zone; acts and history as JSON |
//! | `surroundings`, `progress`, `error`, `reading` | clock and ids, progress, errors, records read as entries |

mod act_builder;
mod agreement;
mod auditor;
mod book;
mod calendar;
mod error;
pub mod exchange;
mod ledger;
mod opening;
mod progress;
mod reading;
mod receipt;
mod remembrance;
mod request;
mod retry;
mod sequencer;
mod surroundings;
mod verdict;
mod verify;
mod view;

pub use act_builder::{ActBuilder, ActError};
pub use auditor::{AuditedEntry, Auditor, Entries};
pub use calendar::{Calendar, CalendarError, write_lag};
pub use error::{LedgerError, RecordError, UndecodableEntry};
pub use ledger::{CreateOptions, Ledger};
pub use opening::Opening;
pub use progress::{Progress, Stage};
pub use reading::recorded_entry;
pub use receipt::{DryRun, Receipt};
pub use request::OnRefusal;
pub use sanad_audit_log::{ChainHash, Head, Identity, LedgerId, StateDigest, document_digest};
pub use sanad_core::*;
pub use sanad_event_store::{AppendError, Recovery, StoreError};
pub use sanad_projection::{
    Allocation, Change, GrantHistory, HistoryLine, HolderStanding, Known, PoolStanding, Statement,
    StatementLine, TimelineStep,
};
pub use surroundings::{Clock, IdSource, RandomIds, Surroundings, SystemClock};
pub use verdict::{Answer, Class, Finding, Remark, Verdict};
pub use view::{Basis, View};
