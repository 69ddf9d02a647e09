//! Stories of a log in a folder: kept, torn, damaged, locked, and what is remembered of it.

mod any_store;
mod audits;
mod backups;
mod crash_points;
mod crashed_copies;
mod damage;
mod faults;
mod folders;
mod known_heads;
mod layout_page;
mod locks;
mod memories;
mod mending;
mod mending_by_chance;
mod mending_cut_short;
mod mending_remains;
mod permissions;
mod power_cut;
mod read_faults;
mod remembering;
mod segments;
mod shrinking;
mod testlog;
mod torn_tails;
mod vectors;
