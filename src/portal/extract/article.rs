//! Article pages: puts the parts that were located together into an [`Extracted`].

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use scraper::{Html, Selector};
use url::Url;

use super::clean::Clean;
use super::locate::{Located, Ruled, locate};
use super::{ArticlePage, ExtractError, body, clean, generic, lines, list, order, signature};
use crate::domain::article::{Extracted, Precision, Published};
use crate::portal::date::Reading;
use crate::portal::profile::{Kind, Profile};

/// What is said about every reading of a profile that has seen no real page.
pub(super) fn unproven(profile: &Profile) -> String {
    format!(
        "profile {} has not been tried on real pages yet: compare every field with the page",
        profile.name
    )
}

/// Reads an article page; the key is empty where neither the address nor the page tells it.
pub(super) fn read(
    html: &str,
    page_url: &Url,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Result<ArticlePage, ExtractError> {
    let document = Html::parse_document(html);
    let located = if profile.kind == Kind::Generic {
        match generic::locate(&document, page_url, profile, now) {
            generic::Read::Article(located) => *located,
            generic::Read::NotThere => return Ok(ArticlePage::NotThere),
            generic::Read::No(missing) => return Err(not_recognised(page_url, profile, missing.to_owned())),
        }
    } else {
        locate(&document, page_url, profile, &profile.selectors.remove, now)
    };
    if let Some(missing) = missing(&located) {
        if is_soft_404(&document, profile) {
            return Ok(ArticlePage::NotThere);
        }
        return Err(not_recognised(page_url, profile, missing));
    }
    let identity = identity(&document, page_url, profile);
    let base = list::base_url(&document, page_url);
    Ok(ArticlePage::Article(Box::new(compose(
        located, identity, &base, profile, now,
    ))))
}

fn not_recognised(page_url: &Url, profile: &Profile, missing: String) -> ExtractError {
    let (url, profiles) = (page_url.to_string(), profile.name.clone());
    ExtractError::LayoutNotRecognised {
        url,
        profiles,
        missing,
    }
}

fn missing(located: &Located<'_>) -> Option<String> {
    let absent = [
        (located.title.is_none(), "no title"),
        (located.body.is_none() && located.told_body.is_none(), "no body"),
        (!located.has_mark, "nothing that marks an article page"),
    ];
    let absent: Vec<&str> = absent
        .into_iter()
        .filter(|(is_absent, _)| *is_absent)
        .map(|(_, what)| what)
        .collect();
    (!absent.is_empty()).then(|| absent.join(", "))
}

fn is_soft_404(document: &Html, profile: &Profile) -> bool {
    let Some(text) = &profile.soft_404 else {
        return false;
    };
    let lines = lines::lines(document.root_element(), &[]);
    lines
        .iter()
        .any(|l| order::begins_with(&l.text, std::slice::from_ref(text)).is_some())
}

/// Key, address and the rule that found them: the page's own address, else the canonical one it names.
fn identity(document: &Html, page_url: &Url, profile: &Profile) -> (String, Url, &'static str) {
    let is_generic = profile.kind == Kind::Generic;
    let key_of = |url: &Url| {
        if is_generic {
            generic::key(url)
        } else {
            profile.address.article.key(url)
        }
    };
    let article_address = |url: &Url| {
        if is_generic {
            generic::article_address(url, page_url)
        } else {
            profile.address.article.article_address(url, page_url)
        }
    };
    if let Some(key) = key_of(page_url) {
        let url = article_address(page_url).unwrap_or_else(|| page_url.clone());
        return (key, url, "address");
    }
    let named = |css: &str, attribute: &str| {
        let selector = Selector::parse(css).ok()?;
        let url = page_url
            .join(document.select(&selector).next()?.attr(attribute)?)
            .ok()?;
        Some((key_of(&url)?, url))
    };
    let canonical =
        named("link[rel=canonical]", "href").or_else(|| named("meta[property='og:url']", "content"));
    match canonical {
        Some((key, url)) => {
            let url = article_address(&url).unwrap_or(url);
            (key, url, "canonical link")
        }
        None => (String::new(), page_url.clone(), ""),
    }
}

fn compose(
    located: Located<'_>,
    (key, url, key_rule): (String, Url, &'static str),
    base: &Url,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Extracted {
    let mut rules = BTreeMap::new();
    let mut warnings = located.warnings;
    let mut keep = |field: &'static str, ruled: Option<(String, String)>| {
        let (value, rule) = ruled?;
        rules.insert(field, rule);
        Some(value)
    };
    let title = keep("title", located.title).unwrap_or_default();
    let mut lead = keep("lead", located.lead);
    let author = keep("author", located.author);
    let section = keep("section", located.section);
    if key.is_empty() {
        warnings.push("no article key: give the page's own address with --url".to_owned());
    } else {
        rules.insert("key", key_rule.to_owned());
    }
    let published = published(located.date, &key, profile, now, &mut warnings);
    if let Some((_, rule)) = &published {
        rules.insert("published", rule.clone());
    }

    let mut clean = Clean::default();
    if let Some(((root, within), rule)) = located.body {
        let part = clean::Part {
            skip: &profile.selectors.remove,
            within,
            drop: &located.drop,
            base,
        };
        clean = clean::html(root, &part);
        rules.insert("body", rule);
    } else if let Some((told, rule)) = located.told_body {
        clean = Clean::from(told);
        rules.insert("body", rule);
    }
    let mut read = body::read(&clean.tree);
    let mut body_html = clean.html;
    let source = take_source(&mut lead, &mut body_html, &mut read, &mut rules);
    if read.text.is_empty() && !warnings.iter().any(|w| w.starts_with("the body")) {
        warnings.push("the body has no text".to_owned());
    }
    if !profile.proven {
        warnings.push(unproven(profile));
    }
    Extracted {
        key,
        url: url.to_string(),
        title,
        lead,
        source,
        author,
        published: published.map(|(at, _)| at),
        section,
        body_html,
        body_text: read.text,
        images: read.images,
        attachments: read.attachments,
        rules,
        warnings,
    }
}

/// The date that the page shows, or else the one in the key, with its rule; what is wrong with it becomes a warning.
fn published(
    date: Ruled<Reading>,
    key: &str,
    profile: &Profile,
    now: DateTime<Utc>,
    warnings: &mut Vec<String>,
) -> Option<(Published, String)> {
    let (reading, rule) = date.unzip();
    let shown = reading.and_then(|reading| {
        warnings.extend(reading.warning);
        reading.published
    });
    let by_key = || published_by_key(key, profile, now).map(|at| (at, "key (Unix milliseconds)".to_owned()));
    let published = shown.zip(rule).or_else(by_key);
    if published.is_none() {
        warnings.push("no date of publication was found".to_owned());
    }
    published
}

/// Takes the source in brackets away from the beginning of the lead, or else of the body in both its forms.
fn take_source(
    lead: &mut Option<String>,
    body_html: &mut String,
    body: &mut body::Body,
    rules: &mut BTreeMap<&'static str, String>,
) -> Option<String> {
    if let Some((source, rest)) = lead.as_deref().and_then(signature::source) {
        let (source, rest) = (source.to_owned(), rest.to_owned());
        *lead = Some(rest);
        rules.insert("source", "brackets that open the lead".to_owned());
        return Some(source);
    }
    let (source, _) = signature::source(&body.text)?;
    let source = source.to_owned();
    let stripped = signature::without_source(body_html, &source);
    if stripped != *body_html {
        let stripped = Clean::from(stripped);
        *body = body::read(&stripped.tree);
        *body_html = stripped.html;
    }
    rules.insert("source", "brackets that open the body".to_owned());
    Some(source)
}

/// The moment in a key of Unix milliseconds, where the family writes such keys and it is plausible.
fn published_by_key(key: &str, profile: &Profile, now: DateTime<Utc>) -> Option<Published> {
    let at = DateTime::from_timestamp_millis(key.parse().ok()?)?;
    let is_plausible = profile.address.key_is_unix_millis && at <= now && at.timestamp() > EARLIEST_KEY;
    is_plausible.then_some(Published {
        at,
        precision: Precision::Minute,
    })
}

/// 2001-09-09: smaller numbers are counters, not times (Unix seconds).
const EARLIEST_KEY: i64 = 1_000_000_000;
