//! Time in the portal's zone, and how pages and mails write it.

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use crate::domain::article::{Precision, Published};

/// Cuts a moment to microseconds, which is what PostgreSQL keeps: a value read back equals the value written.
pub fn to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// Whether two moments fall on one day in the portal's zone.
pub fn same_day(a: DateTime<Utc>, b: DateTime<Utc>) -> bool {
    a.with_timezone(&Ho_Chi_Minh).date_naive() == b.with_timezone(&Ho_Chi_Minh).date_naive()
}

const WEEKDAYS_VI: [&str; 7] = [
    "Thứ Hai",
    "Thứ Ba",
    "Thứ Tư",
    "Thứ Năm",
    "Thứ Sáu",
    "Thứ Bảy",
    "Chủ Nhật",
];
const WEEKDAYS_EN: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// `07:51, Thứ Năm, 30/11/2023`; the date alone where the portal told no more.
pub fn vietnamese(published: Published) -> String {
    written(published, &WEEKDAYS_VI)
}

/// `07:51, Thursday, 30/11/2023`, in the portal's zone.
pub fn english(published: Published) -> String {
    written(published, &WEEKDAYS_EN)
}

fn written(published: Published, weekdays: &[&str; 7]) -> String {
    let local = published.at.with_timezone(&Ho_Chi_Minh);
    let weekday = weekdays[local.weekday().num_days_from_monday() as usize];
    let date = format!(
        "{weekday}, {:02}/{:02}/{}",
        local.day(),
        local.month(),
        local.year()
    );
    match published.precision {
        Precision::Minute => format!("{:02}:{:02}, {date}", local.hour(), local.minute()),
        Precision::Day => date,
    }
}
