//! The way out: a GET only shows a button, since mail scanners follow links; a POST ends everything at once, whether the
//! button or a mail program's one click (RFC 8058) sends it.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use tracing::info;

use super::{
    error::{Reader, WebError},
    pages,
    state::WebState,
};

pub(super) async fn ask(
    State(state): State<WebState>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let page = match known(&state, &token).await {
        Ok(Some((_, receipt))) => Ok(pages::unsubscribe(
            &reader.site,
            reader.lang,
            pages::Link::Ask {
                token: &token,
                receipt: &receipt,
            },
        )),
        Ok(None) => return unknown(&reader),
        Err(e) => Err(e),
    };
    private(reader.answer(page))
}

pub(super) async fn end(
    State(state): State<WebState>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let (subscriber, receipt) = match known(&state, &token).await {
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

fn unknown(reader: &Reader) -> Response {
    let page = pages::unsubscribe(&reader.site, reader.lang, pages::Link::Unknown);
    private(reader.page(StatusCode::NOT_FOUND, page))
}

/// The subscriber of a token, and what the page says about them: the address masked, nothing else.
async fn known(state: &WebState, token: &str) -> Result<Option<(i64, pages::Receipt)>, WebError> {
    let Some(subscriber) = state.tokens.subscriber(token) else {
        return Ok(None);
    };
    let address = state.store.address_of(subscriber).await?;
    Ok(address.map(|address| {
        let receipt = pages::Receipt {
            address: address.to_string(),
            subscriptions: Vec::new(),
        };
        (subscriber, receipt)
    }))
}

/// The address holds a token: no cache keeps the page, no link from it carries the address on.
fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
