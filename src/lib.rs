//! Loa turns a government portal into feeds and alerts.
//!
//! ```text
//! portal (HTML) --GET, polite--> portal::fetch --> portal::extract --> domain::classify --> store::record
//!                                   I/O               pure                 pure            one transaction:
//!                                                                                           article (+ revision),
//!                                                                                           topics, watches,
//!                                                                                           "fan-out owed" marker
//! web::feeds <-- feed::{rss,atom,json,opml} <-- store <-------------------------------------------+
//! jobs::fanout: marker --(chunks, resumable cursor)--> deliveries (outbox) <-- jobs::digest
//! jobs::dispatch: claim --> notify::message (pure) --> notify::{email, telegram, webhook} (I/O) --> mark
//! ```

pub mod app;
pub mod bot;
pub mod clock;
pub mod commands;
pub mod config;
pub mod demo;
pub mod domain;
pub mod feed;
pub mod jobs;
pub mod measure;
pub mod net;
pub mod notify;
pub mod portal;
pub mod store;
pub mod web;
