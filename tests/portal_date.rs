//! Every form of date that portals were seen to write.

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use loa::domain::article::Precision;
use loa::portal::date::{find, parse};

fn now() -> DateTime<Utc> {
    "2026-11-23T15:00:00+07:00".parse().expect("a date")
}

fn shown(text: &str) -> String {
    let Some(reading) = parse(text, now()) else {
        return "none".to_owned();
    };
    let Some(published) = reading.published else {
        return "false".to_owned();
    };
    let format = if published.precision == Precision::Minute {
        "%Y-%m-%d %H:%M"
    } else {
        "%Y-%m-%d"
    };
    let warning = if reading.warning.is_some() { " !" } else { "" };
    format!(
        "{}{warning}",
        published.at.with_timezone(&Ho_Chi_Minh).format(format)
    )
}

#[test]
fn every_form_is_read() {
    for (text, expected) in [
        ("7:51, Thứ Năm, 30-11-2023", "2023-11-30 07:51"),
        ("10:8, Thứ Tư, 3-4-2024", "2024-04-03 10:08"),
        ("Ngày đăng: 05-05-2021", "2021-05-05"),
        ("Post date: 07/01/2026", "2026-01-07"),
        ("Ngày đăng: 13-01-2026 Lượt xem: 6", "2026-01-13"),
        ("Cập nhật: Thứ Ba, ngày 14/01/2020", "2020-01-14"),
        ("Cập nhật ngày: 11/24/2023 3:18:29 PM", "2023-11-24 15:18"),
        (
            "Ngày đăng 29/04/2016 | 3:25 PM | View count: 1111",
            "2016-04-29 15:25",
        ),
        ("28/07/2016 | 12:00 AM", "2016-07-28"),
        ("28/06/2022 08:31 AM", "2022-06-28 08:31"),
        ("Thứ Tư 07/02/2024 08:28", "2024-02-07 08:28"),
        ("(29/06/2026, 14:49)", "2026-06-29 14:49"),
        ("13:39 - 01/08/2022", "2022-08-01 13:39"),
        ("Cập nhật, 05:39, Thứ Năm, 08/10/2020 (GMT+7)", "2020-10-08 05:39"),
        ("04-03-2026, 21:43 (GMT+7)", "2026-03-04 21:43"),
        ("Thứ ba, 28/4/2026 | 14:02 GMT+7", "2026-04-28 14:02"),
        ("Thứ năm - 30/11/2023 07:51", "2023-11-30 07:51"),
        ("Thứ tư, 13 Tháng 11 2019", "2019-11-13"),
        ("Ngày 13 tháng 11 năm 2019", "2019-11-13"),
        ("hôm nay", "2026-11-23"),
        ("Hôm qua", "2026-11-22"),
        ("Hôm qua, 14:30", "2026-11-22 14:30"),
        ("5 phút trước", "2026-11-23 14:55"),
        ("2 giờ trước", "2026-11-23 13:00"),
        ("3 ngày trước", "2026-11-20"),
        ("2023-11-30T07:51:00+07:00", "2023-11-30 07:51"),
        ("7h51 ngày 30/11/2023", "2023-11-30 07:51"),
        ("12:30 PM 30/11/2023", "2023-11-30 12:30"),
        ("Ngày đăng: 13-01-2026 Lượt xem: 1.878", "2026-01-13"),
        ("13/11/2026 | 12 lượt xem", "2026-11-13"),
        ("Tháng Mười Một 20, 2026", "2026-11-20"),
        ("20 Tháng Mười, 2026", "2026-10-20"),
        ("20 Th11 2026", "2026-11-20"),
        ("Th11 20, 2026", "2026-11-20"),
        ("Nov 20, 2026", "2026-11-20"),
        ("20 September 2026 08:30", "2026-09-20 08:30"),
        ("Friday, November 20, 2026", "2026-11-20"),
        ("2 ngày trước", "2026-11-21"),
        ("1 tuần trước", "2026-11-16"),
        ("hôm kia", "2026-11-21"),
        ("HÔM QUA, 08:15", "2026-11-22 08:15"),
        ("THỨ NĂM, 30/11/2023 | 7:51", "2023-11-30 07:51"),
        ("CẬP NHẬT: THỨ BA, NGÀY 14/01/2020", "2020-01-14"),
        // Decomposed, as Macs write it.
        ("Thu\u{31b}\u{301} Na\u{306}m, 30/11/2023", "2023-11-30"),
        ("T5, 30/11/2023", "2023-11-30"),
        ("T5 - 30/11/2023 07:51", "2023-11-30 07:51"),
        ("Thứ 5, 30/11/2023", "2023-11-30"),
        ("CN, 26/11/2023", "2023-11-26"),
        ("Chủ nhật, 26/11/2023 - 09:00", "2023-11-26 09:00"),
        ("2023-11-30T00:51:00Z", "2023-11-30 07:51"),
        ("2023-11-30 07:51:00+07:00", "2023-11-30 07:51"),
        ("2023-11-30T07:51+0700", "2023-11-30 07:51"),
        ("2023-11-30T07:51:00.123+07:00", "2023-11-30 07:51"),
        ("2023-11-30T07:51:00", "2023-11-30 07:51"),
        ("2023-11-30", "2023-11-30"),
        ("Thu, 30 Nov 2023 07:51:00 +0700", "2023-11-30 07:51"),
        ("Thu, 30 Nov 2023 00:51:00 GMT", "2023-11-30 07:51"),
        ("Thu, 30 Nov 2023 07:51:00 GMT+7", "2023-11-30 07:51"),
        ("30 Nov 2023 07:51 +0700", "2023-11-30 07:51"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn the_weekday_decides_the_order_of_day_and_month_and_contradicts_aloud() {
    assert_eq!(shown("Thứ Năm, 11/30/2023"), "2023-11-30");
    assert_eq!(
        shown("Thứ Năm, 4/3/2024"),
        "2024-03-04 !",
        "neither order is a Thursday: day first, with a warning"
    );
    assert_eq!(shown("Thứ Tư, 3/4/2024"), "2024-04-03");
    assert_eq!(
        shown("Thứ Hai, 3/4/2024"),
        "2024-03-04",
        "3 April was a Wednesday, 4 March a Monday"
    );
    assert_eq!(shown("7:51, Thứ Sáu, 30-11-2023"), "2023-11-30 07:51 !");
    assert_eq!(shown("T2, 3/4/2024"), "2024-03-04");
    assert_eq!(shown("CN, 30/11/2023"), "2023-11-30 !");
    assert_eq!(shown("Fri, 30 Nov 2023 07:51:00 +0700"), "2023-11-30 07:51 !");
}

#[test]
fn only_what_dotnet_writes_in_us_english_is_read_month_first() {
    for (text, expected) in [
        ("11/4/2025 3:18:29 PM", "2025-11-04 15:18"),
        ("5/11/2026 9:07:00 AM", "2026-05-11 09:07"),
        // PHP's `d/m/Y h:i:s A` puts zeros before day, month and hour.
        ("05/11/2026 09:07:00 PM", "2026-11-05 21:07"),
        ("10/11/2026 08:15:00 AM", "2026-11-10 08:15"),
        ("10/09/2026 10:15:00 AM", "2026-09-10 10:15"),
        ("05/11/2026 9:07:00 PM", "2026-11-05 21:07"),
        // 11 December is to come, 12 November was.
        ("12/11/2026 9:15:00 AM", "2026-11-12 09:15"),
        ("12/11/2026 11:15:00 AM", "2026-11-12 11:15"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn the_future_is_never_a_date_of_publication() {
    assert_eq!(shown("24/12/2026 08:00"), "false");
    assert_eq!(shown("Thu, 24 Dec 2026 08:00:00 +0700"), "false");
    assert_eq!(shown("2026-12-24T08:00:00+07:00"), "false");
    assert_eq!(
        shown("11/12/2026"),
        "false",
        "11 December is still to come, and is not turned round into 12 November"
    );
    assert_eq!(shown("05/12/2026 08:00"), "false");
    assert_eq!(
        shown("15:30 23/11/2026"),
        "2026-11-23 15:30",
        "a portal's clock may run a little ahead"
    );
}

#[test]
fn sentences_and_impossible_dates_are_no_date_lines() {
    for text in [
        "Ngày 16/6/2020, Bộ Thông tin và Truyền thông có công văn",
        "31/02/2024",
        "45/13/2024",
        "1.878.000",
        "",
        "Lượt xem: 6",
        "Kỳ họp T5/2024",
        "Lịch tuần trước",
        "Thu, 31 Feb 2023 07:51:00 +0700",
    ] {
        assert_eq!(shown(text), "none", "{text}");
    }
    assert!(find("Hội nghị ngày 16/6/2020 tại Đông Hà", now()).is_some());
}
