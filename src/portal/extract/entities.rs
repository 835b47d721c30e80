//! Entities that a text still shows because they were escaped twice (`&amp;hellip;`), which is certain, or because they lost
//! their ampersand (`ldquo;Chuyển đổi sốrdquo;`, as portals' summaries have them), which is a guess.

use std::ops::Range;

use scraper::Html;

/// Ways to write an ampersand as an entity, without the ampersand.
const AMPERSANDS: &[&str] = &["amp;", "AMP;", "#38;", "#038;", "#x26;", "#X26;"];
/// The longest name that is looked up (`#x10ffff`, `thetasym`).
const LONGEST_NAME: usize = 10;

/// Signs whose names are no words of any language met on portals; `copy`, `times`, `trade`, `bull`, `reg` are.
const SIGNS: &[(&str, char)] = &[
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("nbsp", '\u{a0}'),
    ("middot", '·'),
];
/// Accents as entities name them, and as combining characters.
const ACCENTS: &[(&str, char)] = &[
    ("grave", '\u{300}'),
    ("acute", '\u{301}'),
    ("circ", '\u{302}'),
    ("tilde", '\u{303}'),
];

/// An entity without its ampersand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lost {
    /// Where it stands (bytes).
    pub(super) at: Range<usize>,
    /// What it means.
    pub(super) meant: char,
}

/// Whether there is anything to decode.
pub(super) fn are_in(text: &str) -> bool {
    text.contains(';')
}

/// The text with its entities as what they mean, in one pass: the result shows entities again only where the page nested
/// them on purpose.
pub(super) fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pieces = text.split('&');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        // However often it was escaped, it was one ampersand.
        let mut rest = piece;
        while let Some(inner) = AMPERSANDS.iter().find_map(|a| rest.strip_prefix(a)) {
            rest = inner;
        }
        if let Some((meant, behind)) = named(rest) {
            out.push_str(&meant);
            out.push_str(behind);
        } else {
            out.push('&');
            out.push_str(rest);
        }
    }
    out
}

/// What the entity at the front of a text (behind its ampersand) means, and the text behind it.
fn named(text: &str) -> Option<(String, &str)> {
    let (name, behind) = text.split_once(';')?;
    let rest = name.strip_prefix('#').unwrap_or(name);
    let fits = (2..=LONGEST_NAME).contains(&name.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric());
    if !fits {
        return None;
    }
    let written = format!("&{name};");
    let meant: String = Html::parse_fragment(&written).root_element().text().collect();
    (meant != written).then_some((meant, behind))
}

/// The entities that lost their ampersand, in order.
pub(super) fn lost(text: &str) -> Vec<Lost> {
    let mut found: Vec<Lost> = Vec::new();
    let mut from = 0;
    for (end, _) in text.match_indices(';') {
        let before = &text[from..end];
        let start = from
            + before
                .rfind(|c: char| !c.is_ascii_alphanumeric())
                .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        // What stands before the word once those on its left are decoded.
        let left = match found.last().filter(|lost| lost.at.end == start) {
            Some(lost) => Some(lost.meant),
            None => text[..start].chars().next_back(),
        };
        from = end + 1;
        // With its ampersand it was looked at already and is unknown.
        if left == Some('&') {
            continue;
        }
        let Some((kept, meant)) = nameless(&text[start..end], &text[from..]) else {
            continue;
        };
        // `thành phố;rsquo;`: the first semicolon is what is left of the ampersand's entity.
        let is_double = kept.is_empty() && left == Some(';');
        let name = start + kept.len() - usize::from(is_double);
        found.push(Lost {
            at: name..from,
            meant,
        });
    }
    found
}

/// A part of a text with its lost entities as what they mean. One that stands across the part's border belongs to the part
/// in which it begins.
pub(super) fn restored(text: &str, part: Range<usize>, lost: &[Lost]) -> String {
    let mut out = String::with_capacity(part.len());
    let mut from = part.start;
    for lost in lost
        .iter()
        .filter(|l| l.at.end > part.start && l.at.start < part.end)
    {
        if lost.at.start >= part.start {
            out.push_str(&text[from..lost.at.start]);
            out.push(lost.meant);
        }
        from = lost.at.end.min(part.end);
    }
    out.push_str(&text[from..part.end]);
    out
}

/// What of a word stands before the name of an entity, and the character that the name means.
fn nameless<'w>(word: &'w str, behind: &str) -> Option<(&'w str, char)> {
    let sign = SIGNS
        .iter()
        .find_map(|(name, sign)| Some((word.strip_suffix(name)?, *sign)));
    sign.or_else(|| ampersand(word, behind)).or_else(|| letter(word))
}

/// `TTamp;TT`, `Tài nguyên amp; Môi trường`: between capitals. An `amp` or a `lamp` before a semicolon is a word.
fn ampersand<'w>(word: &'w str, behind: &str) -> Option<(&'w str, char)> {
    let kept = word.strip_suffix("amp")?;
    let next = behind.chars().next();
    let joins = kept.ends_with(|c: char| c.is_ascii_uppercase()) && next.is_some_and(char::is_uppercase);
    // On one line: what begins the next paragraph is not joined to this one.
    let is_gap = |c: char| c.is_whitespace() && c != '\n';
    let stands_alone = kept.is_empty()
        && behind.starts_with(is_gap)
        && behind.trim_start_matches(is_gap).starts_with(char::is_uppercase);
    (joins || stands_alone).then_some((kept, '&'))
}

/// `phograve;ng`: a Vietnamese vowel with its accent, behind what may open a syllable.
fn letter(word: &str) -> Option<(&str, char)> {
    let (rest, accent) = ACCENTS
        .iter()
        .find_map(|(name, accent)| Some((word.strip_suffix(name)?, *accent)))?;
    let vowel = rest.chars().next_back().filter(char::is_ascii_alphabetic)?;
    let is_vietnamese = match accent {
        '\u{302}' => "aeoAEO".contains(vowel),
        '\u{303}' => "aioAIOuU".contains(vowel),
        _ => "aeiouyAEIOUY".contains(vowel),
    };
    let kept = &rest[..rest.len() - 1];
    let letter = unicode_normalization::char::compose(vowel, accent)?;
    (is_vietnamese && opens_syllable(kept)).then_some((kept, letter))
}

/// Whether letters without accents may stand before a vowel of a syllable; letters with accents end the word here.
fn opens_syllable(letters: &str) -> bool {
    const ONSETS: &[&str] = &[
        "", "b", "c", "ch", "d", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p",
        "ph", "q", "r", "s", "t", "th", "tr", "v", "x",
    ];
    let lower = letters.to_ascii_lowercase();
    let onset = lower.strip_suffix(['o', 'u', 'i', 'y']).unwrap_or(&lower);
    ONSETS.contains(&onset) || ONSETS.contains(&lower.as_str())
}
