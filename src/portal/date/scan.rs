//! Looks for a date, a time of day, a weekday and a relative form among the tokens of a text.

use chrono::{NaiveTime, Weekday};

use super::months;
use super::tokens::{Token, tokens};

/// Whether the order of day and month is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Written out (`13 Tháng 11 2019`) or ISO: `first` is the day.
    Fixed,
    /// `a/b/year`: day-month or month-day.
    Open,
}

/// Three numbers that make a date.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) first: u32,
    pub(super) second: u32,
    pub(super) year: i32,
    pub(super) order: Order,
    /// Day or month is written with a zero before it, as .NET's US English never does.
    pub(super) is_padded: bool,
}

/// A moment told from now.
#[derive(Debug, Clone, Copy)]
pub(super) enum Relative {
    Minutes(i64),
    Hours(i64),
    Days(i64),
}

/// What stood in the text; the first of each kind.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) date: Option<Numbers>,
    pub(super) time: Option<NaiveTime>,
    pub(super) weekday: Option<Weekday>,
    pub(super) relative: Option<Relative>,
    /// Seconds and AM/PM, and an hour without a zero before it: the form that .NET writes for US English.
    pub(super) looks_american: bool,
    /// Something stood there that is neither a date nor a label of one.
    pub(super) has_other_words: bool,
}

/// Words that stand around dates on portals.
const LABELS: &[&str] = &[
    "ngày",
    "đăng",
    "cập",
    "nhật",
    "lúc",
    "vào",
    "hồi",
    "post",
    "posted",
    "date",
    "published",
    "publish",
    "on",
    "updated",
    "update",
    "last",
    "modified",
    "thời",
    "gian",
    "xuất",
    "bản",
    "tạo",
    "gmt",
    "utc",
    "lượt",
    "xem",
    "đọc",
    "view",
    "views",
    "count",
    "at",
    "time",
    "t",
    "z",
    "phát",
    "hành",
];
/// Words after which a number counts readers.
const COUNTERS: &[&str] = &["xem", "view", "views", "count", "đọc"];

pub(super) fn scan(text: &str) -> Found {
    let tokens = tokens(text);
    let mut found = Found::default();
    let mut at = 0;
    while at < tokens.len() {
        at += step(&tokens[at..], &mut found).max(1);
    }
    found
}

/// Reads what stands at the front; returns how many tokens that took.
fn step(rest: &[Token], found: &mut Found) -> usize {
    if let Some((relative, taken)) = relative(rest) {
        found.relative.get_or_insert(relative);
        return taken;
    }
    if let Some((weekday, taken)) = weekday(rest) {
        found.weekday.get_or_insert(weekday);
        return taken;
    }
    if let Some((date, taken)) = date(rest) {
        found.date.get_or_insert(date);
        return taken;
    }
    if let Some((time, american, taken)) = time(rest) {
        if found.time.is_none() {
            found.time = Some(time);
            found.looks_american = american;
        }
        return taken;
    }
    label(rest, found)
}

fn label(rest: &[Token], found: &mut Found) -> usize {
    match rest {
        [Token::Word(w), Token::Sign('+'), Token::Number(..), ..] if w == "gmt" || w == "utc" => 3,
        [Token::Word(w), Token::Sign(':'), Token::Number(..), more @ ..]
            if COUNTERS.contains(&w.as_str()) =>
        {
            3 + grouped(more)
        }
        [Token::Word(w), Token::Number(..), more @ ..] if COUNTERS.contains(&w.as_str()) => 2 + grouped(more),
        // `12 lượt xem`
        [Token::Number(..), Token::Word(w), Token::Word(counted), ..]
            if w == "lượt" && COUNTERS.contains(&counted.as_str()) =>
        {
            3
        }
        [Token::Number(..), Token::Word(w), ..] if matches!(w.as_str(), "view" | "views") => 2,
        [Token::Word(w), ..] => {
            found.has_other_words |= !LABELS.contains(&w.as_str());
            1
        }
        [Token::Number(..), ..] => {
            found.has_other_words = true;
            1
        }
        _ => 1,
    }
}

/// How many tokens the rest of a number takes whose thousands are set apart (`1.878.000`).
fn grouped(more: &[Token]) -> usize {
    let is_group = |pair: &&[Token]| matches!(pair, [Token::Sign('.' | ','), Token::Number(_, 3)]);
    2 * more.chunks(2).take_while(is_group).count()
}

fn relative(rest: &[Token]) -> Option<(Relative, usize)> {
    let word = |i: usize| match rest.get(i) {
        Some(Token::Word(w)) => w.as_str(),
        _ => "",
    };
    match (rest.first()?, word(1), word(2)) {
        (Token::Number(n, _), "phút", "trước") => Some((Relative::Minutes(i64::from(*n)), 3)),
        (Token::Number(n, _), "giờ" | "tiếng", "trước") => Some((Relative::Hours(i64::from(*n)), 3)),
        (Token::Number(n, _), "ngày", "trước") => Some((Relative::Days(i64::from(*n).min(36_500)), 3)),
        (Token::Number(n, _), "tuần", "trước") => {
            Some((Relative::Days(i64::from(*n).min(5_200) * 7), 3))
        }
        (Token::Word(w), "nay", _) if w == "hôm" => Some((Relative::Days(0), 2)),
        (Token::Word(w), "qua", _) if w == "hôm" => Some((Relative::Days(1), 2)),
        (Token::Word(w), "kia", _) if w == "hôm" => Some((Relative::Days(2), 2)),
        (Token::Word(w), "xong", _) if w == "vừa" => Some((Relative::Minutes(0), 2)),
        _ => None,
    }
}

/// Weekdays in English; their short forms are words of Vietnamese (`thu`, `mon`).
const ENGLISH: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

fn weekday(rest: &[Token]) -> Option<(Weekday, usize)> {
    let Token::Word(first) = rest.first()? else {
        return None;
    };
    if let Some(at) = ENGLISH.iter().position(|name| name == first) {
        return Weekday::try_from(u8::try_from(at).ok()?).ok().map(|day| (day, 1));
    }
    match (first.as_str(), rest.get(1)) {
        ("chủ" | "chúa", Some(Token::Word(w))) if w == "nhật" => Some((Weekday::Sun, 2)),
        ("cn", _) => Some((Weekday::Sun, 1)),
        // `T5` is a Thursday, `T5/2024` the month of May.
        ("t", Some(Token::Number(n @ 2..=7, 1)))
            if !matches!(rest.get(2..4), Some([Token::Sign(_), Token::Number(_, 4)])) =>
        {
            Weekday::try_from(u8::try_from(*n).ok()? - 2).ok().map(|d| (d, 2))
        }
        ("thứ", Some(Token::Word(w))) => weekday_word(w).map(|day| (day, 2)),
        ("thứ", Some(Token::Number(n @ 2..=7, 1))) => {
            Weekday::try_from(u8::try_from(*n).ok()? - 2).ok().map(|d| (d, 2))
        }
        _ => None,
    }
}

fn weekday_word(word: &str) -> Option<Weekday> {
    Some(match word {
        "hai" => Weekday::Mon,
        "ba" => Weekday::Tue,
        "tư" | "bốn" => Weekday::Wed,
        "năm" => Weekday::Thu,
        "sáu" => Weekday::Fri,
        "bảy" | "bẩy" => Weekday::Sat,
        _ => return None,
    })
}

fn date(rest: &[Token]) -> Option<(Numbers, usize)> {
    if let Some((day, month, year, taken)) = months::date(rest) {
        return numbers(day, month, year, Order::Fixed).map(|n| (n, taken));
    }
    if let [
        Token::Number(day, 1..=2),
        Token::Word(w),
        Token::Number(month, 1..=2),
        tail @ ..,
    ] = rest
    {
        let between = |t: &&Token| matches!(t, Token::Sign(',')) || **t == Token::Word("năm".to_owned());
        let skipped = tail.iter().take_while(between).count();
        return match tail.get(skipped) {
            Some(Token::Number(year, 4)) if w == "tháng" => {
                numbers(*day, *month, *year, Order::Fixed).map(|n| (n, 4 + skipped))
            }
            _ => None,
        };
    }
    let [
        Token::Number(first, width),
        Token::Sign(sign),
        Token::Number(second, second_width @ 1..=2),
        Token::Sign(again),
        Token::Number(third, last_width),
        ..,
    ] = rest
    else {
        return None;
    };
    let found = match (width, last_width) {
        _ if sign != again || !matches!(sign, '-' | '/' | '.') => None,
        (4, 1..=2) => numbers(*third, *second, *first, Order::Fixed),
        (1..=2, 2 | 4) => numbers(*first, *second, *third, Order::Open),
        _ => None,
    };
    let is_padded = (*width == 2 && *first < 10) || (*second_width == 2 && *second < 10);
    found.map(|n| (Numbers { is_padded, ..n }, 5))
}

fn numbers(first: u32, second: u32, year: u32, order: Order) -> Option<Numbers> {
    let year = if year < 100 { year + 2000 } else { year };
    let plausible = (1990..2200).contains(&year) && (1..=31).contains(&first) && (1..=31).contains(&second);
    let year = i32::try_from(year).ok()?;
    plausible.then_some(Numbers {
        first,
        second,
        year,
        order,
        is_padded: false,
    })
}

/// `7:51`, `3:18:29 PM`, `7h51`, `7 giờ 51`; also whether it has seconds and AM/PM.
fn time(rest: &[Token]) -> Option<(NaiveTime, bool, usize)> {
    let (hour, width, minute, mut taken) = match rest {
        [
            Token::Number(h, width @ 1..=2),
            Token::Sign(':'),
            Token::Number(m, 1..=2),
            ..,
        ] => (*h, *width, *m, 3),
        [
            Token::Number(h, width @ 1..=2),
            Token::Word(w),
            Token::Number(m, 1..=2),
            ..,
        ] if w == "h" || w == "giờ" => (*h, *width, *m, 3),
        _ => return None,
    };
    let mut second = None;
    if let [Token::Sign(':'), Token::Number(s @ 0..=59, 2), ..] = &rest[taken..] {
        second = Some(*s);
        taken += 2;
        if let [Token::Sign('.'), Token::Number(..), ..] = &rest[taken..] {
            taken += 2;
        }
    }
    if let [Token::Word(w), ..] = &rest[taken..]
        && w == "phút"
    {
        taken += 1;
    }
    let half = match rest.get(taken) {
        Some(Token::Word(w)) if matches!(w.as_str(), "am" | "sa" | "pm" | "ch") => w.as_str(),
        _ => "",
    };
    taken += usize::from(!half.is_empty());
    let is_padded = width == 2 && hour < 10;
    let hour = match half {
        "am" | "sa" if hour == 12 => 0,
        "pm" | "ch" if hour < 12 => hour + 12,
        _ => hour,
    };
    let time = NaiveTime::from_hms_opt(hour, minute, second.unwrap_or(0))?;
    let looks_american = second.is_some() && matches!(half, "am" | "pm") && !is_padded;
    Some((time, looks_american, taken))
}
