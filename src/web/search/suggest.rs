//! What else might be looked for where a search finds nothing. Only what finds something is suggested.

use std::collections::HashMap;

use crate::{
    domain::query::{Query, Relaxed, Words, slips},
    store::{Filter, Result, Store},
    web::pages::{Change, MOST_COUNTED, Suggestion},
};

/// More would be a list to search in.
const MOST: usize = 5;

/// Words that stand nowhere, of which neighbours are looked for.
const MOST_UNKNOWN: usize = 2;

/// Articles whose titles and leads say which neighbours there are, and how usual each is.
const LOOKED_AT: i64 = 300;

/// Neighbours of a word that are tried.
const NEIGHBOURS: usize = 2;

/// The likeliest first.
pub(super) async fn suggestions(store: &Store, filter: &Filter, query: &Query) -> Result<Vec<Suggestion>> {
    let mut found = Vec::new();
    let bare = Filter::of(query);
    if *filter != bare {
        let articles = store.count(&bare, MOST_COUNTED + 1).await?;
        found.extend(suggestion(Change::Filters, query.clone(), articles));
    }
    let mut others = query.relaxed();
    // Whether a word was mistyped matters more than what is found without it.
    let (easier, shorter): (Vec<_>, Vec<_>) = others
        .drain(..)
        .partition(|(how, _)| !matches!(how, Relaxed::Without(_)));
    let mended = neighbours(store, query).await?;
    for (how, other) in easier.into_iter().chain(mended).chain(shorter) {
        if found.len() == MOST {
            break;
        }
        let other_filter = Filter {
            query: Some(other.clone()),
            ..filter.clone()
        };
        let articles = store.count(&other_filter, MOST_COUNTED + 1).await?;
        found.extend(suggestion(Change::Words(how), other, articles));
    }
    Ok(found)
}

fn suggestion(change: Change, query: Query, articles: i64) -> Option<Suggestion> {
    (articles > 0).then_some(Suggestion {
        change,
        query,
        articles,
    })
}

/// The search with another word in place of one that stands nowhere: those that titles and leads have most.
async fn neighbours(store: &Store, query: &Query) -> Result<Vec<(Relaxed, Query)>> {
    let mut mended = Vec::new();
    let mut unknown = 0;
    for word in query.folded_words() {
        let slips = slips(&word);
        if slips.is_empty() || unknown == MOST_UNKNOWN || is_known(store, &word).await? {
            continue;
        }
        unknown += 1;
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for (title, lead) in store.headings_with(&slips, LOOKED_AT).await? {
            let words = Words::of(&title, lead.as_deref(), "");
            for slip in &slips {
                if words.folded.contains(&format!(" {slip} ")) {
                    *counts.entry(slip).or_default() += 1;
                }
            }
        }
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by(|(a, n), (b, m)| m.cmp(n).then(a.cmp(b)));
        for (slip, _) in counts.into_iter().take(NEIGHBOURS) {
            let how = Relaxed::Instead(word.clone(), slip.to_owned());
            mended.push((how, query.with_word(&word, slip)));
        }
    }
    Ok(mended)
}

async fn is_known(store: &Store, word: &str) -> Result<bool> {
    match word.parse() {
        Ok(query) => Ok(store.count(&Filter::of(&query), 1).await? > 0),
        Err(_) => Ok(true),
    }
}
