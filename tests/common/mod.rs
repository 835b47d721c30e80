//! What the test files share.

pub mod articles;
pub mod databases;
