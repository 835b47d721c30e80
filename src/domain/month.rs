//! A month of the portal's zone: what an archive document holds.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use super::time::start_of;

/// A year and a month; written `2026-11`, which sorts as time does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u32,
}

/// The text is not a month such as `2026-11`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a month such as 2026-11")]
pub struct MonthError(String);

impl Month {
    /// The month in which a moment falls, in the portal's zone.
    pub fn of(at: DateTime<Utc>) -> Self {
        let local = at.with_timezone(&Ho_Chi_Minh);
        Self {
            year: local.year(),
            month: local.month(),
        }
    }

    /// Its first moment, in the portal's zone.
    pub fn start(self) -> DateTime<Utc> {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).map_or(DateTime::UNIX_EPOCH, start_of)
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 {
            Self {
                year: self.year + 1,
                month: 1,
            }
        } else {
            Self {
                month: self.month + 1,
                ..self
            }
        }
    }

    /// `11/2026`, as both languages read it.
    pub fn shown(self) -> String {
        format!("{:02}/{}", self.month, self.year)
    }
}

impl FromStr for Month {
    type Err = MonthError;

    /// Four digits, a hyphen, two digits, and nothing else: one month has one address.
    fn from_str(s: &str) -> Result<Self, MonthError> {
        let is_shaped = s.len() == 7
            && s.bytes()
                .enumerate()
                .all(|(at, b)| if at == 4 { b == b'-' } else { b.is_ascii_digit() });
        let date = NaiveDate::parse_from_str(&format!("{s}-01"), "%Y-%m-%d");
        match date {
            Ok(date) if is_shaped => Ok(Self {
                year: date.year(),
                month: date.month(),
            }),
            _ => Err(MonthError(s.to_owned())),
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_in_the_portals_zone_and_has_one_name() {
        let of = |at: &str| Month::of(at.parse().unwrap()).to_string();
        assert_eq!(of("2026-11-30T16:59:59Z"), "2026-11");
        assert_eq!(of("2026-11-30T17:00:00Z"), "2026-12");
        let start = "2026-12".parse::<Month>().unwrap().start();
        assert_eq!(start.to_rfc3339(), "2026-11-30T17:00:00+00:00");
        let december: Month = "2026-12".parse().unwrap();
        assert_eq!(december.next().to_string(), "2027-01");
        assert_eq!(december.shown(), "12/2026");
        for wrong in [
            "2026-13", "2026-00", "2026-1", "26-11", "2026/11", "2026-11 ", "2026-+1", "+026-11", "",
        ] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }
}
