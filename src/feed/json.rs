//! JSON Feed 1.1 (jsonfeed.org).

use serde_json::{Map, Value, json};

use super::{Feed, Item, link, local};
use crate::domain::text;

/// Writes JSON Feed 1.1. Topics stand as names in `tags`, and as stable terms in the extension `_loa.topics`.
pub fn json(feed: &Feed) -> Vec<u8> {
    let hubs = feed
        .hub_url
        .as_deref()
        .map(|url| json!([{ "type": "WebSub", "url": link::web_or_as_is(url) }]));
    let mut document = object([
        ("version", Some(json!("https://jsonfeed.org/version/1.1"))),
        ("title", Some(json!(feed.title))),
        ("home_page_url", Some(json!(link::web_or_as_is(&feed.html_url)))),
        ("feed_url", Some(json!(link::web_or_as_is(&feed.self_url)))),
        ("description", Some(json!(feed.description))),
        (
            "icon",
            feed.icon_url.as_deref().and_then(link::web).map(Value::from),
        ),
        ("authors", Some(json!([{ "name": feed.authority }]))),
        ("language", Some(json!(feed.language))),
        ("hubs", hubs),
        ("items", Some(feed.items.iter().map(item).collect())),
    ]);
    strip(&mut document);
    // Maps of strings cannot fail to serialise: `Value` writes itself.
    document.to_string().into_bytes()
}

fn item(item: &Item) -> Value {
    let image = item.images.iter().find_map(|image| link::web(&image.src));
    let attachments: Vec<Value> = item
        .attachments
        .iter()
        .filter_map(|file| {
            let media_type = file.media_type.as_deref().unwrap_or("application/octet-stream");
            Some(object([
                ("url", Some(json!(link::web(&file.url)?))),
                ("mime_type", Some(json!(media_type))),
                ("size_in_bytes", file.size_bytes.map(Value::from)),
            ]))
        })
        .collect();
    let labels: Vec<&str> = item.categories.iter().map(|topic| topic.label.as_str()).collect();
    let terms: Vec<&str> = item.categories.iter().map(|topic| topic.term.as_str()).collect();
    let has_topics = !terms.is_empty();
    // One of the two contents must stand; the excerpt is the text of a feed without full texts.
    let content_text = item.content_html.is_none().then(|| json!(item.excerpt));
    object([
        ("id", Some(json!(item.id))),
        ("url", Some(json!(link::web_or_as_is(&item.url)))),
        ("title", Some(json!(item.title))),
        ("summary", Some(json!(item.excerpt))),
        ("content_html", item.content_html.as_ref().map(|html| json!(html))),
        ("content_text", content_text),
        ("image", image.map(Value::from)),
        ("date_published", Some(json!(local(item.published).to_rfc3339()))),
        ("date_modified", Some(json!(local(item.updated).to_rfc3339()))),
        (
            "authors",
            item.author.as_ref().map(|name| json!([{ "name": name }])),
        ),
        ("tags", has_topics.then(|| json!(labels))),
        (
            "attachments",
            (!attachments.is_empty()).then_some(Value::Array(attachments)),
        ),
        ("_loa", has_topics.then(|| json!({ "topics": terms }))),
    ])
}

/// An object of the keys that have a value.
fn object<const N: usize>(entries: [(&str, Option<Value>); N]) -> Value {
    let present = entries
        .into_iter()
        .filter_map(|(key, value)| value.map(|value| (key.to_owned(), value)));
    Value::Object(present.collect::<Map<String, Value>>())
}

/// Removes what XML forbids from every text: JSON could carry it, but the three formats should say the same.
fn strip(value: &mut Value) {
    match value {
        Value::String(s) => {
            if let std::borrow::Cow::Owned(safe) = text::xml_safe(s) {
                *s = safe;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        Value::Object(map) => map.values_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
