//! Loa's tests, one binary: a module a capability.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot arrange its world may panic; clippy spares only the test functions themselves"
)]

mod contrast;
mod demo_page;
mod demo_portal;
mod page_samples;
mod pages;
