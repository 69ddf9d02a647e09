//! A ledger from a program's point of view: recording, reading, opening again, auditing.

mod answers;
mod bits;
mod concurrency;
mod disputes;
mod evidence;
mod kills;
mod memories;
mod opening;
mod proofs;
mod published;
mod receipts;
mod safekeeping;
mod segments;
mod verdicts;
