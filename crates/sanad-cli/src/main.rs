//! The `sanad` command.
fn main() {}
