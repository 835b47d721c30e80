//! `/manage/{token}`: everything about one subscription on one page, and the short pages around it.

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc, Weekday};

use super::{
    layout::Page,
    watching::{self, Offer},
};
use crate::{
    domain::{
        subscription::{Frequency, Language},
        watch::Watch,
    },
    web::{lang::Lang, site::Site},
};

/// Zones that the form suggests; any other of the IANA database may be typed.
const ZONES: [&str; 10] = [
    "Asia/Ho_Chi_Minh",
    "Asia/Bangkok",
    "Asia/Seoul",
    "Asia/Tokyo",
    "Asia/Taipei",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Paris",
    "America/New_York",
    "America/Los_Angeles",
];

/// What was done, told at the top of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Something is followed from now on.
    Added,
    /// Something is followed at another pace.
    Frequency,
    /// Something is followed no more.
    Removed,
    /// Digests come at other times.
    Schedule,
    /// Nothing is sent until a day.
    Paused,
    /// Mails go on.
    Resumed,
    /// Mails are in another language.
    Language,
    /// The link is on its way by mail.
    Sent,
    /// None is: there was one a moment ago.
    SentBefore,
    /// There is a new link; the old one is void.
    NewLink,
    /// There were too many new links today.
    NoNewLink,
}

impl Notice {
    const ALL: [Self; 11] = [
        Self::Added,
        Self::Frequency,
        Self::Removed,
        Self::Schedule,
        Self::Paused,
        Self::Resumed,
        Self::Language,
        Self::Sent,
        Self::SentBefore,
        Self::NewLink,
        Self::NoNewLink,
    ];

    /// The word in the page's address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Frequency => "frequency",
            Self::Removed => "removed",
            Self::Schedule => "schedule",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::Language => "language",
            Self::Sent => "sent",
            Self::SentBefore => "sent-before",
            Self::NewLink => "new-link",
            Self::NoNewLink => "no-new-link",
        }
    }

    /// From the word in the page's address.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.as_str() == word)
    }

    fn words(self, lang: Lang) -> &'static str {
        let (vi, en) = match self {
            Self::Added => ("Đã thêm vào danh sách theo dõi.", "Added to what you follow."),
            Self::Frequency => ("Đã đổi tần suất.", "You will hear of it at the other pace."),
            Self::Removed => ("Đã bỏ theo dõi.", "You no longer follow it."),
            Self::Schedule => ("Đã lưu giờ nhận bản tin.", "The time of your digests is saved."),
            Self::Paused => (
                "Đã tạm dừng. Bạn có thể nhận lại bất cứ lúc nào.",
                "Paused. You can go on at any time.",
            ),
            Self::Resumed => (
                "Từ nay bạn lại nhận tin.",
                "You will receive news again from now on.",
            ),
            Self::Language => ("Đã đổi ngôn ngữ.", "The language is changed."),
            Self::Sent => (
                "Đã gửi liên kết này đến hộp thư của bạn.",
                "This link is on its way to your mailbox.",
            ),
            Self::SentBefore => (
                "Loa vừa gửi liên kết cho bạn rồi; mỗi lần cách nhau 10 phút, nhiều nhất ba lần mỗi ngày.",
                "Loa sent you the link a moment ago: once in 10 minutes, three times a day at most.",
            ),
            Self::NewLink => (
                "Đây là liên kết mới của bạn; liên kết cũ không còn dùng được. Loa cũng đã gửi liên kết mới đến hộp thư của bạn.",
                "This is your new link; the old one no longer works. It is also on its way to your mailbox.",
            ),
            Self::NoNewLink => (
                "Hôm nay bạn đã tạo quá nhiều liên kết mới; xin thử lại vào ngày mai.",
                "You made too many new links today; please try again tomorrow.",
            ),
        };
        lang.t(vi, en)
    }
}

/// A field of the page, as errors name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// What to follow.
    Watch,
    /// The phrase.
    Phrase,
    /// The time, the days or the zone of digests.
    Schedule,
    /// The end of a pause.
    Until,
}

/// What is wrong with what was sent: the field and the sentence beside it.
pub type Wrongs = Vec<(Wrong, String)>;

/// Something that is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Following {
    /// What.
    pub watch: Watch,
    /// Its name.
    pub name: String,
    /// How often.
    pub frequency: Frequency,
}

impl Following {
    fn is_vietnamese(&self) -> bool {
        matches!(self.watch, Watch::Section { .. })
    }
}

/// When digests come, as the form shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// `07:00`.
    pub at: String,
    /// The days of the daily digest.
    pub days: Vec<Weekday>,
    /// The day of the weekly one.
    pub weekly: Weekday,
    /// An IANA name.
    pub zone: String,
}

/// A subscription, as its page shows it.
#[derive(Debug, Clone)]
pub struct Manage<'a> {
    /// The private token.
    pub token: &'a str,
    /// The address, in full: who has the link owns it.
    pub address: &'a str,
    /// What is followed.
    pub followed: Vec<Following>,
    /// What else could be followed: topics, sections, everything.
    pub offers: Vec<Offer>,
    /// A phrase that was refused.
    pub typed_phrase: String,
    /// When digests come.
    pub times: Times,
    /// Until when nothing is sent, if that is ahead.
    pub paused_until: Option<DateTime<Utc>>,
    /// Today in the portal's zone.
    pub today: NaiveDate,
    /// Whether everything was ended.
    pub is_ended: bool,
    /// Whether mails come back.
    pub is_suppressed: bool,
    /// The language of mails.
    pub language: Language,
    /// What was done just now.
    pub notice: Option<Notice>,
    /// What is wrong.
    pub wrongs: Wrongs,
}

#[derive(Template)]
#[template(path = "manage.html")]
struct View<'a> {
    page: Page<'a>,
    about: &'a Manage<'a>,
}

impl View<'_> {
    fn wrong(&self, field: Wrong) -> Option<&str> {
        let found = self.about.wrongs.iter().find(|(of, _)| *of == field);
        found.map(|(_, words)| words.as_str())
    }

    fn notice(&self) -> Option<&'static str> {
        self.about.notice.map(|notice| notice.words(self.page.lang))
    }

    fn action(&self) -> String {
        self.page.href(&format!("/manage/{}", self.about.token))
    }

    fn below(&self, name: &str) -> String {
        self.page.href(&format!("/manage/{}/{name}", self.about.token))
    }

    fn frequencies(&self) -> [(Frequency, &'static str); 3] {
        [Frequency::Instant, Frequency::Daily, Frequency::Weekly]
            .map(|frequency| (frequency, frequency.choice(self.page.lang.language)))
    }

    /// Those of a kind.
    fn offers(&self, kind: &'static str) -> impl Iterator<Item = &Offer> {
        self.about
            .offers
            .iter()
            .filter(move |offer| offer.watch.kind() == kind)
    }

    fn days(&self) -> [(Weekday, &'static str, &'static str); 7] {
        let names = [
            (Weekday::Mon, "Thứ Hai", "Monday"),
            (Weekday::Tue, "Thứ Ba", "Tuesday"),
            (Weekday::Wed, "Thứ Tư", "Wednesday"),
            (Weekday::Thu, "Thứ Năm", "Thursday"),
            (Weekday::Fri, "Thứ Sáu", "Friday"),
            (Weekday::Sat, "Thứ Bảy", "Saturday"),
            (Weekday::Sun, "Chủ nhật", "Sunday"),
        ];
        names.map(|(day, vi, en)| (day, crate::domain::schedule::word(day), self.page.lang.t(vi, en)))
    }

    fn paused(&self) -> Option<String> {
        self.about
            .paused_until
            .map(|until| watching::day(self.page.lang, until))
    }

    /// The first and the last day that a pause may end on.
    fn tomorrow(&self) -> String {
        self.about
            .today
            .succ_opt()
            .unwrap_or(self.about.today)
            .to_string()
    }
}

/// The private page.
pub fn manage(site: &Site, lang: Lang, about: &Manage<'_>) -> String {
    let title = lang.t("Đăng ký nhận tin của bạn", "Your subscription");
    let page = Page::new(site, lang, title, format!("/manage/{}", about.token)).private();
    super::render(&View { page, about })
}

/// `/manage/{token}/erase`: the second, explicit step.
pub fn ask_to_erase(site: &Site, lang: Lang, token: &str, address: &str) -> String {
    let title = lang.t("Xóa tất cả về bạn?", "Erase everything about you?");
    let page = Page::new(site, lang, title, format!("/manage/{token}/erase")).private();
    super::render(&Erase { page, token, address })
}

#[derive(Template)]
#[template(path = "erase.html")]
struct Erase<'a> {
    page: Page<'a>,
    token: &'a str,
    address: &'a str,
}

impl Erase<'_> {
    /// The private page.
    fn back(&self) -> String {
        self.page.href(&format!("/manage/{}", self.token))
    }
}
