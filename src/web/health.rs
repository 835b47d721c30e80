//! Alive, and ready: for the container's health check and for a reverse proxy.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use tracing::warn;

use super::state::WebState;

pub(super) async fn alive() -> &'static str {
    "alive\n"
}

pub(super) async fn ready(State(state): State<WebState>) -> Response {
    match state.store.is_ready().await {
        Ok(true) => "ready\n".into_response(),
        Ok(false) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database's schema is older than this loa\n",
        )
            .into_response(),
        Err(e) => {
            warn!("Not ready: {e}");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}
