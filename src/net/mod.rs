//! What everything that dials addresses of others needs: portals and webhooks.

pub mod guard;
