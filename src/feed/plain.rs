//! Plain texts as every format may hold them: without the characters that readers or validators refuse, and never to be
//! taken for markup.

use std::borrow::Cow;

/// Stands unseen (a word joiner) between a sign of markup and what follows it.
const UNSEEN: char = '\u{2060}';

/// The text without what makes a reader refuse the whole feed (XML 1.0, production 2), and without what cannot have been
/// meant: control characters, U+FFFD (left of bytes that nobody could read) and the noncharacters of Unicode, all of
/// which HTML forbids as well.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if crate::domain::text::is_plain(text) && !holds_c1(text) || text.chars().all(is_kept) {
        Cow::Borrowed(text)
    } else {
        let spaced = text.chars().map(|c| if is_blank(c) { ' ' } else { c });
        Cow::Owned(spaced.filter(|c| is_kept(*c)).collect())
    }
}

/// Control characters that are white space: the vertical tab, the page break, the line end of mainframes.
fn is_blank(c: char) -> bool {
    matches!(c, '\u{B}' | '\u{C}' | '\u{85}')
}

/// Whether U+007F to U+009F stand in it, remains of another character set. A look at each byte: whole documents pass here.
fn holds_c1(text: &str) -> bool {
    let bytes = text.as_bytes();
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    bytes.contains(&0x7F) || pairs.into_iter().any(|(a, b)| *a == 0xC2 && *b < 0xA0)
}

fn is_kept(c: char) -> bool {
    let is_control = c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let is_noncharacter = matches!(c, '\u{FDD0}'..='\u{FDEF}') || u32::from(c) & 0xFFFE == 0xFFFE;
    !is_control && !is_noncharacter && c != '\u{FFFD}'
}

/// The text as a title, a name or a label. Nothing in RSS says whether a title is text or HTML, and readers differ: to
/// some `<b>` is a tag, to others three characters. So a text that looks like markup gets an unseen character after its
/// `<` or `&`, with which it is text to all of them. Texts without such signs, and abbreviations such as `KH&CN`, stay as
/// they are.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let text = clean(text);
    let signs: Vec<usize> = text
        .match_indices(['<', '&'])
        .filter(|(at, sign)| looks_like_markup(sign, &text[at + 1..]))
        .map(|(at, _)| at + 1)
        .collect();
    if signs.is_empty() {
        return text;
    }
    let mut marked = String::with_capacity(text.len() + signs.len() * UNSEEN.len_utf8());
    let mut written = 0;
    for at in signs {
        marked.push_str(&text[written..at]);
        marked.push(UNSEEN);
        written = at;
    }
    marked.push_str(&text[written..]);
    Cow::Owned(marked)
}

fn looks_like_markup(sign: &str, rest: &str) -> bool {
    let next = rest.chars().next();
    if sign == "<" {
        return next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
    }
    let word = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next();
    match word {
        Some("") | None => next == Some('#'),
        Some(word) => rest[word.len()..].starts_with(';') || !is_abbreviation(word),
    }
}

/// Whether what follows an ampersand is the end of an abbreviation (`CN` of `KH&CN`): capital letters, and none of the
/// entities that are written so.
fn is_abbreviation(word: &str) -> bool {
    const ENTITIES: [&str; 7] = ["AMP", "COPY", "ETH", "GT", "LT", "QUOT", "REG"];
    word.chars().all(char::is_uppercase) && !ENTITIES.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_markup_is_marked() {
        for same in [
            "Sở KH&CN, GD&ĐT",
            "R&D",
            "a & b",
            "5 < 6 <7",
            "x &",
            "<",
            "Bão số 5 🌀",
        ] {
            assert!(
                matches!(plain(same), Cow::Borrowed(text) if text == same),
                "{same}"
            );
        }
        for (given, written) in [
            ("<b>x</b>", "<\u{2060}b>x<\u{2060}/b>"),
            ("&lt;", "&\u{2060}lt;"),
            ("&#60", "&\u{2060}#60"),
            ("&copy 2026", "&\u{2060}copy 2026"),
            ("KH&CN4", "KH&\u{2060}CN4"),
            ("&LT", "&\u{2060}LT"),
            ("<!-- x", "<\u{2060}!-- x"),
        ] {
            assert_eq!(plain(given), written);
        }
    }

    #[test]
    fn what_no_text_can_mean_is_removed() {
        let nasty =
            "a\0\u{1}\u{B}\u{7F}\u{85}\u{9F}\u{FDD0}\u{FFFD}\u{FFFE}\u{FFFF}\u{1FFFE}\u{10FFFF}b\t\n\r";
        assert_eq!(clean(nasty), "a  b\t\n\r");
        assert_eq!(clean("Quảng Trị\u{92}"), "Quảng Trị");
        assert_eq!(clean("\u{A0}\u{2028}🙂\u{E000}"), "\u{A0}\u{2028}🙂\u{E000}");
    }
}
