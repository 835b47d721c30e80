//! The `loa` command.
fn main() {}
