//! Articles: newest first for who shows them, in the order of their changes for who mirrors them, and one alone.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    answer::{Problem, json},
    cursor::Cursor,
    shapes::{Article, ArticleList, Entry, Order, Withdrawn},
};
use crate::{
    store::{After, ChangePlace, Filter, Place},
    web::{filters::filter, parameters::Parameters, state::WebState},
};

/// Entries of a list, unless the client asks for another number.
const DEFAULT_LIMIT: i64 = 20;

/// As long as a second change may still fall into the same second, no date is told: who sends it back would keep the first.
const SETTLES_AFTER: TimeDelta = TimeDelta::seconds(3);

/// Articles, newest first; or with `since`, those published, changed or taken away from then on, in the order of these
/// changes, each once and as it is now.
///
/// To mirror: ask with `since` once, store what comes, and go on with `cursor` = `next`, at once while `has_more`, later
/// otherwise. Nothing is lost, whatever is written meanwhile. An article that leaves a filter (loses the topic) is not told:
/// mirror without filters. Ids of articles that you never had may be told as withdrawn; pass over them.
#[utoipa::path(
    get,
    path = "/api/v1/articles",
    tag = "articles",
    params(
        ("topic" = Option<String>, Query, description = "Only with this topic (slug)"),
        ("section" = Option<String>, Query, description = "Only in this section: PORTAL/SLUG", example = "quangtri/khoa-hoc-cong-nghe"),
        ("q" = Option<String>, Query, max_length = 200, description = "Only what holds these words; \"phrases\" in quotes, -word leaves out"),
        ("from" = Option<NaiveDate>, Query, description = "Only published on this day or later, in the portal's zone"),
        ("to" = Option<NaiveDate>, Query, description = "Only published on this day or earlier, in the portal's zone"),
        ("order" = Option<Order>, Query, description = "`relevance` gives what `q` finds, the best first, at most 100; newest first by default"),
        ("since" = Option<DateTime<Utc>>, Query, description = "Changes at this moment or later (RFC 3339 with a zone), oldest change first. A cursor goes before it"),
        ("cursor" = Option<String>, Query, description = "`next` of the answer before; keep the other parameters the same"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "Entries in an answer; 20 by default"),
    ),
    responses(
        (status = 200, description = "A part of the articles", body = ArticleList),
        (status = 304, description = "The same as the one whose tag was sent"),
        (status = 400, description = "A parameter makes no sense", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(state): State<WebState>,
    asked: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let filter = filter(&state, &asked)?;
    let limit = limit(&asked)?;
    let is_best = wants_best(&asked, &filter)?;
    let _turn = match &filter.query {
        Some(_) => Some(state.searches.place().ok_or_else(Problem::busy)?.turn().await),
        None => None,
    };
    let answer = match begin(&state, &asked, is_best).await? {
        Begin::Best(after) => best(&state, &filter, after, limit).await?,
        Begin::Newest(after) => newest(&state, &filter, after, limit).await?,
        Begin::Changes(after) => changes(&state, &filter, after, limit).await?,
    };
    Ok(json(&answer, None, &headers))
}

/// Which list, and from where.
enum Begin {
    Best(After),
    Newest(Option<Place>),
    Changes(ChangePlace),
}

async fn begin(state: &WebState, asked: &Parameters, is_best: bool) -> Result<Begin, Problem> {
    let since = asked.get("since").map(moment).transpose()?;
    let Some(text) = asked.get("cursor") else {
        return Ok(match since {
            None if is_best => Begin::Best(After::Count(0)),
            None => Begin::Newest(None),
            Some(moment) => Begin::Changes(state.store.place_before(moment).await?),
        });
    };
    let wrong = || {
        Problem::of_parameter(
            "cursor",
            "is not a `next` that this list gave; begin without it",
            "không phải là `next` mà danh sách này đã trả về; hãy bắt đầu lại, không có cursor",
        )
    };
    match text.parse().map_err(|_| wrong())? {
        Cursor::Best(place) if is_best => Ok(Begin::Best(After::Place(place))),
        Cursor::Best(_) => Err(wrong()),
        _ if is_best => Err(wrong()),
        Cursor::Newest(_) if since.is_some() => Err(wrong()),
        Cursor::Newest(place) => Ok(Begin::Newest(Some(place))),
        // Of another database, or of a time that a backup does not know.
        Cursor::Changes(place) if place.change > state.store.change_clock().await? => Err(wrong()),
        Cursor::Changes(place) => Ok(Begin::Changes(place)),
    }
}

fn moment(text: &str) -> Result<DateTime<Utc>, Problem> {
    // A `+` that was not encoded arrives as a space.
    let moment = DateTime::parse_from_rfc3339(text.trim())
        .or_else(|_| DateTime::parse_from_rfc3339(&text.trim().replace(' ', "+")));
    moment.map(|moment| moment.to_utc()).map_err(|_| {
        Problem::of_parameter(
            "since",
            "is no moment as RFC 3339 has it, such as 2026-11-24T15:00:00Z",
            "không phải là thời điểm theo RFC 3339, chẳng hạn 2026-11-24T15:00:00Z",
        )
    })
}

fn limit(asked: &Parameters) -> Result<i64, Problem> {
    let Some(text) = asked.get("limit") else {
        return Ok(DEFAULT_LIMIT);
    };
    let limit = text.parse().ok().filter(|limit| (1..=100).contains(limit));
    limit.ok_or_else(|| Problem::of_parameter("limit", "has to be from 1 to 100", "phải từ 1 đến 100"))
}

/// The best first, where that is asked for; it needs words to be good at.
fn wants_best(asked: &Parameters, filter: &Filter) -> Result<bool, Problem> {
    let wrong = |detail: &str, detail_vi: &str| Err(Problem::of_parameter("order", detail, detail_vi));
    match asked.get("order") {
        None | Some("newest") => Ok(false),
        Some("relevance") if filter.query.is_none() => wrong("relevance needs `q`", "relevance cần có `q`"),
        Some("relevance") if asked.get("since").is_some() => wrong(
            "relevance is no order of changes: leave out `since`",
            "relevance không đi cùng `since`",
        ),
        Some("relevance") => Ok(true),
        Some(_) => wrong("is neither newest nor relevance", "phải là newest hoặc relevance"),
    }
}

async fn best(state: &WebState, filter: &Filter, after: After, limit: i64) -> Result<ArticleList, Problem> {
    let found = state
        .store
        .find_best(filter, after, usize::try_from(limit).unwrap_or_default())
        .await?;
    Ok(part(state, found.articles, found.next.map(Cursor::Best)))
}

async fn newest(
    state: &WebState,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> Result<ArticleList, Problem> {
    let found = state.store.find(filter, after, limit).await?;
    Ok(part(state, found.articles, found.next.map(Cursor::Newest)))
}

/// A part of a list, and where the list goes on.
fn part(
    state: &WebState,
    articles: Vec<crate::domain::article::Article>,
    next: Option<Cursor>,
) -> ArticleList {
    let articles = articles.into_iter().filter_map(|article| entry(state, article));
    ArticleList {
        articles: articles.collect(),
        has_more: next.is_some(),
        next: next.map(|cursor| cursor.to_string()),
    }
}

async fn changes(
    state: &WebState,
    filter: &Filter,
    after: ChangePlace,
    limit: i64,
) -> Result<ArticleList, Problem> {
    let part = state.store.changed_after(filter, after, limit).await?;
    let told = part
        .articles
        .into_iter()
        .filter_map(|(id, article)| match article {
            Some(article) => entry(state, article),
            None => Some(Entry::Withdrawn(Withdrawn { id, withdrawn: true })),
        });
    Ok(ArticleList {
        articles: told.collect(),
        next: Some(Cursor::Changes(part.last).to_string()),
        has_more: part.goes_on,
    })
}

fn entry(state: &WebState, article: crate::domain::article::Article) -> Option<Entry> {
    Article::new(state, article).map(|article| Entry::Article(Box::new(article)))
}

/// One article.
#[utoipa::path(
    get,
    path = "/api/v1/articles/{id}",
    tag = "articles",
    params(("id" = i64, Path, description = "The article's id")),
    responses(
        (status = 200, description = "The article", body = Article),
        (status = 304, description = "The same as the one whose tag or date was sent"),
        (status = 404, description = "There is no such article", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "It was taken away", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(state): State<WebState>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("There is no such article", "Không có bài viết này");
    // What is not even text is no id either.
    let Path(id) = id.map_err(|_| unknown())?;
    let id: i64 = id.parse().map_err(|_| unknown())?;
    // Before the article: a change in between makes the answer look older than it is, never newer.
    let changed_at = state.store.article_changed_at(id).await?;
    let article = state.store.article(id).await?;
    let changed_at = changed_at.map(|at| at.max(state.settings_changed));
    let changed_at = changed_at.filter(|at| state.clock.now() - *at > SETTLES_AFTER);
    if let Some(article) = article.and_then(|article| Article::new(&state, article)) {
        return Ok(json(&article, changed_at, &headers));
    }
    Err(if state.store.gone(id).await?.is_some() {
        Problem::gone()
    } else {
        unknown()
    })
}
