//! Reading a search. Nothing that can be typed is a mistake of form: a quote that is never closed ends with the text, and
//! what is neither a letter nor a digit only parts words.

use std::str::FromStr;

use super::{MAX_CHARS, MAX_SYLLABLE_CHARS, MAX_TERMS, Query, QueryError, Term, runs};
use crate::domain::text;

/// What is typed on end is refused before anything is computed of it (bytes): several times the longest search, since
/// decomposed letters are long and spaces do not count.
const MAX_BYTES: usize = 8 * MAX_CHARS;

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(typed: &str) -> Result<Self, QueryError> {
        let typed = typed.trim();
        if typed.len() > MAX_BYTES {
            return Err(QueryError::TooLong(typed.chars().count()));
        }
        let mut terms = Vec::new();
        for piece in pieces(&text::normalise(typed)) {
            let syllables: Vec<String> = runs(piece.text).map(str::to_owned).collect();
            if let Some(long) = too_long(&syllables) {
                return Err(QueryError::LongWord(long));
            }
            if !syllables.is_empty() {
                terms.push(Term {
                    is_folded: is_without_diacritics(&syllables),
                    syllables,
                    is_quoted: piece.is_quoted,
                    is_excluded: piece.is_excluded,
                });
            }
        }
        judge_words_together(&mut terms);
        let query = Self {
            terms: each_once(terms),
        };
        query.check()?;
        Ok(query)
    }
}

impl Query {
    fn check(&self) -> Result<(), QueryError> {
        if self.terms.is_empty() {
            return Err(QueryError::Empty);
        }
        if self.terms.len() > MAX_TERMS {
            return Err(QueryError::TooManyTerms(self.terms.len()));
        }
        let chars = self.to_string().chars().count();
        if chars > MAX_CHARS {
            return Err(QueryError::TooLong(chars));
        }
        if self.terms.iter().all(Term::is_excluded) {
            return Err(QueryError::OnlyExcluded);
        }
        Ok(())
    }
}

/// A stretch of the text: what stands in one pair of quotes, or what stands between spaces.
struct Piece<'a> {
    text: &'a str,
    is_quoted: bool,
    is_excluded: bool,
}

fn pieces(normalised: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = normalised;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return pieces;
        }
        // Only in front of a word: elsewhere it is a hyphen.
        let after_minus = rest.strip_prefix('-').filter(|after| !after.starts_with(' '));
        let is_excluded = after_minus.is_some();
        rest = after_minus.unwrap_or(rest);
        let (text, is_quoted, after) = if let Some(inside) = rest.strip_prefix(is_quote) {
            let (text, after) = inside.split_once(is_quote).unwrap_or((inside, ""));
            (text, true, after)
        } else {
            let end = rest.find(|c: char| c == ' ' || is_quote(c)).unwrap_or(rest.len());
            (&rest[..end], false, &rest[end..])
        };
        pieces.push(Piece {
            text,
            is_quoted,
            is_excluded,
        });
        rest = after;
    }
}

/// The double quotes of keyboards, of Vietnamese print, and of French and German print.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂')
}

fn is_without_diacritics(syllables: &[String]) -> bool {
    syllables.iter().all(|syllable| text::fold(syllable) == *syllable)
}

/// Who types one word outside of quotes with diacritics means those without any as they stand, too.
fn judge_words_together(terms: &mut [Term]) {
    let words = || terms.iter().filter(|term| !term.is_quoted);
    let is_folded = words().all(|term| term.is_folded);
    for term in terms.iter_mut().filter(|term| !term.is_quoted) {
        term.is_folded = is_folded;
    }
}

fn too_long(syllables: &[String]) -> Option<usize> {
    let lengths = syllables.iter().map(|syllable| syllable.chars().count());
    lengths.into_iter().find(|length| *length > MAX_SYLLABLE_CHARS)
}

fn each_once(terms: Vec<Term>) -> Vec<Term> {
    let mut kept: Vec<Term> = Vec::with_capacity(terms.len());
    for term in terms {
        if !kept.contains(&term) {
            kept.push(term);
        }
    }
    kept
}
