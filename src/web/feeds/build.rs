//! From articles to a feed, and to its document.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    super::state::WebState,
    answer::{Document, Draft},
    archive,
    describe::{Asked, Described, Source},
    kept::Built,
};
use crate::{
    domain::{article::Article, month::Month},
    feed::{Content, Feed, Item, Origin, Paging},
    store::{Page, Result},
};

/// The subscription document that was asked for, as it is now. `changed_at` is the last change of the watch
/// that [`Source::watch`] names; `old` is the document of before, if there is one.
pub(in super::super) async fn subscription(
    state: WebState,
    asked: Asked,
    changed_at: DateTime<Utc>,
    old: Option<Arc<Document>>,
) -> Result<Built> {
    let page = Page {
        before: None,
        limit: asked.limit,
    };
    let mut made_of = Vec::new();
    let articles = match &asked.feed.source {
        Source::Watch(watch) => state.store.list(watch, page).await?,
        Source::Search(query) => {
            // Read before the articles: what changes in between makes the document once more, and never too seldom.
            made_of = state.store.search_signature(query, asked.limit).await?;
            if let Some(old) = old.filter(|old| old.made_of == made_of) {
                return Ok(Built::Same(old));
            }
            state.store.search(query, page).await?
        }
    };
    let paging = archive::paging(&state, &asked.feed, asked.format, asked.content).await?;
    // The link to the archive of last month comes with the first of this one.
    let linked_at = paging
        .prev_archive
        .as_ref()
        .map(|_| Month::of(state.clock.now()).start());
    let others = linked_at.unwrap_or_default().max(state.settings_changed);
    Ok(Built::New(Box::new(move || {
        let Asked {
            feed: of,
            content,
            address,
            format,
            ..
        } = &asked;
        let mut feed = feed(&state, of, *content, address, &articles, paging);
        if let Some(at) = of.ended_at {
            let all = state.site.url("/feeds");
            let last = Item::retired(&feed.id, &feed.title, &all, at);
            feed.items.insert(0, last);
        }
        // A hub is told of these addresses alone.
        feed.hub_url = state
            .hub_url
            .clone()
            .filter(|_| asked.is_plain() && of.ended_at.is_none());
        Draft {
            body: feed.write(*format),
            content_type: format.content_type(),
            // A database of before changes were counted knows of none.
            changed_at: changed_at.max(feed.changed_at()).max(others),
            cache_control: cache_control(&state),
            link: Some(link_header(&feed)),
            made_of,
        }
    })))
}

/// Readers poll at the pace at which sections are polled.
pub(in super::super) fn cache_control(state: &WebState) -> String {
    format!("public, max-age={}", state.poll_minutes * 60)
}

/// A document of a feed: `articles` in their order, and its place among the feed's documents. `address` is its own on
/// this site.
pub(in super::super) fn feed(
    state: &WebState,
    of: &Described,
    content: Content,
    address: &str,
    articles: &[Article],
    paging: Paging,
) -> Feed {
    let site = &state.site;
    let name = match &of.parameter {
        Some(parameter) => format!("{}?{parameter}", of.path),
        None => of.path.clone(),
    };
    let tag = state.feed_tags.as_ref().map(|tags| format!("{tags}{name}"));
    Feed {
        id: tag.unwrap_or_else(|| site.url(&name)),
        title: of.title.clone(),
        description: of.description.clone(),
        language: "vi".to_owned(),
        self_url: site.url(address),
        html_url: site.url(&of.html_path),
        authority: of.authority.clone(),
        icon_url: None,
        hub_url: None,
        created: state.created,
        is_ended: of.ended_at.is_some(),
        ttl_minutes: state.poll_minutes,
        paging,
        items: items(state, content, articles).collect(),
    }
}

/// The entries for articles, in their order.
pub(in super::super) fn items<'a>(
    state: &'a WebState,
    content: Content,
    articles: &'a [Article],
) -> impl Iterator<Item = Item> + 'a {
    articles.iter().filter_map(move |article| {
        // Only one that was taken out before portals were remembered is not known.
        let portal = state.identity(&article.portal)?;
        let origin = Origin {
            authority: &portal.authority,
            year: portal.year,
            labels: &state.site.topics,
        };
        Some(Item::from_article(article, &origin, content))
    })
}

/// The value of `Link`: what the document says of itself, for those who read no further than its headers.
pub(in super::super) fn link_header(feed: &Feed) -> String {
    let hub = feed.hub_url.iter().map(|url| ("hub", url.as_str()));
    let links = hub
        .chain([("self", feed.self_url.as_str())])
        .chain(feed.paging.links());
    let links = links.map(|(rel, url)| format!("<{url}>; rel=\"{rel}\""));
    links.collect::<Vec<_>>().join(", ")
}
