//! `/search`: what people type, and what is found of it.

mod suggest;

use axum::{extract::State, http::StatusCode, response::Response};

use super::{
    browse::{PAGE_SIZE, cut, page_of, sections_of},
    error::{Reader, WebError},
    filters::{self, Wrong},
    pages::{self, Asked, Found, Order, Outcome, Part, Search, Section, Suggestion},
    parameters::Parameters,
    state::WebState,
};
use crate::{
    domain::{article::Article, query::Query},
    store::{After, Filter, MOST_RANKED, Place},
};

/// What is shown of a search.
struct Answer {
    query: Query,
    articles: Vec<Article>,
    part: Part,
    suggestions: Vec<Suggestion>,
}

pub(super) async fn search(State(state): State<WebState>, asked: Parameters, reader: Reader) -> Response {
    let asked = asked.filled();
    let form = form(&asked);
    let sections: Vec<Section> = state.portals.iter().flat_map(sections_of).collect();
    let page = |outcome: Outcome<'_>| {
        let search = Search {
            asked: &form,
            sections: &sections,
            outcome,
        };
        pages::search(&reader.site, reader.lang, search)
    };
    if form.typed.trim().is_empty() {
        return reader.answer(Ok(page(Outcome::Blank)));
    }
    let filter = match filters::filter(&state, &asked) {
        Ok(filter) => filter,
        Err(Wrong {
            parameter,
            english,
            vietnamese,
        }) => {
            let refused = Outcome::Refused(parameter, (&vietnamese, &english));
            return reader.page(StatusCode::BAD_REQUEST, page(refused));
        }
    };
    match answer(&state, &asked, form.order, &filter).await {
        Ok(answer) => reader.answer(Ok(page(Outcome::Found(Found {
            query: &answer.query,
            articles: &answer.articles,
            part: answer.part,
            suggestions: &answer.suggestions,
        })))),
        Err(e) => reader.failure(&e),
    }
}

/// What was typed and chosen, for the form.
fn form(asked: &Parameters) -> Asked {
    let text = |name| asked.get(name).unwrap_or_default().chars().take(100).collect();
    // Links to a place among the newest are older than the order by relevance.
    let is_newest = asked.get("order") == Some("newest") || asked.get("before").is_some();
    Asked {
        topic: text("topic"),
        section: text("section"),
        from: text("from"),
        to: text("to"),
        order: if is_newest {
            Order::Newest
        } else {
            Order::Relevance
        },
        ..Asked::words(asked.get("q").unwrap_or_default())
    }
}

async fn answer(
    state: &WebState,
    asked: &Parameters,
    order: Order,
    filter: &Filter,
) -> Result<Answer, WebError> {
    let query = filter.query.clone().ok_or(WebError::Invalid)?;
    let place = state.searches.place().ok_or(WebError::Unavailable)?;
    let _turn = place.turn().await;
    let (articles, part) = match order {
        Order::Relevance => best(state, asked, filter).await?,
        Order::Newest => newest(state, asked, filter).await?,
    };
    let suggestions = if articles.is_empty() {
        suggest::suggestions(&state.store, filter, &query).await?
    } else {
        Vec::new()
    };
    Ok(Answer {
        query,
        articles,
        part,
        suggestions,
    })
}

async fn best(
    state: &WebState,
    asked: &Parameters,
    filter: &Filter,
) -> Result<(Vec<Article>, Part), WebError> {
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let page = asked.get("page").map_or(Ok(1), str::parse::<usize>);
    let page = page
        .ok()
        .filter(|page| (1..=MOST_RANKED).contains(page))
        .ok_or(WebError::Invalid)?;
    let after = After::Count((page - 1) * size);
    let found = state.store.find_best(filter, after, size).await?;
    let part = Part::Best {
        page,
        ranked: found.ranked,
        has_more: found.has_more,
        goes_on: found.next.is_some(),
    };
    Ok((found.articles, part))
}

async fn newest(
    state: &WebState,
    asked: &Parameters,
    filter: &Filter,
) -> Result<(Vec<Article>, Part), WebError> {
    let page = page_of(asked)?;
    let after = match page.before {
        None => None,
        // One that is not there any more leads nowhere, as in other lists.
        Some(id) => match state.store.place_of(id).await? {
            None => {
                return Ok((
                    Vec::new(),
                    Part::Newest(pages::Paging {
                        before: Some(id),
                        older: None,
                    }),
                ));
            }
            after => after,
        },
    };
    let after: Option<Place> = after;
    let found = state.store.find(filter, after, page.limit).await?;
    let (articles, paging) = cut(found.articles, page);
    Ok((articles, Part::Newest(paging)))
}
