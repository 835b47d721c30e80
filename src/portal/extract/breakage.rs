//! Pages that are neither a list nor an article: challenges, maintenance notices, login forms.

use scraper::{Html, Selector};
use url::Url;

use super::ExtractError;
use super::lines;
use crate::domain::text::normalise;

/// A page with more visible text than this is not a notice (characters).
const LONGEST_NOTICE: usize = 1_500;
const MAINTENANCE: &[&str] = &[
    "đang bảo trì",
    "bảo trì hệ thống",
    "under maintenance",
    "temporarily unavailable",
];
const CHALLENGE: &[&str] = &[
    "just a moment",
    "checking your browser",
    "enable javascript",
    "captcha",
    "access denied",
    "verify you are human",
];

/// A page with more elements open at once is broken or hostile: parsing it takes time by the square of this number.
const DEEPEST_NESTING: usize = 5_000;
/// Elements that stand without an end tag.
const WITHOUT_END: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr", "p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "option", "html", "body", "head",
];

/// Whether the page nests too deeply to be parsed. Counts tags without parsing, so it may count a script's text too.
pub(super) fn is_too_deep(html: &str) -> bool {
    let bytes = html.as_bytes();
    // Nearly every page has fewer tags than that. Counted in pieces that a byte can number, which compiles to few steps.
    let tags_in = |piece: &[u8]| {
        piece
            .iter()
            .fold(0_u8, |count, byte| count + u8::from(*byte == b'<'))
    };
    let tags: usize = bytes.chunks(255).map(|piece| usize::from(tags_in(piece))).sum();
    if tags <= DEEPEST_NESTING {
        return false;
    }
    let mut open = 0_usize;
    html.match_indices('<').any(|(at, _)| {
        let after = &bytes[at + 1..];
        let (is_end, name) = match after.first() {
            Some(b'/') => (true, &after[1..]),
            _ => (false, after),
        };
        let length = name.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let name = &name[..length];
        let has_no_end = WITHOUT_END
            .iter()
            .any(|known| known.as_bytes().eq_ignore_ascii_case(name));
        if length > 0 && !has_no_end {
            open = if is_end { open.saturating_sub(1) } else { open + 1 };
        }
        open > DEEPEST_NESTING
    })
}

/// What is said about a page that nests too deeply.
pub(super) fn too_deep(url: &Url, profiles: &str) -> ExtractError {
    let missing = format!("more than {DEEPEST_NESTING} elements stand open in one another");
    ExtractError::LayoutNotRecognised {
        url: url.to_string(),
        profiles: profiles.to_owned(),
        missing,
    }
}

/// An error where the page is one of these; to be asked once reading has failed.
pub(super) fn check(html: &str, url: &Url) -> Result<(), ExtractError> {
    let document = Html::parse_document(html);
    let lines = lines::lines(document.root_element(), &[]);
    let text = normalise(
        &lines
            .iter()
            .map(|l| l.text.as_str())
            .collect::<Vec<_>>()
            .join("\n"),
    );
    if text.chars().count() > LONGEST_NOTICE {
        return Ok(());
    }
    let has = |css: &str| Selector::parse(css).is_ok_and(|s| document.select(&s).next().is_some());
    let title = Selector::parse("title")
        .ok()
        .and_then(|s| document.select(&s).next().map(|t| t.text().collect::<String>()));
    let text = format!("{text}\n{}", normalise(&title.unwrap_or_default()));
    let url = url.to_string();
    if MAINTENANCE.iter().any(|m| text.contains(m)) {
        return Err(ExtractError::Maintenance { url });
    }
    let is_script_only = lines.is_empty() && html.contains("document.cookie");
    if is_script_only || CHALLENGE.iter().any(|m| text.contains(m)) {
        return Err(ExtractError::Challenge { url });
    }
    if has("input[type=password]") {
        return Err(ExtractError::Login { url });
    }
    Ok(())
}
