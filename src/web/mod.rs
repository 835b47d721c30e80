//! What browsers and feed readers see.
//!
//! [`pages`] is pure: view structs in, HTML out; it knows neither the store nor the network. [`assets`] serves the
//! stylesheet and the icon. Handlers load from the store and call into both.

pub mod assets;
pub mod lang;
pub mod pages;
pub mod site;
