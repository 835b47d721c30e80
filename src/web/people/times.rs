//! When somebody's digests come: what they wish, and what holds for them.

use chrono::NaiveTime;
use chrono_tz::Tz;

use super::{change::Done, fields::Fields};
use crate::{
    domain::{
        schedule::{self, Days, Schedule, time_of_day},
        subscription::Frequency,
    },
    web::{
        error::WebError,
        pages::{Notice, Wrong},
        state::WebState,
    },
};

/// Takes the form with the time, the days and the zone.
pub(super) async fn set_times(state: &WebState, subscriber: i64, fields: &Fields) -> Result<Done, WebError> {
    let wrong = |vi, en| Ok(Done::Wrong(Wrong::Schedule, vi, en));
    let Some(at) = time_of_day(fields.get("at")) else {
        return wrong(
            "Hãy nhập giờ, chẳng hạn 07:00.",
            "Please enter a time such as 07:00.",
        );
    };
    let days: Vec<&str> = fields.all("days").collect();
    let Ok(days) = days.join("/").parse::<Days>() else {
        return wrong(
            "Hãy chọn ít nhất một ngày cho bản tin hằng ngày.",
            "Please choose at least one day for the daily digest.",
        );
    };
    let Some(weekly) = schedule::weekday(fields.get("weekly")) else {
        return Err(WebError::Invalid);
    };
    let Ok(zone) = fields.get("zone").parse::<Tz>() else {
        return wrong(
            "Loa không biết múi giờ này; hãy chọn trong danh sách, chẳng hạn Asia/Ho_Chi_Minh.",
            "Loa does not know this time zone; please choose one of the list, such as Asia/Ho_Chi_Minh.",
        );
    };
    let (daily_now, weekly_now) = schedules(state, subscriber).await?;
    let usual = state.usual_digest;
    // Who leaves a value as the service has it goes on with the service's, also when the settings change.
    let time = |own: Option<NaiveTime>| (own.is_some() || at != usual.at).then_some(at);
    let days = (daily_now.days().is_some() || days != usual.days).then_some(days);
    let wished = [
        Schedule::daily(time(daily_now.at()), days, zone),
        Schedule::weekly(time(weekly_now.at()), weekly, zone),
    ];
    for schedule in wished {
        state
            .store
            .set_schedule(subscriber, &schedule, state.clock.now())
            .await?;
    }
    Ok(Done::Told(Notice::Schedule))
}

/// The schedules of the daily and the weekly digest.
pub(super) async fn schedules(state: &WebState, subscriber: i64) -> Result<(Schedule, Schedule), WebError> {
    let of = async |frequency| {
        let schedule = state.store.schedule_of(subscriber, frequency).await?;
        Ok::<_, WebError>(schedule.unwrap_or_else(|| Schedule::usual(frequency)))
    };
    Ok((of(Frequency::Daily).await?, of(Frequency::Weekly).await?))
}
