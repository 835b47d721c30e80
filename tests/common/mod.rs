//! What several tests use.

pub mod articles;
pub mod smtp;
