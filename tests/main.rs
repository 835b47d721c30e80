//! All integration tests, one binary: a file a capability.

mod common;
mod store;
