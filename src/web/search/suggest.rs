//! What else might be looked for where a search finds nothing. Only what finds something is suggested.

use std::collections::HashMap;

use crate::{
    domain::query::{Query, Relaxed, Words, slips},
    store::{Filter, Result, Store},
    web::pages::{MOST_COUNTED, Suggestion},
};

/// More would be a list to search in.
const MOST: usize = 5;

/// Words that stand nowhere, of which neighbours are looked for.
const MOST_UNKNOWN: usize = 2;

/// Articles whose titles and leads say which neighbours there are, and how usual each is.
const LOOKED_AT: i64 = 300;

/// Neighbours of a word that are tried.
const NEIGHBOURS: usize = 2;

/// The likeliest first: with the filters, and where nothing is to be had with them, without.
pub(super) async fn suggestions(store: &Store, filter: &Filter, query: &Query) -> Result<Vec<Suggestion>> {
    let bare = Filter::of(query);
    let mut found = Vec::new();
    if *filter != bare {
        found.extend(suggestion(store, &bare, None, false).await?);
    }
    let mut others = query.relaxed();
    // Whether a word was mistyped matters more than what is found without it.
    let (easier, shorter): (Vec<_>, Vec<_>) = others
        .drain(..)
        .partition(|(how, _)| !matches!(how, Relaxed::Without(_)));
    let mended = neighbours(store, query).await?;
    let others: Vec<_> = easier.into_iter().chain(mended).chain(shorter).collect();
    for (filter, keeps_filters) in [(filter, true), (&bare, false)] {
        for (how, other) in &others {
            if found.len() == MOST {
                break;
            }
            let other = Filter {
                query: Some(other.clone()),
                ..filter.clone()
            };
            found.extend(suggestion(store, &other, Some(how), keeps_filters).await?);
        }
        if !found.is_empty() || *filter == bare {
            break;
        }
    }
    Ok(found)
}

/// A search, if it finds something.
async fn suggestion(
    store: &Store,
    filter: &Filter,
    change: Option<&Relaxed>,
    keeps_filters: bool,
) -> Result<Option<Suggestion>> {
    let articles = store.count(filter, MOST_COUNTED + 1).await?;
    let query = filter.query.clone().filter(|_| articles > 0);
    Ok(query.map(|query| Suggestion {
        change: change.cloned(),
        query,
        keeps_filters,
        articles,
    }))
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
