//! What articles can be asked for by: topics and sections.

use axum::{extract::State, http::HeaderMap, response::Response};

use super::{
    answer::{Problem, json},
    shapes::{Section, Sections, Topic, Topics},
};
use crate::web::state::WebState;

/// Every topic.
#[utoipa::path(
    get,
    path = "/api/v1/topics",
    tag = "topics and sections",
    responses(
        (status = 200, description = "The topics", body = Topics),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(super) async fn topics(State(state): State<WebState>, headers: HeaderMap) -> Result<Response, Problem> {
    let counts = state.store.topic_counts().await?;
    let topics = counts.into_iter().map(|count| Topic {
        feed: state
            .site
            .url(&format!("/feeds/topics/{}.atom", count.label.slug)),
        slug: count.label.slug,
        vi: count.label.vi,
        en: count.label.en,
        articles: count.articles,
    });
    Ok(json(
        &Topics {
            topics: topics.collect(),
        },
        None,
        &headers,
    ))
}

/// Every section.
#[utoipa::path(
    get,
    path = "/api/v1/sections",
    tag = "topics and sections",
    responses(
        (status = 200, description = "The sections", body = Sections),
        (status = 304, description = "Nothing changed"),
    )
)]
pub(super) async fn sections(State(state): State<WebState>, headers: HeaderMap) -> Response {
    let sections = state.portals.iter().flat_map(|portal| {
        portal.sections.iter().map(|section| Section {
            feed: (state.site).url(&format!("/feeds/sections/{}/{}.atom", portal.id, section.slug)),
            portal: portal.id.clone(),
            portal_name: portal.name.clone(),
            slug: section.slug.clone(),
            title: section.title.clone(),
        })
    });
    json(
        &Sections {
            sections: sections.collect(),
        },
        None,
        &headers,
    )
}
