//! The pages that show articles.

use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    error::{Reader, WebError},
    pages,
    parameters::Parameters,
    retired::still_shown,
    state::WebState,
};
use crate::{
    domain::{article::Article, watch::Watch},
    feed::Content,
    store::{Gone, Page},
};

/// Articles on a page of a list.
pub(super) const PAGE_SIZE: i64 = 20;

pub(super) async fn home(State(state): State<WebState>, asked: Parameters, reader: Reader) -> Response {
    let page = list(&state, &Watch::All, &asked)
        .await
        .map(|(articles, paging)| pages::home(&reader.site, reader.lang, &articles, paging));
    reader.answer(page)
}

/// An article, or why there is none.
pub(super) async fn stored(state: &WebState, id: i64) -> Result<Article, WebError> {
    if let Some(article) = state.store.article(id).await? {
        return Ok(article);
    }
    Err(match state.store.gone(id).await? {
        Some(Gone::Withdrawn) => WebError::Gone,
        Some(Gone::Removed) => WebError::Removed,
        None => WebError::NotFound,
    })
}

pub(super) async fn article(
    State(state): State<WebState>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let mode = match state.content {
        Content::Excerpt => pages::ContentMode::Excerpt,
        Content::Full => pages::ContentMode::Full,
    };
    let found = match id.parse() {
        Ok(id) => stored(&state, id).await,
        Err(_) => Err(WebError::NotFound),
    };
    reader.answer(found.map(|article| pages::article(&reader.site, reader.lang, &article, mode)))
}

pub(super) async fn topics(State(state): State<WebState>, reader: Reader) -> Response {
    let counts = state.store.topic_counts().await.map_err(WebError::from);
    let page = counts.map(|counts| {
        let counts: Vec<_> = counts
            .into_iter()
            .map(|count| pages::TopicCount {
                slug: count.label.slug,
                articles: count.articles,
            })
            .collect();
        pages::topics(&reader.site, reader.lang, &counts)
    });
    reader.answer(page)
}

pub(super) async fn topic(
    State(state): State<WebState>,
    Path(slug): Path<String>,
    asked: Parameters,
    reader: Reader,
) -> Response {
    let Some(label) = state.site.topics.iter().find(|label| label.slug == slug) else {
        return ended(&state, Watch::Topic(slug), &asked, &reader).await;
    };
    let page = list(&state, &Watch::Topic(slug), &asked)
        .await
        .map(|(articles, paging)| pages::topic(&reader.site, reader.lang, label, &articles, paging));
    reader.answer(page)
}

pub(super) async fn section(
    State(state): State<WebState>,
    Path((portal, slug)): Path<(String, String)>,
    asked: Parameters,
    reader: Reader,
) -> Response {
    let Some(section) = state.portal(&portal).and_then(|found| found.section(&slug)) else {
        return ended(&state, Watch::Section { portal, slug }, &asked, &reader).await;
    };
    let shown = pages::Section {
        portal: portal.clone(),
        slug: slug.clone(),
        title: section.title.clone(),
    };
    let page = list(&state, &Watch::Section { portal, slug }, &asked)
        .await
        .map(|(articles, paging)| pages::section(&reader.site, reader.lang, &shown, &articles, paging));
    reader.answer(page)
}

/// The page of a topic or section that the settings no longer name.
async fn ended(state: &WebState, watch: Watch, asked: &Parameters, reader: &Reader) -> Response {
    let page = async {
        let retired = still_shown(state, &watch).await?;
        let path = match &watch {
            Watch::Topic(slug) => format!("/topics/{slug}"),
            _ => format!("/sections/{}", watch.value()),
        };
        let (articles, paging) = list(state, &watch, asked).await?;
        let names = (retired.vi.as_str(), retired.en.as_str());
        let (site, lang) = (&reader.site, reader.lang);
        Ok(pages::ended(
            site,
            lang,
            (&path, names),
            retired.at,
            &articles,
            paging,
        ))
    };
    reader.answer(page.await)
}

pub(super) async fn feeds(State(state): State<WebState>, reader: Reader) -> Response {
    let sections: Vec<_> = state.portals.iter().flat_map(sections_of).collect();
    reader.answer(Ok(pages::feeds(&reader.site, reader.lang, &sections)))
}

pub(super) async fn not_found(reader: Reader) -> Response {
    reader.failure(&WebError::NotFound)
}

/// A portal's sections as pages name them.
pub(super) fn sections_of(portal: &crate::portal::Portal) -> impl Iterator<Item = pages::Section> {
    portal.sections.iter().map(|section| pages::Section {
        portal: portal.id.clone(),
        slug: section.slug.clone(),
        title: section.title.clone(),
    })
}

/// One page of a watch's list.
async fn list(
    state: &WebState,
    watch: &Watch,
    asked: &Parameters,
) -> Result<(Vec<Article>, pages::Paging), WebError> {
    let page = page_of(asked)?;
    Ok(cut(state.store.list(watch, page).await?, page))
}

/// The part of a list that is asked for; one article more is read to know whether there is an older page.
pub(super) fn page_of(asked: &Parameters) -> Result<Page, WebError> {
    let before = match asked.get("before") {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| WebError::Invalid)?),
    };
    Ok(Page {
        before,
        limit: PAGE_SIZE + 1,
    })
}

pub(super) fn cut(mut articles: Vec<Article>, page: Page) -> (Vec<Article>, pages::Paging) {
    let full = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let has_older = articles.len() > full;
    articles.truncate(full);
    let older = articles.last().map(|article| article.id).filter(|_| has_older);
    let before = page.before;
    (articles, pages::Paging { before, older })
}
