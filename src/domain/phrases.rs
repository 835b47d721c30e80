//! All phrases that somebody watches, found in one pass over an article, however many they are.
//!
//! Not an automaton: one over 100,000 phrases takes a second to build and has to be built anew for each further phrase. A
//! phrase only counts as whole syllables, so that there are few places where one can begin and end; at each of them
//! the words so far are looked up by their hash, and a phrase is added in a microsecond.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::text;

/// Phrases in one form: as they are written, or without diacritics.
#[derive(Debug, Default)]
pub struct Phrases {
    by_hash: HashMap<u64, Vec<Phrase>, BuildHasherDefault<AsItIs>>,
    /// Bytes of the longest.
    longest: usize,
}

#[derive(Debug)]
struct Phrase {
    text: Box<str>,
    id: i64,
}

impl Phrases {
    /// Adds a phrase, normalised, under a number of the caller's.
    pub fn add(&mut self, phrase: &str, id: i64) {
        if phrase.is_empty() {
            return;
        }
        let hash = phrase.bytes().fold(Fnv::START, Fnv::and);
        let same = self.by_hash.entry(hash.0).or_default();
        same.push(Phrase {
            text: phrase.into(),
            id,
        });
        self.longest = self.longest.max(phrase.len());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_hash.values().map(Vec::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_hash.is_empty()
    }

    /// The numbers of all phrases that stand in a normalised text as whole syllables, in no order; one that stands there
    /// twice is told twice.
    pub fn find(&self, text: &str, mut found: impl FnMut(i64)) {
        if self.is_empty() {
            return;
        }
        let mut before = None;
        for (start, first) in text.char_indices() {
            let is_inside = before.replace(first).is_some_and(char::is_alphanumeric);
            if !is_inside {
                self.find_at(text, start, &mut found);
            }
        }
    }

    /// Those that begin at a place.
    fn find_at(&self, text: &str, start: usize, found: &mut impl FnMut(i64)) {
        let mut hash = Fnv::START;
        let mut rest = text[start..].char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            let end = start + at + c.len_utf8();
            if end - start > self.longest {
                return;
            }
            hash = text.as_bytes()[start + at..end]
                .iter()
                .copied()
                .fold(hash, Fnv::and);
            if rest.peek().is_some_and(|(_, next)| next.is_alphanumeric()) {
                continue;
            }
            let Some(same) = self.by_hash.get(&hash.0) else {
                continue;
            };
            for phrase in same {
                if *phrase.text == text[start..end] && text::is_whole(text, start, end) {
                    found(phrase.id);
                }
            }
        }
    }
}

/// FNV-1a, which grows byte by byte.
#[derive(Clone, Copy)]
struct Fnv(u64);

impl Fnv {
    const START: Self = Self(0xcbf2_9ce4_8422_2325);

    fn and(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// The keys are hashes already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().copied().fold(Fnv(self.0), Fnv::and).0;
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(phrases: &[&str], text: &str) -> Vec<i64> {
        let mut all = Phrases::default();
        for (id, phrase) in (0..).zip(phrases) {
            all.add(phrase, id);
        }
        let mut ids = Vec::new();
        all.find(text, |id| ids.push(id));
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    #[test]
    fn phrases_are_found_as_whole_syllables_also_within_each_other() {
        let phrases = ["khoa học", "khoa học, công nghệ", "học", "lũ", "(gio", "công ngh"];
        assert_eq!(found(&phrases, "sở khoa học, công nghệ (gio linh)"), [0, 1, 2, 4]);
        assert_eq!(found(&phrases, "xkhoa họcx"), Vec::<i64>::new());
        assert_eq!(found(&["khoa học", "khoa học"], "khoa học"), [0, 1]);
        assert_eq!(found(&[""], "khoa học"), Vec::<i64>::new());
    }

    proptest! {
        #[test]
        fn the_same_is_found_as_one_by_one(
            text in "[ab đ,.(]{0,40}",
            phrases in proptest::collection::vec("[ab đ,.(]{1,6}", 1..8),
        ) {
            let phrases: Vec<&str> = phrases.iter().map(String::as_str).collect();
            let one_by_one: Vec<i64> = (0..)
                .zip(&phrases)
                .filter(|(_, phrase)| text::contains_syllables(&text, phrase))
                .map(|(id, _)| id)
                .collect();
            prop_assert_eq!(found(&phrases, &text), one_by_one);
        }
    }
}
