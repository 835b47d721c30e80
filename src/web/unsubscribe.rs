//! The way out: a GET only shows a button, since mail scanners follow links; a POST ends everything at once, whether the
//! button or a mail program's one click (RFC 8058) sends it.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use tracing::info;

use super::{
    error::{Reader, WebError},
    pages,
    people::{Client, private, see_other, wait_for},
    state::WebState,
};

pub(super) async fn ask(
    State(state): State<WebState>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let known = match known(&state, &token).await {
        Ok(Some(known)) => known,
        Ok(None) => return unknown(&reader),
        Err(e) => return private(reader.failure(&e)),
    };
    let receipt = &known.receipt;
    let link = if known.is_live {
        pages::Link::Ask {
            token: &token,
            receipt,
        }
    } else {
        pages::Link::Done(receipt)
    };
    private(reader.answer(Ok(pages::unsubscribe(&reader.site, reader.lang, link))))
}

pub(super) async fn end(
    State(state): State<WebState>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let Known {
        subscriber, receipt, ..
    } = match known(&state, &token).await {
        Ok(Some(known)) => known,
        Ok(None) => return unknown(&reader),
        Err(e) => return private(reader.failure(&e)),
    };
    match state
        .store
        .end_subscriber(subscriber, "unsubscribed by link", state.clock.now())
        .await
    {
        Ok(was_live) => {
            if was_live {
                info!(subscriber.id = subscriber, "A subscriber stopped all messages");
            }
            private(reader.answer(Ok(pages::unsubscribe(
                &reader.site,
                reader.lang,
                pages::Link::Done(&receipt),
            ))))
        }
        Err(e) => private(reader.failure(&WebError::from(e))),
    }
}

/// Sends the private link to the address itself. The token of this page does not open the private one: it stands in a header
/// that every mail program and filter on the way reads.
pub(super) async fn send_link(
    State(state): State<WebState>,
    Path(token): Path<String>,
    client: Client,
    reader: Reader,
) -> Response {
    let known = match known(&state, &token).await {
        Ok(Some(known)) => known,
        Ok(None) => return unknown(&reader),
        Err(e) => return private(reader.failure(&e)),
    };
    let now = state.clock.now();
    if let Err(wait) = state.door.count_link(client, now) {
        return private(wait_for(&reader, wait));
    }
    match state.store.owe_link(known.subscriber, now).await {
        Ok(_) => {
            state.door.letters.notify_one();
            see_other(&reader.lang.href("/manage/sent"))
        }
        Err(e) => private(reader.failure(&WebError::from(e))),
    }
}

fn unknown(reader: &Reader) -> Response {
    let page = pages::unsubscribe(&reader.site, reader.lang, pages::Link::Unknown);
    private(reader.page(StatusCode::NOT_FOUND, page))
}

/// The subscriber of a token, and what the page says about them: the address masked, nothing else.
struct Known {
    subscriber: i64,
    receipt: pages::Receipt,
    /// Whether messages are still sent.
    is_live: bool,
}

async fn known(state: &WebState, token: &str) -> Result<Option<Known>, WebError> {
    let Some(subscriber) = state.tokens.subscriber(token) else {
        return Ok(None);
    };
    let contact = state.store.contact(subscriber).await?;
    Ok(contact.map(|(address, is_live)| {
        let receipt = pages::Receipt {
            address: address.to_string(),
            subscriptions: Vec::new(),
        };
        Known {
            subscriber,
            receipt,
            is_live,
        }
    }))
}
