//! The page of a feed: its address without extension.

use chrono::TimeDelta;

use super::{
    super::{error::WebError, pages, pages::FeedKind, state::WebState},
    describe::{Source, found},
};
use crate::{
    domain::{month::Month, watch::Watch},
    feed::Content,
    store::Page,
    web::error::Reader,
};

/// Enough to see what a feed is like.
const NEWEST: i64 = 5;

const FOUR_WEEKS: TimeDelta = TimeDelta::weeks(4);

/// Whether an address is that of a page: its last part has no extension.
pub(super) fn is_page(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(_, name)| !name.contains('.'))
}

/// The page of the feed at `path`.
pub(super) async fn page(state: &WebState, path: &str, reader: &Reader) -> Result<String, WebError> {
    let feed = found(state, path).await?;
    let Source::Watch(watch) = &feed.source else {
        return Err(WebError::NotFound);
    };
    let (now, newest) = (
        state.clock.now(),
        Page {
            before: None,
            limit: NEWEST,
        },
    );
    let articles = state.store.list(watch, newest).await?;
    let archives = state.store.archive_months(watch, Month::of(now)).await?;
    let in_four_weeks = state.store.articles_since(watch, now - FOUR_WEEKS).await?;
    let (kind, vi, en) = match watch {
        Watch::Topic(slug) => {
            let label = state.site.topics.iter().find(|label| label.slug == *slug);
            let (vi, en) = label.map_or((&feed.name, &feed.name), |label| (&label.vi, &label.en));
            (FeedKind::Topic, vi.clone(), en.clone())
        }
        Watch::Section { .. } => (FeedKind::Section, feed.name.clone(), feed.name.clone()),
        Watch::All | Watch::Phrase(_) => (FeedKind::All, "tất cả tin".to_owned(), "all articles".to_owned()),
    };
    let view = pages::FeedView {
        path: &feed.path,
        html_path: &feed.html_path,
        names: (&vi, &en),
        kind,
        newest: &articles,
        in_four_weeks,
        archives: &archives,
        content: match state.content {
            Content::Excerpt => pages::ContentMode::Excerpt,
            Content::Full => pages::ContentMode::Full,
        },
        poll_minutes: state.poll_minutes,
        ended_at: feed.ended_at,
    };
    Ok(pages::feed(&reader.site, reader.lang, &view))
}
