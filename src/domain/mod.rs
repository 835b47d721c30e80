//! What Loa knows, without any I/O: articles, topics, watches, subscriptions, deliveries, and the rules about them.
//!
//! Everything here is pure. Nothing awaits, reads a clock or knows a database; `now` and randomness are arguments.

pub mod article;
pub mod bot_link;
pub mod bot_update;
pub mod bounce;
pub mod breakage;
pub mod classify;
pub mod correction;
pub mod delivery;
pub mod evaluation;
pub mod identity;
pub mod learned;
pub mod month;
pub mod phrases;
pub mod query;
pub mod quiet;
pub mod schedule;
pub mod subscription;
pub mod text;
pub mod time;
pub mod token;
pub mod topic;
pub mod watch;
pub mod watched;
pub mod wish;
