//! Every kind of mail that Loa sends, long and Vietnamese ones among them; and their way to a server that another program
//! runs (`scripts/check-dkim`).

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use loa::{
    clock::Clock,
    domain::{
        article::Article,
        breakage::{Cause, Turn},
        subscription::{Address, Channel, Language},
        watch::Watch,
    },
    notify::{
        Secret,
        email::{Mailer, SmtpSettings, dkim::Signer},
        message::{
            self, Addressing, AlarmItem, Alarms, Confirmation, Mail, Occasion, Sender, Trial, alarm,
            confirmation, trial_mail,
        },
    },
};

use crate::{
    common::articles::{article, labels},
    notify_message::{content, science},
};

const URL: &str = "https://loa.example.vn";

/// Name and mail of each kind, dated `at`.
pub fn every_kind(at: DateTime<Utc>) -> Vec<(&'static str, Mail)> {
    let from = Sender::parse("Loa – Cổng thông tin điện tử tỉnh Quảng Trị <loa@example.vn>").unwrap();
    let to = Address::parse(Channel::Email, "lan@example.vn").unwrap();
    let mut mails = news(&from, &to, at);
    let addressed = |id: &'static str| Addressing {
        mark: None,
        message_id: id,
        from: &from,
        to: &to,
        at,
    };
    let item = AlarmItem {
        portal: "quangtri",
        slug: "tin-tuc",
        title: "Tin tức – sự kiện",
        turn: Turn::Degraded,
        cause: Cause::Layout,
        why: "không có dòng nào giống một danh sách bài viết: <html>\r\n.\r\n",
        since: at,
        until: at,
        next_look: at + TimeDelta::hours(1),
        url: Some("https://portal.example.vn/tin-tuc?a=1&b=2"),
        moved_to: Some("https://portal.example.vn/moi"),
    };
    let recovered = AlarmItem {
        turn: Turn::Recovered,
        slug: "y-te",
        ..item
    };
    let items: Vec<_> = std::iter::repeat_n(item, 45).chain([recovered]).collect();
    let alarms = Alarms {
        items: &items,
        user_agent: "Loa/0.1 (news feeds and alerts)",
        public_url: URL,
    };
    mails.push((
        "alarm",
        alarm(&alarms, &addressed("<loa.alarm.1f.t1@loa.example.vn>")),
    ));
    for (name, language) in [("confirmation", Language::Vi), ("confirmation-en", Language::En)] {
        let about = Confirmation {
            confirm_url: "https://loa.example.vn/confirm/0123456789abcdef0123456789abcdef0123456789abcdef",
            wanted: &["Khoa học và công nghệ".to_owned(), "cụm từ “mưa lũ”".to_owned()],
            language,
            portal_name: "Cổng thông tin điện tử tỉnh Quảng Trị",
            valid_days: 7,
            operator: "",
        };
        let id = addressed("<loa.confirm.9.t1@loa.example.vn>");
        mails.push((name, confirmation(&about, &id)));
    }
    let trial = Trial {
        public_url: URL,
        signed_for: "example.vn",
        at,
    };
    mails.push((
        "test",
        trial_mail(&trial, &addressed("<loa.test.9.t1@loa.example.vn>")),
    ));
    mails
}

/// Alerts and digests.
fn news(from: &Sender, to: &Address, at: DateTime<Utc>) -> Vec<(&'static str, Mail)> {
    let day = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
    let weekly = Occasion::Weekly(day - TimeDelta::days(7), day - TimeDelta::days(1));
    let one = vec![science(12)];
    let many: Vec<Article> = (1..=60).map(science).collect();
    let topic = vec![Watch::Topic("khoa-hoc-cong-nghe".to_owned())];
    let phrase = vec![Watch::Phrase("mưa lũ ".repeat(12).trim().to_owned())];
    let kinds = [
        ("alert", Occasion::Alert, Language::Vi, &one, &topic),
        ("alert-en", Occasion::Alert, Language::En, &many, &phrase),
        ("alert-long", Occasion::Alert, Language::Vi, &awkward(), &topic),
        ("daily", Occasion::Daily(day), Language::Vi, &many, &topic),
        ("daily-en", Occasion::Daily(day), Language::En, &one, &phrase),
        ("weekly", weekly, Language::Vi, &many, &topic),
        ("weekly-en", weekly, Language::En, &awkward(), &topic),
    ];
    let labels = labels();
    let token = format!("{URL}/unsubscribe/{}", "x".repeat(860));
    kinds
        .into_iter()
        .enumerate()
        .map(|(n, (name, occasion, language, articles, watches))| {
            let mut content = content(articles, &labels, watches);
            content.occasion = occasion;
            content.language = language;
            if name == "alert-long" {
                content.links.unsubscribe_url = &token;
            }
            let addressing = Addressing {
                mark: None,
                message_id: &message::message_id(i64::try_from(n).unwrap(), "t1", "loa.example.vn"),
                from,
                to,
                at,
            };
            (name, message::mail(&content, &addressing))
        })
        .collect()
}

/// Articles with what is hard on a mail: lines of dots, words without an end, white space of all kinds, other scripts.
fn awkward() -> Vec<Article> {
    let mut article = article(
        99,
        &format!("Kỳ họp {}", "thứ hai mươi lăm Hội đồng nhân dân ".repeat(12)),
    );
    article.lead = Some(format!(
        ".\n..\n.dòng bắt đầu bằng dấu chấm\r\n{}\t \t\u{a0}cuối \u{2028} 字 😀 =3D =\n\n\n",
        "dài".repeat(700)
    ));
    article.source = Some("Báo “Quảng Trị”; (điện tử)  \t ".to_owned());
    vec![article, science(1)]
}

#[expect(
    clippy::disallowed_methods,
    reason = "a script says through the environment where its own server listens"
)]
fn said(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// With `LOA_TEST_DKIM_RELAY` (a port on loopback) and `LOA_TEST_DKIM_KEYS` (a folder), as `scripts/check-dkim` sets them, every kind
/// goes there, signed with those keys. What arrives is that script's to judge.
#[tokio::test]
async fn every_kind_goes_to_the_relay_that_the_environment_names() {
    let (Some(port), Some(keys)) = (said("LOA_TEST_DKIM_RELAY"), said("LOA_TEST_DKIM_KEYS")) else {
        println!("skipped: not run by scripts/check-dkim");
        return;
    };
    let key = |name: &str| Secret::new(std::fs::read_to_string(format!("{keys}/{name}")).unwrap());
    let signer = Signer::rsa("example.vn", "loa", &key("rsa.pem")).unwrap();
    let mut settings = SmtpSettings::relay("127.0.0.1", port.parse().unwrap());
    settings.dkim = Some(signer.and_ed25519("loa-ed", &key("ed25519.pem")).unwrap());
    let mailer = Mailer::smtp(settings).unwrap();
    for (name, mut mail) in every_kind(Clock::default().now()) {
        // The script tells the mails apart by their recipient.
        mail.to = Address::parse(Channel::Email, &format!("{name}@nhan-tin.example")).unwrap();
        mailer.prepare(&mail).await.unwrap().finish().await.unwrap();
    }
}
