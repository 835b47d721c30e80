//! Characters that pages send and feeds must not hold.

use std::borrow::Cow;

use super::entities;
use crate::domain::text::{is_plain, nfc};

/// How often a text is looked through for entities within entities; a page needs two.
pub(super) const MOST_PASSES: usize = 4;

/// NFC, without characters that XML 1.0 forbids (section 2.2) and without invisible ones (zero-width space, byte order
/// mark, soft hyphen); entities that were escaped twice (`&amp;hellip;`) become the character they mean. What the page says,
/// and no guess at what it meant.
pub(super) fn repair(text: &str) -> Cow<'_, str> {
    if is_plain(text) && !entities::are_in(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(until_settled(text, entities::decode))
}

/// [`repair`], and entities that lost their ampersand (`rdquo;`) become the character they meant.
pub(super) fn restore(text: &str) -> String {
    until_settled(text, |text| {
        let text = entities::decode(text);
        let lost = entities::lost(&text);
        entities::restored(&text, 0..text.len(), &lost)
    })
}

/// The text with the entities that lost their ampersand as what they meant; `None` where there are none.
pub(super) fn mended(text: &str) -> Option<String> {
    let mut mended: Option<String> = None;
    for _ in 0..MOST_PASSES {
        let now = mended.as_deref().unwrap_or(text);
        let lost = entities::lost(now);
        if lost.is_empty() {
            break;
        }
        mended = Some(nfc(entities::restored(now, 0..now.len(), &lost)));
    }
    mended
}

fn until_settled(text: &str, decode: impl Fn(&str) -> String) -> String {
    let mut settled = visible(text);
    for _ in 0..MOST_PASSES {
        if !entities::are_in(&settled) {
            break;
        }
        let decoded = visible(&decode(&settled));
        if decoded == settled {
            break;
        }
        settled = decoded;
    }
    settled
}

fn visible(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    // Taken out first: an invisible character may stand between a letter and its mark.
    nfc(if text.chars().all(is_kept) {
        text.to_owned()
    } else {
        text.chars().filter(|c| is_kept(*c)).collect()
    })
}

fn is_kept(c: char) -> bool {
    let invisible = matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}' | '\u{2060}');
    let forbidden = (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    !invisible && !forbidden
}

/// A text on its line: runs of white space are one space, but for those that are meant.
pub(super) fn written_text(text: &str, is_preformatted: bool) -> Cow<'_, str> {
    let text = repair(text);
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
    let is_collapsed = || {
        let others = text.bytes().any(|b| b < b' ');
        !others && !text.contains("  ")
    };
    if is_preformatted || is_collapsed() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !is_space(c) {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{mended, repair, restore};

    #[test]
    fn entities_escaped_twice_and_forbidden_characters_are_repaired() {
        for (written, meant) in [
            (
                "Chờ&hellip; \u{1}\u{b}A&amp;B &#8211; AT&T; <b",
                "Chờ… A&B – AT&T; <b",
            ),
            ("Ho\u{300}a\u{200b}", "Hòa"),
            ("2016 &amp;amp;ndash; 2020", "2016 – 2020"),
            ("&amp;amp;amp;hellip;", "…"),
            ("A &amp; B", "A & B"),
            ("hel\u{ad}lip; rdquo;", "hellip; rdquo;"),
        ] {
            assert_eq!(repair(written), meant, "{written}");
        }
        assert_eq!(
            restore("hel\u{ad}lip; 2016 &amp;amp;ndash; 2020"),
            "… 2016 – 2020"
        );
    }

    #[test]
    fn entities_that_lost_their_ampersand_are_found() {
        for (written, meant) in [
            ("ldquo;Chuyển đổi sốrdquo;", "“Chuyển đổi số”"),
            ("năm 2013rdquo;, ngày", "năm 2013”, ngày"),
            ("2016 ndash; 2020", "2016 – 2020"),
            ("CNTThellip; và nbsp;các sở", "CNTT… và \u{a0}các sở"),
            ("Sở TTamp;TT Hà Nội", "Sở TT&TT Hà Nội"),
            ("Tài nguyên amp; Môi trường", "Tài nguyên & Môi trường"),
            (
                "văn phograve;ng, cograve;n, đograve;i, Hograve;a",
                "văn phòng, còn, đòi, Hòa",
            ),
            ("xem xeacute;t theo dotilde;i", "xem xét theo dõi"),
            ("Châu Aacute; ndash; Thái Bình Dương", "Châu Á – Thái Bình Dương"),
            ("như ;Yacute;, Đức", "như Ý, Đức"),
            ("thành phố;rsquo;, Hà Nội", "thành phố’, Hà Nội"),
        ] {
            assert_eq!(restore(written), meant, "{written}");
            assert_eq!(restore(meant), meant, "{meant}");
            assert_eq!(mended(written).as_deref(), Some(meant), "{written}");
            assert_eq!(mended(meant), None, "{meant}");
            assert_eq!(repair(written), written, "the page's own words");
        }
    }

    #[test]
    fn words_before_a_semicolon_stay() {
        for text in [
            "guitar, amp; trống; đèn lamp; camp; vamp; một amp; hai",
            "New York Times; Daily times; copy; trade; bull; reg; para; sect; deg; euro; cent",
            "landgrave; engrave; grave; acute; subacute; preacute; tilde; circ; the grave;",
            "hellip, ldquo và rdquo là tên",
            "thông tin; sử dụng các dịch vụ; Generic; Trojan.gg; file; Windows",
            "R&D; AT&T; Q&A;",
            "TTamp; tt",
        ] {
            assert_eq!(restore(text), text);
            assert_eq!(mended(text), None);
        }
    }
}
