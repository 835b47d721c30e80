//! Vietnamese text: Unicode forms, tone placement, folding, syllable boundaries, and what XML can carry.
//!
//! Two forms are compared. The *normalised* form keeps the diacritics, because "khoa học" (science) and "khóa học"
//! (a course) differ in nothing else; topics match on it. The *folded* form drops them, for what people type
//! without a Vietnamese keyboard.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// NFC on one line: runs of white space become one space, both ends trimmed.
pub fn one_line(s: &str) -> String {
    let mut line = String::with_capacity(s.len());
    for word in s.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    nfc(line)
}

/// The text in NFC. Nearly all Vietnamese on the web is that already, and to see so costs a tenth of making it so.
pub fn nfc(text: String) -> String {
    if is_plain(&text) || text.chars().all(is_settled) {
        text
    } else {
        text.nfc().collect()
    }
}

/// Whether a text is of the characters alone that nearly all Vietnamese is of: none of them is changed by NFC, is
/// forbidden in XML or is invisible. A look at each byte, which costs a fraction of a look at each character.
pub fn is_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let is_plain = match byte {
            // What continues a character was judged with its first byte.
            b' '..=0xBF | b'\t' | b'\n' | b'\r' | 0xC3..=0xCB => true,
            // U+0080 to U+00BF, but for the soft hyphen.
            0xC2 => bytes.next() != Some(0xAD),
            // U+1E00 to U+1EFF: Vietnamese letters.
            0xE1 => matches!(bytes.next(), Some(0xB8..=0xBB)),
            // U+2010 to U+2027: dashes, quotation marks, the ellipsis.
            0xE2 => bytes.next() == Some(0x80) && matches!(bytes.next(), Some(0x90..=0xA7)),
            _ => false,
        };
        if !is_plain {
            return false;
        }
    }
    true
}

/// Whether NFC leaves a character alone wherever it stands: `NFC_Quick_Check=Yes` and combining class 0 (UAX 15, 9). Not
/// all such, only the blocks that Vietnamese is written with.
fn is_settled(c: char) -> bool {
    matches!(c, '\0'..'\u{300}' | '\u{1E00}'..='\u{1EFF}' | '\u{2002}'..='\u{20CF}')
}

/// The form in which texts are compared: NFC, lower case, one spelling of tone placement, `đ` for its look-alikes,
/// a plain hyphen for every dash, one space for every run of white space, and none of the invisible characters that
/// word processors leave behind. Idempotent.
///
/// The tone placement is the old one (hòa, khỏe, thúy), as `config/topics.toml` writes it: text in the old spelling
/// alone would miss a quarter of "sức khỏe".
pub fn normalise(s: &str) -> String {
    let visible: String = s.chars().filter(|c| !is_invisible(*c)).collect();
    let lower = nfc(visible).to_lowercase();
    // Lower-casing may leave a letter and a mark that compose (İ), hence NFC again.
    let letters: Vec<char> = nfc(lower).chars().map(plain_letter).collect();
    let placed = old_tone_placement(letters);
    placed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without diacritics, `đ` as `d`: what someone types who has no Vietnamese keyboard. Takes normalised text.
pub fn fold(normalised: &str) -> String {
    normalised
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .nfc()
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            other => other,
        })
        .collect()
}

/// Whether `needle` stands in `haystack` as whole syllables. Nothing holds an empty needle.
pub fn contains_syllables(haystack: &str, needle: &str) -> bool {
    let Some(first) = needle.chars().next() else {
        return false;
    };
    let mut from = 0;
    // Not `match_indices`: its hits do not overlap, so that one inside a syllable would hide the whole one after it.
    while let Some(at) = haystack[from..].find(needle).map(|at| from + at) {
        if is_whole(haystack, at, at + needle.len()) {
            return true;
        }
        from = at + first.len_utf8();
    }
    false
}

/// Whether `text[start..end]` begins and ends where a syllable does: neither neighbour is a letter or a digit. Both
/// ends must be character boundaries.
pub fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// The text without the characters that XML 1.0 forbids (production 2, `Char`): control characters other than tab
/// and line ends, U+FFFE, U+FFFF. No XML writer of ours removes them, and one makes readers refuse a whole feed.
pub fn xml_safe(s: &str) -> Cow<'_, str> {
    let is_allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    if s.chars().all(is_allowed) {
        Cow::Borrowed(s)
    } else {
        Cow::Owned(s.chars().filter(|c| is_allowed(*c)).collect())
    }
}

/// The text on one line, cut after a word where it is longer than `max_chars` characters; the "…" that tells so
/// counts as one of them.
pub fn excerpt(text: &str, max_chars: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= max_chars {
        return line;
    }
    let room = max_chars.saturating_sub(1);
    let end = line.char_indices().nth(room).map_or(line.len(), |(at, _)| at);
    let whole_words = if line[end..].starts_with(' ') {
        &line[..end]
    } else {
        // One word longer than the room is cut inside: some text is better than none.
        line[..end]
            .rfind(' ')
            .map_or(&line[..end], |space| &line[..space])
    };
    let kept = whole_words.trim_end_matches([' ', ',', ';', ':', '.', '-', '–', '…', '(', '“', '"']);
    format!("{kept}…")
}

/// Soft hyphens, zero-width spaces and joiners, word joiners, byte order marks.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
}

/// Look-alikes of `đ` (the Icelandic ð, whose capital Ð is drawn like Đ, and the African ɖ) and of the hyphen.
fn plain_letter(c: char) -> char {
    match c {
        'ð' | 'ɖ' => 'đ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    }
}

/// The open syllables whose spelling varies: first vowel; the toned second vowels (grave, acute, hook, tilde, dot);
/// the toned first vowels in the same order; the bare second vowel.
const MOVED_TONES: [(char, [char; 5], [char; 5], char); 3] = [
    ('o', ['à', 'á', 'ả', 'ã', 'ạ'], ['ò', 'ó', 'ỏ', 'õ', 'ọ'], 'a'),
    ('o', ['è', 'é', 'ẻ', 'ẽ', 'ẹ'], ['ò', 'ó', 'ỏ', 'õ', 'ọ'], 'e'),
    ('u', ['ỳ', 'ý', 'ỷ', 'ỹ', 'ỵ'], ['ù', 'ú', 'ủ', 'ũ', 'ụ'], 'y'),
];

/// Moves the tone to the first vowel of oa, oe and uy where the syllable ends there (hoà → hòa, but hoàn stays), and
/// not after q, whose u belongs to the consonant (quý).
fn old_tone_placement(mut letters: Vec<char>) -> String {
    for at in 1..letters.len() {
        let ends_there = letters
            .get(at + 1)
            .is_none_or(|next| !next.is_alphanumeric() && !is_combining_mark(*next));
        let follows_q = at >= 2 && letters[at - 2] == 'q';
        if !ends_there || follows_q {
            continue;
        }
        for (first, toned_second, toned_first, bare_second) in &MOVED_TONES {
            let tone = toned_second.iter().position(|c| *c == letters[at]);
            if let Some(tone) = tone.filter(|_| letters[at - 1] == *first) {
                letters[at - 1] = toned_first[tone];
                letters[at] = *bare_second;
                break;
            }
        }
    }
    letters.into_iter().collect()
}

/// Text as HTML, for text and for quoted attributes alike: the four entities that HTML, XML and the Bot API share.
pub fn escape_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => continue,
        };
        html.push_str(&text[written..at]);
        html.push_str(entity);
        written = at + 1;
    }
    html.push_str(&text[written..]);
    html
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tones_move_to_the_old_place_only_where_the_syllable_ends() {
        for (new, old) in [
            ("hoà bình", "hòa bình"),
            ("Hoá đơn", "hóa đơn"),
            ("đoạ hoả hoã toạ", "đọa hỏa hõa tọa"),
            ("sức khoẻ", "sức khỏe"),
            ("loè xoè", "lòe xòe"),
            ("THUÝ, thuỷ lợi", "thúy, thủy lợi"),
            ("uỷ ban", "ủy ban"),
            ("luỹ kế, tuỳ, ngụy", "lũy kế, tùy, ngụy"),
        ] {
            assert_eq!(normalise(new), old);
        }
        for same in [
            "hoàn toàn",
            "quý",
            "quỹ",
            "khuỷu",
            "hoạch",
            "huỳnh",
            "hòa",
            "quà",
            "thuở",
        ] {
            assert_eq!(normalise(same), same);
        }
    }

    #[test]
    fn unicode_forms_and_look_alikes_are_one_spelling() {
        let decomposed: String = "Hoà Khoẻ ở Điện Biên".nfd().collect();
        assert_eq!(normalise(&decomposed), "hòa khỏe ở điện biên");
        assert_eq!(normalise("\u{D0}iện \u{189}ông \u{F0}ất"), "điện đông đất");
        assert_eq!(
            normalise("  Phong\u{A0}Nha \t–\n Kẻ\u{200B} Bàng\u{FEFF} "),
            "phong nha - kẻ bàng"
        );
        assert_eq!(one_line("  a\u{301}\n\n b "), "á b");
    }

    #[test]
    fn nfc_leaves_every_character_alone_that_is_taken_for_settled() {
        for c in (0..=0x0010_FFFF)
            .filter_map(char::from_u32)
            .filter(|c| is_settled(*c))
        {
            // Between a letter and a mark, so that it could compose with either or be moved.
            for around in ["", "a", "\u{323}", "a\u{323}"] {
                let text = format!("{around}{c}");
                let whole: String = text.nfc().collect();
                assert!(whole.ends_with(c), "U+{:04X} after {around:?}", u32::from(c));
            }
        }
    }

    #[test]
    fn folding_drops_every_diacritic() {
        assert_eq!(
            fold("đường sắt, khoa học, lửa ệ ớ ổ ữ"),
            "duong sat, khoa hoc, lua e o o u"
        );
    }

    #[test]
    fn only_whole_syllables_count() {
        assert!(contains_syllables("sở khoa học, công nghệ", "khoa học"));
        assert!(!contains_syllables("khoa họcx", "khoa học"));
        assert!(!contains_syllables("xkhoa học", "khoa học"));
        assert!(
            contains_syllables("xa b a b a", "a b a"),
            "a failed hit hides none"
        );
        assert!(contains_syllables("thứ 5g.", "5g") && !contains_syllables("15g", "5g"));
        assert!(!contains_syllables("bất kỳ", ""));
    }

    #[test]
    fn xml_keeps_what_it_may_hold() {
        assert_eq!(
            xml_safe("a\u{1}b\u{B}c\u{FFFE}\u{FFFF}\u{0}d\t\n\r🙂\u{FFFD}"),
            "abcd\t\n\r🙂\u{FFFD}"
        );
        assert!(matches!(xml_safe("khoa học"), Cow::Borrowed(_)));
    }

    #[test]
    fn excerpts_end_after_a_word() {
        assert_eq!(excerpt("một hai ba", 10), "một hai ba");
        assert_eq!(excerpt("một hai, ba bốn", 10), "một hai…");
        assert_eq!(excerpt("một hai ba", 8), "một hai…");
        assert_eq!(excerpt("mộthaibabốn", 5), "mộth…");
        assert_eq!(excerpt("một\n hai", 20), "một hai");
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(s in "\\PC*|[oauyehqđĐÐàáỷ\u{300}\u{301}\u{323}\u{309} \u{200B}İΣ–-]{0,12}") {
            let once = normalise(&s);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn text_that_is_taken_for_nfc_is(s in "\\PC*|[\u{0}-\u{36f}\u{1e00}-\u{20ff}]{0,12}|[oưaẠệ\u{300}\u{323}\u{31b}\u{340}\u{2001}\u{20d0}]{0,12}") {
            prop_assert_eq!(nfc(s.clone()), s.nfc().collect::<String>());
        }

        #[test]
        fn plain_text_is_nfc_and_fit_for_xml(s in "\\PC*|[ -\u{24f}\u{1e00}-\u{20ff}]{0,12}|[oưaẠệ\u{ad}\u{300}\u{200b}\u{2060}\u{feff}\u{0}\u{1b}\u{fffe}]{0,4}") {
            if is_plain(&s) {
                prop_assert!(s.chars().all(is_settled));
                prop_assert!(!s.contains(is_invisible));
                prop_assert_eq!(xml_safe(&s), s.as_str());
            }
        }

        #[test]
        fn an_excerpt_is_never_longer_than_asked(s in "\\PC{0,60}", max in 1_usize..40) {
            prop_assert!(excerpt(&s, max).chars().count() <= max);
        }

        #[test]
        fn folded_text_holds_no_mark(s in "\\PC*") {
            prop_assert!(!fold(&normalise(&s)).nfd().any(is_combining_mark));
        }
    }
}
