//! Stories of a log in a folder: kept, torn, damaged, locked, and what is remembered of it.

mod segments;
mod testlog;
