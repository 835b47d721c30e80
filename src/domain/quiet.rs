//! Quiet hours: when a chat is not to ring. Messages come all the same, silently.

use chrono::{DateTime, NaiveTime, Utc};

/// From one time of day to another, in the portal's zone; over midnight where the first is later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    to: NaiveTime,
}

impl QuietHours {
    /// From `HH:MM`, twice; none where one is missing, wrong, or both are the same.
    pub fn parse(from: Option<&str>, to: Option<&str>) -> Option<Self> {
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
        let (from, to) = (time(from?)?, time(to?)?);
        (from != to).then_some(Self { from, to })
    }

    /// Whether they cover a moment: from the first minute to the one before the last.
    pub fn cover(self, at: DateTime<Utc>) -> bool {
        let time = super::time::local_time(at);
        if self.from < self.to {
            (self.from..self.to).contains(&time)
        } else {
            time >= self.from || time < self.to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_span_midnight_in_the_portals_zone() {
        let night = QuietHours::parse(Some("22:00"), Some("06:30")).unwrap();
        let noon = QuietHours::parse(Some("11:30"), Some("13:00")).unwrap();
        let at = |utc: &str| format!("2026-11-24T{utc}:00Z").parse::<DateTime<Utc>>().unwrap();
        for (utc, is_night, is_noon) in [
            ("14:59", false, false),
            ("15:00", true, false),
            ("23:29", true, false),
            ("23:30", false, false),
            ("04:30", false, true),
            ("06:00", false, false),
        ] {
            assert_eq!(
                (night.cover(at(utc)), noon.cover(at(utc))),
                (is_night, is_noon),
                "{utc}"
            );
        }
    }

    #[test]
    fn half_a_wish_and_no_hours_at_all_are_none() {
        assert_eq!(QuietHours::parse(Some("22:00"), None), None);
        assert_eq!(QuietHours::parse(Some("22:00"), Some("22:00")), None);
        assert_eq!(QuietHours::parse(Some("25:00"), Some("6 giờ")), None);
    }
}
