//! Atom 1.0 (RFC 4287), with the archives of RFC 5005.

use std::collections::BTreeMap;

use atom_syndication::{
    Category, Content, Entry, Generator, Link, Person, Text,
    extension::{Extension, ExtensionMap},
};

use super::{Feed, Format, Item, link, local, plain::plain, xml_bytes};
use crate::domain::text::escape_html;

const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
const HISTORY: &str = "http://purl.org/syndication/history/1.0";
const MEDIA: &str = "http://search.yahoo.com/mrss/";

/// Writes Atom 1.0.
pub fn atom(feed: &Feed) -> Vec<u8> {
    let mut namespaces = BTreeMap::from([
        ("dc".to_owned(), DUBLIN_CORE.to_owned()),
        ("media".to_owned(), MEDIA.to_owned()),
    ]);
    let mut extensions = ExtensionMap::new();
    if feed.paging.is_archive {
        namespaces.insert("fh".to_owned(), HISTORY.to_owned());
        add(&mut extensions, "fh", "archive", Extension::default());
    }
    let document = atom_syndication::Feed {
        title: text(&feed.title),
        id: feed.id.clone(),
        updated: local(feed.changed_at()),
        authors: vec![person(&feed.authority)],
        generator: Some(Generator {
            value: "Loa".to_owned(),
            uri: None,
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
        icon: feed.icon_url.as_deref().and_then(link::web),
        links: links(feed),
        subtitle: Some(text(&feed.description)),
        entries: feed.items.iter().map(|item| entry(item, feed)).collect(),
        extensions,
        namespaces,
        lang: Some(feed.language.clone()),
        ..atom_syndication::Feed::default()
    };
    let written = document.to_string();
    // The writer's own declaration names no encoding, which a file without HTTP headers should.
    let root = written
        .strip_prefix(r#"<?xml version="1.0"?>"#)
        .unwrap_or(&written);
    xml_bytes(format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{root}"))
}

fn links(feed: &Feed) -> Vec<Link> {
    let of_type = |rel, url: &str, media_type| to(rel, link::web_or_as_is(url), Some(media_type));
    let mut links = vec![
        of_type("self", &feed.self_url, Format::Atom.media_type()),
        of_type("alternate", &feed.html_url, "text/html"),
    ];
    links.extend(
        feed.hub_url
            .iter()
            .map(|url| to("hub", link::web_or_as_is(url), None)),
    );
    let paging = feed.paging_links();
    links.extend(paging.map(|(rel, url)| of_type(rel, url, Format::Atom.media_type())));
    links
}

fn entry(item: &Item, feed: &Feed) -> Entry {
    // An entry must link to something that a browser opens.
    let page = link::web(&item.url).unwrap_or_else(|| link::web_or_as_is(&feed.html_url));
    let mut links = vec![to("alternate", page, Some("text/html"))];
    for file in &item.attachments {
        if let Some(url) = link::web(&file.url) {
            links.push(Link {
                length: file.size_bytes.map(|size| size.to_string()),
                ..to("enclosure", url, link::media_type(file.media_type.as_deref()))
            });
        }
    }
    let categories = item.categories.iter().map(|category| Category {
        term: category.term.clone(),
        label: Some(plain(&category.label).into_owned()),
        scheme: None,
    });
    Entry {
        title: text(&item.title),
        id: item.id.clone(),
        updated: local(item.updated),
        authors: item.author.iter().map(|name| person(name)).collect(),
        categories: categories.collect(),
        links,
        published: Some(local(item.published)),
        summary: Some(text(&item.excerpt)),
        content: item.content_html.clone().map(|html| Content {
            value: Some(html),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        extensions: extensions(item),
        ..Entry::default()
    }
}

fn to(rel: &str, href: String, media_type: Option<&str>) -> Link {
    Link {
        href,
        rel: rel.to_owned(),
        mime_type: media_type.map(str::to_owned),
        ..Link::default()
    }
}

fn person(name: &str) -> Person {
    Person {
        name: plain(name).into_owned(),
        ..Person::default()
    }
}

fn text(text: &str) -> Text {
    Text::plain(plain(text).into_owned())
}

/// The first picture, and the source that the text names; `atom:source` is another thing, a feed.
fn extensions(item: &Item) -> ExtensionMap {
    let mut map = ExtensionMap::new();
    if let Some(source) = &item.source {
        let source = Extension {
            value: Some(plain(source).into_owned()),
            ..Extension::default()
        };
        add(&mut map, "dc", "source", source);
    }
    if let Some(url) = item.images.iter().find_map(|image| link::web(&image.src)) {
        let thumbnail = Extension {
            // The writer escapes the attributes of its own elements, and not those of extensions.
            attrs: BTreeMap::from([("url".to_owned(), escape_html(&url))]),
            ..Extension::default()
        };
        add(&mut map, "media", "thumbnail", thumbnail);
    }
    map
}

fn add(map: &mut ExtensionMap, prefix: &str, name: &str, element: Extension) {
    let element = Extension {
        name: format!("{prefix}:{name}"),
        ..element
    };
    let of_prefix = map.entry(prefix.to_owned()).or_default();
    of_prefix.entry(name.to_owned()).or_default().push(element);
}
