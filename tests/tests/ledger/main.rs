//! A ledger from a program's point of view: recording, reading, opening again, auditing.

mod answers;
mod concurrency;
mod evidence;
mod opening;
mod proofs;
mod receipts;
mod verdicts;
