//! The sentences of a message, in both languages.

use chrono::NaiveDate;

use crate::domain::subscription::{Frequency, Language};

use super::{Content, Ground, Occasion};

/// Fixed words that the templates print.
pub(super) struct Words {
    pub lang: &'static str,
    pub read: &'static str,
    pub on_loa: &'static str,
    pub doubt: &'static str,
    pub why: &'static str,
    pub owner: &'static str,
    pub address: &'static str,
    pub contact: &'static str,
    pub unsubscribe: &'static str,
    pub manage: &'static str,
    pub confirm: &'static str,
    pub by_hand: &'static str,
    pub all: &'static str,
    pub section: &'static str,
    pub phrase: &'static str,
    pub other: &'static str,
    pub by_portal: &'static str,
    /// Staff put the article into the topic.
    pub by_staff: &'static str,
    pub untitled: &'static str,
    pub stop_button: &'static str,
    pub stop_watch: &'static str,
    pub withdrawn: &'static str,
    pub read_on: &'static str,
    pub part_gone: &'static str,
    pub all_button: &'static str,
}

pub(super) const VI: Words = Words {
    lang: "vi",
    read: "Đọc tin",
    on_loa: "Xem trên Loa",
    doubt: "Sai chủ đề?",
    why: "Vì bạn theo dõi",
    owner: "Đơn vị vận hành",
    address: "Địa chỉ",
    contact: "Liên hệ",
    unsubscribe: "Ngừng nhận thư",
    manage: "Thay đổi đăng ký",
    confirm: "Xác nhận đăng ký",
    by_hand: "Nếu nút không hoạt động, hãy mở liên kết này:",
    all: "mọi tin mới",
    section: "chuyên mục",
    phrase: "cụm từ",
    other: "Tin khác",
    by_portal: "theo chuyên mục của cổng",
    by_staff: "do cán bộ biên tập xếp",
    untitled: "(không có tiêu đề)",
    stop_button: "Ngừng nhận",
    stop_watch: "Ngừng theo dõi",
    withdrawn: "Tin đã được gỡ",
    read_on: "Đọc tiếp trên cổng",
    part_gone: "Tin đã được sửa; phần này không còn.",
    all_button: "Xem tất cả",
};

pub(super) const EN: Words = Words {
    lang: "en",
    read: "Read",
    on_loa: "View on Loa",
    doubt: "Wrong topic?",
    why: "Because you follow",
    owner: "Run by",
    address: "Address",
    contact: "Contact",
    unsubscribe: "Unsubscribe",
    manage: "Change your subscription",
    confirm: "Confirm",
    by_hand: "If the button does not work, open this link:",
    all: "all news",
    section: "section",
    phrase: "phrase",
    other: "Other news",
    by_portal: "by the portal's own section",
    by_staff: "put there by an editor",
    untitled: "(no title)",
    stop_button: "Stop",
    stop_watch: "Stop following",
    withdrawn: "This item was withdrawn",
    read_on: "Read on at the portal",
    part_gone: "The item was edited; this part is no longer in it.",
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

/// `Xem thêm 5 tin khác`, and what they are about where that is not said already.
pub(super) fn see_more(rest: usize, of: Option<&str>, language: Language) -> String {
    let of = of.map(|of| format!(" ({of})")).unwrap_or_default();
    match language {
        Language::Vi => format!("Xem thêm {rest} tin khác{of}"),
        Language::En => format!("See {rest} more{of}"),
    }
}

/// Whose news a digest holds.
pub(super) fn source(portal: &str, language: Language) -> String {
    match language {
        Language::Vi => format!("Tin của {portal}"),
        Language::En => format!("News from {portal}"),
    }
}

/// What stands over an office's shared digest.
pub(super) fn shared_by(office: &str, language: Language) -> String {
    match language {
        Language::Vi => format!("Bản tin chung của {office}"),
        Language::En => format!("Shared digest of {office}"),
    }
}

/// Why this mail came at all: who asked for it, and what was asked for.
pub(super) fn footer(content: &Content<'_>) -> String {
    let portal = content.portal_name;
    match content.language {
        Language::Vi => {
            let what = match content.occasion {
                Occasion::Alert => "tin mới",
                Occasion::Daily(_) => "bản tin hằng ngày",
                Occasion::Weekly(..) => "bản tin hằng tuần",
            };
            let who = match (content.office, content.ground) {
                (Some(office), _) => format!("{office} đã chọn địa chỉ này để nhận"),
                (None, Ground::Office) => "cơ quan của bạn đã đăng ký cho địa chỉ này nhận".to_owned(),
                (None, Ground::SignUp) => "bạn đã đăng ký nhận".to_owned(),
            };
            format!("Bạn nhận thư này vì {who} {what} của {portal} qua Loa.")
        }
        Language::En => {
            let what = match content.occasion {
                Occasion::Alert => "news",
                Occasion::Daily(_) => "the daily digest of news",
                Occasion::Weekly(..) => "the weekly digest of news",
            };
            let who = match (content.office, content.ground) {
                (Some(office), _) => format!("{office} chose this address for"),
                (None, Ground::Office) => "your office subscribed this address to".to_owned(),
                (None, Ground::SignUp) => "you subscribed to".to_owned(),
            };
            format!("You receive this mail because {who} {what} from {portal} through Loa.")
        }
    }
}
