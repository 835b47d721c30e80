//! Feeds that end and feeds that move. What the settings no longer name goes on being served for a while, with word of its
//! end, and is then gone for good (410); what moved redirects for good, every format, archive and page of it.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{error::WebError, state::WebState};
use crate::{domain::watch::Watch, store::Retired};

/// How long caches may keep a redirect: readers that forget it ask the old address again.
const REDIRECT: &str = "public, max-age=86400";

/// A topic or section that ended and is still shown. One that never was is not found; one that ended long ago is gone.
pub(super) async fn still_shown(state: &WebState, watch: &Watch) -> Result<Retired, WebError> {
    // Anybody can ask for anything: the database hears only what could have been a name.
    let is_name = |text: &str| {
        let mut bytes = text.bytes();
        bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let is_watch = match watch {
        Watch::Topic(slug) => is_name(slug),
        Watch::Section { portal, slug } => is_name(portal) && is_name(slug),
        Watch::All | Watch::Phrase(_) => false,
    };
    if !is_watch {
        return Err(WebError::NotFound);
    }
    let retired = state.store.retired(watch).await?;
    let retired = retired.ok_or(WebError::NotFound)?;
    if state.clock.now() - retired.at > state.retired_for {
        return Err(WebError::Ended);
    }
    Ok(retired)
}

/// Answers for addresses of what moved; everything else goes on.
pub(super) async fn redirect(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let uri = request.uri();
    let Some(path) = new_path(&state.moved, uri.path()).filter(|_| is_read) else {
        return next.run(request).await;
    };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let Ok(location) = HeaderValue::from_str(&state.site.url(&format!("{path}{query}"))) else {
        return next.run(request).await;
    };
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static(REDIRECT)),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (StatusCode::MOVED_PERMANENTLY, headers).into_response()
}

/// Where an address of a feed that moved is now, with what stands behind the feed's name: extension, archive. `moved` holds
/// names without `/feeds/`: `topics/old`, `topics/new`.
fn new_path(moved: &[(String, String)], path: &str) -> Option<String> {
    let (name, feeds) = match path.strip_prefix("/feeds/") {
        Some(name) => (name, "/feeds/"),
        None => (path.strip_prefix('/')?, "/"),
    };
    moved.iter().find_map(|(from, to)| {
        let rest = name.strip_prefix(from.as_str())?;
        match rest {
            // The page of everything is the front page.
            "" if feeds == "/" && to == "all" => Some("/".to_owned()),
            "" => Some(format!("{feeds}{to}")),
            _ if feeds == "/feeds/" && rest.starts_with(['.', '/']) => Some(format!("/feeds/{to}{rest}")),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_a_feed_that_moved_has_a_new_one_and_no_other_has() {
        let moved = [("topics/cu", "topics/moi"), ("sections/qt/cu", "all")];
        let moved = moved.map(|(from, to)| (from.to_owned(), to.to_owned()));
        for (old, new) in [
            ("/feeds/topics/cu.rss", Some("/feeds/topics/moi.rss")),
            ("/feeds/topics/cu", Some("/feeds/topics/moi")),
            (
                "/feeds/topics/cu/archive/2026-10.atom",
                Some("/feeds/topics/moi/archive/2026-10.atom"),
            ),
            ("/topics/cu", Some("/topics/moi")),
            ("/feeds/sections/qt/cu.json", Some("/feeds/all.json")),
            ("/sections/qt/cu", Some("/")),
            ("/feeds/topics/cua.rss", None),
            ("/feeds/topics/moi.rss", None),
            ("/topics/cu/x", None),
            ("/topics/cu.html", None),
            ("/", None),
        ] {
            assert_eq!(new_path(&moved, old).as_deref(), new, "{old}");
        }
    }
}
