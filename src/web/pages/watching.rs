//! What can be followed, in words: names of watches, and how much there is to expect.

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use crate::{
    domain::{watch::Watch, wish},
    web::{lang::Lang, site::Site},
};

/// Something that can be followed, as forms show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What it is; its text form is what the form sends.
    pub watch: Watch,
    /// Its name.
    pub name: String,
    /// How much there is to expect, such as `khoảng 4 tin mỗi tuần`.
    pub volume: String,
    /// Whether it is chosen.
    pub is_ticked: bool,
}

impl Offer {
    /// Whether its name is the portal's own, in Vietnamese whatever the page speaks.
    pub fn is_vietnamese(&self) -> bool {
        matches!(self.watch, Watch::Section { .. })
    }
}

/// A watch by its name. `title` is a section's.
pub fn watch_name(site: &Site, lang: Lang, watch: &Watch, title: Option<&str>) -> String {
    match watch {
        Watch::All => lang.t("Mọi tin mới", "All news").to_owned(),
        Watch::Topic(slug) => site.topic_name(lang, slug).to_owned(),
        Watch::Section { slug, .. } => title.unwrap_or(slug).to_owned(),
        Watch::Phrase(phrase) => format!("{} “{phrase}”", lang.t("Cụm từ", "Phrase")),
    }
}

/// `khoảng 4 tin mỗi tuần`.
pub fn volume(lang: Lang, articles: i64, days: i64) -> String {
    wish::volume(lang.language, articles, days)
}

/// A day in the portal's zone: `25/11/2026`, `25 November 2026`.
pub(super) fn day(lang: Lang, at: DateTime<Utc>) -> String {
    let form = lang.t("%d/%m/%Y", "%-d %B %Y");
    at.with_timezone(&Ho_Chi_Minh).format(form).to_string()
}
