//! The pieces of a written date: numbers, words and signs.

use crate::domain::text;

/// A piece of a written date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A number of at most nine digits, and how many digits it has.
    Number(u32, usize),
    /// A word in lower case.
    Word(String),
    /// Any other visible character.
    Sign(char),
}

/// How many characters of a text are looked at: a date line is short, and a page may send a megabyte.
const LONGEST_TEXT: usize = 400;

/// Cuts a text into tokens. White space separates and is dropped; `7h51` is three tokens.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let short: String = text.chars().take(LONGEST_TEXT).collect();
    let text = text::normalise(&short);
    let mut out = Vec::new();
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let same: fn(char) -> bool = if c.is_ascii_digit() {
            |c| c.is_ascii_digit()
        } else if c.is_alphabetic() {
            char::is_alphabetic
        } else {
            if !c.is_whitespace() {
                out.push(Token::Sign(c));
            }
            rest = &rest[c.len_utf8()..];
            continue;
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(end);
        out.push(match piece.parse() {
            Ok(number) if end <= 9 => Token::Number(number, end),
            _ => Token::Word(piece.to_owned()),
        });
        rest = tail;
    }
    out
}
