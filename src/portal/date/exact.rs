//! Dates that machines write (RFC 3339, ISO 8601, RFC 2822), which name their offset.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Utc, Weekday};

/// Forms of ISO 8601 besides RFC 3339's: without seconds, or an offset without a colon.
const ISO: &[&str] = &["%Y-%m-%dT%H:%M%:z", "%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M%z"];
/// RFC 2822 without its weekday, and as some servers write the month.
const MAIL: &[&str] = &[
    "%d %b %Y %H:%M:%S %z",
    "%d %b %Y %H:%M %z",
    "%d %B %Y %H:%M:%S %z",
    "%d %b %y %H:%M:%S %z",
];
/// Names of zones that feeds write in place of an offset (RFC 2822, 4.3, and what Vietnamese servers add).
const ZONES: &[(&str, &str)] = &[
    ("GMT+07:00", "+0700"),
    ("GMT+0700", "+0700"),
    ("UTC+7", "+0700"),
    ("GMT+7", "+0700"),
    ("GMT", "+0000"),
    ("UTC", "+0000"),
    ("UT", "+0000"),
    ("Z", "+0000"),
];

/// A moment, and the weekday that the text says where the date is another's.
pub(super) struct Exact {
    pub(super) at: DateTime<Utc>,
    pub(super) contradicted: Option<(Weekday, NaiveDate)>,
}

/// The moment, where the whole text is such a date.
pub(super) fn read(text: &str) -> Option<Exact> {
    let text = text.trim();
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) || text.len() > 60 {
        return None;
    }
    let iso = text.replacen(' ', "T", 1).replace(' ', "");
    let iso = DateTime::parse_from_rfc3339(&iso).ok().or_else(|| {
        ISO.iter()
            .find_map(|form| DateTime::parse_from_str(&iso, form).ok())
    });
    if let Some(at) = iso {
        return Some(Exact {
            at: at.to_utc(),
            contradicted: None,
        });
    }
    mail(text)
}

fn mail(text: &str) -> Option<Exact> {
    let (said, rest) = match text.split_once(',') {
        Some((day, rest)) => (Some(day.trim().parse::<Weekday>().ok()?), rest.trim()),
        None => (None, text),
    };
    let zone = ZONES.iter().find(|(name, _)| rest.ends_with(&format!(" {name}")));
    let with_offset = zone.map_or_else(
        || rest.to_owned(),
        |(name, offset)| format!("{}{offset}", &rest[..rest.len() - name.len()]),
    );
    let at: DateTime<FixedOffset> = MAIL
        .iter()
        .find_map(|form| DateTime::parse_from_str(&with_offset, form).ok())?;
    let date = at.date_naive();
    let contradicted = said.filter(|day| *day != date.weekday()).map(|day| (day, date));
    Some(Exact {
        at: at.to_utc(),
        contradicted,
    })
}
