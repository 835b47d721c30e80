//! JSON Feed 1.1 (jsonfeed.org).

use serde_json::{Map, Value, json};

use super::{
    Feed, Item, link, local,
    plain::{clean, plain},
};

/// Writes JSON Feed 1.1. Topics stand as names in `tags`, and as stable terms in the extension
/// `_loa.topics`; the source that an article names stands in `_loa.source`.
pub fn json(feed: &Feed) -> Vec<u8> {
    let hubs = feed
        .hub_url
        .as_deref()
        .map(|url| json!([{ "type": "WebSub", "url": link::web_or_as_is(url) }]));
    let mut document = object([
        ("version", Some(json!("https://jsonfeed.org/version/1.1"))),
        ("title", Some(json!(plain(&feed.title)))),
        ("home_page_url", Some(json!(link::web_or_as_is(&feed.html_url)))),
        ("feed_url", Some(json!(link::web_or_as_is(&feed.self_url)))),
        ("description", Some(json!(plain(&feed.description)))),
        (
            "icon",
            feed.icon_url.as_deref().and_then(link::web).map(Value::from),
        ),
        ("authors", Some(json!([{ "name": plain(&feed.authority) }]))),
        ("language", Some(json!(feed.language))),
        ("hubs", hubs),
        ("expired", feed.is_ended.then_some(json!(true))),
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
            let media_type =
                link::media_type(file.media_type.as_deref()).unwrap_or("application/octet-stream");
            Some(object([
                ("url", Some(json!(link::web(&file.url)?))),
                ("mime_type", Some(json!(media_type))),
                ("size_in_bytes", file.size_bytes.map(Value::from)),
            ]))
        })
        .collect();
    let labels: Vec<_> = item.categories.iter().map(|topic| plain(&topic.label)).collect();
    let terms: Vec<&str> = item.categories.iter().map(|topic| topic.term.as_str()).collect();
    let has_topics = !terms.is_empty();
    let source = item.source.as_deref().map(|source| json!(plain(source)));
    let own = object([("source", source), ("topics", has_topics.then(|| json!(terms)))]);
    // One of the two contents must stand; the excerpt is the text of a feed without full texts.
    let content_text = item.content_html.is_none().then(|| json!(plain(&item.excerpt)));
    object([
        ("id", Some(json!(item.id))),
        ("url", link::web(&item.url).map(Value::from)),
        ("title", Some(json!(plain(&item.title)))),
        ("summary", Some(json!(plain(&item.excerpt)))),
        ("content_html", item.content_html.as_ref().map(|html| json!(html))),
        ("content_text", content_text),
        ("image", image.map(Value::from)),
        ("date_published", Some(json!(local(item.published).to_rfc3339()))),
        ("date_modified", Some(json!(local(item.updated).to_rfc3339()))),
        (
            "authors",
            item.author.as_ref().map(|name| json!([{ "name": plain(name) }])),
        ),
        ("tags", has_topics.then(|| json!(labels))),
        (
            "attachments",
            (!attachments.is_empty()).then_some(Value::Array(attachments)),
        ),
        ("_loa", (has_topics || item.source.is_some()).then_some(own)),
    ])
}

/// An object of the keys that have a value.
fn object<const N: usize>(entries: [(&str, Option<Value>); N]) -> Value {
    let present = entries
        .into_iter()
        .filter_map(|(key, value)| value.map(|value| (key.to_owned(), value)));
    Value::Object(present.collect::<Map<String, Value>>())
}

/// Removes what XML or HTML forbids from every text: JSON could carry it, but the three formats should say the same.
fn strip(value: &mut Value) {
    match value {
        Value::String(s) => {
            if let std::borrow::Cow::Owned(safe) = clean(s) {
                *s = safe;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        Value::Object(map) => map.values_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
