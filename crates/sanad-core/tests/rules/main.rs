//! The rules, as stories: given a history, when an act is asked, then it is recorded or refused.

mod capacity;
mod holders_and_pools;
mod refusals;
mod revocations;
mod shortfalls;
mod story;
mod unlawful;
mod words;
