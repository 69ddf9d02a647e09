//! Witnesses: a second office that cosigns a log's checkpoints, and who asks it.
//!
//! A witness remembers of each log the checkpoint that it cosigned last, and cosigns another only if
//! it grew out of that one. So a log that shows two histories cannot have both cosigned. A witness of
//! lawful histories also replays the records, and cosigns only what the rules allowed throughout.
//!
//! A witness is a [`Witness`] of [`WitnessedLog`]s over a [`WitnessState`], and listens as a
//! [`WitnessServer`]. A [`WitnessClient`] asks the witnesses of a policy file.
//!
//! | file | noun |
//! |---|---|
//! | `state.rs` | [`WitnessState`]: what was cosigned last, kept before it is said |
//! | `roll.rs` | [`Statement`]: what a witness is, and its logs |
//! | `kept.rs`, `unlawful.rs` | a log's last checkpoint; [`UnlawfulHistory`] |
//! | `folder.rs`, `key_file.rs` | small files written whole; the private key's |
//! | `log.rs` | [`WitnessedLog`]: a log that a witness knows |
//! | `judge.rs` | the replay of a log's records with the rules |
//! | `records.rs` | [`RecordSource`], [`PublishedRecords`]: a log's records |
//! | `witness.rs`, `reply.rs` | [`Witness`]: request → [`Reply`] |
//! | `server.rs`, `exchange.rs`, `limits.rs` | [`WitnessServer`]: a witness that listens |
//! | `client.rs`, `ask.rs`, `outcome.rs` | [`WitnessClient`]: asking witnesses for cosignatures |
//! | `remembered.rs` | [`Remembered`]: how far each witness is |
//! | `http_log.rs`, `http.rs`, `fetch_error.rs` | [`HttpLog`]: published logs fetched |
//! | `error.rs` | [`StateError`], [`SetupError`] |
//!
//! What is asked, decided and signed, byte by byte, is [`sanad_audit_log::witness`]. Absent on
//! purpose: TLS for the witness itself (a web server in front of it does that better), and lists of
//! public logs.

mod ask;
mod client;
mod error;
mod exchange;
mod fetch_error;
mod folder;
mod http;
mod http_log;
mod judge;
mod kept;
mod key_file;
mod limits;
mod log;
mod outcome;
mod records;
mod remembered;
mod reply;
mod roll;
mod server;
mod state;
mod unlawful;
mod witness;

pub use client::{ClientLimits, Collected, ProofError, WitnessClient};
pub use error::{SetupError, StateError};
pub use fetch_error::FetchError;
pub use http_log::HttpLog;
pub use limits::ServerLimits;
pub use log::WitnessedLog;
pub use outcome::{Asked, Outcome};
pub use records::{PublishedRecords, RecordSource, RecordsError};
pub use remembered::Remembered;
pub use reply::Reply;
pub use roll::Statement;
pub use server::WitnessServer;
pub use state::WitnessState;
pub use unlawful::UnlawfulHistory;
pub use witness::Witness;
