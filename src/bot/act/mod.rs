//! What the bot does and says, a file a subject.

mod chat;
mod choose;
mod follow;
mod list;
mod news;
mod quiet;
mod start;
mod times;
