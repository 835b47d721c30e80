//! Characters that pages send and feeds must not hold, and entities that were escaped twice.

use scraper::Html;

use crate::domain::text::nfc;

/// NFC, without characters that XML 1.0 forbids (section 2.2) and without invisible ones (zero-width space, byte order
/// mark, soft hyphen); entities that were escaped twice (`&amp;hellip;`) become the character they meant.
pub(super) fn repair(text: &str) -> String {
    let decoded;
    let text = if has_entity(text) {
        decoded = decode(text);
        &decoded
    } else {
        text
    };
    // Taken out first: an invisible character may stand between a letter and its mark.
    let kept = if text.chars().all(is_kept) {
        text.to_owned()
    } else {
        text.chars().filter(|c| is_kept(*c)).collect()
    };
    nfc(kept)
}

fn is_kept(c: char) -> bool {
    let invisible = matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}' | '\u{2060}');
    let forbidden = (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    !invisible && !forbidden
}

/// Whether the text still holds something like `&hellip;` or `&#8230;`.
fn has_entity(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| {
        let rest = &text[at + 1..];
        let name = rest.split(';').next().unwrap_or_default();
        name.len() < rest.len()
            && (2..=10).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
    })
}

fn decode(text: &str) -> String {
    let fragment = Html::parse_fragment(&text.replace('<', "&lt;"));
    fragment.root_element().text().collect()
}

#[cfg(test)]
mod tests {
    use super::repair;

    #[test]
    fn entities_escaped_twice_and_forbidden_characters_are_repaired() {
        assert_eq!(
            repair("Chờ&hellip; \u{1}\u{b}A&amp;B &#8211; AT&T; <b"),
            "Chờ… A&B – AT&T; <b"
        );
        assert_eq!(repair("Ho\u{300}a\u{200b}"), "Hòa");
    }
}
