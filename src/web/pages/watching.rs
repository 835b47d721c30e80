//! What can be followed, in words: names of watches, how often, and how much there is to expect.

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use crate::{
    domain::{
        subscription::{Frequency, Language},
        watch::Watch,
    },
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

/// How often, as forms name it.
pub fn frequency_name(lang: Lang, frequency: Frequency) -> &'static str {
    match (frequency, lang.language) {
        (Frequency::Instant, Language::Vi) => "Ngay khi có tin",
        (Frequency::Daily, Language::Vi) => "Bản tin hằng ngày",
        (Frequency::Weekly, Language::Vi) => "Bản tin hằng tuần",
        (Frequency::Instant, Language::En) => "At once",
        (Frequency::Daily, Language::En) => "Daily digest",
        (Frequency::Weekly, Language::En) => "Weekly digest",
    }
}

/// `khoảng 4 tin mỗi tuần`: of so many articles within so many days, at least 7.
pub fn volume(lang: Lang, articles: i64, days: i64) -> String {
    let (articles, days) = (articles.max(0), days.max(7));
    let rounded = |of: i64| (articles * of + days / 2) / days;
    let (weekly, monthly) = (rounded(7), rounded(30).max(1));
    match (lang.language, articles, weekly) {
        (Language::Vi, 0, _) => "gần đây chưa có tin nào".to_owned(),
        (Language::En, 0, _) => "nothing lately".to_owned(),
        (Language::Vi, _, 0) => format!("khoảng {monthly} tin mỗi tháng"),
        (Language::En, _, 0) => format!("about {} a month", items(monthly)),
        (Language::Vi, ..) => format!("khoảng {weekly} tin mỗi tuần"),
        (Language::En, ..) => format!("about {} a week", items(weekly)),
    }
}

fn items(count: i64) -> String {
    if count == 1 {
        "1 article".to_owned()
    } else {
        format!("{count} articles")
    }
}

/// A day in the portal's zone: `25/11/2026`, `25 November 2026`.
pub(super) fn day(lang: Lang, at: DateTime<Utc>) -> String {
    let form = lang.t("%d/%m/%Y", "%-d %B %Y");
    at.with_timezone(&Ho_Chi_Minh).format(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_is_told_by_week_and_a_small_one_by_month() {
        let vi = Lang::negotiate(Some("vi"), None);
        let en = Lang::negotiate(Some("en"), None);
        for (articles, days, vietnamese, english) in [
            (0, 28, "gần đây chưa có tin nào", "nothing lately"),
            (1, 28, "khoảng 1 tin mỗi tháng", "about 1 article a month"),
            (2, 28, "khoảng 1 tin mỗi tuần", "about 1 article a week"),
            (16, 28, "khoảng 4 tin mỗi tuần", "about 4 articles a week"),
            (9, 7, "khoảng 9 tin mỗi tuần", "about 9 articles a week"),
        ] {
            assert_eq!(volume(vi, articles, days), vietnamese);
            assert_eq!(volume(en, articles, days), english);
        }
    }
}
