//! All integration tests, one binary: a file a capability.

mod common;
mod portal_corpus;
mod store;
