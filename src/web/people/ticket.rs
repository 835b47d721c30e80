//! The ticket on the form, which shows that a browser asked for the form lately and that somebody took some trouble: a
//! puzzle that the reader's browser solves by itself, or a question in words where no script runs.
//!
//! It keeps out programs that fill in every form of the web. Whoever writes one for Loa alone has to compute for each
//! answer, is counted by their address, and can have a mail sent that asks whether it was meant.

use chrono::{DateTime, TimeDelta, Utc};
use ring::digest::{SHA256, digest};

use crate::{
    domain::{subscription::Language, text, token::Tokens},
    web::lang::Lang,
};

/// How long a ticket is good: who reads all topics first, or is called away, is not turned down.
pub(super) const GOOD_FOR: TimeDelta = TimeDelta::hours(2);

/// A ticket of ours that is still good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ticket {
    nonce: u64,
    /// What the puzzle is about: differs for each ticket, and nobody but us can make one.
    pub(super) proof: String,
}

/// What somebody gave with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The puzzle is solved.
    Solved,
    /// The question is answered, whether right or wrong.
    Answered(bool),
    /// Neither.
    None,
}

/// A fresh ticket as text: `EXPIRES.NONCE.PROOF`. `random` tells it from every other one.
pub(super) fn issue(tokens: &Tokens, random: u64, now: DateTime<Utc>) -> String {
    let text = format!("{}.{random:016x}", (now + GOOD_FOR).timestamp());
    let proof = tokens.form_proof(&text);
    format!("{text}.{proof}")
}

impl Ticket {
    /// Reads what the form brought back; `None` for what is no ticket of ours or too old.
    pub(super) fn read(text: &str, tokens: &Tokens, now: DateTime<Utc>) -> Option<Self> {
        let (signed, proof) = text.rsplit_once('.')?;
        if !tokens.is_form_proof(signed, proof) {
            return None;
        }
        let (expires, nonce) = signed.split_once('.')?;
        let expires: i64 = expires.parse().ok()?;
        Some(Self {
            nonce: u64::from_str_radix(nonce, 16).ok()?,
            proof: proof.to_owned(),
        })
        .filter(|_| expires > now.timestamp())
    }

    /// What tells it from every other one.
    pub(super) fn number(&self) -> u64 {
        self.nonce
    }

    /// What somebody gave: the puzzle's solution, or the answer to the question.
    pub(super) fn trouble(&self, difficulty: u32, work: &str, answer: &str) -> Trouble {
        if difficulty == 0 || self.is_solved(difficulty, work) {
            Trouble::Solved
        } else if answer.is_empty() {
            Trouble::None
        } else {
            Trouble::Answered(self.is_right(answer))
        }
    }

    /// Whether SHA-256 of `PROOF:WORK` begins with so many bits of 0.
    fn is_solved(&self, difficulty: u32, work: &str) -> bool {
        let is_number = (1..=20).contains(&work.len()) && work.bytes().all(|b| b.is_ascii_digit());
        is_number && {
            let hash = digest(&SHA256, format!("{}:{work}", self.proof).as_bytes());
            let zeros = hash.as_ref().iter().take_while(|byte| **byte == 0).count();
            let next = hash.as_ref().get(zeros).map_or(0, |byte| byte.leading_zeros());
            u32::try_from(zeros).unwrap_or(0) * 8 + next >= difficulty
        }
    }

    fn is_right(&self, answer: &str) -> bool {
        let (one, other) = self.sum();
        let sum = one + other;
        let answer = text::fold(&text::normalise(answer));
        let said =
            [Language::Vi, Language::En].map(|language| text::fold(&text::normalise(word(sum, language))));
        answer.parse() == Ok(sum) || said.contains(&answer)
    }

    /// The question's two numbers.
    fn sum(&self) -> (usize, usize) {
        let part = |shift: u32| usize::try_from(((self.nonce >> shift) & 0xffff) % 9).unwrap_or(0) + 1;
        (part(8), part(24))
    }

    /// `Bảy cộng hai bằng mấy?`
    pub(super) fn question(&self, lang: Lang) -> String {
        let (one, other) = self.sum();
        let [one, other] = [one, other].map(|number| word(number, lang.language));
        match lang.language {
            Language::Vi => {
                let mut letters = one.chars();
                let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
                format!("{first}{} cộng {other} bằng mấy?", letters.as_str())
            }
            Language::En => format!("What is {one} plus {other}?"),
        }
    }
}

/// A number up to 18 in words.
fn word(number: usize, language: Language) -> &'static str {
    const VI: [&str; 19] = [
        "không",
        "một",
        "hai",
        "ba",
        "bốn",
        "năm",
        "sáu",
        "bảy",
        "tám",
        "chín",
        "mười",
        "mười một",
        "mười hai",
        "mười ba",
        "mười bốn",
        "mười lăm",
        "mười sáu",
        "mười bảy",
        "mười tám",
    ];
    const EN: [&str; 19] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
    ];
    let words = match language {
        Language::Vi => &VI,
        Language::En => &EN,
    };
    words.get(number).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VI: Option<&str> = Some("vi");

    fn ticket(random: u64) -> Ticket {
        let tokens = Tokens::new("one");
        let text = issue(&tokens, random, DateTime::UNIX_EPOCH);
        Ticket::read(&text, &tokens, DateTime::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn a_ticket_is_ours_and_good_for_two_hours() {
        let tokens = Tokens::new("one");
        let now = DateTime::UNIX_EPOCH;
        let text = issue(&tokens, 7, now);
        assert!(Ticket::read(&text, &tokens, now + GOOD_FOR - TimeDelta::seconds(1)).is_some());
        assert!(Ticket::read(&text, &tokens, now + GOOD_FOR).is_none());
        assert!(Ticket::read(&text, &Tokens::new("two"), now).is_none());
        assert!(Ticket::read(&text.replacen("7200", "9200", 1), &tokens, now).is_none());
        assert!(Ticket::read("", &tokens, now).is_none());
    }

    #[test]
    fn the_puzzle_takes_tries_and_is_about_its_ticket() {
        let ticket = ticket(7);
        let solution = (0_u32..1_000_000)
            .find(|n| ticket.trouble(10, &n.to_string(), "") == Trouble::Solved)
            .unwrap()
            .to_string();
        assert_ne!(ticket.trouble(24, &solution, ""), Trouble::Solved);
        assert_eq!(super::tests::ticket(8).trouble(10, &solution, ""), Trouble::None);
        for bad in ["", "-1", "x", "000000000000000000000000"] {
            assert_eq!(ticket.trouble(10, bad, ""), Trouble::None, "{bad:?}");
        }
        assert_eq!(ticket.trouble(0, "", ""), Trouble::Solved, "switched off");
    }

    #[test]
    fn the_question_takes_a_number_or_a_word_with_or_without_diacritics() {
        // Seven and two.
        let ticket = ticket((6 << 8) | (1 << 24));
        assert_eq!(
            ticket.question(Lang::negotiate(VI, None)),
            "Bảy cộng hai bằng mấy?"
        );
        assert_eq!(
            ticket.question(Lang::negotiate(Some("en"), None)),
            "What is seven plus two?"
        );
        for right in ["9", "09", "chín", "Chin", "Nine"] {
            assert_eq!(ticket.trouble(14, "", right), Trouble::Answered(true), "{right}");
        }
        for wrong in ["8", "mười", "9 9", "-9"] {
            assert_eq!(ticket.trouble(14, "", wrong), Trouble::Answered(false), "{wrong}");
        }
    }
}
