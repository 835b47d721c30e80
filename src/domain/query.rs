//! What people type to find articles, and how texts are cut into words for it.
//!
//! Words must all occur; a phrase in quotes must occur as it stands; `-` in front leaves out what holds a word or a phrase.
//! As everywhere, diacritics that were typed count, and what was typed without any finds text with them too. They are
//! judged for each phrase, and for all words outside of phrases together: `khoa học` (science) does not find "khóa học" (a
//! course), although `khoa` alone does.

mod parse;
mod rank;
mod relax;
mod snippet;

use std::fmt;

use unicode_normalization::char::is_combining_mark;

pub use rank::Heading;
pub use relax::{Relaxed, slips};
pub use snippet::Fragment;

use crate::domain::text;

/// How long a search may be, in characters of its canonical form.
pub const MAX_CHARS: usize = 200;

/// How many words and phrases a search may have.
pub const MAX_TERMS: usize = 12;

/// Longer runs of letters are addresses and machine codes; they are not indexed (characters).
pub const MAX_SYLLABLE_CHARS: usize = 64;

/// How much of an article's text can be searched (bytes of its words): a hundred pages. Its words and its pairs of words are
/// then three quarters of what PostgreSQL takes as one document.
const MAX_INDEXED_BYTES: usize = 250_000;

/// A search that finds something: at least one word or phrase to look for. Its text form ([`fmt::Display`]) is the same
/// for all ways to type it, and is read back as the same search.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    terms: Vec<Term>,
}

/// A word or a phrase of a search.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    /// At least one; they stand next to each other, in this order.
    syllables: Vec<String>,
    is_quoted: bool,
    is_excluded: bool,
    is_folded: bool,
}

/// Why a text is no search.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// No letter and no digit.
    #[error("holds nothing to look for: type a word, or a phrase in quotes")]
    Empty,
    /// Only what must not occur.
    #[error("only says what to leave out: add a word to look for")]
    OnlyExcluded,
    /// More than [`MAX_CHARS`].
    #[error("has {0} characters; at most {MAX_CHARS} are allowed")]
    TooLong(usize),
    /// More than [`MAX_TERMS`].
    #[error("has {0} words and phrases; at most {MAX_TERMS} are allowed")]
    TooManyTerms(usize),
    /// A word of more than [`MAX_SYLLABLE_CHARS`].
    #[error("holds a word of {0} characters; at most {MAX_SYLLABLE_CHARS} are allowed")]
    LongWord(usize),
}

impl QueryError {
    /// The same in Vietnamese.
    pub fn vietnamese(&self) -> String {
        match self {
            Self::Empty => "chưa có gì để tìm: hãy nhập một từ, hoặc một cụm từ trong ngoặc kép".to_owned(),
            Self::OnlyExcluded => "chỉ nêu điều cần loại trừ: hãy thêm một từ cần tìm".to_owned(),
            Self::TooLong(n) => format!("dài {n} ký tự; tối đa là {MAX_CHARS}"),
            Self::TooManyTerms(n) => format!("có {n} từ và cụm từ; tối đa là {MAX_TERMS}"),
            Self::LongWord(n) => format!("có một từ dài {n} ký tự; tối đa là {MAX_SYLLABLE_CHARS}"),
        }
    }
}

impl Query {
    /// The words and phrases, as they were typed, each once.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether an article's words hold what is looked for and nothing of what is left out.
    pub fn matches(&self, words: &Words) -> bool {
        self.terms
            .iter()
            .all(|term| words.holds(term) != term.is_excluded)
    }
}

impl Term {
    /// Its syllables, which stand next to each other: letters and digits alone, in lower case.
    pub fn syllables(&self) -> &[String] {
        &self.syllables
    }

    /// Whether an article that holds it is left out.
    pub fn is_excluded(&self) -> bool {
        self.is_excluded
    }

    /// Whether text is compared without its diacritics.
    pub fn is_folded(&self) -> bool {
        self.is_folded
    }

    /// With a space before and after each syllable, as it stands in [`Words`].
    pub fn padded(&self) -> String {
        format!(" {} ", self.syllables.join(" "))
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, term) in self.terms.iter().enumerate() {
            let space = if place > 0 { " " } else { "" };
            let minus = if term.is_excluded { "-" } else { "" };
            if term.is_quoted {
                write!(f, "{space}{minus}\"{}\"", term.syllables.join(" "))?;
            } else {
                // Outside of quotes, what is one word to its writer may be several syllables: 57-NQ/TW.
                write!(f, "{space}{minus}{}", term.syllables.join("-"))?;
            }
        }
        Ok(())
    }
}

/// The words of a text, as searches look into them: with and without diacritics, a space before and after each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// With diacritics.
    pub exact: String,
    /// Without.
    pub folded: String,
}

impl Words {
    /// Of an article.
    pub fn of(title: &str, lead: Option<&str>, body_text: &str) -> Self {
        let exact = Self::exact_of(&format!("{title}\n{}\n{body_text}", lead.unwrap_or_default()));
        Self {
            folded: text::fold(&exact),
            exact,
        }
    }

    /// With diacritics alone.
    fn exact_of(text: &str) -> String {
        let normalised = text::normalise(text);
        let mut exact = String::with_capacity(normalised.len() + 2);
        let mut bytes = 0;
        exact.push(' ');
        for syllable in syllables(&normalised) {
            bytes += syllable.len();
            if bytes > MAX_INDEXED_BYTES {
                break;
            }
            exact.push_str(syllable);
            exact.push(' ');
        }
        exact
    }
}

impl Words {
    /// Whether a word or a phrase stands in the text, whether or not it is to be left out.
    fn holds(&self, term: &Term) -> bool {
        let text = if term.is_folded { &self.folded } else { &self.exact };
        text.contains(&term.padded())
    }
}

/// The syllables of a normalised text: runs of letters, digits and the marks on them, each with at least one letter or
/// digit. Runs of more than [`MAX_SYLLABLE_CHARS`] are left out.
fn syllables(normalised: &str) -> impl Iterator<Item = &str> {
    runs(normalised).filter(|run| run.chars().count() <= MAX_SYLLABLE_CHARS)
}

fn runs(normalised: &str) -> impl Iterator<Item = &str> {
    normalised
        .split(|c: char| !is_of_a_word(c))
        .map(|run| run.trim_start_matches(|c: char| !is_base(c)))
        .filter(|run| !run.is_empty())
}

/// A letter or a digit that no folding takes away.
fn is_base(c: char) -> bool {
    c.is_alphanumeric() && !is_combining_mark(c)
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

#[cfg(test)]
mod tests;
