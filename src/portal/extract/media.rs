//! Pictures behind lazy loading, and players that a text embeds.

use std::collections::HashMap;

use scraper::ElementRef;
use url::Url;

use super::{files, links};

/// Attributes that lazy loading keeps a picture's address in, the likeliest first.
const LAZY: &[&str] = &[
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-original-src",
    "data-orig-src",
];
/// Names of the pictures that stand in until the real one is loaded, and of those that keep a distance.
const STAND_INS: &[&str] = &[
    "spacer",
    "blank",
    "pixel",
    "placeholder",
    "loading",
    "loader",
    "ajax-loader",
    "lazy",
    "lazyload",
    "lazy-load",
    "transparent",
    "trans",
    "1x1",
    "empty",
    "clear",
    "dot_clear",
    "grey",
];

/// Something that plays or shows what a feed's reader cannot: it is replaced by a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Embedded {
    Film(Url),
    Recording(Url),
    File(Url, Option<String>),
}

/// The address of a picture, behind lazy loading too. Inlined data, stand-ins and pictures of one pixel are none.
pub(super) fn picture(element: ElementRef<'_>, base: &Url) -> Option<Url> {
    if is_pixel(element) {
        return None;
    }
    let attribute = |e: ElementRef<'_>, name: &str| usable(e.attr(name)?, base);
    let largest = |e: ElementRef<'_>, name: &str| usable(largest_of(e.attr(name)?)?, base);
    let around = element
        .parent()
        .and_then(ElementRef::wrap)
        .filter(|p| p.value().name() == "picture");
    let of_source = || {
        let sources = around?.child_elements().filter(|e| e.value().name() == "source");
        sources
            .into_iter()
            .find_map(|s| largest(s, "data-srcset").or_else(|| largest(s, "srcset")))
    };
    LAZY.iter()
        .find_map(|name| attribute(element, name))
        .or_else(|| attribute(element, "src"))
        .or_else(|| largest(element, "data-srcset"))
        .or_else(|| largest(element, "srcset"))
        .or_else(of_source)
}

fn usable(value: &str, base: &Url) -> Option<Url> {
    let value = value.trim();
    let url = base.join(value).ok().filter(|_| !value.is_empty())?;
    let name = url
        .path()
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    (matches!(url.scheme(), "http" | "https") && !STAND_INS.contains(&stem)).then_some(url)
}

/// A width or height of at most one pixel: it counts readers.
fn is_pixel(element: ElementRef<'_>) -> bool {
    let is_tiny = |value: &str| matches!(value.trim().trim_end_matches("px").trim(), "0" | "1");
    let style = element.attr("style").unwrap_or_default().to_ascii_lowercase();
    let in_style = style.split(';').filter_map(|rule| rule.split_once(':'));
    let by_style: HashMap<&str, &str> = in_style.map(|(name, value)| (name.trim(), value)).collect();
    ["width", "height"].iter().any(|name| {
        element
            .attr(name)
            .or_else(|| by_style.get(name).copied())
            .is_some_and(is_tiny)
    })
}

/// The candidate of a `srcset` with the greatest width or density (HTML standard, 4.8.4.2.1).
fn largest_of(srcset: &str) -> Option<&str> {
    let mut best: Option<(f64, &str)> = None;
    let mut rest = srcset.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    while !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (url, tail) = rest.split_at(end);
        let (url, descriptor, tail) = if let Some(url) = url.strip_suffix(',') {
            (url, "", tail)
        } else {
            let end = tail.find(',').unwrap_or(tail.len());
            (url, &tail[..end], &tail[end..])
        };
        let size = descriptor.trim().trim_end_matches(['w', 'x', 'h']);
        let size = size.parse().unwrap_or(1.0);
        if best.is_none_or(|(known, _)| size > known) {
            best = Some((size, url));
        }
        rest = tail.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }
    best.map(|(_, url)| url)
}

/// What an `iframe`, `embed`, `object`, `video` or `audio` shows, where a reader can be sent to it: films of the portal and
/// of the large film sites, recordings, documents. Maps, forms and widgets are none.
pub(super) fn embedded(element: ElementRef<'_>, base: &Url) -> Option<Embedded> {
    let attribute = |e: ElementRef<'_>, names: &[&str]| {
        let value = names
            .iter()
            .find_map(|name| e.attr(name).filter(|v| !v.trim().is_empty()))?;
        links::target(value, base)
    };
    let within = |name: &'static str| {
        element
            .descendent_elements()
            .filter(move |e| e.value().name() == name)
    };
    let tag = element.value().name();
    match tag {
        "video" | "audio" => {
            let own = attribute(element, &["src", "data-src"]);
            let url = own.or_else(|| within("source").find_map(|s| attribute(s, &["src", "data-src"])))?;
            Some(if tag == "video" {
                Embedded::Film(url)
            } else {
                Embedded::Recording(url)
            })
        }
        "iframe" | "embed" => {
            let url = attribute(element, &["data-src", "data-lazy-src", "src"])?;
            classified(url, element.attr("type"), base)
        }
        "object" => {
            let data = attribute(element, &["data"]);
            let is_address = |e: &ElementRef<'_>| {
                let name = e.attr("name").unwrap_or_default().to_ascii_lowercase();
                matches!(name.as_str(), "movie" | "src" | "url" | "filename")
            };
            let named = within("param")
                .filter(is_address)
                .find_map(|p| attribute(p, &["value"]));
            let own = data
                .or(named)
                .and_then(|url| classified(url, element.attr("type"), base));
            own.or_else(|| within("embed").find_map(|e| embedded(e, base)))
        }
        _ => None,
    }
}

/// A block that scripts of VCCorp's system make a player of.
pub(super) fn scripted_film(element: ElementRef<'_>, base: &Url) -> Option<Url> {
    let is_film = element
        .attr("type")
        .is_some_and(|t| t.eq_ignore_ascii_case("VideoStream"));
    let url = element
        .attr("data-src")
        .filter(|_| is_film)
        .and_then(|src| links::target(src, base))?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn classified(url: Url, media_type: Option<&str>, base: &Url) -> Option<Embedded> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    match files::is_film(&url) {
        Some(true) => return Some(Embedded::Film(url)),
        Some(false) => return Some(Embedded::Recording(url)),
        None => {}
    }
    let declared = files::declared(&url, media_type, None);
    if files::media_type(&url).is_some() || declared.is_some() {
        return Some(Embedded::File(url, declared));
    }
    film_site(&url)
        .or_else(|| is_portals_player(&url, base).then_some(url))
        .map(Embedded::Film)
}

/// The page of a film whose player is embedded.
fn film_site(url: &Url) -> Option<Url> {
    let host = url.host_str()?.trim_start_matches("www.");
    let segments: Vec<&str> = url.path().trim_matches('/').split('/').collect();
    let page = match (host, segments.as_slice()) {
        ("youtube.com" | "youtube-nocookie.com", ["embed" | "v" | "shorts", id]) if *id != "videoseries" => {
            // Old players write `/v/<id>&hl=vi`.
            let id = id.split('&').next().unwrap_or(id);
            format!("https://www.youtube.com/watch?v={id}")
        }
        ("youtube.com" | "youtube-nocookie.com" | "youtu.be" | "vimeo.com", _) => url.to_string(),
        ("player.vimeo.com", ["video", id]) => format!("https://vimeo.com/{id}"),
        ("facebook.com", ["plugins", "video.php"]) => {
            url.query_pairs().find(|(name, _)| name == "href")?.1.into_owned()
        }
        _ => return None,
    };
    Url::parse(&page)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// A player on the portal's own site or a site below it.
fn is_portals_player(url: &Url, base: &Url) -> bool {
    let host = |u: &Url| {
        u.host_str()
            .unwrap_or_default()
            .trim_start_matches("www.")
            .to_owned()
    };
    let (of, portal) = (host(url), host(base));
    let is_own = of == portal || of.ends_with(&format!(".{portal}"));
    let path = url.path().to_ascii_lowercase();
    is_own
        && ["video", "player", "clip", "embed", "truyen-hinh"]
            .iter()
            .any(|word| path.contains(word))
}
