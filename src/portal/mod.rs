//! Portals: where they are, how they are fetched and how their pages are read.
//!
//! [`Portal`] and [`profile::Profile`] are data (`config/portals/*.toml`); [`extract`] turns a page into a list of items
//! or an article and is pure; [`fetch`] talks to the portal, politely. Nothing here stores, classifies or sends.

pub mod address;
pub mod date;
pub mod definition;
pub mod extract;
pub mod fetch;
pub mod profile;
pub mod report;
pub mod robots;
pub mod starter;

pub use definition::{Portal, PortalFileError, Section};
pub use profile::Profile;
