//! A long text in Telegram's HTML as several messages. A part ends between paragraphs where it can, else at a line, a
//! sentence, a word, and inside of an entity (a bold text, a link) only where that alone is longer than a message: it is
//! closed then and opened again in the next part. A tag, an escaped character and a visible character are never cut.

use super::measure::{MAX_ENTITIES, MAX_UNITS};

/// A part of less than a third of the limit is only made where everything else would cut an entity.
const SMALLEST_SHARE: usize = 3;

/// Where a part may end, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Character,
    WordInside,
    LineInside,
    Word,
    Sentence,
    Line,
    Paragraph,
}

enum Token<'a> {
    Open(&'a str, &'a str),
    Close(&'a str),
    /// As written, and the character that is seen.
    Char(&'a str, char),
}

/// A place where a part may end: the token behind it, the units before it.
#[derive(Clone, Copy)]
struct Place {
    rank: Rank,
    at: usize,
    units: usize,
}

/// The parts of a text, each within the Bot API's limits and well-formed.
pub(super) fn split(html: &str) -> Vec<String> {
    split_at(html, MAX_UNITS, MAX_ENTITIES)
}

fn split_at(html: &str, most_units: usize, most_entities: usize) -> Vec<String> {
    let tokens = tokens(html);
    let (mut parts, mut from) = (Vec::new(), 0);
    let mut open: Vec<(&str, &str)> = Vec::new();
    while from < tokens.len() {
        let end = end_of_part(&tokens, from, open.len(), most_units, most_entities);
        let part = write(&tokens[from..end], &mut open);
        let is_blank = super::measure(&part).units == 0;
        if !is_blank {
            parts.push(part);
        }
        from = end;
    }
    parts
}

fn end_of_part(
    tokens: &[Token<'_>],
    from: usize,
    carried: usize,
    most_units: usize,
    most_entities: usize,
) -> usize {
    let (mut units, mut entities, mut depth) = (0, carried, carried);
    let mut places: Vec<Place> = Vec::new();
    // Where the text so far could end: behind its last character and what closes there, before what opens next.
    let mut boundary: Option<Boundary> = None;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        let mut is_over = false;
        match token {
            Token::Open(..) => {
                entities += 1;
                depth += 1;
                is_over = entities > most_entities;
                if is_over {
                    places.extend(boundary.and_then(|end| end.place(tokens, OPENING)));
                }
            }
            Token::Close(_) => {
                depth = depth.saturating_sub(1);
                if let Some(end) = &mut boundary {
                    (end.at, end.is_inside) = (at + 1, depth > 0);
                }
            }
            // White space at the beginning is not written, and neither is what a part would end with.
            Token::Char(_, c) if units > 0 || !c.is_whitespace() => {
                if !c.is_whitespace() {
                    places.extend(boundary.and_then(|end| end.place(tokens, *c)));
                }
                units += c.len_utf16();
                is_over = !c.is_whitespace() && units > most_units;
                boundary = Some(Boundary {
                    at: at + 1,
                    before: *c,
                    is_inside: depth > 0,
                    units,
                });
            }
            Token::Char(..) => {}
        }
        if is_over {
            return choose(&places, most_units).map_or(at.max(from + 1), |place| place.at);
        }
    }
    tokens.len()
}

/// Any visible character: what follows a tag that opens.
const OPENING: char = 'x';

#[derive(Clone, Copy)]
struct Boundary {
    at: usize,
    before: char,
    is_inside: bool,
    units: usize,
}

impl Boundary {
    /// The place where a part may end here, if `next` is not one with what is before it.
    fn place(self, tokens: &[Token<'_>], next: char) -> Option<Place> {
        let rank = rank(self.before, next, self.is_inside, &tokens[..self.at])?;
        Some(Place {
            rank,
            at: self.at,
            units: self.units,
        })
    }
}

/// What a cut between two characters would be. `None` where they are one to the eye.
fn rank(before: char, next: char, is_inside: bool, tokens: &[Token<'_>]) -> Option<Rank> {
    if before.is_whitespace() {
        let mut back = tokens.iter().rev().filter_map(|token| match token {
            Token::Char(_, c) => Some(*c),
            Token::Open(..) | Token::Close(_) => None,
        });
        let (_, before_that) = (back.next(), back.next());
        return Some(match (before, is_inside) {
            ('\n', true) => Rank::LineInside,
            ('\n', false) if before_that == Some('\n') => Rank::Paragraph,
            ('\n', false) => Rank::Line,
            (_, true) => Rank::WordInside,
            (_, false) if matches!(before_that, Some('.' | '!' | '?' | '…')) => Rank::Sentence,
            (_, false) => Rank::Word,
        });
    }
    (!is_one(before, next)).then_some(Rank::Character)
}

/// The best place that leaves no tiny part; else the best that cuts no entity; else the best.
fn choose(places: &[Place], most_units: usize) -> Option<Place> {
    let best = |is_fine: &dyn Fn(&Place) -> bool| {
        places
            .iter()
            .filter(|place| is_fine(place))
            .max_by_key(|place| (place.rank, place.at))
            .copied()
    };
    best(&|place| place.rank >= Rank::Word && place.units * SMALLEST_SHARE >= most_units)
        .or_else(|| best(&|place| place.rank >= Rank::Word))
        .or_else(|| best(&|_| true))
}

/// Whether two characters are seen as one: combining marks, what is joined, colours of skin, flags.
fn is_one(before: char, next: char) -> bool {
    const JOINER: char = '\u{200D}';
    let is_mark = unicode_normalization::char::is_combining_mark(next)
        || matches!(next, JOINER | '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}');
    let is_flag = |c: char| matches!(c, '\u{1F1E6}'..='\u{1F1FF}');
    is_mark || before == JOINER || (is_flag(before) && is_flag(next))
}

/// Writes a part: what is open is opened again, and what is left open is closed; `open` is then what the next one begins
/// with.
fn write<'a>(tokens: &[Token<'a>], open: &mut Vec<(&'a str, &'a str)>) -> String {
    let mut html: String = open.iter().map(|(raw, _)| *raw).collect();
    let (mut has_text, mut blank) = (false, String::new());
    for token in tokens {
        match token {
            Token::Open(raw, name) => {
                if has_text {
                    html.push_str(&std::mem::take(&mut blank));
                }
                html.push_str(raw);
                open.push((raw, name));
            }
            Token::Close(raw) => {
                html.push_str(raw);
                open.pop();
            }
            Token::Char(raw, c) if c.is_whitespace() => {
                if has_text {
                    blank.push_str(raw);
                }
            }
            Token::Char(raw, _) => {
                html.push_str(&std::mem::take(&mut blank));
                html.push_str(raw);
                has_text = true;
            }
        }
    }
    for (_, name) in open.iter().rev() {
        html.push_str("</");
        html.push_str(name);
        html.push('>');
    }
    html
}

fn tokens(html: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut rest) = (Vec::new(), html);
    while let Some(c) = rest.chars().next() {
        let past = |end: char| rest.find(end).map_or(rest.len(), |at| at + 1);
        let length = match c {
            '<' => past('>'),
            '&' => past(';'),
            _ => c.len_utf8(),
        };
        let (raw, after) = rest.split_at(length);
        tokens.push(match c {
            '<' if raw.starts_with("</") => Token::Close(raw),
            '<' => {
                let inner = raw.trim_start_matches('<').trim_end_matches('>');
                Token::Open(raw, inner.split_whitespace().next().unwrap_or(inner))
            }
            // Whichever it stands for, it is one unit and no white space.
            '&' => Token::Char(raw, '&'),
            _ => Token::Char(raw, c),
        });
        rest = after;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ends_at_a_paragraph_before_a_line_before_a_sentence_before_a_word() {
        let cases = [
            ("aaaa bb\n\ncc dd\nee", &["aaaa bb", "cc dd\nee"][..]),
            ("aaaa bb\ncc. dd ee", &["aaaa bb", "cc. dd ee"]),
            ("aaaa bb. cc dd ee", &["aaaa bb.", "cc dd ee"]),
            ("aaaa bb cc dd ee", &["aaaa bb cc", "dd ee"]),
            ("aaaabbccddeeff", &["aaaabbccdd", "eeff"]),
        ];
        for (text, expected) in cases {
            let limit = if text.contains('\n') || text.contains('.') {
                12
            } else {
                10
            };
            assert_eq!(split_at(text, limit, 9), expected, "{text:?}");
        }
    }

    #[test]
    fn an_entity_is_cut_only_where_it_is_longer_than_a_message() {
        assert_eq!(split_at("a <b>bbb bbb</b> c", 10, 9), ["a <b>bbb bbb</b>", "c"]);
        assert_eq!(
            split_at("a b c <b>bbb bbb</b>", 10, 9),
            ["a b c", "<b>bbb bbb</b>"]
        );
        assert_eq!(
            split_at("<b>aaa <i>bbb ccc</i></b> d", 7, 9),
            ["<b>aaa <i>bbb</i></b>", "<b><i>ccc</i></b> d"]
        );
        assert_eq!(
            split_at("x &amp;&amp;&amp;&lt;", 4, 9),
            ["x", "&amp;&amp;&amp;&lt;"]
        );
        assert_eq!(split_at("&amp;&amp;&amp;", 2, 9), ["&amp;&amp;", "&amp;"]);
    }

    #[test]
    fn what_is_one_to_the_eye_stays_one() {
        assert_eq!(split_at("abc📢📢", 4, 9), ["abc", "📢📢"]);
        assert_eq!(split_at("ab👨\u{200D}👩", 5, 9), ["ab", "👨\u{200D}👩"]);
        assert_eq!(split_at("aaae\u{302}\u{301}", 4, 9), ["aaa", "e\u{302}\u{301}"]);
        assert_eq!(split_at("a🇻🇳", 4, 9), ["a", "🇻🇳"]);
    }

    #[test]
    fn entities_are_counted_too() {
        assert_eq!(
            split_at("<b>a</b> <i>b</i> <u>c</u>", 99, 2),
            ["<b>a</b> <i>b</i>", "<u>c</u>"]
        );
    }
}
