//! Telling people: messages are built purely ([`message`]) and sent by [`email`], [`telegram`] and [`webhook`].
//!
//! Nothing here knows the database. A sender says what became of one message ([`SendError`]); whoever claimed the
//! delivery decides what to store. Addresses, chat ids and tokens never stand in an error, a log or a `Debug` form.

pub mod email;
pub mod hub;
pub mod message;
mod secret;
pub mod telegram;
pub mod webhook;

use std::time::Duration;

pub use secret::Secret;

/// Why a message was not (surely) sent, in terms of what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nothing was sent and it may work later; the receiver's own wish for a pause stands with it.
    #[error("later: {0}")]
    Later(String, Option<Duration>),
    /// Nothing was sent, to nobody: the way out itself is closed. The message waits until it is open.
    #[error("the way out is closed: {0}")]
    Unreachable(String),
    /// The address is no more: nothing is sent there from now on.
    #[error("gone: {0}")]
    Gone(String),
    /// The mailbox did not take this message; it may take another one.
    #[error("not taken by the mailbox: {0}")]
    NotTaken(String),
    /// The chat lives on under this address text; nothing was sent yet.
    #[error("the chat moved")]
    Moved(String),
    /// This message will never be taken; the reason is for people.
    #[error("refused: {0}")]
    Refused(String),
    /// It may have been sent: the answer was lost after the point of no return.
    #[error("outcome unknown: {0}")]
    Unknown(String),
}

impl SendError {
    /// [`SendError::Later`] without a wish for a certain pause.
    pub(crate) fn later(reason: impl Into<String>) -> Self {
        Self::Later(reason.into(), None)
    }
}
