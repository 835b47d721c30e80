//! The mail that tells the operator which sections broke and which are read well again. The operator is the portal's own
//! staff more often than a programmer: plain Vietnamese first, English beside it, and what to do.

mod causes;

use askama::Template;
use chrono::{DateTime, Utc};

use super::{
    Addressing, Mail,
    item::clean,
    mailing::{rendered, rendered_text},
};
use crate::domain::{
    breakage::{Cause, Turn},
    time,
};

/// Sections named in one mail; the rest is counted. Past a few dozen it is the portal that is down, not its sections.
pub const ALARM_SECTIONS: usize = 40;

/// Characters of what a failure says of itself.
const WHY_CHARS: usize = 400;

/// Characters of an address: longer ones are no list pages.
const URL_CHARS: usize = 500;

/// A section that broke or recovered.
#[derive(Debug, Clone, Copy)]
pub struct AlarmItem<'a> {
    /// Portal id.
    pub portal: &'a str,
    /// Section slug.
    pub slug: &'a str,
    /// The section's title.
    pub title: &'a str,
    /// Whether it broke or recovered.
    pub turn: Turn,
    /// What kind of breakage.
    pub cause: Cause,
    /// What the failure said of itself.
    pub why: &'a str,
    /// Since when it is, or was, broken.
    pub since: DateTime<Utc>,
    /// When it was read well again, for a recovery.
    pub until: DateTime<Utc>,
    /// When it is polled next.
    pub next_look: DateTime<Utc>,
    /// The list page, where it is known.
    pub url: Option<&'a str>,
    /// Where the portal redirects the list for good.
    pub moved_to: Option<&'a str>,
}

/// What an alarm mail is made from.
#[derive(Debug, Clone, Copy)]
pub struct Alarms<'a> {
    /// The sections, in the order to be shown; one at least.
    pub items: &'a [AlarmItem<'a>],
    /// How Loa names itself to portals: what their firewalls are to let through.
    pub user_agent: &'a str,
    /// Loa's own pages, without a slash at the end.
    pub public_url: &'a str,
}

#[derive(Template)]
#[template(path = "alarm.html", whitespace = "preserve")]
struct Html<'a>(&'a View);

#[derive(Template)]
#[template(path = "alarm.txt", whitespace = "preserve")]
struct Text<'a>(&'a View);

/// What both parts of the mail print.
struct View {
    heading: String,
    heading_en: String,
    groups: Vec<Group>,
    more: usize,
    is_any_broken: bool,
    public_url: String,
}

/// Sections that broke in the same way, or recovered.
struct Group {
    name: &'static str,
    name_en: &'static str,
    what: &'static str,
    what_en: &'static str,
    advice: String,
    advice_en: String,
    is_broken: bool,
    sections: Vec<Section>,
}

struct Section {
    title: String,
    name: String,
    since: String,
    until: String,
    why: String,
    next_look: String,
    url: String,
    moved_to: String,
}

/// The mail about `alarms`. It belongs to no list and carries no unsubscribe link: the settings say who gets it.
pub fn alarm(alarms: &Alarms<'_>, addressing: &Addressing<'_>) -> Mail {
    let view = view(alarms);
    Mail {
        message_id: addressing.message_id.to_owned(),
        from: addressing.from.clone(),
        to: addressing.to.clone(),
        subject: clean(&format!("[Loa] {}", view.heading), 400),
        text: rendered_text(&Text(&view)),
        html: rendered(&Html(&view)),
        list_id: None,
        unsubscribe_url: None,
        mark: addressing.mark.map(str::to_owned),
        date: addressing.at,
        stream: "alarm",
    }
}

/// The `Message-ID` of an alarm mail: the same for every attempt at it. `instance` as in [`super::message_id`].
pub fn alarm_message_id(mail: i64, instance: &str, authority: &str) -> String {
    format!("<loa.alarm.{mail:x}.{instance}@{authority}>")
}

fn view(alarms: &Alarms<'_>) -> View {
    let shown = &alarms.items[..alarms.items.len().min(ALARM_SECTIONS)];
    let mut groups: Vec<((Turn, Option<Cause>), Group)> = Vec::new();
    for turn in [Turn::Degraded, Turn::Recovered] {
        for item in shown.iter().filter(|item| item.turn == turn) {
            // What broke matters; of what is well again, only that it is.
            let kind = (turn, (turn == Turn::Degraded).then_some(item.cause));
            let known = groups.iter().position(|(of, _)| *of == kind);
            let at = known.unwrap_or_else(|| {
                groups.push((kind, group(item, alarms.user_agent)));
                groups.len() - 1
            });
            groups[at].1.sections.push(section(item));
        }
    }
    let (heading, heading_en) = headings(alarms.items);
    View {
        heading,
        heading_en,
        groups: groups.into_iter().map(|(_, group)| group).collect(),
        more: alarms.items.len() - shown.len(),
        is_any_broken: alarms.items.iter().any(|item| item.turn == Turn::Degraded),
        public_url: alarms.public_url.to_owned(),
    }
}

fn group(item: &AlarmItem<'_>, user_agent: &str) -> Group {
    let words = match item.turn {
        Turn::Degraded => causes::broken(item.cause),
        Turn::Recovered => causes::RECOVERED,
    };
    let filled = |text: &str| text.replace("{user_agent}", &clean(user_agent, 200));
    Group {
        name: words.name,
        name_en: words.name_en,
        what: words.what,
        what_en: words.what_en,
        advice: filled(words.advice),
        advice_en: filled(words.advice_en),
        is_broken: item.turn == Turn::Degraded,
        sections: Vec::new(),
    }
}

fn section(item: &AlarmItem<'_>) -> Section {
    let is_broken = item.turn == Turn::Degraded;
    let url = |url: Option<&str>| clean(url.unwrap_or_default(), URL_CHARS);
    let next_look = if is_broken && item.cause != Cause::Gone {
        time::moment(item.next_look)
    } else {
        String::new()
    };
    Section {
        title: clean(item.title, 200),
        name: name(item),
        since: time::moment(item.since),
        until: if is_broken {
            String::new()
        } else {
            time::moment(item.until)
        },
        why: clean(item.why, WHY_CHARS),
        next_look,
        url: url(item.url),
        moved_to: url(item.moved_to),
    }
}

fn name(item: &AlarmItem<'_>) -> String {
    clean(&format!("{}/{}", item.portal, item.slug), 120)
}

/// `Chuyên mục gặp sự cố: quangtri/tin-tuc`, and the same in English.
fn headings(items: &[AlarmItem<'_>]) -> (String, String) {
    let of = |turn: Turn, vi: &str, en: &str| {
        let mut of_turn = items.iter().filter(|item| item.turn == turn);
        let first = name(of_turn.next()?);
        Some(match of_turn.count() {
            0 => (format!("{vi}: {first}"), format!("{en}: {first}")),
            rest => (
                format!("{vi}: {first} và {rest} chuyên mục khác"),
                format!("{en}: {first} and {rest} more"),
            ),
        })
    };
    let parts = [
        of(Turn::Degraded, "Chuyên mục gặp sự cố", "Sections in trouble"),
        of(Turn::Recovered, "Đã hoạt động lại", "Working again"),
    ];
    let (vi, en): (Vec<_>, Vec<_>) = parts.into_iter().flatten().unzip();
    (vi.join("; "), en.join("; "))
}
