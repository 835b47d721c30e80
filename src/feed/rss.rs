//! RSS 2.0, with the namespaces that readers know: Atom (self link, last change), Dublin Core (creator), Content (full text), Media
//! RSS (all files and pictures), Feed Paging and Archiving.

use std::collections::BTreeMap;

use rss::{
    Category, Channel, Enclosure, Guid, Image,
    extension::{Extension, ExtensionMap, atom::AtomExtension, atom::Link, dublincore::DublinCoreExtension},
};

use super::{Feed, Format, GENERATOR, Item, link, local, plain::plain, xml_bytes};
use crate::domain::{article::Attachment, text::escape_html};

const MEDIA: &str = "http://search.yahoo.com/mrss/";
const HISTORY: &str = "http://purl.org/syndication/history/1.0";

/// The type of a file of which the portal tells none; an `enclosure` must have one.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// Writes RSS 2.0.
pub fn rss(feed: &Feed) -> Vec<u8> {
    let mut namespaces = BTreeMap::new();
    namespaces.insert("media".to_owned(), MEDIA.to_owned());
    let mut extensions = ExtensionMap::new();
    if feed.paging.is_archive {
        namespaces.insert("fh".to_owned(), HISTORY.to_owned());
        add(&mut extensions, "fh", "archive", &[]);
    }
    let channel = Channel {
        title: plain(&feed.title).into_owned(),
        link: link::web_or_as_is(&feed.html_url),
        description: plain(&feed.description).into_owned(),
        language: Some(feed.language.clone()),
        last_build_date: Some(local(feed.changed_at()).to_rfc2822()),
        generator: Some(GENERATOR.to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        ttl: Some(feed.ttl_minutes.to_string()),
        image: feed.icon_url.as_deref().and_then(link::web).map(|url| Image {
            url,
            title: plain(&feed.title).into_owned(),
            link: link::web_or_as_is(&feed.html_url),
            ..Image::default()
        }),
        atom_ext: Some(AtomExtension { links: links(feed) }),
        items: feed.items.iter().map(item).collect(),
        extensions,
        namespaces,
        ..Channel::default()
    };
    xml_bytes(channel.to_string())
}

fn links(feed: &Feed) -> Vec<Link> {
    let to = |rel: &str, url: &str, format: Option<Format>| Link {
        href: link::web_or_as_is(url),
        rel: rel.to_owned(),
        mime_type: format.map(|format| format.media_type().to_owned()),
        ..Link::default()
    };
    let mut links = vec![
        to("self", &feed.self_url, Some(Format::Rss)),
        Link {
            mime_type: Some("text/html".to_owned()),
            ..to("alternate", &feed.html_url, None)
        },
    ];
    links.extend(feed.hub_url.iter().map(|url| to("hub", url, None)));
    links.extend(
        feed.paging_links()
            .map(|(rel, url)| to(rel, url, Some(Format::Rss))),
    );
    links
}

fn item(item: &Item) -> rss::Item {
    let categories = item.categories.iter().map(|category| Category {
        name: plain(&category.label).into_owned(),
        domain: Some(category.term.clone()),
    });
    rss::Item {
        title: Some(plain(&item.title).into_owned()),
        link: link::web(&item.url),
        description: Some(escape_html(&item.excerpt)),
        categories: categories.collect(),
        enclosure: item.attachments.iter().find_map(enclosure),
        guid: Some(Guid {
            value: item.id.clone(),
            permalink: false,
        }),
        pub_date: Some(local(item.published).to_rfc2822()),
        content: item.content_html.clone(),
        extensions: extensions(item),
        dublin_core_ext: (item.author.is_some() || item.source.is_some()).then(|| DublinCoreExtension {
            creators: item.author.iter().map(|name| plain(name).into_owned()).collect(),
            sources: item.source.iter().map(|name| plain(name).into_owned()).collect(),
            ..DublinCoreExtension::default()
        }),
        ..rss::Item::default()
    }
}

/// RSS allows one enclosure: the first file. A size that is not known is 0, as the RSS Advisory Board recommends.
fn enclosure(file: &Attachment) -> Option<Enclosure> {
    Some(Enclosure {
        url: link::web(&file.url)?,
        length: file.size_bytes.unwrap_or(0).to_string(),
        mime_type: link::media_type(file.media_type.as_deref())
            .unwrap_or(UNKNOWN_TYPE)
            .to_owned(),
    })
}

/// Every file as `media:content`, the first picture as `media:thumbnail`, and the last change, for which RSS has no element.
fn extensions(item: &Item) -> ExtensionMap {
    let mut map = ExtensionMap::new();
    let updated = Extension {
        name: "atom:updated".to_owned(),
        value: Some(local(item.updated).to_rfc3339()),
        ..Extension::default()
    };
    let of_atom = BTreeMap::from([("updated".to_owned(), vec![updated])]);
    map.insert("atom".to_owned(), of_atom);
    for file in &item.attachments {
        let Some(url) = link::web(&file.url) else { continue };
        let size = file
            .size_bytes
            .filter(|size| *size > 0)
            .map(|size| size.to_string());
        let mut attributes = vec![("url", url.as_str()), ("medium", "document")];
        attributes.extend(link::media_type(file.media_type.as_deref()).map(|kind| ("type", kind)));
        attributes.extend(size.as_deref().map(|size| ("fileSize", size)));
        add(&mut map, "media", "content", &attributes);
    }
    if let Some(url) = item.images.iter().find_map(|image| link::web(&image.src)) {
        add(&mut map, "media", "thumbnail", &[("url", &url)]);
    }
    map
}

/// Adds an element of attributes alone.
fn add(map: &mut ExtensionMap, prefix: &str, name: &str, attributes: &[(&str, &str)]) {
    let element = Extension {
        name: format!("{prefix}:{name}"),
        attrs: attributes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        ..Extension::default()
    };
    let of_prefix = map.entry(prefix.to_owned()).or_default();
    of_prefix.entry(name.to_owned()).or_default().push(element);
}
