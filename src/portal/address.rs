//! Addresses of a portal: which are articles, which key they carry, and which belong to the portal at all.

use serde::Deserialize;
use url::Url;

/// Patterns over addresses that find the article's key, such as `**/-/view_content/{digits}*`: one, or several of which the
/// first that fits decides. None at all fits nothing (a feed's own profile has none).
///
/// Segments of the path are separated by `/`. `**` stands for any number of segments, `*` for one, `{digits}` and `{slug}`
/// for the key: a run of digits, or a name that holds a letter. Text may stand around a key, `*` may end a segment, and
/// `*-` may begin one (`*-{digits}.html`: the digits behind the last hyphen).
///
/// The key may stand in the query instead: `**/Pages/*.aspx?IDNews={digits}`, with fixed parameters beside it where the
/// portal needs them (`/index.php?view=article&id={digits}`). Names of parameters are compared in any case of letters, and
/// so is the path where the pattern's ends in `.aspx`: such servers do not tell the cases apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "OneOrMany")]
pub struct AddressPattern(Vec<Alternative>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Alternative {
    path: Vec<Segment>,
    /// Parameters that the address must have, the key's among them where the path holds none.
    query: Vec<Parameter>,
    any_case: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parameter {
    name: String,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Exactly(String),
    Key(KeyKind),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Any,
    One,
    Exactly(String),
    /// Text before and after one `*`.
    Around(String, String),
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

const MARKS: [(&str, KeyKind); 2] = [("{digits}", KeyKind::Digits), ("{slug}", KeyKind::Slug)];

impl TryFrom<OneOrMany> for AddressPattern {
    type Error = String;

    fn try_from(patterns: OneOrMany) -> Result<Self, String> {
        let patterns = match patterns {
            OneOrMany::One(pattern) => vec![pattern],
            OneOrMany::Many(patterns) => patterns,
        };
        if patterns.is_empty() {
            return Err("name at least one article pattern".to_owned());
        }
        let alternatives = patterns.iter().map(|pattern| alternative(pattern));
        alternatives.collect::<Result<_, _>>().map(Self)
    }
}

fn alternative(pattern: &str) -> Result<Alternative, String> {
    let (path, query) = pattern.split_once('?').unwrap_or((pattern, ""));
    let any_case = path.to_ascii_lowercase().ends_with(".aspx");
    let found = Alternative {
        path: path.trim_matches('/').split('/').map(segment).collect(),
        query: query
            .split('&')
            .filter(|p| !p.is_empty())
            .map(parameter)
            .collect(),
        any_case,
    };
    let in_path = |s: &&Segment| matches!(s, Segment::Key { .. });
    let in_query = |p: &&Parameter| matches!(p.value, Value::Key(_));
    if found.path.iter().filter(in_path).count() + found.query.iter().filter(in_query).count() == 1 {
        Ok(found)
    } else {
        Err(format!(
            "the article pattern {pattern:?} must hold one of {{digits}} and {{slug}}, once"
        ))
    }
}

fn parameter(text: &str) -> Parameter {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let key = MARKS.iter().find(|(mark, _)| *mark == value);
    Parameter {
        name: name.to_owned(),
        value: key.map_or_else(|| Value::Exactly(value.to_owned()), |(_, kind)| Value::Key(*kind)),
    }
}

fn segment(text: &str) -> Segment {
    for (mark, kind) in MARKS {
        if let Some((before, after)) = text.split_once(mark) {
            let after = (after != "*").then(|| after.to_owned());
            return Segment::Key {
                before: before.to_owned(),
                kind,
                after,
            };
        }
    }
    match (text, text.split_once('*')) {
        ("**", _) => Segment::Any,
        ("*", _) => Segment::One,
        (_, Some((before, after))) => Segment::Around(before.to_owned(), after.to_owned()),
        (exact, None) => Segment::Exactly(exact.to_owned()),
    }
}

impl AddressPattern {
    /// The article's key, where the address is an article's. The fragment does not matter, nor does the query string
    /// where the pattern names no parameter.
    pub fn key(&self, url: &Url) -> Option<String> {
        self.fit(url).map(|(key, _)| key)
    }

    /// The address of a link on a page of the same portal, on the origin that was polled: without a fragment, and of the
    /// query only what the pattern names, spelt as there. `http`, `www.` and a query string do not make another article,
    /// and a link must not lead from https back to http. The path keeps its case. `None` for links that leave the portal.
    pub fn article_address(&self, link: &Url, page: &Url) -> Option<Url> {
        let mut url = article_address(link, page)?;
        let query = self.fit(link).map(|(_, query)| query).unwrap_or_default();
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Some(url)
    }

    /// Whether there is no pattern at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These patterns and, after them, those of another profile.
    pub(super) fn extend(&mut self, other: &Self) {
        for alternative in &other.0 {
            if !self.0.contains(alternative) {
                self.0.push(alternative.clone());
            }
        }
    }

    /// The key, and the parameters that make the address.
    fn fit(&self, url: &Url) -> Option<(String, Vec<(String, String)>)> {
        self.0.iter().find_map(|alternative| alternative.fit(url))
    }
}

impl Alternative {
    fn fit(&self, url: &Url) -> Option<(String, Vec<(String, String)>)> {
        let path: Vec<&str> = url.path().trim_matches('/').split('/').collect();
        let in_path = match_segments(&self.path, &path, self.any_case)?;
        let mut in_query = None;
        let mut kept = Vec::new();
        for wanted in &self.query {
            let (_, value) = url
                .query_pairs()
                .find(|(name, _)| name.eq_ignore_ascii_case(&wanted.name))?;
            match &wanted.value {
                Value::Exactly(text) if *text == value => {}
                Value::Exactly(_) => return None,
                Value::Key(kind) => in_query = Some(key_in(&value, "", *kind, Some(""))?),
            }
            kept.push((wanted.name.clone(), value.into_owned()));
        }
        Some((in_path.0.or(in_query)?, kept))
    }
}

/// The key that a path holds, where it is not in the query.
struct InPath(Option<String>);

/// Whether the path fits, and the key that it holds.
fn match_segments(pattern: &[Segment], path: &[&str], any_case: bool) -> Option<InPath> {
    let Some((first, rest)) = pattern.split_first() else {
        return path.is_empty().then_some(InPath(None));
    };
    if matches!(first, Segment::Any) {
        return (0..=path.len()).find_map(|skipped| match_segments(rest, &path[skipped..], any_case));
    }
    let (here, path) = path.split_first()?;
    let key = match first {
        Segment::Exactly(text) if is_same(text, here, any_case) => None,
        Segment::One if !here.is_empty() => None,
        Segment::Around(before, after) if stands_around(here, before, after, any_case) => None,
        Segment::Key { before, kind, after } => {
            // A key keeps its case; what stands around it is compared as written.
            Some(key_in(here, before, *kind, after.as_deref())?)
        }
        _ => return None,
    };
    let behind = match_segments(rest, path, any_case)?;
    Some(InPath(key.or(behind.0)))
}

fn is_same(pattern: &str, text: &str, any_case: bool) -> bool {
    pattern == text || any_case && pattern.eq_ignore_ascii_case(text)
}

fn stands_around(text: &str, before: &str, after: &str, any_case: bool) -> bool {
    let (Some(head), Some(tail)) = (
        text.get(..before.len()),
        text.len().checked_sub(after.len()).and_then(|at| text.get(at..)),
    ) else {
        return false;
    };
    text.len() >= before.len() + after.len()
        && is_same(before, head, any_case)
        && is_same(after, tail, any_case)
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

/// The address of a link on a page of the same portal, on the origin that was polled and without query or fragment; see
/// [`AddressPattern::article_address`] for keys that stand in the query. `None` for links that leave the portal.
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
