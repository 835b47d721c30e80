//! Where a search's words stand in a text, as readers see it: the text itself, its hits marked.

use super::{Query, Term, is_base, is_of_a_word};
use crate::domain::text;

/// How far into a text hits are looked for (bytes): two pages. What stands only beyond is found and not shown.
const SEARCHED_BYTES: usize = 8_000;

/// What is shown before the first hit (characters), so that it can be understood.
const BEFORE: usize = 50;

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The text, as it stands there: plain, not escaped.
    pub text: String,
    /// Whether it was looked for.
    pub is_hit: bool,
}

/// Where a hit begins and ends (bytes), and which term it is of.
#[derive(Debug, Clone, Copy)]
struct Hit {
    start: usize,
    end: usize,
    term: usize,
}

impl Query {
    /// A text with all its hits.
    pub fn mark(&self, text: &str) -> Vec<Fragment> {
        fragments(text, 0..text.len(), &self.hits(text))
    }

    /// The part of a text that holds most of what is looked for, the first of several; its beginning where nothing stands in
    /// it. On one line, at most `max_chars` characters and an ellipsis at each end.
    pub fn snippet(&self, text: &str, max_chars: usize) -> Vec<Fragment> {
        let line = text::one_line(text);
        let hits = self.hits(&line);
        let Some(first) = best(&line, &hits, max_chars) else {
            return vec![Fragment {
                text: text::excerpt(&line, max_chars),
                is_hit: false,
            }];
        };
        let start = back(&line, first.start, BEFORE);
        let end = forth(&line, start, max_chars).max(first.end);
        let mut shown = fragments(&line, start..end, &hits);
        let ellipsis = || Fragment {
            text: "…".to_owned(),
            is_hit: false,
        };
        if start > 0 {
            shown.insert(0, ellipsis());
        }
        if end < line.len() {
            shown.push(ellipsis());
        }
        shown
    }

    /// All hits, in their order.
    fn hits(&self, text: &str) -> Vec<Hit> {
        let words = Spoken::of(text, self.is_folded());
        let mut hits = Vec::new();
        for at in 0..words.len() {
            for (place, term) in self.wanted().enumerate() {
                let Some(stretch) = words.get(at..at + term.syllables.len()) else {
                    continue;
                };
                if stretch
                    .iter()
                    .zip(&term.syllables)
                    .all(|(word, wanted)| word.is(wanted, term))
                {
                    hits.push(Hit {
                        start: stretch[0].start,
                        end: stretch[stretch.len() - 1].end,
                        term: place,
                    });
                }
            }
        }
        hits
    }
}

/// A word of a text, where it stands, and as it is compared.
struct Spoken {
    start: usize,
    end: usize,
    exact: String,
    folded: String,
}

impl Spoken {
    fn of(text: &str, is_folded: bool) -> Vec<Self> {
        let mut words = Vec::new();
        let mut start = None;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            // Soft hyphens and the like are no letters, and no end of a word either.
            let is_inside = is_of_a_word(c) || (start.is_some() && text::is_invisible(c));
            match (start, is_inside) {
                (None, true) if is_base(c) => start = Some(at),
                (Some(from), false) => {
                    words.extend(Self::word(text, from, at, is_folded));
                    start = None;
                    if at > SEARCHED_BYTES {
                        break;
                    }
                }
                _ => {}
            }
        }
        words
    }

    fn word(text: &str, start: usize, end: usize, is_folded: bool) -> Option<Self> {
        let exact = text::normalise(&text[start..end]);
        let folded = if is_folded {
            text::fold(&exact)
        } else {
            String::new()
        };
        (!exact.is_empty()).then_some(Self {
            start,
            end,
            exact,
            folded,
        })
    }

    fn is(&self, wanted: &str, term: &Term) -> bool {
        let word = if term.is_folded { &self.folded } else { &self.exact };
        word == wanted
    }
}

/// The hit from which on the most different terms stand within a snippet's length.
fn best(line: &str, hits: &[Hit], max_chars: usize) -> Option<Hit> {
    let mut best: Option<(usize, Hit)> = None;
    for (place, first) in hits.iter().enumerate() {
        let end = forth(line, back(line, first.start, BEFORE), max_chars);
        let mut terms: Vec<usize> = hits[place..]
            .iter()
            .take_while(|hit| hit.end <= end)
            .map(|hit| hit.term)
            .collect();
        terms.sort_unstable();
        terms.dedup();
        if best.is_none_or(|(most, _)| terms.len() > most) {
            best = Some((terms.len(), *first));
        }
    }
    best.map(|(_, hit)| hit)
}

/// The beginning of the word that stands at most so many characters before a place.
fn back(line: &str, from: usize, chars: usize) -> usize {
    let Some((at, _)) = line[..from].char_indices().rev().take(chars).last() else {
        return from;
    };
    if at == 0 {
        return 0;
    }
    line[at..from].find(' ').map_or(from, |space| at + space + 1)
}

/// The end of the last word that ends at most so many characters after a place.
fn forth(line: &str, from: usize, chars: usize) -> usize {
    let Some((at, _)) = line[from..].char_indices().nth(chars) else {
        return line.len();
    };
    let end = from + at;
    line[from..end].rfind(' ').map_or(end, |space| from + space)
}

/// A part of a text, cut where hits begin and end. Hits that overlap or stand next to each other are one.
fn fragments(text: &str, part: std::ops::Range<usize>, hits: &[Hit]) -> Vec<Fragment> {
    let mut shown: Vec<Fragment> = Vec::new();
    let mut written = part.start;
    let mut add = |from: usize, to: usize, is_hit: bool| {
        if from < to {
            shown.push(Fragment {
                text: text[from..to].to_owned(),
                is_hit,
            });
        }
    };
    let mut marked: Option<(usize, usize)> = None;
    for hit in hits
        .iter()
        .filter(|hit| hit.start >= part.start && hit.end <= part.end)
    {
        match &mut marked {
            Some((_, end)) if hit.start <= *end || text[*end..hit.start].trim().is_empty() => {
                *end = hit.end.max(*end);
            }
            _ => {
                if let Some((start, end)) = marked {
                    add(written, start, false);
                    add(start, end, true);
                    written = end;
                }
                marked = Some((hit.start, hit.end));
            }
        }
    }
    if let Some((start, end)) = marked {
        add(written, start, false);
        add(start, end, true);
        written = end;
    }
    add(written, part.end, false);
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    fn shown(fragments: &[Fragment]) -> String {
        let marked = |f: &Fragment| {
            if f.is_hit {
                format!("[{}]", f.text)
            } else {
                f.text.clone()
            }
        };
        fragments.iter().map(marked).collect()
    }

    fn marked(typed: &str, text: &str) -> String {
        shown(&typed.parse::<Query>().unwrap().mark(text))
    }

    #[test]
    fn hits_are_marked_as_they_are_written() {
        let title = "Sở KHOA HỌC, Công nghệ và khóa học về khoa";
        assert_eq!(
            marked("khoa học", title),
            "Sở [KHOA HỌC], Công nghệ và khóa [học] về [khoa]"
        );
        assert_eq!(
            marked("\"khoa hoc\"", title),
            "Sở [KHOA HỌC], Công nghệ và [khóa học] về khoa"
        );
        assert_eq!(marked("nghị -sở", title), title);
        assert_eq!(marked("hoà", "Hòa bình, HOÀ giải"), "[Hòa] bình, [HOÀ] giải");
        assert_eq!(
            marked("57-nq/tw", "Nghị quyết 57-NQ/TW."),
            "Nghị quyết [57-NQ/TW]."
        );
        let decomposed: String = "Đổi mới".nfd().collect();
        assert_eq!(
            marked("doi", &decomposed),
            format!("[{}] {}", "Đổi".nfd(), "mới".nfd())
        );
        assert_eq!(marked("khoa", "kho\u{AD}a học"), "[kho\u{AD}a] học");
    }

    #[test]
    fn a_snippet_is_the_part_with_most_of_the_words() {
        let filler = "câu không liên quan gì ".repeat(20);
        let text = format!("{filler} lúa ở đây. {filler} giống lúa chịu mặn được trồng. {filler}");
        let query: Query = "giống lúa mặn".parse().unwrap();
        let part = shown(&query.snippet(&text, 120));
        assert!(part.contains("[giống lúa] chịu [mặn] được trồng."), "{part}");
        assert!(
            part.starts_with('…') && part.ends_with('…') && part.chars().count() < 130,
            "{part}"
        );
        let none: Query = "khác".parse().unwrap();
        assert!(shown(&none.snippet(&text, 60)).starts_with("câu không liên quan"));
        assert_eq!(shown(&query.snippet("lúa  mặn", 60)), "[lúa mặn]");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_added_by_marking(text in "\\PC{0,60}|([a-zđàạộ]{1,4}[ ,.\u{AD}]{0,2}){0,20}", typed in "[a-zđàạộ]{1,4}( [a-zđàạộ]{1,4})?") {
            let query: Query = typed.parse().unwrap();
            let whole: String = query.mark(&text).into_iter().map(|f| f.text).collect();
            prop_assert_eq!(whole, text.clone());
            let part = query.snippet(&text, 20);
            let chars: usize = part.iter().map(|f| f.text.chars().count()).sum();
            prop_assert!(chars <= 20 + BEFORE + 2, "{:?}", part);
        }
    }
}
