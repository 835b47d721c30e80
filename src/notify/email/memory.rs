//! Mails kept in memory.

use std::sync::{Arc, Mutex, PoisonError};

use crate::notify::message::Mail;

/// Mails "sent" so far; clones share them.
#[derive(Clone, Default)]
pub struct Outbox(Arc<Mutex<Vec<Mail>>>);

impl Outbox {
    /// All mails, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn put(&self, mail: Mail) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
    }
}
