//! What else might be looked for where a search finds nothing.

use super::{MAX_SYLLABLE_CHARS, Query, Term};
use crate::domain::text;

/// Shorter words have too many neighbours to guess among (letters).
const SHORTEST: usize = 3;

/// Longer ones are names of files and codes (letters).
const LONGEST: usize = 12;

/// How a search differs from the one that found nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relaxed {
    /// Words count without their diacritics.
    Diacritics,
    /// Phrases count as words, wherever they stand.
    Quotes,
    /// What was to be left out may occur.
    LeavesNothingOut,
    /// A word or phrase is not looked for.
    Without(String),
    /// A word that stands nowhere is another one.
    Instead(String, String),
}

impl Query {
    /// The same with nothing left out, without diacritics, with words in place of phrases, and without each of its words, as far as that is another
    /// search, the likeliest first.
    pub fn relaxed(&self) -> Vec<(Relaxed, Self)> {
        let mut others = vec![
            (Relaxed::LeavesNothingOut, self.leaving_nothing_out()),
            (Relaxed::Diacritics, self.folded()),
            (Relaxed::Quotes, self.unquoted()),
        ];
        if self.wanted().count() > 1 {
            let dropped = self.terms.iter().filter(|term| !term.is_excluded);
            others.extend(dropped.map(|gone| {
                let terms = self.terms.iter().filter(|term| *term != gone).cloned();
                let rest = Self {
                    terms: terms.collect(),
                };
                (Relaxed::Without(gone.syllables.join(" ")), rest)
            }));
        }
        let mut kept: Vec<(Relaxed, Self)> = Vec::new();
        for (how, query) in others {
            if query != *self && kept.iter().all(|(_, known)| *known != query) {
                kept.push((how, query));
            }
        }
        kept
    }

    /// The words that have to occur, without diacritics, each once.
    pub fn folded_words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for word in self.wanted().flat_map(|term| &term.syllables) {
            let folded = text::fold(word);
            if !words.contains(&folded) {
                words.push(folded);
            }
        }
        words
    }

    /// The same with another word in place of one, all without diacritics.
    #[must_use]
    pub fn with_word(&self, word: &str, other: &str) -> Self {
        let mut query = self.folded();
        for syllable in query.terms.iter_mut().flat_map(|term| &mut term.syllables) {
            if syllable == word {
                other.clone_into(syllable);
            }
        }
        query
    }

    fn leaving_nothing_out(&self) -> Self {
        Self {
            terms: self.wanted().cloned().collect(),
        }
    }

    /// Without diacritics. What is left out keeps them: it would leave out more.
    fn folded(&self) -> Self {
        let terms = self.terms.iter().map(|term| {
            if term.is_excluded {
                return term.clone();
            }
            Term {
                syllables: term.syllables.iter().map(|word| text::fold(word)).collect(),
                is_folded: true,
                ..term.clone()
            }
        });
        // As it would be read again: one word with diacritics, and all of them count.
        let terms = Self {
            terms: terms.collect(),
        };
        terms.to_string().parse().unwrap_or_else(|_| self.clone())
    }

    fn unquoted(&self) -> Self {
        let words = self
            .terms
            .iter()
            .map(|term| match (term.is_excluded, term.is_quoted) {
                (false, true) => term.syllables.join(" "),
                _ => Self {
                    terms: vec![term.clone()],
                }
                .to_string(),
            });
        let typed = words.collect::<Vec<_>>().join(" ");
        typed.parse().unwrap_or_else(|_| self.clone())
    }
}

/// The words that one slip of the finger away from a word without diacritics: two letters changed places, another letter, one
/// too many, one too few. None for what is too short or too long, or is not of plain letters.
pub fn slips(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let is_plain = letters.iter().all(char::is_ascii_lowercase);
    if !is_plain || !(SHORTEST..=LONGEST.min(MAX_SYLLABLE_CHARS)).contains(&letters.len()) {
        return Vec::new();
    }
    let mut found: Vec<String> = Vec::new();
    let mut add = |letters: Vec<char>| {
        let slip: String = letters.into_iter().collect();
        if slip != word {
            found.push(slip);
        }
    };
    for at in 0..letters.len() {
        let mut fewer = letters.clone();
        fewer.remove(at);
        add(fewer);
        if at > 0 {
            let mut swapped = letters.clone();
            swapped.swap(at - 1, at);
            add(swapped);
        }
    }
    for letter in 'a'..='z' {
        for at in 0..=letters.len() {
            let mut more = letters.clone();
            more.insert(at, letter);
            add(more);
            if at < letters.len() {
                let mut other = letters.clone();
                other[at] = letter;
                add(other);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relaxed(typed: &str) -> Vec<String> {
        let query: Query = typed.parse().unwrap();
        let others = query.relaxed();
        others.into_iter().map(|(_, query)| query.to_string()).collect()
    }

    #[test]
    fn a_search_is_relaxed_one_thing_at_a_time() {
        assert_eq!(relaxed("khoa"), Vec::<String>::new());
        assert_eq!(relaxed("khóa học"), ["khoa hoc", "học", "khóa"]);
        assert_eq!(
            relaxed("\"đổi mới\" lúa -bão"),
            [
                "\"đổi mới\" lúa",
                "\"doi moi\" lua -bão",
                "đổi mới lúa -bão",
                "lúa -bão",
                "\"đổi mới\" -bão"
            ]
        );
        assert_eq!(
            relaxed("57-NQ/TW"),
            Vec::<String>::new(),
            "one word to its writer"
        );
    }

    #[test]
    fn a_word_is_replaced_wherever_it_stands() {
        let query: Query = "\"khao học\" khao".parse().unwrap();
        assert_eq!(query.folded_words(), ["khao", "hoc"]);
        assert_eq!(query.with_word("khao", "khoa").to_string(), "\"khoa hoc\" khoa");
    }

    #[test]
    fn slips_are_one_letter_away() {
        let slips_of = slips("khao");
        for near in ["khoa", "khan", "kao", "khaoo", "chao"] {
            assert!(slips_of.contains(&near.to_owned()), "{near}");
        }
        for far in ["khao", "hoa", "koha"] {
            assert!(!slips_of.contains(&far.to_owned()), "{far}");
        }
        for none in ["ab", "5g4", "đổi", "abcdefghijklm"] {
            assert_eq!(slips(none), Vec::<String>::new());
        }
        assert!(slips("abcdefghijkl").len() < 650);
    }
}
