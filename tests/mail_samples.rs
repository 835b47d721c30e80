//! Every kind of mail that Loa sends, in both languages: usual ones, the largest ones, and ones with what is hard on a mail.
//! Other tests and scripts/check-mime, check-dkim and mail-pictures take them from here.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use loa::{
    domain::{
        article::Article,
        breakage::{Cause, Turn},
        classify::{Classifier, Taxonomy},
        subscription::{Address, Channel, Language},
        topic::Label,
        watch::Watch,
    },
    notify::{
        email::encode,
        message::{
            self, Addressing, AlarmItem, Alarms, Confirmation, Content, Ground, Links, Mail, Occasion,
            Operator, PrivateLink, Sender, Trial, Welcome, alarm, confirmation, private_link, trial_mail,
            welcome,
        },
    },
};

use crate::common::articles::article;

const URL: &str = "https://loa.example.vn";
const PORTAL: &str = "Cổng thông tin điện tử tỉnh Quảng Trị";
/// Links with tokens as long as real ones.
const CONFIRM: &str = "https://loa.example.vn/confirm/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA";
const MANAGE: &str = "https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA";
const UNSUBSCRIBE: &str = "https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA";

/// The demo's articles, as files of its sample portal.
const NEWS: [&str; 13] = [
    include_str!("../src/demo/portal/articles/giong-lua-chiu-man.txt"),
    include_str!("../src/demo/portal/articles/ap-thap.txt"),
    include_str!("../src/demo/portal/articles/dich-vu-cong-truc-tuyen.txt"),
    include_str!("../src/demo/portal/articles/ho-tieu-huu-co.txt"),
    include_str!("../src/demo/portal/articles/hoi-thi-sang-tao.txt"),
    include_str!("../src/demo/portal/articles/tro-ly-ao.txt"),
    include_str!("../src/demo/portal/articles/trung-tam-dieu-hanh.txt"),
    include_str!("../src/demo/portal/articles/vu-dong-xuan.txt"),
    include_str!("../src/demo/portal/articles/ung-pho-mua-lon.txt"),
    include_str!("../src/demo/portal/articles/san-giao-dich-cong-nghe.txt"),
    include_str!("../src/demo/portal/articles/ngay-hoi-stem.txt"),
    include_str!("../src/demo/portal/articles/san-pham-ocop.txt"),
    include_str!("../src/demo/portal/articles/so-huu-tri-tue.txt"),
];

/// What the samples are made from.
pub struct Samples {
    at: DateTime<Utc>,
    from: Sender,
    to: Address,
    operator: Operator,
    taxonomy: Taxonomy,
    classifier: Classifier,
}

/// What differs from one alert or digest to another.
#[derive(Clone, Copy)]
pub struct News<'a> {
    pub occasion: Occasion,
    pub language: Language,
    pub articles: &'a [Article],
    pub watches: &'a [Watch],
    pub ground: Ground,
    pub office: Option<&'a str>,
}

pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
}

pub fn watches(texts: &[&str]) -> Vec<Watch> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// A mail of news: its name here, and what it is made from.
type Row<'a> = (
    &'static str,
    Occasion,
    Language,
    &'a [Article],
    &'a [Watch],
    Ground,
    Option<&'a str>,
);

impl Samples {
    /// Mails dated `at`.
    pub fn new(at: DateTime<Utc>) -> Self {
        let taxonomy = Taxonomy::parse(include_str!("../config/topics.toml")).unwrap();
        Self {
            at,
            from: Sender::parse(&format!("Loa – {PORTAL} <loa@example.vn>")).unwrap(),
            to: Address::parse(Channel::Email, "lan@example.vn").unwrap(),
            operator: Operator::new(
                "Văn phòng UBND tỉnh Quảng Trị",
                "45 Hùng Vương, phường Nam Đông Hà",
                "bantin@quangtri.example.vn",
            ),
            classifier: Classifier::new(&taxonomy).unwrap(),
            taxonomy,
        }
    }

    pub fn labels(&self) -> &[Label] {
        self.taxonomy.labels()
    }

    /// `count` articles as a portal has them, sorted into topics by the real rules.
    pub fn articles(&self, count: usize) -> Vec<Article> {
        let news = NEWS.iter().cycle().zip(1..).take(count);
        news.map(|(file, id)| self.article(file, id)).collect()
    }

    fn article(&self, file: &str, id: i64) -> Article {
        let (head, body) = file.split_once("\n\n").unwrap();
        let title = head.lines().next().unwrap().strip_prefix("title: ").unwrap();
        let mut paragraphs = body.lines().filter(|line| !line.starts_with('!'));
        let lead = paragraphs.next().unwrap().replace("(Cổng TTĐT) ", "");
        let mut article = article(id, title);
        article.url =
            format!("https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/1372906279100{id}/bai-viet-{id}");
        article.body_text = paragraphs.collect::<Vec<_>>().join("\n");
        article.first_seen_at = self.at;
        article.published.as_mut().unwrap().at = self.at - TimeDelta::minutes(47 * id);
        article.topics = self
            .classifier
            .classify(&article.title, Some(&lead), &article.body_text, &[]);
        article.lead = Some(lead);
        article
    }

    /// The content of an alert or digest.
    pub fn content<'a>(&'a self, news: &News<'a>) -> Content<'a> {
        Content {
            occasion: news.occasion,
            articles: news.articles,
            labels: self.labels(),
            watches: news.watches,
            language: news.language,
            links: Links {
                public_url: URL,
                unsubscribe_url: UNSUBSCRIBE,
                manage_url: MANAGE,
            },
            portal_name: PORTAL,
            authority: "quangtri.gov.vn",
            operator: &self.operator,
            ground: news.ground,
            office: news.office,
        }
    }

    pub fn addressed<'a>(&'a self, id: &'a str) -> Addressing<'a> {
        Addressing {
            mark: None,
            message_id: id,
            from: &self.from,
            to: &self.to,
            at: self.at,
        }
    }

    /// An alert or digest as a mail.
    pub fn mail(&self, id: i64, news: &News<'_>) -> Mail {
        let id = message::message_id(id, "t1", "loa.example.vn");
        message::mail(&self.content(news), &self.addressed(&id))
    }

    fn news(&self) -> Vec<(&'static str, Mail)> {
        let weekly = Occasion::Weekly(day() - TimeDelta::days(7), day() - TimeDelta::days(1));
        let (alert, daily) = (Occasion::Alert, Occasion::Daily(day()));
        let (vi, en) = (Language::Vi, Language::En);
        let (own, office) = (Ground::SignUp, Ground::Office);
        let science = watches(&["topic:khoa-hoc-cong-nghe"]);
        let several = watches(&[
            "topic:khoa-hoc-cong-nghe",
            "topic:nong-nghiep-nong-thon",
            "topic:cai-cach-hanh-chinh",
            "phrase:mưa lớn",
        ]);
        let all = watches(&["all"]);
        let phrase = vec![Watch::Phrase("mưa lũ ".repeat(11).trim().to_owned())];
        let (one, few, week, many) = (
            self.articles(1),
            self.articles(5),
            self.articles(13),
            self.articles(60),
        );
        let (awkward, hostile, largest) = (awkward(), hostile(), largest(60));
        let shared = Some("Văn phòng HĐND và UBND huyện Hải Lăng");
        let rows: [Row<'_>; 18] = [
            ("alert", alert, vi, &one, &science, own, None),
            ("alert-en", alert, en, &one, &science, own, None),
            ("alerts", alert, vi, &few, &several, own, None),
            ("alerts-en", alert, en, &many, &phrase, own, None),
            ("alerts-many", alert, vi, &many, &several, office, None),
            ("alert-long", alert, vi, &awkward, &science, own, None),
            ("alert-hostile", alert, vi, &hostile, &all, own, None),
            ("alert-largest", alert, vi, &largest, &all, own, None),
            ("daily", daily, vi, &few, &several, office, None),
            ("daily-en", daily, en, &few, &several, own, None),
            ("daily-one", daily, vi, &one, &science, own, None),
            ("daily-office", daily, vi, &few, &several, office, shared),
            ("daily-office-en", daily, en, &few, &several, office, shared),
            ("daily-forty", daily, vi, &many, &several, own, None),
            ("daily-largest", daily, vi, &largest, &all, own, None),
            ("weekly", weekly, vi, &week, &several, own, None),
            ("weekly-en", weekly, en, &awkward, &science, office, None),
            ("weekly-hostile", weekly, en, &hostile, &all, own, None),
        ];
        let mails = rows.iter().zip(1..).map(|(row, id)| {
            let (name, occasion, language, articles, watches, ground, office) = *row;
            let news = News {
                occasion,
                language,
                articles,
                watches,
                ground,
                office,
            };
            (name, self.mail(id, &news))
        });
        mails.collect()
    }

    fn letters(&self) -> Vec<(&'static str, Mail)> {
        let mut mails = Vec::new();
        let wanted = |language: Language| -> Vec<String> {
            let named = watches(&[
                "topic:khoa-hoc-cong-nghe",
                "section:quangtri/tin-tuc",
                "phrase:mưa lũ",
            ]);
            let sections = [("tin-tuc".to_owned(), "Tin tức".to_owned())];
            let daily = message::frequency_name(loa::domain::subscription::Frequency::Daily, language);
            named
                .iter()
                .map(|watch| message::watch_name(watch, self.labels(), &sections, language))
                .map(|name| format!("{name} ({daily})"))
                .collect()
        };
        for (language, names) in [
            (Language::Vi, ["confirmation", "link", "welcome"]),
            (Language::En, ["confirmation-en", "link-en", "welcome-en"]),
        ] {
            let wanted = wanted(language);
            let about = Confirmation {
                confirm_url: CONFIRM,
                wanted: &wanted,
                language,
                portal_name: PORTAL,
                valid_days: 7,
                operator: &self.operator,
            };
            let id = self.addressed("<loa.delivery.9.t1@loa.example.vn>");
            mails.push((names[0], confirmation(&about, &id)));
            let about = PrivateLink {
                manage_url: MANAGE,
                followed: &wanted,
                language,
                portal_name: PORTAL,
                operator: &self.operator,
            };
            mails.push((names[1], private_link(&about, &id)));
            let about = Welcome {
                manage_url: MANAGE,
                unsubscribe_url: UNSUBSCRIBE,
                followed: &wanted,
                basis: "Công văn số 12/VP-CNTT ngày 20/11/2026 của Văn phòng UBND tỉnh",
                language,
                portal_name: PORTAL,
                operator: &self.operator,
            };
            mails.push((names[2], welcome(&about, &id)));
        }
        mails
    }

    fn alarms(&self) -> Vec<(&'static str, Mail)> {
        let broken = AlarmItem {
            portal: "quangtri",
            slug: "tin-tuc",
            title: "Tin tức – sự kiện",
            turn: Turn::Degraded,
            cause: Cause::Layout,
            why: "không có dòng nào giống một danh sách bài viết: <html>\r\n.\r\n",
            since: self.at,
            until: self.at,
            next_look: self.at + TimeDelta::hours(1),
            url: Some("https://portal.example.vn/tin-tuc?a=1&b=2"),
            moved_to: None,
        };
        let blocked = AlarmItem {
            slug: "y-te",
            title: "Y tế",
            cause: Cause::Challenge,
            why: "the page asks for a captcha",
            url: Some("https://portal.example.vn/y-te"),
            moved_to: Some("https://portal.example.vn/suc-khoe"),
            ..broken
        };
        let recovered = AlarmItem {
            turn: Turn::Recovered,
            slug: "giao-duc",
            title: "Giáo dục",
            ..broken
        };
        let few = [broken, blocked, recovered];
        let many: Vec<_> = std::iter::repeat_n(broken, 45).chain([recovered]).collect();
        let of = |items: &[AlarmItem<'_>]| {
            let alarms = Alarms {
                items,
                user_agent: "Loa/0.1 (news feeds and alerts)",
                public_url: URL,
            };
            alarm(&alarms, &self.addressed("<loa.alarm.1f.t1@loa.example.vn>"))
        };
        vec![("alarm", of(&few)), ("alarm-many", of(&many))]
    }
}

/// Name and mail of each kind, dated `at`.
pub fn every_kind(at: DateTime<Utc>) -> Vec<(&'static str, Mail)> {
    let samples = Samples::new(at);
    let mut mails = samples.news();
    mails.extend(samples.letters());
    mails.extend(samples.alarms());
    let trial = Trial {
        public_url: URL,
        signed_for: "example.vn",
        at,
    };
    let id = samples.addressed("<loa.test.9.t1@loa.example.vn>");
    mails.push(("test", trial_mail(&trial, &id)));
    mails
}

/// Articles with what is hard on lines: lines of dots, words without an end, white space of all kinds, other scripts.
fn awkward() -> Vec<Article> {
    let mut long = article(
        99,
        &format!("Kỳ họp {}", "thứ hai mươi lăm Hội đồng nhân dân ".repeat(12)),
    );
    long.lead = Some(format!(
        ".\n..\n.dòng bắt đầu bằng dấu chấm\r\n{}\t \t\u{a0}cuối \u{2028} 字 😀 =3D =\n\n\n",
        "dài".repeat(700)
    ));
    long.source = Some("Báo “Quảng Trị”; (điện tử)  \t ".to_owned());
    vec![long, article(1, "Lịch tiếp công dân")]
}

/// Articles with what is hard on markup and on fields: tags, quotation marks, addresses that are none, decomposed letters,
/// marks that turn the direction of writing, lines that look like others.
fn hostile() -> Vec<Article> {
    let mut markup = article(
        1,
        "</h2></td><script>alert('x')</script> \"<img src=http://a.example/x onerror=alert(1)>\" & 📢😀👨‍👩‍👧",
    );
    markup.lead = Some(
        "<style>*{display:none}</style> {{ lead }} <a href='javascript:alert(1)'>x</a> ]]> --> <!-- "
            .to_owned(),
    );
    markup.source = Some("Cổng <b>TTĐT</b>".to_owned());
    markup.url = "javascript:alert(1)".to_owned();
    // NFD: each mark is a character of its own.
    let mut decomposed = article(
        2,
        "Qua\u{309}ng Tri\u{323}: đô\u{323}ng đa\u{302}\u{301}t \u{202E}gnort\u{202C} 3,4 đô\u{323} Richter",
    );
    decomposed.lead = Some("-- \nFrom: ai đó <ai@example.vn>\n\n.\n\u{0}\u{7f}\u{feff}Chu\u{31b}a co\u{301} thie\u{302}\u{323}t ha\u{323}i.".to_owned());
    decomposed.url = format!("https://portal.example.vn/{}", "x".repeat(5000));
    let mut empty = article(3, " \t\u{a0}\r\n ");
    empty.lead = None;
    empty.body_text = String::new();
    empty.source = None;
    empty.url = "https://portal.example.vn/tin?a=\"><script>&b='x'".to_owned();
    let word = article(
        4,
        &format!(
            "{} {}",
            "Nghiệmthuđềtài".repeat(30),
            "\u{1F1FB}\u{1F1F3}".repeat(40)
        ),
    );
    vec![markup, decomposed, empty, word]
}

/// Articles that take as many bytes as their texts can, escaped.
fn largest(count: i64) -> Vec<Article> {
    let full = |id| {
        let mut article = article(id, &"<\"&'> ".repeat(200));
        article.lead = Some("&\"<'>& ".repeat(200));
        article.source = Some("\"".repeat(200));
        article.url = format!("https://portal.example.vn/{id}?{}", "&".repeat(960));
        article.sections = vec![("tin-tuc".to_owned(), "<".repeat(400))];
        article
    };
    (1..=count).map(full).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a script says through the environment where it wants the mails"
)]
pub fn said(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// With `LOA_TEST_MAIL_FOLDER`, as scripts/check-mime and scripts/mail-pictures set it, every kind is written there as a file.
#[test]
fn every_kind_is_written_to_the_folder_that_the_environment_names() {
    let Some(folder) = said("LOA_TEST_MAIL_FOLDER") else {
        println!("skipped: not run by a script");
        return;
    };
    let names: Vec<_> = every_kind(crate::common::articles::morning())
        .into_iter()
        .map(|(name, mail)| {
            std::fs::write(format!("{folder}/{name}.eml"), encode(&mail).unwrap()).unwrap();
            name
        })
        .collect();
    assert!(names.len() > 20);
}
