//! `/tansuat`: at once or as a digest, and when.

use chrono::{NaiveTime, Weekday};
use chrono_tz::Asia::Ho_Chi_Minh;

use super::{
    list::nothing_followed,
    quiet::{hours, with_quiet_buttons},
};
use crate::{
    bot::{
        Desk, Trouble,
        names::day_name,
        press::Press,
        reply::{Answer, Reply},
        talk::Talk,
    },
    domain::{
        schedule::{Schedule, WEEK, time_of_day},
        subscription::Frequency,
        text::{fold, normalise},
    },
    store::Person,
};

/// Times that have a button; any other is typed.
const TIMES: [&str; 4] = ["06:00", "07:00", "11:30", "17:30"];

impl Desk {
    /// `/tansuat`, alone or with a wish behind it.
    pub(in crate::bot) async fn frequency(&self, talk: &Talk, words: &str) -> Result<Answer, Trouble> {
        if words.is_empty() || talk.live().is_none() {
            return self.times(talk).await;
        }
        let plain = fold(&normalise(words));
        if let Ok(hours) = hours(&plain) {
            return self.set_quiet(talk, hours).await;
        }
        if let Some(at) = time_of_day(&plain) {
            return self.set_digest_time(talk, at).await;
        }
        let frequency = match plain.as_str() {
            "ngay" | "ngay khi co tin" | "instant" | "at once" => Some(Frequency::Instant),
            "hang ngay" | "moi ngay" | "daily" => Some(Frequency::Daily),
            "hang tuan" | "moi tuan" | "tuan" | "weekly" => Some(Frequency::Weekly),
            _ => None,
        };
        if let Some(frequency) = frequency {
            return self.set_frequency(talk, frequency).await;
        }
        let words = talk.t(
            "Loa chưa hiểu. Ví dụ:\n<code>/tansuat ngay</code>\n<code>/tansuat hằng ngày</code>\n<code>/tansuat 06:30</code>\n<code>/tansuat 21:30-06:00</code> (giờ yên lặng)",
            "Loa did not understand. For example:\n<code>/frequency instant</code>\n<code>/frequency daily</code>\n<code>/frequency 06:30</code>\n<code>/frequency 21:30-06:00</code> (quiet hours)",
        );
        Ok(Reply::text(words).into())
    }

    /// How news comes now, with buttons to change it.
    pub(super) async fn times(&self, talk: &Talk) -> Result<Answer, Trouble> {
        let Some(person) = talk.live() else {
            return Ok(nothing_followed(talk));
        };
        let wishes = self.store.chat_wishes(person.id).await?;
        let followed = self.store.followed_rows(person.id).await?;
        let (daily, weekly) = self.schedules(person).await?;
        let at = daily.at().unwrap_or(self.about.usual_digest.at);
        let day = weekly
            .days()
            .and_then(|days| days.iter().next())
            .unwrap_or(Weekday::Mon);
        let mut paces: Vec<Frequency> = Vec::new();
        for (_, one) in &followed {
            if !paces.contains(&one.frequency) {
                paces.push(one.frequency);
            }
        }
        let names: Vec<_> = paces.iter().map(|pace| pace.choice(talk.language)).collect();
        let quiet = wishes.and_then(|wishes| wishes.quiet);
        let preview = wishes.is_none_or(|wishes| wishes.preview);
        let html = format!(
            "<b>{}</b>\n• {} {}\n• {} {}, {} {}\n• {} {}\n• {} {}\n\n{}",
            talk.t("Cách gửi tin", "How news comes"),
            talk.t("Nhịp gửi:", "How often:"),
            if names.is_empty() { "–".to_owned() } else { names.join(", ") },
            talk.t("Giờ bản tin:", "Digest at:"),
            at.format("%H:%M"),
            talk.t("bản tin tuần vào", "weekly on"),
            day_name(talk.language, day),
            talk.t("Giờ yên lặng:", "Quiet hours:"),
            quiet.map_or(talk.t("không có", "none").to_owned(), |(from, to)| {
                format!("{}–{}", from.format("%H:%M"), to.format("%H:%M"))
            }),
            talk.t("Xem trước liên kết:", "Link previews:"),
            if preview { talk.t("bật", "on") } else { talk.t("tắt", "off") },
            talk.t(
                "Trong giờ yên lặng, tin vẫn đến nhưng không kêu. Có thể gõ giờ khác, ví dụ: /tansuat 06:30 hoặc /tansuat 21:30-06:00",
                "In quiet hours, news comes without a sound. Other times can be typed, for example: /frequency 06:30 or /frequency 21:30-06:00",
            )
        );
        let marked = |is_it: bool, label: &str| {
            if is_it {
                format!("✅ {label}")
            } else {
                label.to_owned()
            }
        };
        let mut reply = Reply::text(html);
        for frequency in [Frequency::Instant, Frequency::Daily, Frequency::Weekly] {
            let label = marked(paces == [frequency], frequency.choice(talk.language));
            reply = reply.row([(label, Press::Pace(frequency))]);
        }
        let times = TIMES.iter().filter_map(|text| time_of_day(text));
        reply = reply.row(times.map(|time| {
            let label = marked(time == at, &time.format("%H:%M").to_string());
            (label, Press::DigestAt(time))
        }));
        if paces.contains(&Frequency::Weekly) {
            reply = reply.row(WEEK.map(|one| {
                (
                    marked(one == day, day_name(talk.language, one)),
                    Press::DigestDay(one),
                )
            }));
        }
        Ok(with_quiet_buttons(talk, reply, quiet, preview).into())
    }

    /// How often, for all that is followed.
    pub(in crate::bot) async fn set_frequency(
        &self,
        talk: &Talk,
        frequency: Frequency,
    ) -> Result<Answer, Trouble> {
        let Some(person) = talk.live() else {
            return Ok(nothing_followed(talk));
        };
        for (_, one) in self.store.followed_rows(person.id).await? {
            if one.frequency != frequency {
                self.store.set_frequency(person.id, &one.watch, frequency).await?;
            }
        }
        let words = frequency.choice(talk.language);
        Ok(self.times(talk).await?.saying(words))
    }

    /// When digests come, daily and weekly alike.
    pub(in crate::bot) async fn set_digest_time(
        &self,
        talk: &Talk,
        at: NaiveTime,
    ) -> Result<Answer, Trouble> {
        let Some(person) = talk.live() else {
            return Ok(nothing_followed(talk));
        };
        let (daily, weekly) = self.schedules(person).await?;
        let usual = self.about.usual_digest.at;
        // Who leaves it as the service has it goes on with the service's, also when the settings change.
        let time = |own: Option<NaiveTime>| (own.is_some() || at != usual).then_some(at);
        let day = weekly
            .days()
            .and_then(|days| days.iter().next())
            .unwrap_or(Weekday::Mon);
        let wished = [
            Schedule::daily(time(daily.at()), daily.days(), daily.zone()),
            Schedule::weekly(time(weekly.at()), day, weekly.zone()),
        ];
        for schedule in wished {
            self.store
                .set_schedule(person.id, &schedule, self.clock.now())
                .await?;
        }
        let words = format!("{} {}", talk.t("Bản tin lúc", "Digest at"), at.format("%H:%M"));
        Ok(self.times(talk).await?.saying(words))
    }

    /// On which day the weekly digest comes.
    pub(in crate::bot) async fn set_digest_day(&self, talk: &Talk, day: Weekday) -> Result<Answer, Trouble> {
        let Some(person) = talk.live() else {
            return Ok(nothing_followed(talk));
        };
        let (_, weekly) = self.schedules(person).await?;
        let schedule = Schedule::weekly(weekly.at(), day, weekly.zone());
        self.store
            .set_schedule(person.id, &schedule, self.clock.now())
            .await?;
        let words = format!(
            "{} {}",
            talk.t("Bản tin tuần:", "Weekly digest:"),
            day_name(talk.language, day)
        );
        Ok(self.times(talk).await?.saying(words))
    }

    async fn schedules(&self, person: &Person) -> Result<(Schedule, Schedule), Trouble> {
        let daily = self.store.schedule_of(person.id, Frequency::Daily).await?;
        let weekly = self.store.schedule_of(person.id, Frequency::Weekly).await?;
        Ok((
            daily.unwrap_or_else(|| Schedule::daily(None, None, Ho_Chi_Minh)),
            weekly.unwrap_or_else(|| Schedule::weekly(None, Weekday::Mon, Ho_Chi_Minh)),
        ))
    }
}
