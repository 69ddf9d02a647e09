//! Witnesses over real sockets of this machine: what they keep, what they answer, and who asks them.

mod answers;
mod asking;
mod fetching;
mod hostile;
mod keeping;
mod lawful;
mod office;
mod races;
mod stranger;
