//! The feeds over HTTP: one address per feed and format, weak validators, 304, and CORS for readers in browsers.

mod answer;
mod build;
mod describe;

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};

use self::answer::answer;
use super::{
    error::{Reader, WebError},
    parameters::Parameters,
    state::WebState,
};
use crate::{
    feed::{OPML_MEDIA_TYPE, Outline, OutlineGroup, opml},
    portal::Portal,
};

/// Any feed, by its address.
pub(super) async fn feed(
    State(state): State<WebState>,
    uri: Uri,
    wish: Parameters,
    headers: HeaderMap,
    reader: Reader,
) -> Response {
    match document(&state, uri.path(), &wish, &headers).await {
        Ok(response) => response,
        Err(e) => reader.failure(&e),
    }
}

async fn document(
    state: &WebState,
    path: &str,
    wish: &Parameters,
    headers: &HeaderMap,
) -> Result<Response, WebError> {
    let asked = describe::asked(state, path, wish)?;
    let articles = build::articles(state, &asked.feed.source, asked.limit).await?;
    let feed = build::subscription(state, &asked, &articles);
    let bytes = feed.write(asked.format);
    Ok(answer(
        &bytes,
        feed.changed_at(),
        asked.format.content_type(),
        headers,
    ))
}

/// The list of all feeds for readers to import.
pub(super) async fn subscriptions_list(State(state): State<WebState>, headers: HeaderMap) -> Response {
    let site = &state.site;
    let outline = |title: String, feed: &str, html: &str| Outline {
        title,
        feed_url: site.url(&format!("{feed}.rss")),
        html_url: site.url(html),
    };
    let topics = site.topics.iter().map(|label| {
        let slug = &label.slug;
        outline(
            label.vi.clone(),
            &format!("/feeds/topics/{slug}"),
            &format!("/topics/{slug}"),
        )
    });
    let sections = state.portals.iter().flat_map(|portal: &Portal| {
        portal.sections.iter().map(move |section| {
            let path = format!("/sections/{}/{}", portal.id, section.slug);
            outline(section.title.clone(), &format!("/feeds{path}"), &path)
        })
    });
    let groups = [
        OutlineGroup {
            title: "Tất cả tin".to_owned(),
            feeds: vec![outline(site.portal_name.clone(), "/feeds/all", "/")],
        },
        OutlineGroup {
            title: "Chủ đề".to_owned(),
            feeds: topics.collect(),
        },
        OutlineGroup {
            title: "Chuyên mục".to_owned(),
            feeds: sections.collect(),
        },
    ];
    let bytes = opml(&format!("{}: {}", site.name, site.portal_name), &groups);
    answer(&bytes, state.created, OPML_MEDIA_TYPE, &headers)
}
