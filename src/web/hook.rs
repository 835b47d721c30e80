//! `POST /hooks/telegram`: Telegram tells what people said to the bot. It is kept and acknowledged at once; the bot answers.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use tokio::sync::Notify;
use tracing::{error, warn};

use super::state::WebState;
use crate::domain::bot_update::Incoming;

/// An update is a few kilobytes; one with a long text that quotes another may have some dozens. What is refused would be told
/// again and again, with everything behind it waiting (bytes).
pub(super) const MAX_UPDATE_BYTES: usize = 1 << 20;

/// The header with the secret (Bot API, `setWebhook`).
const SECRET: &str = "x-telegram-bot-api-secret-token";

/// What a request to the hook is checked by, where the bot hears that way. Clones share who is woken.
#[derive(Clone)]
pub struct Hook {
    secret: blake3::Hash,
    /// Wakes the bot where it runs in this process; one in another process looks by itself.
    pub arrived: Arc<Notify>,
}

impl Hook {
    /// For the secret that Telegram was told.
    pub fn new(secret: &str) -> Self {
        Self {
            secret: blake3::hash(secret.as_bytes()),
            arrived: Arc::default(),
        }
    }

    /// Compares hashes, in constant time: how long it takes tells nothing about the secret.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(SECRET);
        given.is_some_and(|given| blake3::hash(given.as_bytes()) == self.secret)
    }
}

pub(super) async fn telegram(State(state): State<WebState>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Some(hook) = &state.hook else {
        return StatusCode::NOT_FOUND;
    };
    if !hook.admits(&headers) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(update) = serde_json::from_slice::<serde_json::Value>(&body) else {
        warn!("Telegram's webhook was sent something that is no JSON");
        return StatusCode::BAD_REQUEST;
    };
    // What does not concern the bot is acknowledged too, or it would come again.
    let Some(incoming) = Incoming::read(&update) else {
        return StatusCode::OK;
    };
    match state.store.keep_updates(&[incoming], state.clock.now()).await {
        Ok(_) => {
            hook.arrived.notify_one();
            StatusCode::OK
        }
        Err(e) => {
            error!("What somebody said to the bot could not be kept, and Telegram is to tell it again: {e}");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
