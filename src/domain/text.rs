//! Vietnamese text: Unicode forms, tone placement, folding, syllable boundaries.

use unicode_normalization::UnicodeNormalization;

/// NFC on one line: runs of white space become one space, both ends trimmed.
pub fn one_line(s: &str) -> String {
    s.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect()
}

/// The form in which texts are compared.
pub fn normalise(s: &str) -> String {
    s.nfc().collect::<String>().to_lowercase()
}

/// Without diacritics.
pub fn fold(normalised: &str) -> String {
    normalised
        .nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .collect::<String>()
        .replace('đ', "d")
}

/// Whether `needle` stands in `haystack` as whole syllables.
pub fn contains_syllables(haystack: &str, needle: &str) -> bool {
    haystack.match_indices(needle).any(|(at, hit)| {
        let before = haystack[..at].chars().next_back();
        let after = haystack[at + hit.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}
