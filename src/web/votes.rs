//! `/articles/{id}/topics`: a reader says that an article's topics are wrong. Counted for staff; nothing follows by itself.
//!
//! The form proves nothing and needs to prove nothing: what it does is add to a count. Limits keep one client from making
//! that count by itself.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use super::{
    browse::stored,
    error::{Reader, WebError},
    pages,
    people::{Client, Fields, see_other},
    state::WebState,
};
use crate::{domain::article::Article, store::Says};

async fn named(state: &WebState, id: &str) -> Result<Article, WebError> {
    let id = id.parse().map_err(|_| WebError::NotFound)?;
    stored(state, id).await
}

/// The form.
pub(super) async fn ask(State(state): State<WebState>, Path(id): Path<String>, reader: Reader) -> Response {
    let page = named(&state, &id).await;
    reader.answer(page.map(|article| pages::vote(&reader.site, reader.lang, &article, false)))
}

/// What follows an answer.
pub(super) async fn thanks(
    State(state): State<WebState>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let page = named(&state, &id).await;
    reader.answer(page.map(|article| pages::thanks(&reader.site, reader.lang, article.id)))
}

/// An answer to the form.
pub(super) async fn take(
    State(state): State<WebState>,
    Path(id): Path<String>,
    client: Client,
    reader: Reader,
    fields: Fields,
) -> Response {
    let now = state.clock.now();
    if let Err(wait) = state.door.count_vote(client, now) {
        let mut response = reader.failure(&WebError::TooMany);
        let wait = HeaderValue::from(wait.num_seconds().max(1));
        response.headers_mut().insert(header::RETRY_AFTER, wait);
        return response;
    }
    let article = match named(&state, &id).await {
        Ok(article) => article,
        Err(e) => return reader.failure(&e),
    };
    let said = said(&state, &article, &fields);
    if said.is_empty() {
        let page = pages::vote(&reader.site, reader.lang, &article, true);
        return reader.page(StatusCode::UNPROCESSABLE_ENTITY, page);
    }
    // Nobody sees that field: a program filled it in, and learns nothing.
    if fields.get("ghi_chu").is_empty()
        && let Err(e) = state.store.vote(article.id, &said, now).await
    {
        return reader.failure(&WebError::from(e));
    }
    see_other(&reader.lang.href(&format!("/articles/{}/topics/sent", article.id)))
}

/// What an answer says: of topics that the article has, that it should not; of others, that it should. Each once.
fn said(state: &WebState, article: &Article, fields: &Fields) -> Vec<(String, Says)> {
    let has = |slug: &str| article.topics.iter().any(|topic| topic.slug == slug);
    let labels = state.site.topics.iter().map(|label| label.slug.as_str());
    let known: Vec<&str> = labels.collect();
    let mut said: Vec<(String, Says)> = Vec::new();
    let wrong = fields
        .all("wrong")
        .filter(|slug| has(slug))
        .map(|slug| (slug, Says::ShouldNot));
    let missing = fields
        .all("missing")
        .filter(|slug| !has(slug) && known.contains(slug))
        .map(|slug| (slug, Says::Should));
    for (slug, says) in wrong.chain(missing) {
        if said.iter().all(|(of, _)| of != slug) {
            said.push((slug.to_owned(), says));
        }
    }
    said
}
