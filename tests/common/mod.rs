//! What several tests use.

pub mod articles;
pub mod smtp;
pub mod smtp_tls;
