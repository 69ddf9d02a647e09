//! A ledger from a program's point of view: recording, reading, opening again, auditing.

mod answers;
mod backups;
mod bits;
mod concurrency;
mod damages;
mod disk_faults;
mod disputes;
mod evidence;
mod kept_office;
mod kills;
mod memories;
mod opening;
mod processes;
mod proofs;
mod published;
mod receipts;
mod repairs;
mod segments;
mod verdicts;
