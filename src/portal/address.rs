//! Addresses of a portal: which are articles, which key they carry, and which belong to the portal at all.

use serde::Deserialize;
use url::Url;

/// A pattern over an address's path that finds the article's key, such as `**/-/view_content/{digits}*`.
///
/// Segments are separated by `/`. `**` stands for any number of segments, `*` for one, `{digits}` and `{slug}` for the
/// key: a run of digits, or a name that holds a letter. Text may stand around a key, `*` may end a segment, and `*-` may
/// begin one (`*-{digits}.html`: the digits behind the last hyphen).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AddressPattern(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Any,
    One,
    Exactly(String),
    Key {
        before: String,
        kind: KeyKind,
        after: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Digits,
    Slug,
}

impl TryFrom<String> for AddressPattern {
    type Error = String;

    fn try_from(pattern: String) -> Result<Self, String> {
        let segments: Vec<_> = pattern.trim_matches('/').split('/').map(segment).collect();
        let keys = segments
            .iter()
            .filter(|s| matches!(s, Segment::Key { .. }))
            .count();
        if keys == 1 {
            Ok(Self(segments))
        } else {
            Err(format!(
                "the article pattern {pattern:?} must hold one of {{digits}} and {{slug}}, once"
            ))
        }
    }
}

fn segment(text: &str) -> Segment {
    for (mark, kind) in [("{digits}", KeyKind::Digits), ("{slug}", KeyKind::Slug)] {
        if let Some((before, after)) = text.split_once(mark) {
            let after = (after != "*").then(|| after.to_owned());
            return Segment::Key {
                before: before.to_owned(),
                kind,
                after,
            };
        }
    }
    match text {
        "**" => Segment::Any,
        "*" => Segment::One,
        exact => Segment::Exactly(exact.to_owned()),
    }
}

impl AddressPattern {
    /// No pattern was given: no address fits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The article's key, where the address is an article's. Query string and fragment do not matter.
    pub fn key(&self, url: &Url) -> Option<String> {
        let path: Vec<&str> = url.path().trim_matches('/').split('/').collect();
        match_segments(&self.0, &path)
    }
}

fn match_segments(pattern: &[Segment], path: &[&str]) -> Option<String> {
    let (first, rest) = pattern.split_first()?;
    if matches!(first, Segment::Any) {
        return (0..=path.len()).find_map(|skipped| match_segments(rest, &path[skipped..]));
    }
    let (here, path) = path.split_first()?;
    let key = match first {
        Segment::Exactly(text) if text == here => None,
        Segment::One if !here.is_empty() => None,
        Segment::Key { before, kind, after } => Some(key_in(here, before, *kind, after.as_deref())?),
        _ => return None,
    };
    if rest.is_empty() {
        return if path.is_empty() { key } else { None };
    }
    // A pattern's key stands last in every family seen; what follows it must still match.
    match key {
        Some(key) => only_fixed(rest, path).then_some(key),
        None => match_segments(rest, path),
    }
}

fn only_fixed(pattern: &[Segment], path: &[&str]) -> bool {
    pattern.len() == path.len()
        && pattern.iter().zip(path).all(|(s, here)| match s {
            Segment::Exactly(text) => text == here,
            Segment::Any | Segment::One => true,
            Segment::Key { .. } => false,
        })
}

/// The key within one segment. `after` is `None` where anything may follow.
fn key_in(segment: &str, before: &str, kind: KeyKind, after: Option<&str>) -> Option<String> {
    let rest = after.map_or(Some(segment), |after| segment.strip_suffix(after))?;
    let rest = match before.strip_prefix('*') {
        Some(sign) => rest.rsplit_once(sign).map(|(_, tail)| tail)?,
        None => rest.strip_prefix(before)?,
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    match kind {
        KeyKind::Digits if digits > 0 && (after.is_none() || digits == rest.len()) => {
            Some(rest[..digits].to_owned())
        }
        KeyKind::Slug if rest.len() > digits => Some(rest.to_owned()),
        _ => None,
    }
}

/// Whether two addresses belong to one portal: the same host (`www.` apart) and port, over http or https.
pub fn is_same_site(a: &Url, b: &Url) -> bool {
    let host = |u: &Url| u.host_str().map(|h| h.trim_start_matches("www.").to_owned());
    let web = |u: &Url| matches!(u.scheme(), "http" | "https");
    web(a) && web(b) && host(a) == host(b) && a.port() == b.port()
}

/// The address of a link on a page of the same portal, on the origin that was polled and without query or fragment.
/// `http`, `www.` and a query string do not make another article, and a link must not lead from https back to http.
/// The path keeps its case. `None` for links that leave the portal.
pub fn article_address(link: &Url, page: &Url) -> Option<Url> {
    if !is_same_site(link, page) {
        return None;
    }
    let mut url = page.clone();
    url.set_path(link.path());
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}
