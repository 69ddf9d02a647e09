//! Limits met and abused: the largest entry, crowds of pools and grants, windows and lines and texts made to hurt.
//!
//! Sizes are small unless `SANAD_LONG=1` asks for the large ones. Nothing here measures a time: where a path must not
//! be quadratic, deep or greedy, steps are counted, the stack is kept small or the memory is capped.

mod bombs;
mod crowds;
mod entries;
mod lines;
mod windows;
