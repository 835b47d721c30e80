//! What a list may be narrowed by, read from an address: words, a topic, a section, days. The page of searches and the API
//! take the same, and refuse the same.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{parameters::Parameters, state::WebState};
use crate::{
    domain::{query::Query, time::start_of, watch::Watch},
    store::Filter,
};

/// Days that databases know, and no article stands beyond.
const DAYS: std::ops::RangeInclusive<i32> = 1900..=2999;

/// A parameter that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Its name.
    pub parameter: &'static str,
    /// What is wrong with it, to go on after its name.
    pub english: String,
    /// The same in Vietnamese.
    pub vietnamese: String,
}

impl Wrong {
    fn new(parameter: &'static str, english: &str, vietnamese: &str) -> Self {
        Self {
            parameter,
            english: english.to_owned(),
            vietnamese: vietnamese.to_owned(),
        }
    }
}

/// Everything that an address asks for.
pub(super) fn filter(state: &WebState, asked: &Parameters) -> Result<Filter, Wrong> {
    let watches = [topic(state, asked)?, section(state, asked)?];
    let from = day(asked, "from")?;
    let to = day(asked, "to")?;
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(Wrong::new("to", "is before `from`", "sớm hơn `from`"));
    }
    let query = asked.get("q").map(str::parse::<Query>).transpose();
    Ok(Filter {
        watches: watches.into_iter().flatten().collect(),
        query: query.map_err(|e| Wrong::new("q", &e.to_string(), &e.vietnamese()))?,
        from,
        until: to.map(|day| day + TimeDelta::days(1)),
    })
}

fn topic(state: &WebState, asked: &Parameters) -> Result<Option<Watch>, Wrong> {
    let Some(slug) = asked.get("topic") else {
        return Ok(None);
    };
    if state.site.topics.iter().any(|label| label.slug == slug) {
        return Ok(Some(Watch::Topic(slug.to_owned())));
    }
    Err(Wrong::new(
        "topic",
        "is none of /api/v1/topics",
        "không có trong /api/v1/topics",
    ))
}

fn section(state: &WebState, asked: &Parameters) -> Result<Option<Watch>, Wrong> {
    let Some(text) = asked.get("section") else {
        return Ok(None);
    };
    let known = text.split_once('/').filter(|(portal, slug)| {
        state
            .portal(portal)
            .is_some_and(|known| known.section(slug).is_some())
    });
    match known {
        Some((portal, slug)) => Ok(Some(Watch::Section {
            portal: portal.to_owned(),
            slug: slug.to_owned(),
        })),
        None => Err(Wrong::new(
            "section",
            "is none of /api/v1/sections, written PORTAL/SLUG",
            "không có trong /api/v1/sections, viết là PORTAL/SLUG",
        )),
    }
}

/// The first moment of a day in the portal's zone.
fn day(asked: &Parameters, parameter: &'static str) -> Result<Option<DateTime<Utc>>, Wrong> {
    let Some(text) = asked.get(parameter) else {
        return Ok(None);
    };
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    match day.filter(|day| DAYS.contains(&chrono::Datelike::year(day))) {
        Some(day) => Ok(Some(start_of(day))),
        None => Err(Wrong::new(
            parameter,
            "is no day such as 2026-11-24",
            "không phải là ngày, chẳng hạn 2026-11-24",
        )),
    }
}
