//! The order of what a search finds: newest first, but an article gets a head start for where the words stand in it.
//!
//! A head start in time, and not a score that is weighed against an age: the order of two articles is then the same today
//! and next year, so that it can be paged, cached and tested, and it can be told in a sentence.

use chrono::TimeDelta;

use super::{Query, Term, Words};
use crate::domain::text;

/// Words in the title: as good as an article that is so much newer and has them in its text.
const IN_TITLE: TimeDelta = TimeDelta::days(400);

/// Words in the portal's own lead.
const IN_LEAD: TimeDelta = TimeDelta::days(120);

/// What was typed without diacritics and is written so, too: `Wi-Fi` before "ví phí".
const AS_TYPED: TimeDelta = TimeDelta::days(30);

/// A syllable that stands without those typed beside it is often of another word: "học" (to learn) of "khoa học" (science) in
/// "học sinh" (pupils). It counts so many times less, and only where most of the others stand, too.
const ALONE: i32 = 2;

/// All that was typed stands in the title or in the lead as one phrase: the lead then outweighs a title with half of it.
const TOGETHER: TimeDelta = TimeDelta::days(100);

/// What a reader sees first of an article, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    title: Words,
    lead: Words,
}

impl Query {
    /// What a reader sees first of an article, as far as this search compares it: some hundreds are looked at for a page, and
    /// to take their diacritics away is half the work.
    pub fn heading(&self, title: &str, lead: Option<&str>) -> Heading {
        let words = |text: &str| {
            let exact = Words::exact_of(text);
            let folded = if self.is_folded() {
                text::fold(&exact)
            } else {
                String::new()
            };
            Words { exact, folded }
        };
        Heading {
            title: words(title),
            lead: words(lead.unwrap_or_default()),
        }
    }

    /// Whether any of what has to occur is compared without diacritics.
    pub(super) fn is_folded(&self) -> bool {
        self.wanted().any(|term| term.is_folded)
    }

    /// How much earlier an article stands than one of the same moment that holds the words in its text alone. A query of
    /// several words gets the mean of what each would get.
    pub fn head_start(&self, heading: &Heading) -> TimeDelta {
        let wanted: Vec<&Term> = self.wanted().collect();
        let pairs: Vec<Term> = wanted.windows(2).map(in_one).collect();
        let places = [(IN_TITLE, &heading.title), (IN_LEAD, &heading.lead)].map(|(start, words)| {
            let held = wanted.iter().filter(|term| words.holds(term)).count();
            let alone = if 2 * held > wanted.len() {
                start / ALONE
            } else {
                TimeDelta::zero()
            };
            Place { words, start, alone }
        });
        let sum: TimeDelta = (0..wanted.len())
            .map(|place| {
                let beside = &pairs[place.saturating_sub(1)..pairs.len().min(place + 1)];
                wanted[place].head_start(beside, &places)
            })
            .sum();
        let mean = sum / i32::try_from(wanted.len().max(1)).unwrap_or(i32::MAX);
        let whole = in_one(&wanted);
        if heading.title.holds(&whole) || heading.lead.holds(&whole) {
            mean + TOGETHER
        } else {
            mean
        }
    }

    /// What has to occur.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(|term| !term.is_excluded)
    }
}

/// Where words may stand, and what they get for it.
struct Place<'a> {
    words: &'a Words,
    start: TimeDelta,
    /// A syllable without those typed beside it.
    alone: TimeDelta,
}

impl Term {
    /// `beside`: it with the word before, and with the word after it, as far as there are any.
    fn head_start(&self, beside: &[Term], places: &[Place]) -> TimeDelta {
        let starts = places
            .iter()
            .filter(|place| place.words.holds(self))
            .map(|place| {
                let is_alone = self.syllables.len() == 1
                    && !beside.is_empty()
                    && !beside.iter().any(|pair| place.words.holds(pair));
                let start = if is_alone { place.alone } else { place.start };
                let is_as_typed = self.is_folded && place.words.exact.contains(&self.padded());
                if is_as_typed && !start.is_zero() {
                    start + AS_TYPED
                } else {
                    start
                }
            });
        starts.max().unwrap_or_default()
    }
}

/// All that has to occur as one phrase. With diacritics if any of it was typed with them.
fn in_one(wanted: &[&Term]) -> Term {
    Term {
        syllables: wanted.iter().flat_map(|term| term.syllables.clone()).collect(),
        is_quoted: true,
        is_excluded: false,
        is_folded: wanted.iter().all(|term| term.is_folded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(typed: &str, title: &str, lead: &str) -> i64 {
        let query: Query = typed.parse().unwrap();
        query.head_start(&query.heading(title, Some(lead))).num_days()
    }

    #[test]
    fn the_title_counts_more_than_the_lead_and_the_lead_more_than_the_text() {
        let (title, lead) = ("Sở Khoa học và Công nghệ họp", "Bàn về đề tài lúa chịu mặn.");
        assert_eq!(days("họp", title, lead), 500);
        assert_eq!(days("lúa", title, lead), 220);
        assert_eq!(days("chuối", title, lead), 0);
        assert_eq!(
            days("\"khoa học\" \"đề tài\"", title, lead),
            260,
            "the mean of 400 and 120"
        );
        assert_eq!(
            days("họp -lúa", title, lead),
            500,
            "what is left out says nothing"
        );
    }

    #[test]
    fn a_syllable_counts_less_without_those_typed_beside_it() {
        assert_eq!(days("khoa học", "Học ở khoa", ""), 200);
        assert_eq!(
            days("khoa học", "1.200 học sinh", "Sở Khoa học."),
            220,
            "in the lead they stand together"
        );
        assert_eq!(
            days("khoa học", "1.200 học sinh", ""),
            0,
            "half of what was typed"
        );
        assert_eq!(days("khoa học đất", "Khoa học", ""), 266, "two of three");
        assert_eq!(
            days("khoa học đất", "Khoa đất", ""),
            133,
            "two of three, each alone"
        );
        assert_eq!(days("hoc lua", "Học sinh", ""), 0);
        assert_eq!(
            days("họp sở y tế", "Sở Y tế họp", ""),
            350,
            "three in a row, and one elsewhere"
        );
        assert_eq!(
            days("\"khoa học\" đất", "Đất và khoa học", ""),
            300,
            "a phrase is never alone"
        );
    }

    #[test]
    fn a_title_that_says_it_as_typed_comes_first() {
        assert_eq!(days("khoa học", "Ngày hội khoa học", ""), 500);
        assert_eq!(days("khoa học", "", "Về khoa học."), 220);
        assert_eq!(
            days("khoa học", "Học sinh", "Về khoa và học."),
            60,
            "half of it in the title; all of it in the lead, each alone"
        );
        assert_eq!(days("\"khoa học\" về", "Khoa học về đích", ""), 500);
    }

    #[test]
    fn what_is_written_without_diacritics_comes_before_what_is_read_so() {
        assert_eq!(days("so", "Số hóa", ""), 500);
        assert_eq!(days("so", "SO 2 vượt ngưỡng", ""), 530);
        assert_eq!(days("số", "Số hóa", ""), 500, "typed with them, all are alike");
    }
}
