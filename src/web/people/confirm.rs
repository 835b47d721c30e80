//! `/confirm/{token}`: a GET shows what would be subscribed and a button; the POST does it.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::TimeDelta;
use tracing::info;

use super::private;
use crate::{
    store::{Confirmed, Followed, Lifter, Signup},
    web::{
        error::{Reader, WebError},
        pages::{self, Link, Receipt},
        state::WebState,
    },
};

/// How long after a confirmation its link still shows the private page: who pressed the button twice sees what they would
/// have seen. Later, the mail with the link may have been passed on.
const SHOWN_AGAIN: TimeDelta = TimeDelta::hours(1);

pub(super) async fn ask(
    State(state): State<WebState>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let Some(id) = state.tokens.signup(&token) else {
        return unknown(&reader);
    };
    let page = async {
        let signup = state.store.signup(id).await?;
        let Some(signup) = signup.filter(|signup| is_open(signup, &state)) else {
            return Ok(None);
        };
        let reader = reader.clone().speaking(signup.language);
        let receipt = receipt(&state, &reader, &signup).await?;
        let link = match signup.confirmed_at {
            Some(_) => Link::Done(&receipt),
            None => Link::Ask {
                token: &token,
                receipt: &receipt,
            },
        };
        let page = pages::confirm(&reader.site, reader.lang, link, None);
        Ok::<_, WebError>(Some(private(reader.answer(Ok(page)))))
    };
    match page.await {
        Ok(Some(page)) => page,
        Ok(None) => too_late(&reader),
        Err(e) => private(reader.failure(&e)),
    }
}

pub(super) async fn confirm(
    State(state): State<WebState>,
    Path(token): Path<String>,
    reader: Reader,
) -> Response {
    let Some(id) = state.tokens.signup(&token) else {
        return unknown(&reader);
    };
    let page = async {
        let now = state.clock.now();
        lift_bounces(&state, id).await?;
        let (subscriber, before) = match state.store.confirm_signup(id, now).await? {
            Confirmed::Now(subscriber) => {
                info!(subscriber.id = subscriber, "A subscriber confirmed");
                (subscriber, None)
            }
            Confirmed::Before(subscriber, at) => (subscriber, Some(at)),
            Confirmed::TooLate => return Ok(None),
        };
        let Some((signup, person)) = state
            .store
            .signup(id)
            .await?
            .zip(state.store.person(subscriber).await?)
        else {
            // Erased meanwhile.
            return Ok(None);
        };
        let reader = reader.clone().speaking(signup.language);
        let receipt = receipt(&state, &reader, &signup).await?;
        // Whoever made a new private link wants no older mail to lead to it.
        let is_fresh = before.is_none_or(|at| now < at + SHOWN_AGAIN && person.link_number == 0);
        let own = state.tokens.manage(subscriber, person.link_number);
        let own = Some(format!("/manage/{own}")).filter(|_| is_fresh);
        let page = pages::confirm(&reader.site, reader.lang, Link::Done(&receipt), own.as_deref());
        Ok::<_, WebError>(Some(private(reader.answer(Ok(page)))))
    };
    match page.await {
        Ok(Some(page)) => page,
        Ok(None) => too_late(&reader),
        Err(e) => private(reader.failure(&e)),
    }
}

/// Who confirms has got the mail: what came back before says nothing any more. First, since who is confirmed and suppressed
/// would never hear of it. A complaint stands.
async fn lift_bounces(state: &WebState, signup: i64) -> Result<(), WebError> {
    let now = state.clock.now();
    let signup = state.store.signup(signup).await?;
    let open = signup.filter(|s| s.confirmed_at.is_none() && s.expires_at > now);
    let Some(signup) = open else { return Ok(()) };
    let person = state.store.person(signup.subscriber_id).await?;
    if let Some(person) = person.filter(|person| person.suppressed_at.is_some()) {
        let hash = state.tokens.address_hash(person.address.as_str());
        let lifted = state
            .store
            .lift(&person.address, &hash, Lifter::Person, now)
            .await?;
        info!(
            subscriber.id = person.id,
            "A suppressed subscriber confirmed: {lifted:?}"
        );
    }
    Ok(())
}

/// Whether there is anything to say of a sign-up but that its time is over.
fn is_open(signup: &Signup, state: &WebState) -> bool {
    signup.confirmed_at.is_some() || signup.expires_at > state.clock.now()
}

/// Whom and what it is about: the address masked, for the link may have been passed on.
async fn receipt(state: &WebState, reader: &Reader, signup: &Signup) -> Result<Receipt, WebError> {
    let contact = state.store.contact(signup.subscriber_id).await?;
    let followed = state
        .store
        .named(signup.watches.clone(), signup.frequency)
        .await?;
    let line = |Followed {
                    watch,
                    title,
                    frequency,
                }: Followed| {
        let name = pages::watch_name(&reader.site, reader.lang, &watch, title.as_deref());
        let frequency = frequency.choice(reader.lang.language).to_lowercase();
        format!("{name} ({frequency})")
    };
    Ok(Receipt {
        address: contact
            .map(|(address, _)| address.to_string())
            .unwrap_or_default(),
        subscriptions: followed.into_iter().map(line).collect(),
    })
}

fn unknown(reader: &Reader) -> Response {
    let page = pages::confirm(&reader.site, reader.lang, Link::Unknown, None);
    private(reader.page(StatusCode::NOT_FOUND, page))
}

fn too_late(reader: &Reader) -> Response {
    private(reader.page(StatusCode::GONE, pages::too_late(&reader.site, reader.lang)))
}
