//! Dates whose month is written out, or told as `Th11`: what `WordPress` writes in Vietnamese and in English.

use super::tokens::Token;

/// The English months, by their first three letters.
const ENGLISH: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// The Vietnamese months behind `tháng`; the eleventh and twelfth have two words.
const VIETNAMESE: &[&str] = &[
    "một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười",
];

/// Day, month, year, and how many tokens they take: `Tháng Mười Một 20, 2026`, `20 Th11 2026`, `Nov 20, 2026`.
pub(super) fn date(rest: &[Token]) -> Option<(u32, u32, u32, usize)> {
    let (day, month, taken) = if let [Token::Number(day, 1..=2), tail @ ..] = rest {
        let skipped = usize::from(is_comma(tail.first()));
        let (month, taken) = month(tail.get(skipped..)?)?;
        (*day, month, 1 + skipped + taken)
    } else {
        let (month, taken) = month(rest)?;
        let Some(Token::Number(day, 1..=2)) = rest.get(taken) else {
            return None;
        };
        (*day, month, taken + 1)
    };
    let skipped = usize::from(is_comma(rest.get(taken)));
    match rest.get(taken + skipped) {
        Some(Token::Number(year, 4)) => Some((day, month, *year, taken + skipped + 1)),
        _ => None,
    }
}

fn is_comma(token: Option<&Token>) -> bool {
    token == Some(&Token::Sign(','))
}

/// A month and how many tokens name it.
fn month(rest: &[Token]) -> Option<(u32, usize)> {
    let Token::Word(first) = rest.first()? else {
        return None;
    };
    let place = |names: &[&str], is: &dyn Fn(&str) -> bool| {
        let at = names.iter().position(|name| is(name))?;
        u32::try_from(at + 1).ok()
    };
    match (first.as_str(), rest.get(1)) {
        ("th" | "tháng", Some(Token::Number(month @ 1..=12, 1..=2))) => Some((*month, 2)),
        ("tháng", Some(Token::Word(word))) => {
            let tens = match rest.get(2) {
                Some(Token::Word(unit)) if word == "mười" => {
                    place(&["một", "hai"], &|name| name == unit)
                }
                _ => None,
            };
            tens.map(|unit| (10 + unit, 3))
                .or_else(|| Some((place(VIETNAMESE, &|name| name == word)?, 2)))
        }
        (word, _) => {
            let is_name =
                |name: &str| word == name || word == &name[..3] || word == "sept" && name == "september";
            Some((place(ENGLISH, &is_name)?, 1))
        }
    }
}
