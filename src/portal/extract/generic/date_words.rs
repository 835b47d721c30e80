//! What lines around an article say of dates by the words they hold.

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use super::marks::Marks;
use super::page::Page;
use crate::portal::date::Reading;

/// Whether a line tells when something takes place: `Thời gian: 8 giờ 00 ngày 02/11/2026`, unless it says that it tells
/// when the text was published.
pub(super) fn is_event(head: &str) -> bool {
    head.strip_prefix("thời gian").is_some_and(|rest| {
        !["đăng", "cập nhật", "xuất bản"]
            .iter()
            .any(|word| rest.trim_start().starts_with(word))
    })
}

/// Whether reading the text as a date may succeed; cheap.
pub(super) fn looks_like_date(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= 4 || text.contains("trước") || text.contains("ôm ")
}

/// Whether a line is the heading of other articles: their dates follow. `Bình luận` and `Từ khóa` may stand in a head.
pub(super) fn opens_others(page: &Page<'_>, line: usize, end: &Marks) -> bool {
    const OTHERS: &[&str] = &[
        "tin ",
        "các ",
        "những ",
        "bài ",
        "cùng ",
        "đọc nhiều",
        "xem nhiều",
        "related",
    ];
    let line = &page.lines[line];
    let mark = end.open(&line.head, line.text());
    mark.is_some_and(|mark| OTHERS.iter().any(|word| mark.starts_with(word)))
}

/// Whether a date line tells the last change, and whether it tells the publication.
pub(super) fn is_update(head: &str) -> bool {
    [
        "cập nhật",
        "ngày cập nhật",
        "lần cập nhật",
        "update",
        "last update",
    ]
    .iter()
    .any(|word| head.starts_with(word))
}

pub(super) fn is_posting(head: &str) -> bool {
    [
        "ngày đăng",
        "đăng",
        "đã đăng",
        "thời gian đăng",
        "ngày xuất bản",
        "xuất bản",
        "post",
        "publish",
    ]
    .iter()
    .any(|word| head.starts_with(word))
}

pub(super) fn opens_with_date(head: &str) -> bool {
    let words = [
        "ngày",
        "đăng",
        "cập nhật",
        "thứ ",
        "chủ nhật",
        "post",
        "publish",
        "thời gian",
        "lúc",
        "xuất bản",
    ];
    head.starts_with(|c: char| c.is_ascii_digit()) || words.iter().any(|w| head.starts_with(w))
}

/// Whether a date is today's, as a site's clock says.
pub(super) fn is_today(reading: &Reading, now: DateTime<Utc>) -> bool {
    let day = |at: DateTime<Utc>| at.with_timezone(&Ho_Chi_Minh).date_naive();
    reading.published.is_some_and(|p| day(p.at) == day(now))
}
