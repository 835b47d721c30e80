//! What clean HTML may hold, and the sanitiser that holds to it.

use std::collections::{HashMap, HashSet};

/// Elements that are written; others are replaced by what they hold.
pub(super) const KEPT: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "br",
    "caption",
    "dd",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];
/// Elements that are written even when they hold nothing.
pub(super) const KEPT_EMPTY: &[&str] = &["br", "hr", "td", "th"];
/// Divisions of a page: one of text is a paragraph, one of paragraphs a box that is left out.
pub(super) const DIVISIONS: &[&str] = &[
    "p", "div", "section", "article", "center", "main", "aside", "header", "footer", "address", "form",
    "fieldset", "details", "summary", "nav", "picture",
];
const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "title", "type"]),
    ("img", &["src", "alt"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["colspan", "rowspan"]),
];

/// Lets nothing through but what stands above.
pub(super) fn sanitise(raw: &str) -> String {
    let attributes: HashMap<&str, HashSet<&str>> = ATTRIBUTES
        .iter()
        .map(|(tag, names)| (*tag, names.iter().copied().collect()))
        .collect();
    ammonia::Builder::default()
        .tags(KEPT.iter().copied().collect())
        .tag_attributes(attributes)
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer"))
        .clean(raw)
        .to_string()
        .trim()
        .to_owned()
}
