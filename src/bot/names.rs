//! Names of watches, frequencies and days as the bot says them.

use chrono::Weekday;

use super::Desk;
use crate::domain::{subscription::Language, text::escape_html, watch::Watch};

impl Desk {
    /// A watch by its name, as plain text. `title` is a section's.
    pub(super) fn watch_name(&self, language: Language, watch: &Watch, title: Option<&str>) -> String {
        match (watch, language) {
            (Watch::All, Language::Vi) => "Mọi tin mới".to_owned(),
            (Watch::All, Language::En) => "All news".to_owned(),
            (Watch::Topic(slug), _) => {
                let label = self.about.labels.iter().find(|label| label.slug == *slug);
                let name = label.map(|label| match language {
                    Language::Vi => &label.vi,
                    Language::En => &label.en,
                });
                name.unwrap_or(slug).clone()
            }
            (Watch::Section { slug, .. }, Language::Vi) => format!("Chuyên mục {}", title.unwrap_or(slug)),
            (Watch::Section { slug, .. }, Language::En) => format!("Section {}", title.unwrap_or(slug)),
            (Watch::Phrase(phrase), Language::Vi) => format!("Cụm từ “{phrase}”"),
            (Watch::Phrase(phrase), Language::En) => format!("Phrase “{phrase}”"),
        }
    }

    /// The same for a message's HTML.
    pub(super) fn watch_html(&self, language: Language, watch: &Watch, title: Option<&str>) -> String {
        escape_html(&self.watch_name(language, watch, title))
    }
}

/// A day of the week, short enough for a button.
pub(super) fn day_name(language: Language, day: Weekday) -> &'static str {
    const VI: [&str; 7] = ["T2", "T3", "T4", "T5", "T6", "T7", "CN"];
    const EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let names = if language == Language::Vi { VI } else { EN };
    names[day.num_days_from_monday() as usize]
}
