//! Time in the portal's zone, and how pages and mails write it.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use crate::domain::article::{Precision, Published};

/// Cuts a moment to microseconds, which is what PostgreSQL keeps: a value read back equals the value written.
pub fn to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// Whether two moments fall on one day in the portal's zone.
pub fn same_day(a: DateTime<Utc>, b: DateTime<Utc>) -> bool {
    local_date(a) == local_date(b)
}

/// The date in the portal's zone.
pub fn local_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Ho_Chi_Minh).date_naive()
}

/// The time of day in the portal's zone.
pub fn local_time(at: DateTime<Utc>) -> NaiveTime {
    at.with_timezone(&Ho_Chi_Minh).time()
}

/// Midnight in the portal's zone, at which a date begins; that zone has no summer time.
pub fn start_of(date: NaiveDate) -> DateTime<Utc> {
    let local = date.and_time(NaiveTime::MIN).and_local_timezone(Ho_Chi_Minh);
    local
        .earliest()
        .map_or_else(|| date.and_time(NaiveTime::MIN).and_utc(), |at| at.to_utc())
}

/// The days of the week in Vietnamese, from Monday.
pub const WEEKDAYS_VI: [&str; 7] = [
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

/// `30/11/2023`, in the portal's zone.
pub fn date(at: DateTime<Utc>) -> String {
    at.with_timezone(&Ho_Chi_Minh).format("%d/%m/%Y").to_string()
}

/// `07:51, 30/11/2023`, in the portal's zone: as both languages read it.
pub fn moment(at: DateTime<Utc>) -> String {
    at.with_timezone(&Ho_Chi_Minh)
        .format("%H:%M, %d/%m/%Y")
        .to_string()
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
