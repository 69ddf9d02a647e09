//! Whom to believe: checkpoints, policies, proof files and witnesses.

#[path = "../testlog/mod.rs"]
mod testlog;

mod checkpoints;
mod policies;
mod proof_files;
mod signed_log;
mod witnesses;
