//! From articles to a feed that can be written.

use super::{
    super::state::WebState,
    describe::{Asked, Described, Source},
};
use crate::{
    domain::article::Article,
    feed::{Content, Feed, Item, Origin, Paging},
    store::{Page, Result},
};

/// Readers poll at the pace of `max-age` and `ttl`: sections are polled about every ten minutes.
pub(in super::super) const TTL_MINUTES: u32 = 10;

/// The newest articles of a source.
pub(in super::super) async fn articles(
    state: &WebState,
    source: &Source,
    limit: i64,
) -> Result<Vec<Article>> {
    match source {
        Source::Watch(watch) => state.store.list(watch, Page { before: None, limit }).await,
    }
}

/// The subscription document that was asked for.
pub(in super::super) fn subscription(state: &WebState, asked: &Asked, articles: &[Article]) -> Feed {
    feed(
        state,
        &asked.feed,
        asked.content,
        &asked.address,
        articles,
        Paging::default(),
    )
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
    let tag = main.map(|portal| format!("tag:{},{}:loa{}", portal.authority, portal.year, of.path));
    Feed {
        id: tag.unwrap_or_else(|| site.url(&of.path)),
        title: of.title.clone(),
        description: of.description.clone(),
        language: "vi".to_owned(),
        self_url: site.url(address),
        html_url: site.url(&of.html_path),
        authority: of.authority.clone(),
        icon_url: None,
        hub_url: None,
        created: state.created,
        ttl_minutes: TTL_MINUTES,
        paging,
        items: items.collect(),
    }
}
