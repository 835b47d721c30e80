//! The composition root: settings become a store, clients, steps and a router, and [`serve`] runs them. Only here and in
//! the commands do the rooms meet.

mod background;
mod bot;
mod loops;
mod parts;
mod portals;
mod returned;
mod rules;
pub mod schedule;
mod send;
mod serve;
pub mod settings;
mod shown;
mod upkeep;
mod web;

pub use parts::{App, BuildError};
pub use portals::{PortalUrl, load_portals};
pub use returned::open_returns;
pub use serve::{Plan, Role, serve, stop_on_signal};
pub use settings::{build_fetcher, load_taxonomy, topics_source};
