//! What the bot does and says, a file a subject.

mod chat;
mod choose;
mod follow;
mod list;
mod news;
mod quiet;
mod start;
mod times;

pub(super) use chat::ask_to_erase;
pub(super) use follow::decline;
pub(super) use start::{not_a_command, unknown_command};
