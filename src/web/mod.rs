//! What browsers and feed readers see.
//!
//! [`pages`] is pure: view structs in, HTML out; it knows neither the store nor the network. [`assets`] serves the
//! stylesheet and the icon. Handlers load from the store and call into both.

mod api;
pub mod assets;
mod browse;
pub mod error;
mod feeds;
mod filters;
mod health;
mod hook;
mod known;
pub mod lang;
mod metrics;
pub mod pages;
mod parameters;
mod people;
mod retired;
mod router;
mod search;
mod searches;
pub mod site;
mod state;
mod unsubscribe;
mod votes;

pub use feeds::{FeedCache, Front};
pub use hook::Hook;
pub use people::Door;
pub use router::router;
pub use searches::Searches;
pub use state::WebState;
