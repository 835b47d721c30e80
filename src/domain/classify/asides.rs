//! Asides: stretches of an article that say who came or what a decision rests on, and not what the article is about.
//!
//! Three kinds, in normalised text: the clause after words such as "căn cứ luật" (what a document rests on), the rest of a
//! sentence that lists who attended ("cùng dự có …"), and runs of names of departments or fields ("các sở: tài chính,
//! khoa học và công nghệ, xây dựng"). Phrases that begin inside count for no topic. A phrase that begins before an aside
//! counts, so that "căn cứ luật" itself can speak for a topic.

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

use super::TaxonomyError;
use crate::domain::text;

/// So many names in a row are a list; two may be a subject ("giáo dục và y tế").
const RUN: usize = 3;

/// Bytes between "tham dự" and its "có" at most: "tham dự buổi làm việc với lãnh đạo tỉnh còn có".
const UP_TO_HAVE: usize = 90;

/// Bytes that an aside takes at most: a text without full stops must not lose all of it.
const LONGEST: usize = 700;

/// Abbreviations whose full stop ends no sentence.
const ABBREVIATIONS: [&str; 16] = [
    "ts", "pgs", "gs", "ths", "tskh", "cn", "ks", "bs", "bscki", "bsckii", "tp", "tx", "tt", "đ/c", "ds",
    "nguyên",
];

/// What may stand between two names of one run, beside separators.
const BETWEEN: [&str; 10] = [
    "và", "sở", "các", "ban", "bộ", "ngành", "với", "cùng", "chi", "cục",
];

/// The words by which asides are known; the `[asides]` table of the topics file.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AsideWords {
    /// What opens the part of a document that says what it rests on.
    grounds: Vec<String>,
    /// What opens a list of those present, where "có" or a colon follows in the same clause.
    attendance: Vec<String>,
    /// Names of departments and fields.
    names: Vec<String>,
}

/// Finds the asides.
#[derive(Debug, Clone)]
pub(super) struct Asides {
    openers: AhoCorasick,
    /// How many of the openers open grounds; the others open lists of those present.
    grounds: usize,
    names: AhoCorasick,
}

impl Asides {
    pub(super) fn new(words: &AsideWords) -> Result<Self, TaxonomyError> {
        let openers = words.grounds.iter().chain(&words.attendance);
        Ok(Self {
            openers: automaton(openers)?,
            grounds: words.grounds.len(),
            names: automaton(words.names.iter())?,
        })
    }

    /// The asides of a normalised text as byte ranges, by their beginning; they may overlap.
    pub(super) fn find(&self, part: &str) -> Vec<(usize, usize)> {
        let mut found = self.runs(part);
        for hit in self.openers.find_iter(part) {
            if !text::is_whole(part, hit.start(), hit.end()) {
                continue;
            }
            if hit.pattern().as_usize() < self.grounds {
                found.push((hit.end(), end_of(part, hit.end(), true)));
            } else if let Some(start) = have_after(part, hit.end()) {
                found.push((start, end_of(part, start, false)));
            }
        }
        found.sort_unstable();
        found
    }

    fn runs(&self, part: &str) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let (mut names, mut start, mut end) = (0, 0, 0);
        for hit in self.names.find_iter(part) {
            if !text::is_whole(part, hit.start(), hit.end()) {
                continue;
            }
            if names > 0 && joins(&part[end..hit.start()]) {
                names += 1;
            } else {
                if names >= RUN {
                    found.push((start, end));
                }
                (names, start) = (1, hit.start());
            }
            end = hit.end();
        }
        if names >= RUN {
            found.push((start, end));
        }
        found
    }
}

fn automaton<'a>(words: impl Iterator<Item = &'a String>) -> Result<AhoCorasick, TaxonomyError> {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(words.map(|word| text::normalise(word)))
        .map_err(|e| TaxonomyError::TooLarge(e.to_string()))
}

/// Whether what stands between two names makes a list of them: a separator or "và", and nothing that says something.
fn joins(between: &str) -> bool {
    let mut separates = false;
    let is_filler = between
        .split_inclusive([',', ';', ' ', ':', '-', '/'])
        .all(|word| {
            separates |= word.ends_with([',', ';', '-']);
            let word = word.trim_end_matches([',', ';', ' ', ':', '-', '/']);
            separates |= word == "và";
            word.is_empty() || BETWEEN.contains(&word)
        });
    is_filler && separates
}

/// Where the list of those present begins: after "có" or a colon, before the clause ends.
fn have_after(part: &str, from: usize) -> Option<usize> {
    let rest = &part[from..];
    let mut at = from;
    for word in rest.split_inclusive(' ') {
        let is_near = at - from <= UP_TO_HAVE;
        at += word.len();
        let word = word.trim_end();
        if !is_near || word.ends_with(['.', ',', ';']) {
            return None;
        }
        if matches!(word, "có" | "gồm") || word.ends_with(':') {
            return Some(at);
        }
    }
    None
}

/// Where the sentence ends; a ground also ends at a semicolon.
fn end_of(part: &str, from: usize, is_ground: bool) -> usize {
    let mut at = from;
    for word in part[from..].split_inclusive(' ') {
        at += word.len();
        let is_last = at - from >= LONGEST || (is_ground && word.contains(';'));
        if is_last || ends_sentence(word.trim_end()) {
            return at;
        }
    }
    part.len()
}

fn ends_sentence(word: &str) -> bool {
    let Some(stem) = word.strip_suffix(['.', '!', '?', '…']) else {
        return false;
    };
    let stem = stem.rsplit(['.', ',', '(']).next().unwrap_or(stem);
    !(ABBREVIATIONS.contains(&stem) || stem.chars().count() == 1 && !stem.contains(char::is_numeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        let asides = Asides::new(&AsideWords {
            grounds: words(&["căn cứ luật", "theo đề nghị của"]),
            attendance: words(&["tham dự", "cùng đi"]),
            names: words(&["tài chính", "y tế", "khoa học và công nghệ", "xây dựng"]),
        })
        .unwrap();
        let normalised = text::normalise(text);
        let ranges = asides.find(&normalised).into_iter();
        ranges
            .map(|(start, end)| normalised[start..end].trim().to_owned())
            .collect()
    }

    #[test]
    fn what_a_document_rests_on_ends_with_its_clause() {
        assert_eq!(
            found("Căn cứ Luật Đo lường ngày 11/11/2011; Ban hành quy chế. Theo đề nghị của Sở Y tế. Hết"),
            ["đo lường ngày 11/11/2011;", "sở y tế."]
        );
    }

    #[test]
    fn those_present_are_listed_to_the_end_of_the_sentence() {
        assert_eq!(
            found("Cùng đi có GS.TS. Trần A và TP. Huế; Sở Y tế. Hội nghị bàn về y tế."),
            ["gs.ts. trần a và tp. huế; sở y tế."]
        );
        assert_eq!(found("Tham dự buổi làm việc còn có: B."), ["b."]);
        assert!(found("Ông A tham dự hội nghị, nơi có nhiều ý kiến.").is_empty());
        assert!(found("Ông A tham dự hội nghị y tế").is_empty());
    }

    #[test]
    fn three_names_in_a_row_are_a_list_and_two_are_not() {
        assert_eq!(
            found("Các Sở Tài chính, Y tế, Sở Khoa học và Công nghệ và Xây dựng cầu"),
            ["tài chính, y tế, sở khoa học và công nghệ và xây dựng"]
        );
        assert!(found("Y tế và xây dựng").is_empty());
        assert!(found("Y tế xây dựng tài chính").is_empty(), "nothing joins them");
        assert!(found("Y tế, nơi xây dựng, tài chính").is_empty());
    }
}
