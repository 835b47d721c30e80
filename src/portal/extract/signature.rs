//! The line that signs a text (`Phạm Mỹ Hạnh`, `BBT`) and the source in brackets that opens it (`(Cổng TTĐT) …`).

use super::lines::Line;

/// A signature is no longer than this (characters).
const LONGEST_SIGNATURE: usize = 60;
/// And has no more words.
const MOST_WORDS: usize = 9;
/// A source is no longer than this (characters).
const LONGEST_SOURCE: usize = 60;

/// Index of the body's signature line: the last text, short, no sentence, and set apart (right, bold) or a name.
/// A caption under the body's last picture is none.
pub(super) fn find(body: &[Line<'_>]) -> Option<usize> {
    let last = body.iter().rposition(|l| l.image.is_none())?;
    let line = &body[last];
    let is_only_text = body[..last].iter().all(|l| l.image.is_some());
    let is_under_picture = last > 0 && body[last - 1].image.is_some();
    let words: Vec<&str> = line.text.split_whitespace().collect();
    let is_short = line.text.chars().count() <= LONGEST_SIGNATURE && words.len() <= MOST_WORDS;
    let is_sentence = line.text.ends_with(['.', '!', '?', ':', ';', '…', ',']) || line.text.ends_with("./");
    if is_only_text || !is_short || is_sentence || line.link_bytes > 0 {
        return None;
    }
    let fits = if line.is_right {
        !is_under_picture || is_name(&words)
    } else {
        !is_under_picture && is_name(&words)
    };
    (fits || (line.is_emphasised && !is_under_picture)).then_some(last)
}

/// Two to six words that all begin with a capital, or one in capitals (`BBT`); what stands in brackets may differ.
fn is_name(words: &[&str]) -> bool {
    let bare = words
        .iter()
        .map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|w| !w.is_empty());
    let bare: Vec<&str> = bare.collect();
    let capital = |w: &&str| w.chars().next().is_some_and(char::is_uppercase);
    match bare.as_slice() {
        [] => false,
        [one] => one.chars().count() >= 2 && one.chars().all(|c| c.is_uppercase() || c.is_numeric()),
        many => many.len() <= 6 && many.iter().all(capital),
    }
}

/// The source in brackets at the beginning of a text, and the text behind it.
pub(super) fn source(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.trim_start().strip_prefix('(')?.split_once(')')?;
    let name = name.trim();
    let is_name = name.chars().next().is_some_and(char::is_uppercase)
        && name.chars().count() <= LONGEST_SOURCE
        && !name.contains('(')
        && !name.chars().any(|c| c.is_ascii_digit());
    let rest = past_signs(rest);
    let goes_on = rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '“' | '"'));
    (is_name && goes_on).then_some((name, rest))
}

/// `html` without the source that opens its text; unchanged where mark-up cuts the source in pieces.
pub(super) fn without_source(html: &str, source: &str) -> String {
    let Some(at) = html.find('(') else {
        return html.to_owned();
    };
    let only_tags_before = {
        let mut inside = false;
        html[..at].chars().all(|c| {
            let visible = !inside && c != '<' && !c.is_whitespace();
            inside = if c == '<' { true } else { inside && c != '>' };
            !visible
        })
    };
    let Some(end) = html[at..].find(')').map(|i| at + i + 1) else {
        return html.to_owned();
    };
    let inner = html[at + 1..end - 1].trim();
    if !only_tags_before || inner != crate::domain::text::escape_html(source) {
        return html.to_owned();
    }
    let mut head = html[..at].to_owned();
    let mut rest = past_signs(&html[end..]);
    // `<strong>(Cổng TTĐT)</strong> - …` leaves an element with nothing in it.
    while let Some((tag, behind)) = rest.strip_prefix("</").and_then(|r| r.split_once('>'))
        && let Some(before) = head.strip_suffix(&format!("<{tag}>"))
    {
        head.truncate(before.len());
        rest = past_signs(behind);
    }
    format!("{head}{rest}")
}

/// Behind the white space and dashes that part a source from the text.
fn past_signs(text: &str) -> &str {
    let text = text.trim_start_matches("&nbsp;");
    text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | ':'))
}
