//! A citizen's life with Loa: the form to sign up, the link that confirms, the private page behind one private link.
//!
//! No page needs a script, a cookie or an account. A GET changes nothing, since mail scanners follow every link; what
//! changes something is a POST. Another site may make a reader's browser send one, but there is nothing to abuse: the
//! browser adds no cookie, so that whoever wants to change a subscription has to know its private token, which stands in the
//! address itself; and the form to sign up takes only what carries a fresh ticket of ours and a solved puzzle, and then
//! sends a mail that asks.

mod change;
mod choice;
mod client;
mod confirm;
mod door;
mod fields;
mod lost;
mod manage;
mod person;
mod subscribe;
mod ticket;
mod times;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};

use chrono::TimeDelta;

pub(super) use client::Client;
pub use door::Door;
pub(super) use fields::Fields;

use super::{
    error::{Reader, WebError},
    state::WebState,
    unsubscribe,
};

/// The routes of these pages.
pub(super) fn router() -> Router<WebState> {
    Router::new()
        .route("/subscribe", get(subscribe::show).post(subscribe::take))
        .route("/subscribe/sent", get(subscribe::sent))
        .route("/confirm/{token}", get(confirm::ask).post(confirm::confirm))
        .route("/manage", get(lost::lost).post(lost::send_to))
        .route("/manage/sent", get(lost::sent))
        .route("/manage/{token}", get(manage::show).post(change::change))
        .route("/manage/{token}/erase", get(manage::ask_to_erase))
        .route("/manage/{token}/export", get(manage::export))
        .route(
            "/unsubscribe/{token}",
            get(unsubscribe::ask).post(unsubscribe::end),
        )
        .route("/unsubscribe/{token}/link", post(unsubscribe::send_link))
}

/// The address holds a token: no cache keeps the page, no link from it carries the address on, no search engine lists it.
pub(super) fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

/// The answer to a client that did too much of something.
pub(super) fn wait_for(reader: &Reader, wait: TimeDelta) -> Response {
    let mut response = reader.failure(&WebError::TooMany);
    let wait = HeaderValue::from(wait.num_seconds().max(1));
    response.headers_mut().insert(header::RETRY_AFTER, wait);
    response
}

/// Answers a POST: the browser asks for that page next, and a reload repeats nothing.
pub(super) fn see_other(address: &str) -> Response {
    private(Redirect::to(address).into_response())
}
