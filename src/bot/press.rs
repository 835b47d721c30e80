//! What buttons stand for, as Telegram carries it: at most 64 bytes. A button says what is wished and not what is to be turned
//! over, so that a press that comes twice does nothing twice.

use std::{fmt, str::FromStr};

use chrono::{NaiveTime, Weekday};

use crate::domain::{
    schedule::{time_of_day, weekday, word},
    subscription::{Frequency, Language},
};

/// A wish behind a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// Under news: this watch (row id) no more.
    Stop(i64),
    /// Under the answer to that: take it up again.
    Undo(i64),
    /// A page of what can be followed.
    Topics(usize),
    /// Follow a watch or no more, on a page of what can be followed.
    Turn {
        /// Row id.
        watch: i64,
        /// Follow it.
        on: bool,
        /// The page to show again.
        page: usize,
    },
    /// Agree to a sign-up (row id).
    Agree(i64, Frequency),
    /// Agree to nothing.
    Decline,
    /// A page of what is followed.
    List(usize),
    /// A watch no more, on a page of what is followed.
    Drop {
        /// Row id.
        watch: i64,
        /// The page to show again.
        page: usize,
    },
    /// How often, for everything that is followed.
    Pace(Frequency),
    /// When digests come.
    DigestAt(NaiveTime),
    /// On which day the weekly digest comes.
    DigestDay(Weekday),
    /// Quiet hours, or none.
    Quiet(Option<(NaiveTime, NaiveTime)>),
    /// Previews of links.
    Preview(bool),
    /// A pause of so many days; 0 ends it.
    Pause(u16),
    /// The language.
    Speak(Language),
    /// Erase everything, or not.
    Erase(bool),
    /// News older than an article (row id).
    Older(i64),
}

/// A wish, and for whom: the subscriber (row id) where it is not the chat itself but a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wished {
    /// What.
    pub press: Press,
    /// For which channel.
    pub channel: Option<i64>,
}

/// Not one of ours, or of an older version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownPress;

impl fmt::Display for Wished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flag = u8::from;
        let time = |at: NaiveTime| at.format("%H%M").to_string();
        match self.press {
            Press::Stop(watch) => write!(f, "stop:{watch}"),
            Press::Undo(watch) => write!(f, "undo:{watch}"),
            Press::Topics(page) => write!(f, "topics:{page}"),
            Press::Turn { watch, on, page } => write!(f, "turn:{watch}:{}:{page}", flag(on)),
            Press::Agree(signup, frequency) => write!(f, "agree:{signup}:{frequency}"),
            Press::Decline => f.write_str("decline"),
            Press::List(page) => write!(f, "list:{page}"),
            Press::Drop { watch, page } => write!(f, "drop:{watch}:{page}"),
            Press::Pace(frequency) => write!(f, "pace:{frequency}"),
            Press::DigestAt(at) => write!(f, "at:{}", time(at)),
            Press::DigestDay(day) => write!(f, "day:{}", word(day)),
            Press::Quiet(None) => f.write_str("quiet:off"),
            Press::Quiet(Some((from, to))) => write!(f, "quiet:{}:{}", time(from), time(to)),
            Press::Preview(on) => write!(f, "preview:{}", flag(on)),
            Press::Pause(days) => write!(f, "pause:{days}"),
            Press::Speak(language) => write!(f, "speak:{language}"),
            Press::Erase(really) => write!(f, "erase:{}", flag(really)),
            Press::Older(article) => write!(f, "older:{article}"),
        }?;
        match self.channel {
            Some(subscriber) => write!(f, "@{subscriber}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Wished {
    type Err = UnknownPress;

    fn from_str(data: &str) -> Result<Self, UnknownPress> {
        let (data, channel) = match data.split_once('@') {
            Some((data, id)) => (data, Some(id.parse().map_err(|_| UnknownPress)?)),
            None => (data, None),
        };
        let press = press(data).ok_or(UnknownPress)?;
        Ok(Self { press, channel })
    }
}

fn press(data: &str) -> Option<Press> {
    let flag = |text: &str| match text {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    };
    let time = |text: &str| time_of_day(&format!("{}:{}", text.get(..2)?, text.get(2..)?));
    Some(match data.split(':').collect::<Vec<_>>().as_slice() {
        ["stop", watch] => Press::Stop(watch.parse().ok()?),
        ["undo", watch] => Press::Undo(watch.parse().ok()?),
        ["topics", page] => Press::Topics(page.parse().ok()?),
        ["turn", watch, on, page] => Press::Turn {
            watch: watch.parse().ok()?,
            on: flag(on)?,
            page: page.parse().ok()?,
        },
        ["agree", signup, frequency] => Press::Agree(signup.parse().ok()?, frequency.parse().ok()?),
        ["decline"] => Press::Decline,
        ["list", page] => Press::List(page.parse().ok()?),
        ["drop", watch, page] => Press::Drop {
            watch: watch.parse().ok()?,
            page: page.parse().ok()?,
        },
        ["pace", frequency] => Press::Pace(frequency.parse().ok()?),
        ["at", at] => Press::DigestAt(time(at)?),
        ["day", day] => Press::DigestDay(weekday(day)?),
        ["quiet", "off"] => Press::Quiet(None),
        ["quiet", from, to] => Press::Quiet(Some((time(from)?, time(to)?))),
        ["preview", on] => Press::Preview(flag(on)?),
        ["pause", days] => Press::Pause(days.parse().ok().filter(|days| *days <= 366)?),
        ["speak", language] => Press::Speak(language.parse().ok()?),
        ["erase", really] => Press::Erase(flag(really)?),
        ["older", article] => Press::Older(article.parse().ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_fits_and_reads_as_it_was_written() {
        let (most, time) = (i64::MAX, NaiveTime::from_hms_opt(23, 59, 0).unwrap());
        let presses = [
            Press::Stop(most),
            Press::Undo(7),
            Press::Topics(9),
            Press::Turn {
                watch: most,
                on: true,
                page: 9_999,
            },
            Press::Agree(most, Frequency::Instant),
            Press::Decline,
            Press::List(0),
            Press::Drop {
                watch: most,
                page: 9_999,
            },
            Press::Pace(Frequency::Weekly),
            Press::DigestAt(time),
            Press::DigestDay(Weekday::Sun),
            Press::Quiet(None),
            Press::Quiet(Some((time, NaiveTime::MIN))),
            Press::Preview(false),
            Press::Pause(366),
            Press::Speak(Language::En),
            Press::Erase(true),
            Press::Older(most),
        ];
        for press in presses {
            for channel in [None, Some(most)] {
                let data = Wished { press, channel }.to_string();
                assert!((1..=64).contains(&data.len()), "{data}");
                assert_eq!(data.parse(), Ok(Wished { press, channel }), "{data}");
            }
        }
        for other in [
            "",
            "stop",
            "stop:x",
            "turn:1:2:3",
            "pause:367",
            "at:2460",
            "at:é1",
            "stop:1@x",
        ] {
            assert_eq!(other.parse::<Wished>(), Err(UnknownPress), "{other}");
        }
    }
}
