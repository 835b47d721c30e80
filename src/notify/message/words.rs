//! The sentences of a message, in both languages.

use chrono::NaiveDate;

use crate::domain::subscription::{Frequency, Language};

use super::Occasion;

/// Fixed words that the templates print.
pub(super) struct Words {
    pub lang: &'static str,
    pub read: &'static str,
    pub on_loa: &'static str,
    pub why: &'static str,
    pub more: &'static str,
    pub unsubscribe: &'static str,
    pub manage: &'static str,
    pub confirm: &'static str,
    pub all: &'static str,
    pub section: &'static str,
    pub phrase: &'static str,
    pub other: &'static str,
    pub by_portal: &'static str,
    pub untitled: &'static str,
    pub stop_button: &'static str,
    pub all_button: &'static str,
}

pub(super) const VI: Words = Words {
    lang: "vi",
    read: "Đọc tin",
    on_loa: "Xem trên Loa",
    why: "Vì bạn theo dõi",
    more: "Xem thêm",
    unsubscribe: "Ngừng nhận thư",
    manage: "Thay đổi đăng ký",
    confirm: "Xác nhận đăng ký",
    all: "mọi tin mới",
    section: "chuyên mục",
    phrase: "cụm từ",
    other: "Tin khác",
    by_portal: "theo chuyên mục của cổng",
    untitled: "(không có tiêu đề)",
    stop_button: "Ngừng nhận",
    all_button: "Xem tất cả",
};

pub(super) const EN: Words = Words {
    lang: "en",
    read: "Read",
    on_loa: "View on Loa",
    why: "Because you follow",
    more: "See more",
    unsubscribe: "Unsubscribe",
    manage: "Change your subscription",
    confirm: "Confirm",
    all: "all news",
    section: "section",
    phrase: "phrase",
    other: "Other news",
    by_portal: "by the portal's own section",
    untitled: "(no title)",
    stop_button: "Stop",
    all_button: "See all",
};

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::Vi => &VI,
        Language::En => &EN,
    }
}

/// How often, as it stands beside a watch: `hằng ngày`.
pub fn frequency_name(frequency: Frequency, language: Language) -> &'static str {
    match (frequency, language) {
        (Frequency::Instant, Language::Vi) => "ngay khi có tin",
        (Frequency::Daily, Language::Vi) => "hằng ngày",
        (Frequency::Weekly, Language::Vi) => "hằng tuần",
        (Frequency::Instant, Language::En) => "at once",
        (Frequency::Daily, Language::En) => "daily",
        (Frequency::Weekly, Language::En) => "weekly",
    }
}

/// The line at the top: `3 tin mới từ Cổng …`, `Bản tin ngày 24/11/2026: 12 tin`.
pub(super) fn heading(occasion: Occasion, count: usize, portal: &str, language: Language) -> String {
    match (occasion, language) {
        (Occasion::Alert, Language::Vi) if count == 1 => format!("Tin mới từ {portal}"),
        (Occasion::Alert, Language::Vi) => format!("{count} tin mới từ {portal}"),
        (Occasion::Alert, Language::En) if count == 1 => format!("News from {portal}"),
        (Occasion::Alert, Language::En) => format!("{count} news items from {portal}"),
        (_, Language::Vi) => format!("Bản tin {}: {count} tin", window(occasion, language)),
        (_, Language::En) => format!("{}: {}", window(occasion, language), items(count)),
    }
}

fn window(occasion: Occasion, language: Language) -> String {
    match (occasion, language) {
        (Occasion::Daily(day), Language::Vi) => format!("ngày {}", date(day)),
        (Occasion::Daily(day), Language::En) => format!("Daily digest, {}", date(day)),
        (Occasion::Weekly(first, last), Language::Vi) => {
            format!("tuần {} – {}", first.format("%d/%m"), date(last))
        }
        (Occasion::Weekly(first, last), Language::En) => {
            format!("Weekly digest, {} – {}", first.format("%d/%m"), date(last))
        }
        (Occasion::Alert, _) => String::new(),
    }
}

fn date(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

fn items(count: usize) -> String {
    if count == 1 {
        "1 item".to_owned()
    } else {
        format!("{count} items")
    }
}

/// `và 5 tin khác`.
pub(super) fn and_more(rest: usize, language: Language) -> String {
    match language {
        Language::Vi => format!("và {rest} tin khác"),
        Language::En => format!("and {rest} more"),
    }
}

/// Why this mail came at all.
pub(super) fn footer(portal: &str, language: Language) -> String {
    match language {
        Language::Vi => {
            format!("Bạn nhận thư này vì địa chỉ của bạn có trong danh sách nhận tin của {portal} qua Loa.")
        }
        Language::En => {
            format!(
                "You receive this because your address is on the list for news from {portal} through Loa."
            )
        }
    }
}
