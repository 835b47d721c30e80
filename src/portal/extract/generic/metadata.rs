//! What a page says about itself to machines: JSON-LD, Open Graph and other `meta` elements, `<title>`.

use std::collections::BTreeMap;

use scraper::{ElementRef, Html};
use serde_json::Value;

use crate::domain::text::one_line;
use crate::portal::extract::characters::repair;

/// The page's own words about itself; nothing here is HTML.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    /// The JSON-LD object of the article.
    pub(super) json_ld: JsonLd,
    /// `meta` elements by `property`, `name` or `itemprop` in lower case; the first of each.
    pub(super) meta: BTreeMap<String, String>,
    /// `<title>`, on one line.
    pub(super) title: String,
}

/// What an article's JSON-LD says.
#[derive(Debug, Default)]
pub(super) struct JsonLd {
    pub(super) is_article: bool,
    pub(super) headline: Option<String>,
    pub(super) published: Option<String>,
    pub(super) author: Option<String>,
    pub(super) description: Option<String>,
    pub(super) section: Option<String>,
    /// Plain text with its line breaks.
    pub(super) body: Option<String>,
}

/// Longer JSON is not read (bytes).
const LONGEST_JSON: usize = 512 * 1024;
/// Only so many scripts of JSON-LD are read.
const MOST_SCRIPTS: usize = 20;
/// `@graph` and lists may hold one another this deep.
const DEEPEST: usize = 4;

impl Metadata {
    pub(super) fn read(document: &Html) -> Self {
        let mut found = Self::default();
        let mut scripts = 0;
        for element in document.root_element().descendent_elements() {
            match element.value().name() {
                "title" if found.title.is_empty() && !is_in_svg(element) => {
                    found.title = line(&element.text().collect::<String>());
                }
                "meta" => found.take_meta(element),
                "script" if is_json_ld(element) && scripts < MOST_SCRIPTS => {
                    scripts += 1;
                    found.take_json(&element.text().collect::<String>());
                }
                _ => {}
            }
        }
        found
    }

    fn take_meta(&mut self, element: ElementRef<'_>) {
        let name = ["property", "name", "itemprop"]
            .iter()
            .find_map(|a| element.attr(a));
        if let (Some(name), Some(content)) = (name, element.attr("content")) {
            let content = line(content);
            if !content.is_empty() {
                self.meta
                    .entry(name.trim().to_ascii_lowercase())
                    .or_insert(content);
            }
        }
    }

    fn take_json(&mut self, text: &str) {
        if text.len() > LONGEST_JSON || self.json_ld.is_article {
            return;
        }
        let text = text.trim().trim_start_matches("<!--").trim_end_matches("-->");
        // Control characters within strings are forbidden, and written nevertheless.
        let clean: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let value = serde_json::from_str::<Value>(clean.trim()).ok();
        if let Some(article) = value.as_ref().and_then(|value| article(value, 0)) {
            self.json_ld = JsonLd::read(article);
        }
    }

    /// The first of some `meta` elements that says something.
    pub(super) fn first(&self, names: &[&'static str]) -> Option<(&str, &'static str)> {
        names
            .iter()
            .find_map(|name| Some((self.meta.get(*name)?.as_str(), *name)))
    }
}

fn is_in_svg(element: ElementRef<'_>) -> bool {
    element
        .parent()
        .and_then(ElementRef::wrap)
        .is_some_and(|p| p.value().name() == "svg")
}

fn is_json_ld(element: ElementRef<'_>) -> bool {
    element
        .attr("type")
        .is_some_and(|t| t.trim().to_ascii_lowercase().starts_with("application/ld+json"))
}

/// The article among JSON-LD objects, also in a list or under `@graph` and `mainEntity`.
fn article(value: &Value, depth: usize) -> Option<&Value> {
    if depth > DEEPEST {
        return None;
    }
    match value {
        Value::Array(all) => all.iter().find_map(|one| article(one, depth + 1)),
        Value::Object(_) if is_article(value) => Some(value),
        Value::Object(map) => ["@graph", "mainEntity", "mainEntityOfPage"]
            .iter()
            .find_map(|key| article(map.get(*key)?, depth + 1)),
        _ => None,
    }
}

fn is_article(value: &Value) -> bool {
    let is = |name: &str| {
        name == "Article" || name.ends_with("NewsArticle") || matches!(name, "BlogPosting" | "Report")
    };
    let has_type = match &value["@type"] {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => false,
    };
    has_type && (value["headline"].is_string() || value["datePublished"].is_string())
}

impl JsonLd {
    fn read(value: &Value) -> Self {
        let text = |key: &str| value[key].as_str().map(line).filter(|t| !t.is_empty());
        let section = match &value["articleSection"] {
            Value::Array(names) => names.first().and_then(Value::as_str).map(line),
            _ => text("articleSection"),
        };
        Self {
            is_article: true,
            headline: text("headline").or_else(|| text("name")),
            published: text("datePublished"),
            author: author(&value["author"]),
            description: text("description"),
            section: section.filter(|s| !s.is_empty()),
            body: value["articleBody"]
                .as_str()
                .map(|text| repair(text).into_owned())
                .filter(|t| !t.trim().is_empty()),
        }
    }
}

/// A person's name; an organisation is the publisher, not an author.
fn author(value: &Value) -> Option<String> {
    match value {
        Value::String(name) => Some(line(name)),
        Value::Array(all) => {
            let names: Vec<String> = all.iter().filter_map(author).collect();
            (!names.is_empty()).then(|| names.join(", "))
        }
        Value::Object(map) if map.get("@type").and_then(Value::as_str) != Some("Organization") => {
            map.get("name").and_then(Value::as_str).map(line)
        }
        _ => None,
    }
    .filter(|name| !name.is_empty())
}

fn line(text: &str) -> String {
    one_line(&repair(text))
}
