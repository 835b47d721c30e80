//! Pages in the font encodings from before Unicode (TCVN3, VNI), whatever charset they claim.
//!
//! Such a page is Latin-1 to every decoder: only its fonts draw Vietnamese. It is told by its words. A word that is no
//! Vietnamese syllable as it stands and becomes one by a table speaks for that table; a word that is none either way
//! speaks against it. French, German or Unicode Vietnamese never come near the measure. Text alone is converted, never tags.

mod latin1;
mod markup;
mod syllable;
mod tables;

use std::borrow::Cow;

use latin1::unescaped;
use markup::{Font, each_text, names_font};

/// So many words must speak for a table where no font's name does.
const ENOUGH_WORDS: usize = 20;
/// And so many where the page names fonts of the kind.
const ENOUGH_WITH_FONT: usize = 3;
/// For one word that speaks against a table, so many must speak for it.
const FOR_EACH_AGAINST: usize = 4;

/// A table of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Tcvn3,
    Vni,
}

/// What a text's words say about a table.
#[derive(Debug, Clone, Copy, Default)]
struct Evidence {
    /// No syllables as they stand, and syllables by the table.
    for_it: usize,
    /// No syllables either way.
    against: usize,
    /// Words with letters that only Unicode has.
    unicode: usize,
}

/// The page in Unicode. Borrowed, unchanged, where it is not in one of these encodings.
pub(super) fn to_unicode(html: &str) -> Cow<'_, str> {
    // Nothing to do without a character of Latin-1 beyond ASCII, as itself or as an entity.
    if html.is_ascii() && !names_font(html) {
        return Cow::Borrowed(html);
    }
    let has_font = names_font(html);
    let (mut tcvn3, mut vni) = (Evidence::default(), Evidence::default());
    each_text(html, |text, _| {
        let text = unescaped(text, has_font);
        tcvn3.add(&text, Table::Tcvn3);
        vni.add(&text, Table::Vni);
    });
    let enough = if has_font { ENOUGH_WITH_FONT } else { ENOUGH_WORDS };
    let speaks = |e: &Evidence| e.for_it >= enough && e.for_it >= FOR_EACH_AGAINST * e.against;
    let best = [(Table::Tcvn3, tcvn3), (Table::Vni, vni)]
        .into_iter()
        .filter(|(_, e)| speaks(e))
        .max_by_key(|(_, e)| e.for_it.saturating_sub(e.against));
    best.map_or(Cow::Borrowed(html), |(table, evidence)| {
        Cow::Owned(converted(html, table, evidence.unicode == 0, has_font))
    })
}

fn converted(html: &str, table: Table, is_whole_page: bool, has_font: bool) -> String {
    let mut out = String::with_capacity(html.len() * 2);
    let mut written = 0;
    each_text(html, |text, font| {
        let start = text.as_ptr() as usize - html.as_ptr() as usize;
        out.push_str(&html[written..start]);
        written = start + text.len();
        let plain = unescaped(text, has_font);
        let mut evidence = Evidence::default();
        evidence.add(&plain, table);
        let is_legacy = font != Font::Other || is_whole_page || evidence.for_it > 0;
        if evidence.unicode > 0 || !is_legacy {
            out.push_str(text);
            return;
        }
        let letters = in_unicode(&plain, table);
        if font == Font::LegacyCapitals {
            out.push_str(&capitals(&letters));
        } else {
            out.push_str(&letters);
        }
    });
    out.push_str(&html[written..]);
    out
}

/// Capitals, but for entities (`&nbsp;`).
fn capitals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at].to_uppercase());
        let end = rest[at..].find(';').map_or(at + 1, |i| at + i + 1);
        out.push_str(&rest[at..end]);
        rest = &rest[end..];
    }
    out + &rest.to_uppercase()
}

impl Evidence {
    fn add(&mut self, text: &str, table: Table) {
        for word in words(text, table) {
            if word.is_ascii() {
                continue;
            }
            if word.chars().any(syllable::is_only_vietnamese) {
                self.unicode += 1;
                continue;
            }
            // A lone sign (©, «, ·) is punctuation.
            if word.chars().count() < 2 || syllable::is_one(word) {
                continue;
            }
            let read = in_unicode(word, table);
            if read != word && syllable::is_one(&read) {
                self.for_it += 1;
            } else {
                self.against += 1;
            }
        }
    }
}

/// The words of a text: runs of letters, and of the signs that a table makes letters of.
fn words(text: &str, table: Table) -> impl Iterator<Item = &str> {
    let is_in_word = move |c: char| c.is_alphabetic() || table == Table::Tcvn3 && tables::tcvn3(c).is_some();
    text.split(move |c| !is_in_word(c))
        .filter(|word| !word.is_empty())
}

/// A text by a table. Signs that stand alone stay what they are.
fn in_unicode(text: &str, table: Table) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while let Some(&c) = letters.get(at) {
        let next = letters.get(at + 1).copied();
        let before = at.checked_sub(1).and_then(|i| letters.get(i).copied());
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphabetic() || tables::tcvn3(c).is_some());
        at += 1;
        match table {
            Table::Tcvn3 => {
                let is_sign = !c.is_alphabetic() && !is_letter(before) && !is_letter(next);
                let letter = tables::tcvn3(c).filter(|_| !is_sign);
                out.push(letter.unwrap_or(c));
            }
            Table::Vni => {
                if let Some(letter) = next.and_then(|mark| tables::vni_pair(c, mark)) {
                    out.push(letter);
                    at += 1;
                } else {
                    out.push(tables::vni_single(c).unwrap_or(c));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upper(c: char) -> char {
        c.to_uppercase().next().unwrap()
    }

    #[test]
    fn every_letter_of_vietnamese_comes_back_from_both_encodings() {
        let letters: Vec<char> = tables::LETTERS.chars().collect();
        assert_eq!(
            letters.len(),
            67,
            "12 vowels in 6 tones, less the bare ASCII ones, and đ"
        );
        for lower in letters {
            for letter in [lower, upper(lower)] {
                let vni = tables::to_vni(letter).unwrap();
                assert_eq!(in_unicode(&vni, Table::Vni), letter.to_string(), "{vni}");
            }
            let code = tables::to_tcvn3(lower).unwrap();
            let word = format!("b{code}b");
            assert_eq!(in_unicode(&word, Table::Tcvn3), format!("b{lower}b"));
            assert_eq!(
                capitals(&in_unicode(&word, Table::Tcvn3)),
                format!("B{}B", upper(lower))
            );
        }
        for capital in "ĂÂÊÔƠƯĐ".chars() {
            let code = tables::to_tcvn3(capital).unwrap();
            assert_eq!(
                in_unicode(&format!("{code}b"), Table::Tcvn3),
                format!("{capital}b")
            );
        }
        assert_eq!(
            in_unicode("Aù Aø", Table::Vni),
            "Á À",
            "a capital's mark may be small"
        );
    }

    #[test]
    fn syllables_are_told_from_other_words() {
        for word in [
            "nghiêng", "Quảng", "quốc", "gì", "yêu", "khuỷu", "ở", "Đông", "thuở", "oà",
        ] {
            assert!(syllable::is_one(word), "{word}");
        }
        for word in [
            "für", "ộtộ", "Müller", "élève", "straße", "ngà̀", "b", "Łódź", "řeka",
        ] {
            assert!(!syllable::is_one(word), "{word}");
        }
    }

    #[test]
    fn names_of_latin_1_are_complete() {
        use latin1::latin1;

        assert_eq!(latin1("iexcl"), Some('\u{a1}'));
        assert_eq!(latin1("para"), Some('¶'));
        assert_eq!(latin1("THORN"), Some('Þ'));
        assert_eq!(latin1("yuml"), Some('ÿ'));
        assert_eq!(latin1("#182"), Some('¶'));
        assert_eq!(latin1("amp"), None);
    }
}
