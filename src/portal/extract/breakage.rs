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
