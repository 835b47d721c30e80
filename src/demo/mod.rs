//! Everything that `loa demo` needs around Loa itself, on loopback and with nothing to set up: a small portal with pages
//! written for it ([`portal`]), a stand-in for the Bot API ([`telegram`]), the e-mails that would have been sent
//! ([`mailbox`]), and the page that shows what arrived ([`page`]). None of it is used outside the demo.

pub mod mailbox;
pub mod page;
pub mod portal;
pub mod telegram;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The demo's state has no half-made states: a panic while it was held loses nothing.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
