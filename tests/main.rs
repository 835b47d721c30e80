//! All integration tests, one binary: a file a capability.

mod common;
mod contrast;
mod feed_formats;
mod feed_readers;
mod feed_samples;
mod pages;
mod portal_corpus;
mod store;
mod topics;
