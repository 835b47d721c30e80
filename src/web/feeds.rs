//! The feeds over HTTP: one address per watch and format, weak validators, 304, and CORS for readers in browsers.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{
    error::{Reader, WebError},
    parameters::Parameters,
    state::WebState,
};
use crate::{
    domain::watch::Watch,
    feed::{
        Content, Feed, Format, Item, OPML_MEDIA_TYPE, Origin, Outline, OutlineGroup, Paging,
        conditional::Validators, opml,
    },
    portal::Portal,
    store::Page,
};

/// Readers poll at the pace of `max-age` and `ttl`: sections are polled about every ten minutes.
const TTL_MINUTES: u32 = 10;

/// A feed that exists: its watch, its words and its page.
struct Described {
    watch: Watch,
    /// The address without extension.
    path: String,
    html_path: String,
    title: String,
    description: String,
    /// Whose articles these are.
    authority: String,
}

pub(super) async fn all(
    State(state): State<WebState>,
    Path(file): Path<String>,
    wish: Parameters,
    headers: HeaderMap,
    reader: Reader,
) -> Response {
    let name = &state.site.portal_name;
    let described = |stem: &str| {
        (stem == "all").then(|| Described {
            watch: Watch::All,
            path: "/feeds/all".to_owned(),
            html_path: "/".to_owned(),
            title: name.clone(),
            description: format!("Tất cả tin mới từ {name}"),
            authority: name.clone(),
        })
    };
    serve(&state, &file, described, &wish, &headers, &reader).await
}

pub(super) async fn topic(
    State(state): State<WebState>,
    Path(file): Path<String>,
    wish: Parameters,
    headers: HeaderMap,
    reader: Reader,
) -> Response {
    let described = |slug: &str| {
        let label = state.site.topics.iter().find(|label| label.slug == slug)?;
        Some(Described {
            watch: Watch::Topic(slug.to_owned()),
            path: format!("/feeds/topics/{slug}"),
            html_path: format!("/topics/{slug}"),
            title: format!("{} – {}", label.vi, state.site.portal_name),
            description: format!("Tin về chủ đề “{}” từ {}", label.vi, state.site.portal_name),
            authority: state.site.portal_name.clone(),
        })
    };
    serve(&state, &file, described, &wish, &headers, &reader).await
}

pub(super) async fn section(
    State(state): State<WebState>,
    Path((portal, file)): Path<(String, String)>,
    wish: Parameters,
    headers: HeaderMap,
    reader: Reader,
) -> Response {
    let described = |slug: &str| {
        let of = state.portal(&portal)?;
        let section = of.section(slug)?;
        Some(Described {
            watch: Watch::Section {
                portal: portal.clone(),
                slug: slug.to_owned(),
            },
            path: format!("/feeds/sections/{portal}/{slug}"),
            html_path: format!("/sections/{portal}/{slug}"),
            title: format!("{} – {}", section.title, of.name),
            description: format!("Tin trong chuyên mục “{}” của {}", section.title, of.name),
            authority: of.name.clone(),
        })
    };
    serve(&state, &file, described, &wish, &headers, &reader).await
}

async fn serve(
    state: &WebState,
    file: &str,
    describe: impl FnOnce(&str) -> Option<Described>,
    wish: &Parameters,
    headers: &HeaderMap,
    reader: &Reader,
) -> Response {
    let described = file.rsplit_once('.').and_then(|(stem, extension)| {
        let format = Format::from_extension(extension)?;
        Some((describe(stem)?, format))
    });
    let Some((described, format)) = described else {
        return reader.failure(&WebError::NotFound);
    };
    match build(state, described, format, wish).await {
        Ok(feed) => answer(
            &feed.write(format),
            feed.changed_at(),
            format.content_type(),
            headers,
        ),
        Err(e) => reader.failure(&e),
    }
}

async fn build(
    state: &WebState,
    described: Described,
    format: Format,
    wish: &Parameters,
) -> Result<Feed, WebError> {
    let limit = match wish.get("limit") {
        None => state.feed_items,
        Some(text) => text
            .parse()
            .ok()
            .filter(|n| (1..=100).contains(n))
            .ok_or(WebError::Invalid)?,
    };
    let content = match wish.get("content") {
        Some("excerpt") => Content::Excerpt,
        // `full` is given only where the operator allows it.
        None | Some("full") => state.content,
        Some(_) => return Err(WebError::Invalid),
    };
    let articles = state
        .store
        .list(&described.watch, Page { before: None, limit })
        .await?;
    let items = articles.iter().filter_map(|article| {
        let portal = state.portal(&article.portal)?;
        let origin = Origin {
            authority: &portal.authority,
            year: portal.year,
            labels: &state.site.topics,
        };
        Some(Item::from_article(article, &origin, content))
    });
    let site = &state.site;
    let main = state.portals.first();
    let tag = main.map(|portal| format!("tag:{},{}:loa{}", portal.authority, portal.year, described.path));
    Ok(Feed {
        id: tag.unwrap_or_else(|| site.url(&described.path)),
        title: described.title,
        description: described.description,
        language: "vi".to_owned(),
        self_url: site.url(&format!("{}.{}", described.path, format.extension())),
        html_url: site.url(&described.html_path),
        authority: described.authority,
        icon_url: None,
        hub_url: None,
        created: state.created,
        ttl_minutes: TTL_MINUTES,
        paging: Paging::default(),
        items: items.collect(),
    })
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

/// The document with its validators, or 304 without a body.
fn answer(
    bytes: &[u8],
    changed_at: chrono::DateTime<chrono::Utc>,
    content_type: &'static str,
    request: &HeaderMap,
) -> Response {
    let validators = Validators::of(bytes, changed_at);
    let lists: Vec<&str> = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let if_none_match = (!lists.is_empty()).then(|| lists.join(", "));
    let since = request
        .get(header::IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok());
    let not_modified = validators.is_not_modified(if_none_match.as_deref(), since);
    let mut response = if not_modified {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from(bytes.to_vec()).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    };
    let headers = response.headers_mut();
    let max_age = format!("public, max-age={}", TTL_MINUTES * 60);
    for (name, value) in [
        (header::ETAG, validators.etag().to_owned()),
        (header::LAST_MODIFIED, validators.last_modified()),
        (header::CACHE_CONTROL, max_age),
        (header::VARY, "Accept-Encoding".to_owned()),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ] {
        // ETags, dates and these constants are plain ASCII.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}
