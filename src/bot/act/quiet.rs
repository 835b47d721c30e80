//! Quiet hours and previews: how loud and how large a message comes.

use chrono::NaiveTime;

use super::list::nothing_followed;
use crate::{
    bot::{
        Desk, Trouble,
        press::Press,
        reply::{Answer, Reply},
        talk::Talk,
    },
    domain::schedule::time_of_day,
    store::ChatWishes,
};

/// Quiet hours, from and to; the end may be on the next day.
type Hours = (NaiveTime, NaiveTime);

/// Quiet hours that have a button; any others are typed.
const HOURS: [(&str, &str); 2] = [("21:00", "06:00"), ("22:00", "07:00")];

impl Desk {
    /// Sets quiet hours, or ends them.
    pub(in crate::bot) async fn set_quiet(
        &self,
        talk: &Talk,
        quiet: Option<Hours>,
    ) -> Result<Answer, Trouble> {
        let words = talk.t("Đã đổi giờ yên lặng", "Quiet hours changed");
        self.set_wishes(talk, words, |wishes| ChatWishes { quiet, ..wishes })
            .await
    }

    /// Previews of links, or none.
    pub(in crate::bot) async fn set_preview(&self, talk: &Talk, preview: bool) -> Result<Answer, Trouble> {
        let words = if preview {
            talk.t("Tin sẽ có xem trước liên kết", "News comes with link previews")
        } else {
            talk.t(
                "Tin sẽ không có xem trước liên kết",
                "News comes without link previews",
            )
        };
        self.set_wishes(talk, words, |wishes| ChatWishes { preview, ..wishes })
            .await
    }

    async fn set_wishes(
        &self,
        talk: &Talk,
        words: &str,
        change: impl FnOnce(ChatWishes) -> ChatWishes,
    ) -> Result<Answer, Trouble> {
        let Some(person) = talk.live() else {
            return Ok(nothing_followed(talk));
        };
        if let Some(wishes) = self.store.chat_wishes(person.id).await? {
            self.store.set_chat_wishes(person.id, change(wishes)).await?;
        }
        Ok(self.times(talk).await?.saying(words))
    }
}

/// With buttons for quiet hours and previews.
pub(super) fn with_quiet_buttons(
    talk: &Talk,
    mut reply: Reply,
    quiet: Option<Hours>,
    preview: bool,
) -> Reply {
    let offered = HOURS
        .iter()
        .filter_map(|(from, to)| Some((time_of_day(from)?, time_of_day(to)?)));
    let mut row: Vec<(String, Press)> = offered
        .map(|(from, to)| {
            let mark = if quiet == Some((from, to)) { "✅ " } else { "" };
            let label = format!("{mark}🔕 {}–{}", from.format("%H:%M"), to.format("%H:%M"));
            (label, Press::Quiet(Some((from, to))))
        })
        .collect();
    if quiet.is_some() {
        row.push((
            talk.t("🔔 Luôn kêu", "🔔 Always sound").to_owned(),
            Press::Quiet(None),
        ));
    }
    reply = reply.row(row);
    let label = if preview {
        talk.t("Tắt xem trước liên kết", "Link previews off")
    } else {
        talk.t("Bật xem trước liên kết", "Link previews on")
    };
    reply.row([(label, Press::Preview(!preview))])
}

/// A text that does not tell quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotHours;

/// Reads `21:00-06:00`, and words that end quiet hours.
pub(super) fn hours(plain: &str) -> Result<Option<Hours>, NotHours> {
    if ["khong yen lang", "luon keu", "quiet off"].contains(&plain) {
        return Ok(None);
    }
    let (from, to) = plain.split_once(['-', '–']).ok_or(NotHours)?;
    let from = time_of_day(from).ok_or(NotHours)?;
    let to = time_of_day(to).ok_or(NotHours)?;
    if from == to {
        return Err(NotHours);
    }
    Ok(Some((from, to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_read_as_people_write_them() {
        let read = |text| hours(text).map(|quiet| quiet.map(|(from, to)| format!("{from} {to}")));
        assert_eq!(read("21:30-6:00"), Ok(Some("21:30:00 06:00:00".to_owned())));
        assert_eq!(read("21:30 – 06:00"), Ok(Some("21:30:00 06:00:00".to_owned())));
        assert_eq!(read("luon keu"), Ok(None));
        assert_eq!(
            [read("21:30"), read("7-8"), read("07:00-07:00")],
            [const { Err(NotHours) }; 3]
        );
    }
}
