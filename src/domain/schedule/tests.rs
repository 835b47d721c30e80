use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    time_of_day(text).unwrap()
}

const SEVEN: Usual = Usual {
    at: NaiveTime::MIN,
    days: Days::ALL,
};

fn usual() -> Usual {
    Usual {
        at: time_of_day("07:00").unwrap(),
        ..SEVEN
    }
}

fn latest(schedule: Schedule, usual: Usual, now: &str) -> (String, String) {
    let (date, moment) = schedule.latest(usual, at(now)).unwrap();
    (date.to_string(), moment.to_rfc3339())
}

fn pair(date: &str, moment: &str) -> (String, String) {
    (date.to_owned(), moment.to_owned())
}

#[test]
fn the_usual_ones_follow_the_settings_in_the_portals_zone() {
    // 2026-11-24 is a Tuesday.
    let daily = Schedule::usual(Frequency::Daily);
    assert_eq!(
        latest(daily, usual(), "2026-11-23T23:59:59Z"),
        pair("2026-11-23", "2026-11-23T00:00:00+00:00")
    );
    assert_eq!(
        latest(daily, usual(), "2026-11-24T00:00:00Z"),
        pair("2026-11-24", "2026-11-24T00:00:00+00:00")
    );
    let weekly = Schedule::usual(Frequency::Weekly);
    assert_eq!(latest(weekly, usual(), "2026-11-24T00:00:00Z").0, "2026-11-23");
    assert_eq!(latest(weekly, usual(), "2026-11-22T23:59:59Z").0, "2026-11-16");
    let weekdays = Usual {
        days: Days::WEEKDAYS,
        ..usual()
    };
    // Sunday and the night to Monday: Friday's.
    assert_eq!(latest(daily, weekdays, "2026-11-29T10:00:00Z").0, "2026-11-27");
    assert_eq!(latest(daily, weekdays, "2026-11-30T00:00:00Z").0, "2026-11-30");
    assert_eq!(
        latest(weekly, weekdays, "2026-11-30T00:00:00Z").0,
        "2026-11-30",
        "the setting's days are for the daily one"
    );
}

#[test]
fn an_hour_that_is_left_out_ends_when_the_clocks_go_on_and_one_that_comes_twice_counts_once() {
    let zone: Tz = "Europe/Berlin".parse().unwrap();
    let daily = Schedule::daily(Some(time("02:30")), None, zone);
    // 2026-03-29: 02:00 becomes 03:00, at 01:00 UTC.
    assert_eq!(
        latest(daily, usual(), "2026-03-29T00:59:59Z"),
        pair("2026-03-28", "2026-03-28T01:30:00+00:00")
    );
    assert_eq!(
        latest(daily, usual(), "2026-03-29T01:00:00Z"),
        pair("2026-03-29", "2026-03-29T01:00:00+00:00")
    );
    // 2026-10-25: 03:00 becomes 02:00, at 01:00 UTC; 02:30 is at 00:30 and at 01:30 UTC.
    assert_eq!(
        latest(daily, usual(), "2026-10-25T00:30:00Z"),
        pair("2026-10-25", "2026-10-25T00:30:00+00:00")
    );
    assert_eq!(latest(daily, usual(), "2026-10-25T01:30:00Z").0, "2026-10-25");
    let (date, moment) = daily.next(usual(), at("2026-10-25T00:30:00Z")).unwrap();
    assert_eq!(
        (date.to_string(), moment.to_rfc3339()),
        pair("2026-10-26", "2026-10-26T01:30:00+00:00")
    );
}

#[test]
fn a_zone_has_its_own_date_and_a_weekly_day_its_own_moment() {
    let zone: Tz = "Pacific/Auckland".parse().unwrap();
    let friday = Schedule::weekly(Some(time("18:00")), Weekday::Fri, zone);
    // Friday 18:00 there is Friday 05:00 UTC in summer.
    assert_eq!(
        latest(friday, usual(), "2026-11-27T04:59:59Z"),
        pair("2026-11-20", "2026-11-20T05:00:00+00:00")
    );
    assert_eq!(
        latest(friday, usual(), "2026-11-27T05:00:00Z"),
        pair("2026-11-27", "2026-11-27T05:00:00+00:00")
    );
    let (date, _) = friday.next(usual(), at("2026-11-27T05:00:00Z")).unwrap();
    assert_eq!(date.to_string(), "2026-12-04");
}

#[test]
fn days_are_read_and_written() {
    for (text, written) in [
        ("all", "all"),
        ("1-7", "all"),
        ("weekdays", "weekdays"),
        ("mon-fri", "weekdays"),
        ("1-5", "weekdays"),
        ("mon/Wed", "mon/wed"),
        ("1-2/sun", "mon/tue/sun"),
    ] {
        let days: Days = text.parse().unwrap();
        assert_eq!(days.to_string(), written, "{text}");
        assert_eq!(Days::from_bits(days.bits()), Some(days));
    }
    for text in ["", "0", "8", "5-1", "monday", "mon,wed", "1-"] {
        assert!(text.parse::<Days>().is_err(), "{text:?}");
    }
    assert_eq!((Days::from_bits(0), Days::from_bits(128)), (None, None));
}

#[test]
fn what_stands_in_the_store_is_read_back_and_what_cannot_be_is_refused() {
    let zone: Tz = "Asia/Tokyo".parse().unwrap();
    for schedule in [
        Schedule::usual(Frequency::Daily),
        Schedule::usual(Frequency::Weekly),
        Schedule::daily(Some(time("06:05")), Some(Days::WEEKDAYS), zone),
        Schedule::weekly(Some(time("23:59")), Weekday::Sun, zone),
    ] {
        let (text, days) = schedule.columns();
        let frequency = schedule.frequency();
        let read = Schedule::from_columns(frequency.as_str(), &text, days, schedule.zone().name());
        assert_eq!(read, Ok(schedule));
    }
    for (frequency, time, days, zone) in [
        ("daily", "7h", 0, "Asia/Tokyo"),
        ("daily", "", 0, "Hà Nội"),
        ("daily", "", 128, "Asia/Tokyo"),
        ("weekly", "", 3, "Asia/Tokyo"),
        ("weekly", "", 0, "Asia/Tokyo"),
        ("instant", "", 1, "Asia/Tokyo"),
    ] {
        assert!(Schedule::from_columns(frequency, time, days, zone).is_err());
    }
}
