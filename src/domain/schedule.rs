//! When somebody's digests come: at which time of day, on which days, in which zone.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike as _, Days as CalendarDays, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::{Asia::Ho_Chi_Minh, Tz};

use super::subscription::Frequency;

/// Days of the week, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Days(u8);

/// The words of days in files and settings, from Monday.
const WORDS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// The days of a week, in their order.
pub const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// Why a text is not days of the week.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "days {0:?} are none of: all, weekdays, or some of mon, tue, wed, thu, fri, sat, sun (or 1 to 7, 1 is Monday) with / between them, ranges as 1-5"
)]
pub struct DaysError(String);

impl Days {
    /// Every day.
    pub const ALL: Self = Self(0b111_1111);
    /// Monday to Friday.
    pub const WEEKDAYS: Self = Self(0b001_1111);

    /// One day.
    pub fn one(day: Weekday) -> Self {
        Self(1 << day.num_days_from_monday())
    }

    /// From the bits in the store (Monday is 1, Sunday is 64); `None` where there is no day among them.
    pub fn from_bits(bits: i64) -> Option<Self> {
        let bits = u8::try_from(bits).ok()?;
        (1..=Self::ALL.0).contains(&bits).then_some(Self(bits))
    }

    /// The bits in the store.
    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }

    /// Whether a day is one of them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & Self::one(day).0 != 0
    }

    /// The days themselves, from Monday.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        WEEK.into_iter().filter(move |day| self.contains(*day))
    }
}

/// `all`, `weekdays`, or the days: `mon/wed/fri`.
impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ALL => f.write_str("all"),
            Self::WEEKDAYS => f.write_str("weekdays"),
            days => {
                let words: Vec<&str> = days.iter().map(word).collect();
                f.write_str(&words.join("/"))
            }
        }
    }
}

/// The word for a day: `mon`.
pub fn word(day: Weekday) -> &'static str {
    WORDS[day.num_days_from_monday() as usize]
}

/// A day by its word or number: `mon` and `1` are Monday.
pub fn weekday(text: &str) -> Option<Weekday> {
    let text = text.trim();
    let place = WORDS
        .iter()
        .position(|word| word.eq_ignore_ascii_case(text))
        .or_else(|| text.parse::<usize>().ok()?.checked_sub(1))?;
    WEEK.get(place).copied()
}

impl FromStr for Days {
    type Err = DaysError;

    fn from_str(text: &str) -> Result<Self, DaysError> {
        let wrong = || DaysError(text.to_owned());
        match text.trim() {
            "all" => return Ok(Self::ALL),
            "weekdays" => return Ok(Self::WEEKDAYS),
            _ => {}
        }
        let mut bits = 0;
        for part in text.split('/') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (
                weekday(first).ok_or_else(wrong)?,
                weekday(last).ok_or_else(wrong)?,
            );
            let range = first.num_days_from_monday()..=last.num_days_from_monday();
            if range.is_empty() {
                return Err(wrong());
            }
            bits |= range.fold(0, |bits, day| bits | 1 << day);
        }
        Ok(Self(bits))
    }
}

/// What the settings say for all who wished for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// `alerts.digest_at`.
    pub at: NaiveTime,
    /// `alerts.digest_days`, for the daily digest.
    pub days: Days,
}

/// When digests of one frequency come. Two that are equal are one row in the store, however many people have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Schedule {
    is_weekly: bool,
    at: Option<NaiveTime>,
    days: Option<Days>,
    zone: Tz,
}

impl Schedule {
    /// A daily digest. `None` is what the settings say, now and after they change.
    pub fn daily(at: Option<NaiveTime>, days: Option<Days>, zone: Tz) -> Self {
        Self {
            is_weekly: false,
            at,
            days,
            zone,
        }
    }

    /// A weekly digest on a day.
    pub fn weekly(at: Option<NaiveTime>, day: Weekday, zone: Tz) -> Self {
        Self {
            is_weekly: true,
            at,
            days: Some(Days::one(day)),
            zone,
        }
    }

    /// What everybody has who never asked for another: the setting's time and days in the portal's zone, and Monday for the
    /// weekly one. Instant has no digests; its folded alerts go with the daily one.
    pub fn usual(frequency: Frequency) -> Self {
        match frequency {
            Frequency::Weekly => Self::weekly(None, Weekday::Mon, Ho_Chi_Minh),
            Frequency::Daily | Frequency::Instant => Self::daily(None, None, Ho_Chi_Minh),
        }
    }

    /// From the columns of the store: `at` is empty or `HH:MM`, `days` 0 or bits. The error says what cannot be read.
    pub fn from_columns(frequency: &str, at: &str, days: i64, zone: &str) -> Result<Self, String> {
        let at = match at {
            "" => None,
            at => Some(time_of_day(at).ok_or_else(|| format!("at_time {at:?}"))?),
        };
        let zone = zone.parse().map_err(|_| format!("zone {zone:?}"))?;
        let known = Days::from_bits(days);
        match (frequency, known) {
            ("daily", _) if days == 0 || known.is_some() => Ok(Self::daily(at, known, zone)),
            ("weekly", Some(some)) if some.iter().count() == 1 => Ok(Self {
                is_weekly: true,
                at,
                days: known,
                zone,
            }),
            _ => Err(format!("{frequency} on days {days}")),
        }
    }

    /// Daily or weekly.
    pub fn frequency(&self) -> Frequency {
        if self.is_weekly {
            Frequency::Weekly
        } else {
            Frequency::Daily
        }
    }

    /// The time of day that was wished for; `None`: as the settings say.
    pub fn at(&self) -> Option<NaiveTime> {
        self.at
    }

    /// The days that were wished for; `None`: as the settings say. One for the weekly digest.
    pub fn days(&self) -> Option<Days> {
        self.days
    }

    /// The zone that time and days are meant in.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The columns of the store: the time (`HH:MM` or empty), the days' bits (or 0).
    pub fn columns(&self) -> (String, i64) {
        let at = self
            .at
            .map_or_else(String::new, |at| at.format("%H:%M").to_string());
        (at, self.days.map_or(0, Days::bits))
    }

    /// The newest moment of a digest that is not after `now`, with its date in the schedule's zone. `None` where the calendar
    /// ends.
    pub fn latest(&self, usual: Usual, now: DateTime<Utc>) -> Option<(NaiveDate, DateTime<Utc>)> {
        let today = now.with_timezone(&self.zone).date_naive();
        // A week holds every weekday once; a moment of today may be ahead, so the same day a week ago counts too.
        (0..=7)
            .filter_map(|back| today.checked_sub_days(CalendarDays::new(back)))
            .filter_map(|date| Some((date, self.moment(usual, date)?)))
            .find(|(_, moment)| *moment <= now)
    }

    /// The next moment of a digest after `now`, with its date in the schedule's zone. `None` where the calendar ends.
    pub fn next(&self, usual: Usual, now: DateTime<Utc>) -> Option<(NaiveDate, DateTime<Utc>)> {
        let today = now.with_timezone(&self.zone).date_naive();
        (0..=7)
            .filter_map(|ahead| today.checked_add_days(CalendarDays::new(ahead)))
            .filter_map(|date| Some((date, self.moment(usual, date)?)))
            .find(|(_, moment)| *moment > now)
    }

    /// The moment of the digest of a date, if there is one on that day of the week.
    fn moment(&self, usual: Usual, date: NaiveDate) -> Option<DateTime<Utc>> {
        let days = self.days.unwrap_or(usual.days);
        days.contains(date.weekday())
            .then(|| first_moment(self.zone, date, self.at.unwrap_or(usual.at)))?
    }
}

/// The first moment at which the clocks of a zone show that time of that date, or a later one: an hour that comes twice counts
/// the first time, one that is left out in spring ends when the clocks go on.
fn first_moment(zone: Tz, date: NaiveDate, at: NaiveTime) -> Option<DateTime<Utc>> {
    /// Clocks were moved by as much as a day, in minutes.
    const LONGEST_GAP: i64 = 24 * 60;
    let wished = date.and_time(at);
    (0..=LONGEST_GAP)
        .filter_map(|minutes| wished.checked_add_signed(TimeDelta::minutes(minutes)))
        .find_map(|local| local.and_local_timezone(zone).earliest())
        .map(|moment| moment.to_utc())
}

/// A time of day as people write it: `7:00`, `07:00`.
pub fn time_of_day(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()
}

#[cfg(test)]
mod tests;
