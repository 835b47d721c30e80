//! Atom 1.0 (RFC 4287), with the archives of RFC 5005.

use std::collections::BTreeMap;

use atom_syndication::{
    Category, Content, Entry, Generator, Link, Person, Text,
    extension::{Extension, ExtensionMap},
};

use super::{Feed, Format, Item, link, local, xml_bytes};

const HISTORY: &str = "http://purl.org/syndication/history/1.0";
const MEDIA: &str = "http://search.yahoo.com/mrss/";

/// Writes Atom 1.0.
pub fn atom(feed: &Feed) -> Vec<u8> {
    let mut namespaces = BTreeMap::from([("media".to_owned(), MEDIA.to_owned())]);
    let mut extensions = ExtensionMap::new();
    if feed.paging.is_archive {
        namespaces.insert("fh".to_owned(), HISTORY.to_owned());
        extensions = element("fh", "archive", BTreeMap::new());
    }
    let document = atom_syndication::Feed {
        title: Text::plain(feed.title.clone()),
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
        subtitle: Some(Text::plain(feed.description.clone())),
        entries: feed.items.iter().map(entry).collect(),
        extensions,
        namespaces,
        lang: Some(feed.language.clone()),
        ..atom_syndication::Feed::default()
    };
    xml_bytes(&document.to_string())
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

fn entry(item: &Item) -> Entry {
    let mut links = vec![to("alternate", link::web_or_as_is(&item.url), Some("text/html"))];
    for file in &item.attachments {
        if let Some(url) = link::web(&file.url) {
            links.push(Link {
                length: file.size_bytes.map(|size| size.to_string()),
                ..to("enclosure", url, file.media_type.as_deref())
            });
        }
    }
    let categories = item.categories.iter().map(|category| Category {
        term: category.term.clone(),
        label: Some(category.label.clone()),
        scheme: None,
    });
    Entry {
        title: Text::plain(item.title.clone()),
        id: item.id.clone(),
        updated: local(item.updated),
        authors: item.author.iter().map(|name| person(name)).collect(),
        categories: categories.collect(),
        links,
        published: Some(local(item.published)),
        summary: Some(Text::plain(item.excerpt.clone())),
        content: item.content_html.clone().map(|html| Content {
            value: Some(html),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        extensions: thumbnail(item),
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
        name: name.to_owned(),
        ..Person::default()
    }
}

fn thumbnail(item: &Item) -> ExtensionMap {
    let url = item.images.iter().find_map(|image| link::web(&image.src));
    url.map_or_else(ExtensionMap::new, |url| {
        element("media", "thumbnail", BTreeMap::from([("url".to_owned(), url)]))
    })
}

fn element(prefix: &str, name: &str, attrs: BTreeMap<String, String>) -> ExtensionMap {
    let element = Extension {
        name: format!("{prefix}:{name}"),
        attrs,
        ..Extension::default()
    };
    let of_prefix = BTreeMap::from([(name.to_owned(), vec![element])]);
    BTreeMap::from([(prefix.to_owned(), of_prefix)])
}
