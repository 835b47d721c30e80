//! Dates as Vietnamese portals write them, read into moments.
//!
//! The forms were collected from real pages. A text is cut into tokens; a date, a time of day and a weekday are looked
//! for among them. Naive times are Vietnam's (+07:00). This module never takes `now` for an unreadable date.

mod exact;
mod months;
mod scan;
mod tokens;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Asia::Ho_Chi_Minh;

use crate::domain::article::{Precision, Published};
use scan::{Found, Order, Relative};

/// A date that was read, and what looked wrong about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The moment; `None` where the text is a date that cannot be true (it lies in the future).
    pub published: Option<Published>,
    /// What a person should know, such as a weekday that does not fit.
    pub warning: Option<String>,
}

/// How far ahead of our clock a portal's clock may run before its date counts as false.
const CLOCK_SKEW: Duration = Duration::hours(1);

/// Reads a text that is a date and nothing else but labels (`Ngày đăng: 13-01-2026 Lượt xem: 6`).
/// A sentence that mentions a date is not one: `None`.
pub fn parse(text: &str, now: DateTime<Utc>) -> Option<Reading> {
    let found = scan::scan(text);
    if found.has_other_words && exact::read(text).is_none() {
        None
    } else {
        read(text, &found, now)
    }
}

/// Reads the first date in a text that may hold other words too.
pub fn find(text: &str, now: DateTime<Utc>) -> Option<Reading> {
    read(text, &scan::scan(text), now)
}

fn read(text: &str, found: &Found, now: DateTime<Utc>) -> Option<Reading> {
    if let Some(exact) = exact::read(text) {
        let warning = exact
            .contradicted
            .and_then(|(said, date)| weekday_warning(Some(said), date));
        return Some(not_in_future(exact.at, Precision::Minute, warning, text, now));
    }
    if let Some(relative) = found.relative {
        return Some(from_relative(relative, found.time, text, now));
    }
    let (date, warning) = choose_date(found, now)?;
    // `12:00 AM`, and a bare midnight, is how these systems write "no time of day".
    let time = found.time.filter(|t| *t != NaiveTime::MIN);
    let at = local(date, time.unwrap_or(NaiveTime::MIN))?;
    Some(not_in_future(at, precision(time), warning, text, now))
}

fn precision(time: Option<NaiveTime>) -> Precision {
    if time.is_some() {
        Precision::Minute
    } else {
        Precision::Day
    }
}

fn local(date: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    Ho_Chi_Minh
        .from_local_datetime(&date.and_time(time))
        .earliest()
        .map(|at| at.to_utc())
}

fn from_relative(relative: Relative, time: Option<NaiveTime>, text: &str, now: DateTime<Utc>) -> Reading {
    let today = now.with_timezone(&Ho_Chi_Minh).date_naive();
    let (at, precision) = match relative {
        Relative::Minutes(n) => (now - Duration::minutes(n), Precision::Minute),
        Relative::Hours(n) => (now - Duration::hours(n), Precision::Minute),
        Relative::Days(n) => {
            let date = today - Duration::days(n);
            let time = time.filter(|t| *t != NaiveTime::MIN);
            (
                local(date, time.unwrap_or(NaiveTime::MIN)).unwrap_or(now),
                precision(time),
            )
        }
    };
    not_in_future(at, precision, None, text, now)
}

fn not_in_future(
    at: DateTime<Utc>,
    precision: Precision,
    warning: Option<String>,
    text: &str,
    now: DateTime<Utc>,
) -> Reading {
    if at > now + CLOCK_SKEW {
        let warning = Some(format!(
            "the date {:?} lies in the future and was not used",
            text.trim()
        ));
        return Reading {
            published: None,
            warning,
        };
    }
    Reading {
        published: Some(Published { at, precision }),
        warning,
    }
}

/// Decides between day-month and month-day: an impossible month first, then the weekday as a checksum, then the form
/// that .NET writes for US English (`11/4/2023 3:18:29 PM`, never a zero before a number) unless that lies in the future.
/// Otherwise Vietnam's day-month, and a day to come stays one: a deadline is not turned round into a date of the past.
fn choose_date(found: &Found, now: DateTime<Utc>) -> Option<(NaiveDate, Option<String>)> {
    let numbers = found.date?;
    let ymd = |d, m| NaiveDate::from_ymd_opt(numbers.year, m, d);
    if numbers.order == Order::Fixed {
        return ymd(numbers.first, numbers.second).map(|date| (date, weekday_warning(found.weekday, date)));
    }
    let (day_month, month_day) = (
        ymd(numbers.first, numbers.second),
        ymd(numbers.second, numbers.first),
    );
    let (usual, other) = match (day_month, month_day) {
        (Some(usual), Some(other)) if usual != other => (usual, other),
        (usual, other) => {
            return usual
                .or(other)
                .map(|date| (date, weekday_warning(found.weekday, date)));
        }
    };
    let today = now.with_timezone(&Ho_Chi_Minh).date_naive();
    let is_american = found.looks_american && !numbers.is_padded;
    let chosen = match found.weekday {
        Some(day) if usual.weekday() == day => usual,
        Some(day) if other.weekday() == day => other,
        _ if is_american && (other <= today || usual > today) => other,
        _ => usual,
    };
    Some((chosen, weekday_warning(found.weekday, chosen)))
}

fn weekday_warning(said: Option<Weekday>, date: NaiveDate) -> Option<String> {
    let said = said.filter(|day| *day != date.weekday())?;
    Some(format!("the page says {said} but {date} is a {}", date.weekday()))
}
