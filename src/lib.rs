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
//! jobs::dispatch: claim --> notify::message (pure) --> notify::{email, telegram} (I/O) --> mark
//! ```

pub mod demo;
pub mod domain;
pub mod web;
