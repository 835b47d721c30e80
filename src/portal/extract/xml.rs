//! Feeds as portals write them, mended until an XML parser takes them.

use scraper::Html;

use crate::domain::text::xml_safe;

/// The entities that XML knows without a definition.
const PREDEFINED: &[&str] = &["amp", "lt", "gt", "quot", "apos"];

/// The name of the root element in lower case and without its prefix, behind declaration, comments and document type.
pub(super) fn root(text: &str) -> Option<String> {
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    loop {
        rest = rest.trim_start();
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<!") {
            ">"
        } else {
            break;
        };
        rest = &rest[rest.find(end)? + end.len()..];
    }
    let name = rest.strip_prefix('<')?;
    let name = &name[..name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))?];
    let name = name.rsplit(':').next().unwrap_or(name);
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

/// The text without its declaration (it is decoded already, whatever charset that names), without characters that XML
/// forbids, with entities of HTML as the characters they mean and bare `&` escaped. JSON comes back without its mark.
pub(super) fn mended(text: &str) -> String {
    let text = xml_safe(text);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if !text.starts_with('<') {
        return text.to_owned();
    }
    let text = match text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest.trim_start(),
        None => text,
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("<![CDATA[") {
        mend_entities(&rest[..at], &mut out);
        let end = rest[at..]
            .find("]]>")
            .map_or(rest.len(), |i| at + i + "]]>".len());
        out.push_str(&rest[at..end]);
        rest = &rest[end..];
    }
    mend_entities(rest, &mut out);
    with_version(out)
}

/// RSS whose root names no version is RSS 2.0.
fn with_version(text: String) -> String {
    let Some(at) = text.find("<rss") else { return text };
    let Some(end) = text[at..].find('>').map(|i| at + i) else {
        return text;
    };
    if text[at..end].contains("version") || root(&text).as_deref() != Some("rss") {
        return text;
    }
    let behind = at + "<rss".len();
    format!("{} version=\"2.0\"{}", &text[..behind], &text[behind..])
}

fn mend_entities(text: &str, out: &mut String) {
    let mut pieces = text.split('&');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let name = piece.split_once(';').map(|(name, _)| name);
        let behind = |name: &str| &piece[name.len() + 1..];
        let html = || name.filter(|name| is_name(name)).and_then(meant);
        if name.is_some_and(|name| PREDEFINED.contains(&name)) {
            out.push('&');
            out.push_str(piece);
        } else if let (Some(name), Some(text)) = (name, html()) {
            out.push_str(&crate::domain::text::escape_html(&text));
            out.push_str(behind(name));
        } else {
            out.push_str("&amp;");
            out.push_str(piece);
        }
    }
}

/// `hellip`, `#8230`, `#x2026`.
fn is_name(name: &str) -> bool {
    let rest = name.strip_prefix('#').unwrap_or(name);
    (1..=31).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// What an entity of HTML or a number means, without what XML forbids. `None` for no entity.
fn meant(name: &str) -> Option<String> {
    let written = format!("&{name};");
    let read: String = Html::parse_fragment(&written).root_element().text().collect();
    (read != written).then(|| xml_safe(&read).into_owned())
}
