//! What subscribers read.

use std::sync::LazyLock;

use chrono::NaiveDate;
use insta::assert_snapshot;
use loa::{
    domain::{
        article::Article,
        subscription::{Address, Channel, Language},
        topic::Label,
        watch::Watch,
    },
    notify::message::{
        self, Addressing, Button, Confirmation, Content, Ground, Links, Mail, Occasion, Operator, Post,
        Posting, Sender,
    },
};

use crate::common::articles::{article, labels, morning, topic};

const PORTAL: &str = "Cổng thông tin điện tử tỉnh Quảng Trị";
static OPERATOR: LazyLock<Operator> =
    LazyLock::new(|| Operator::new("Văn phòng UBND tỉnh", "45 Hùng Vương, Đông Hà", "0233 000 000"));

pub fn content<'a>(articles: &'a [Article], labels: &'a [Label], watches: &'a [Watch]) -> Content<'a> {
    Content {
        occasion: Occasion::Alert,
        articles,
        labels,
        watches,
        language: Language::Vi,
        links: Links {
            public_url: "https://loa.example.vn",
            unsubscribe_url: "https://loa.example.vn/unsubscribe/TOKEN",
            manage_url: "https://loa.example.vn/manage/TOKEN",
        },
        portal_name: PORTAL,
        authority: "quangtri.gov.vn",
        operator: &OPERATOR,
        ground: Ground::SignUp,
        office: None,
    }
}

pub fn mail(content: &Content<'_>) -> Mail {
    let from = Sender::parse("Loa <loa@example.vn>").unwrap();
    let to = Address::parse(Channel::Email, "lan@example.vn").unwrap();
    let addressing = Addressing {
        mark: None,
        message_id: &message::message_id(7, "t1", "loa.example.vn"),
        from: &from,
        to: &to,
        at: morning(),
    };
    message::mail(content, &addressing)
}

pub fn post(content: &Content<'_>, chat: &str) -> Post {
    posted(content, chat, &[], false).remove(0)
}

/// The posts for a chat, with whole articles.
fn posts(content: &Content<'_>, chat: &str, watch_ids: &[i64]) -> Vec<Post> {
    posted(content, chat, watch_ids, true)
}

/// The posts for a chat that likes previews; `watch_ids` as the store numbers the watches.
fn posted(content: &Content<'_>, chat: &str, watch_ids: &[i64], is_whole: bool) -> Vec<Post> {
    let posting = Posting {
        to: &Address::parse(Channel::Telegram, chat).unwrap(),
        is_silent: false,
        preview: true,
        is_whole,
        watch_ids,
        withdrawn: &[],
    };
    message::posts(content, &posting)
}

fn watches(texts: &[&str]) -> Vec<Watch> {
    texts.iter().map(|w| w.parse().unwrap()).collect()
}

pub fn science(id: i64) -> Article {
    let mut article = article(id, "Nghiệm thu đề tài khoa học <cấp tỉnh>");
    article.topics = vec![
        topic("khoa-hoc-cong-nghe", "đề tài khoa học", 9.0),
        topic("y-te", "bệnh viện", 7.0),
    ];
    article
}

#[test]
fn an_alert_says_what_where_when_and_why() {
    let (articles, labels) = ([science(12)], labels());
    let watches = watches(&["topic:khoa-hoc-cong-nghe", "phrase:mưa lũ"]);
    let mail = mail(&content(&articles, &labels, &watches));
    assert_snapshot!(mail.subject, @"[Loa] Khoa học và công nghệ: Nghiệm thu đề tài khoa học <cấp tỉnh>");
    assert_snapshot!(mail.text, @r#"
    Tin mới từ Cổng thông tin điện tử tỉnh Quảng Trị

    * Nghiệm thu đề tài khoa học <cấp tỉnh>
      Cổng TTĐT · 08:00, Thứ Ba, 24/11/2026
      Sáng 24/11, UBND tỉnh nghiệm thu đề tài "Giống lúa chịu mặn" & công bố kết
      quả.
      Vì bạn theo dõi: Khoa học và công nghệ (“đề tài khoa học”); cụm từ “mưa
      lũ”
      Đọc tin: https://portal.example.vn/tin/12?a=1&b=2
      Xem trên Loa: https://loa.example.vn/articles/12
      Sai chủ đề? https://loa.example.vn/articles/12/topics

    -- 
    Bạn nhận thư này vì bạn đã đăng ký nhận tin mới của Cổng thông tin điện tử
    tỉnh Quảng Trị qua Loa.
    Đơn vị vận hành: Văn phòng UBND tỉnh
    Địa chỉ: 45 Hùng Vương, Đông Hà
    Liên hệ: 0233 000 000
    Thay đổi đăng ký: https://loa.example.vn/manage/TOKEN
    Ngừng nhận thư: https://loa.example.vn/unsubscribe/TOKEN
    "#);
    assert_eq!(mail.list_id.as_deref(), Some("alerts.loa.quangtri.gov.vn"));
    assert_eq!(mail.message_id, "<loa.delivery.7.t1@loa.example.vn>");
    for part in [
        "Nghiệm thu đề tài khoa học &#60;cấp tỉnh&#62;",
        "href=\"https://portal.example.vn/tin/12?a=1&#38;b=2\"",
        "Cổng TTĐT · 08:00, Thứ Ba, 24/11/2026",
        "href=\"https://loa.example.vn/unsubscribe/TOKEN\"",
        "lang=\"vi\"",
    ] {
        assert!(mail.html.contains(part), "{part}\n{}", mail.html);
    }
    for absent in ["<img", "<script", "<link", "http-equiv", "<cấp"] {
        assert!(!mail.html.contains(absent), "{absent}");
    }
    assert!(!format!("{mail:?}").contains("TOKEN") && !format!("{mail:?}").contains("lan@"));
}

#[test]
fn a_round_with_several_articles_is_one_mail_with_a_cap() {
    let articles: Vec<Article> = (1..=13).map(science).collect();
    let (labels, watches) = (labels(), watches(&["topic:khoa-hoc-cong-nghe"]));
    let mut content = content(&articles, &labels, &watches);
    let vi = mail(&content);
    assert_snapshot!(vi.subject, @"[Loa] Khoa học và công nghệ: Nghiệm thu đề tài khoa học <cấp tỉnh> và 12 tin khác");
    assert_eq!(vi.text.matches("\n* ").count(), 10);
    assert!(
        vi.text
            .contains("… Xem thêm 3 tin khác: https://loa.example.vn/topics/khoa-hoc-cong-nghe"),
        "{}",
        vi.text
    );
    assert_eq!(
        vi.list_id.as_deref(),
        Some("topic-khoa-hoc-cong-nghe.loa.quangtri.gov.vn")
    );
    content.language = Language::En;
    let en = mail(&content);
    assert_snapshot!(en.subject, @"[Loa] Science and technology: Nghiệm thu đề tài khoa học <cấp tỉnh> and 12 more");
    assert!(
        en.text
            .contains("Because you follow: Science and technology (“đề tài khoa học”)"),
        "{}",
        en.text
    );
    assert!(en.text.contains("08:00, Tuesday, 24/11/2026"));
}

#[test]
fn a_digest_shows_each_article_once_under_its_strongest_watched_topic() {
    let mut hospital = article(2, "Bệnh viện đa khoa tiếp nhận thiết bị");
    hospital.topics = vec![topic("y-te", "bệnh viện", 8.0)];
    let articles = [hospital, science(1), article(3, "Lịch tiếp công dân")];
    let (labels, watches) = (
        labels(),
        watches(&[
            "topic:khoa-hoc-cong-nghe",
            "topic:y-te",
            "section:quangtri/tin-tuc",
        ]),
    );
    let mut content = content(&articles, &labels, &watches);
    content.occasion = Occasion::Daily(NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
    let daily = mail(&content);
    assert_snapshot!(daily.subject, @"[Loa] Bản tin ngày 24/11/2026: 3 tin");
    assert_snapshot!(daily.text, @r#"
    Bản tin ngày 24/11/2026: 3 tin
    Tin của Cổng thông tin điện tử tỉnh Quảng Trị


    == Khoa học và công nghệ ==

    * Nghiệm thu đề tài khoa học <cấp tỉnh>
      Cổng TTĐT · 08:00, Thứ Ba, 24/11/2026
      Sáng 24/11, UBND tỉnh nghiệm thu đề tài "Giống lúa chịu mặn" & công bố kết
      quả.
      Vì bạn theo dõi: Khoa học và công nghệ (“đề tài khoa học”); Y tế (“bệnh
      viện”); chuyên mục Tin tức
      Đọc tin: https://portal.example.vn/tin/1?a=1&b=2
      Xem trên Loa: https://loa.example.vn/articles/1
      Sai chủ đề? https://loa.example.vn/articles/1/topics


    == Y tế ==

    * Bệnh viện đa khoa tiếp nhận thiết bị
      Cổng TTĐT · 08:00, Thứ Ba, 24/11/2026
      Sáng 24/11, UBND tỉnh nghiệm thu đề tài "Giống lúa chịu mặn" & công bố kết
      quả.
      Vì bạn theo dõi: Y tế (“bệnh viện”); chuyên mục Tin tức
      Đọc tin: https://portal.example.vn/tin/2?a=1&b=2
      Xem trên Loa: https://loa.example.vn/articles/2
      Sai chủ đề? https://loa.example.vn/articles/2/topics


    == Chuyên mục Tin tức ==

    * Lịch tiếp công dân
      Cổng TTĐT · 08:00, Thứ Ba, 24/11/2026
      Sáng 24/11, UBND tỉnh nghiệm thu đề tài "Giống lúa chịu mặn" & công bố kết
      quả.
      Vì bạn theo dõi: chuyên mục Tin tức
      Đọc tin: https://portal.example.vn/tin/3?a=1&b=2
      Xem trên Loa: https://loa.example.vn/articles/3

    -- 
    Bạn nhận thư này vì bạn đã đăng ký nhận bản tin hằng ngày của Cổng thông tin
    điện tử tỉnh Quảng Trị qua Loa.
    Đơn vị vận hành: Văn phòng UBND tỉnh
    Địa chỉ: 45 Hùng Vương, Đông Hà
    Liên hệ: 0233 000 000
    Thay đổi đăng ký: https://loa.example.vn/manage/TOKEN
    Ngừng nhận thư: https://loa.example.vn/unsubscribe/TOKEN
    "#);
    assert_eq!(daily.html.matches(">Nghiệm thu đề tài").count(), 1);
    assert_snapshot!(post(&content, "42").html, @r#"
    <b>Bản tin ngày 24/11/2026: 3 tin</b>

    <b>Khoa học và công nghệ</b>

    <a href="https://portal.example.vn/tin/1?a=1&amp;b=2">Nghiệm thu đề tài khoa học &lt;cấp tỉnh&gt;</a>
    Cổng TTĐT · 08:00, Thứ Ba, 24/11/2026
    Sáng 24/11, UBND tỉnh nghiệm thu đề tài &quot;Giống lúa chịu mặn&quot; &amp; công bố kết quả.

    <b>Y tế</b>

    <a href="https://portal.example.vn/tin/2?a=1&amp;b=2">Bệnh viện đa khoa tiếp nhận thiết bị</a>
    Cổng TTĐT · 08:00, Thứ Ba, 24/11/2026
    Sáng 24/11, UBND tỉnh nghiệm thu đề tài &quot;Giống lúa chịu mặn&quot; &amp; công bố kết quả.

    <b>Chuyên mục Tin tức</b>

    <a href="https://portal.example.vn/tin/3?a=1&amp;b=2">Lịch tiếp công dân</a>
    Cổng TTĐT · 08:00, Thứ Ba, 24/11/2026
    Sáng 24/11, UBND tỉnh nghiệm thu đề tài &quot;Giống lúa chịu mặn&quot; &amp; công bố kết quả.
    "#);

    let first = NaiveDate::from_ymd_opt(2026, 11, 18).unwrap();
    content.occasion = Occasion::Weekly(first, first + chrono::Days::new(6));
    assert_snapshot!(mail(&content).subject, @"[Loa] Bản tin tuần 18/11 – 24/11/2026: 3 tin");
    content.language = Language::En;
    assert_snapshot!(mail(&content).subject, @"[Loa] Weekly digest, 18/11 – 24/11/2026: 3 items");
}

#[test]
fn a_busy_topic_leaves_room_for_the_others_and_the_rest_is_one_link_away() {
    let (labels, watches) = (
        labels(),
        watches(&["topic:khoa-hoc-cong-nghe", "topic:y-te", "phrase:mưa lũ"]),
    );
    let mut articles: Vec<Article> = (1..=52).map(science).collect();
    for id in 53..=57 {
        let mut hospital = article(id, "Bệnh viện đa khoa tiếp nhận thiết bị");
        hospital.topics = vec![topic("y-te", "bệnh viện", 8.0)];
        articles.push(hospital);
    }
    articles.extend((58..=60).map(|id| article(id, "Đường ngập")));
    let mut content = content(&articles, &labels, &watches);
    content.occasion = Occasion::Daily(NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
    let text = mail(&content).text;
    let parts: Vec<&str> = text.split("\n== ").collect();
    let of = |part: &str| {
        (
            part.split(" ==").next().unwrap().to_owned(),
            part.matches("\n* ").count(),
        )
    };
    let found: Vec<_> = parts[1..].iter().map(|part| of(part)).collect();
    let expected = [("Khoa học và công nghệ", 32), ("Y tế", 5), ("Cụm từ “mưa lũ”", 3)];
    assert_eq!(found, expected.map(|(name, count)| (name.to_owned(), count)));
    assert!(
        parts[1].contains("… Xem thêm 20 tin khác: https://loa.example.vn/topics/khoa-hoc-cong-nghe\n"),
        "{}",
        parts[1]
    );
    assert_eq!(text.matches("Xem thêm").count(), 1);

    // An alert has no headings: each link says what it leads to.
    content.occasion = Occasion::Alert;
    let text = mail(&content).text;
    for rest in [
        "… Xem thêm 42 tin khác (Khoa học và công nghệ): https://loa.example.vn/topics/khoa-hoc-cong-nghe",
        "… Xem thêm 5 tin khác (Y tế): https://loa.example.vn/topics/y-te",
        "… Xem thêm 3 tin khác (Cụm từ “mưa lũ”): https://loa.example.vn/search?q=%22m%C6%B0a%20l%C5%A9%22",
    ] {
        assert!(text.contains(rest), "{rest}\n{text}");
    }
}

#[test]
fn a_mail_says_who_asked_for_it() {
    let (articles, labels, watches) = ([science(12)], labels(), watches(&["topic:y-te"]));
    let mut content = content(&articles, &labels, &watches);
    let why = |content: &Content<'_>| {
        let text = mail(content).text;
        let (_, footer) = text.split_once("-- \n").unwrap();
        let footer = footer
            .split("Đơn vị")
            .next()
            .unwrap()
            .split("Run by")
            .next()
            .unwrap();
        footer.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    content.ground = Ground::Office;
    assert_snapshot!(why(&content), @"Bạn nhận thư này vì cơ quan của bạn đã đăng ký cho địa chỉ này nhận tin mới của Cổng thông tin điện tử tỉnh Quảng Trị qua Loa.");
    content.office = Some("Sở Y tế");
    content.occasion = Occasion::Daily(NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
    assert_snapshot!(why(&content), @"Bạn nhận thư này vì Sở Y tế đã chọn địa chỉ này để nhận bản tin hằng ngày của Cổng thông tin điện tử tỉnh Quảng Trị qua Loa.");
    content.language = Language::En;
    assert_snapshot!(why(&content), @"You receive this mail because Sở Y tế chose this address for the daily digest of news from Cổng thông tin điện tử tỉnh Quảng Trị through Loa.");
    (content.office, content.ground) = (None, Ground::SignUp);
    assert_snapshot!(why(&content), @"You receive this mail because you subscribed to the daily digest of news from Cổng thông tin điện tử tỉnh Quảng Trị through Loa.");
}

#[test]
fn a_telegram_alert_is_escaped_and_has_buttons() {
    let (articles, labels, watches) = ([science(12)], labels(), watches(&["topic:khoa-hoc-cong-nghe"]));
    let content = content(&articles, &labels, &watches);
    let alone = post(&content, "42");
    assert_snapshot!(alone.html, @r#"
    <a href="https://portal.example.vn/tin/12?a=1&amp;b=2">Nghiệm thu đề tài khoa học &lt;cấp tỉnh&gt;</a>
    Cổng TTĐT · 08:00, Thứ Ba, 24/11/2026
    Sáng 24/11, UBND tỉnh nghiệm thu đề tài &quot;Giống lúa chịu mặn&quot; &amp; công bố kết quả.
    <i>Vì bạn theo dõi: Khoa học và công nghệ (“đề tài khoa học”)</i>
    "#);
    let labels_of = |post: &Post| -> Vec<Vec<String>> {
        post.buttons
            .iter()
            .map(|row| row.iter().map(label_of).collect())
            .collect()
    };
    assert_eq!(
        labels_of(&alone),
        [vec!["Đọc tin", "Xem trên Loa"], vec!["Ngừng nhận"]]
    );
    // In a group or channel one reader must not be able to end it for all.
    for shared in ["-1001:7", "@kenh_tin"] {
        assert_eq!(labels_of(&post(&content, shared)), [["Đọc tin", "Xem trên Loa"]]);
    }
}

fn label_of(button: &Button) -> String {
    match button {
        Button::Link { label, .. } | Button::Call { label, .. } => label.clone(),
    }
}

#[test]
fn a_private_post_ends_the_watches_that_brought_it() {
    let (articles, labels) = ([science(12)], labels());
    let watches = watches(&["topic:khoa-hoc-cong-nghe", "phrase:không có trong bài", "all"]);
    let content = content(&articles, &labels, &watches);
    let buttons = posts(&content, "42", &[7, 8, 9]).remove(0).buttons;
    let call = |label: &str, data: &str| {
        vec![Button::Call {
            label: label.to_owned(),
            data: data.to_owned(),
        }]
    };
    assert_eq!(
        buttons[1..],
        [
            call("Ngừng theo dõi: Khoa học và công nghệ", "stop:7"),
            call("Ngừng theo dõi: mọi tin mới", "stop:9"),
        ]
    );
    assert_eq!(posts(&content, "-1001", &[7, 8, 9]).remove(0).buttons.len(), 1);
}

#[test]
fn what_was_withdrawn_is_said_to_be() {
    let (labels, watches) = (labels(), watches(&["all"]));
    let articles = [science(12)];
    let to = Address::parse(Channel::Telegram, "42").unwrap();
    let withdrawn = ["Tin <sai>".to_owned()];
    let posting = Posting {
        to: &to,
        is_silent: false,
        preview: true,
        is_whole: false,
        watch_ids: &[],
        withdrawn: &withdrawn,
    };
    let alone = message::posts(&content(&[], &labels, &watches), &posting);
    assert_eq!(alone[0].html, "<b>Tin đã được gỡ</b>: <s>Tin &lt;sai&gt;</s>");
    let beside = message::posts(&content(&articles, &labels, &watches), &posting);
    assert!(beside[0].html.contains("Nghiệm thu") && beside[0].html.ends_with("<s>Tin &lt;sai&gt;</s>"));
}

/// Twelve thousand characters with everything that could be cut in the wrong place.
pub fn long_body() -> String {
    let sentence = "Ủy ban nhân dân tỉnh Quảng Trị yêu cầu doanh thu < 5 tỷ & chi phí > 3 tỷ phải báo cáo. ";
    let text = sentence.repeat(5).replace('<', "&lt;").replace(" & ", " &amp; ");
    let link =
        |n| format!("<a href=\"https://portal.example.vn/?a=1&amp;b={n}\">xem <i>văn bản số {n}</i></a>");
    let paragraphs: Vec<String> = (0..24)
        .map(|n| format!("<p>Đoạn {n}: {text}<b>Kết luận {}</b> 📢</p>", link(n)))
        .collect();
    paragraphs.concat()
}

#[test]
fn a_long_article_is_split_between_its_paragraphs() {
    let (labels, watches) = (labels(), watches(&["all"]));
    let mut articles = [science(12)];
    articles[0].body_html = long_body();
    let parts = posts(&content(&articles, &labels, &watches), "42", &[1]);
    let lengths: Vec<usize> = parts
        .iter()
        .map(|part| message::measure(&part.html).units)
        .collect();
    assert!(
        (3..=5).contains(&parts.len()) && lengths.iter().sum::<usize>() > 11_000,
        "{lengths:?}"
    );
    for part in &parts {
        assert!(message::measure(&part.html).fits(), "{lengths:?}");
        assert!(
            part.html.starts_with("<a href") || part.html.starts_with("Đoạn "),
            "{}",
            part.html
        );
    }
    let all: String = parts.iter().map(|part| part.html.as_str()).collect();
    for n in 0..24 {
        let link = format!(
            "<b>Kết luận <a href=\"https://portal.example.vn/?a=1&amp;b={n}\">xem <i>văn bản số {n}</i></a></b> 📢"
        );
        assert_eq!(all.matches(&link).count(), 1, "{n}");
    }
    assert_eq!(all.matches("&lt; 5 tỷ &amp; chi phí &gt; 3 tỷ").count(), 120);
    let with_buttons: Vec<bool> = parts.iter().map(|part| !part.buttons.is_empty()).collect();
    assert_eq!(with_buttons.iter().filter(|has| **has).count(), 1);
    assert_eq!(with_buttons.last(), Some(&true));
}

#[test]
fn a_full_post_drops_leads_before_articles() {
    let labels = labels();
    let watches = watches(&["topic:khoa-hoc-cong-nghe"]);
    let long = |n: i64| -> Vec<Article> {
        let mut articles: Vec<Article> = (1..=n).map(science).collect();
        for article in &mut articles {
            article.title = "Quảng Trị 📢 ".repeat(20);
            article.lead = Some("Nội dung tóm tắt của tin. ".repeat(40));
        }
        articles
    };
    let few = long(3);
    let html = post(&content(&few, &labels, &watches), "42").html;
    assert!(html.contains("Nội dung tóm tắt"), "room for leads");
    let ten = long(10);
    let html = post(&content(&ten, &labels, &watches), "42").html;
    assert_eq!(
        (html.matches("<a href").count(), html.contains("tóm tắt")),
        (10, false),
        "{html}"
    );
    let many = long(25);
    let html = post(&content(&many, &labels, &watches), "42").html;
    assert!(
        html.ends_with("<a href=\"https://loa.example.vn/topics/khoa-hoc-cong-nghe\">và 15 tin khác</a>"),
        "{html}"
    );
}

#[test]
fn a_confirmation_names_what_was_asked_for_and_belongs_to_no_list() {
    let from = Sender::parse("Loa <loa@example.vn>").unwrap();
    let to = Address::parse(Channel::Email, "lan@example.vn").unwrap();
    let addressing = Addressing {
        mark: None,
        message_id: "<loa.delivery.9@loa.example.vn>",
        from: &from,
        to: &to,
        at: morning(),
    };
    let wanted: Vec<String> = watches(&["topic:y-te", "phrase:mưa lũ", "all"])
        .iter()
        .map(|w| message::watch_name(w, &labels(), &[], Language::Vi))
        .collect();
    let about = Confirmation {
        confirm_url: "https://loa.example.vn/confirm/TOKEN",
        wanted: &wanted,
        language: Language::Vi,
        portal_name: PORTAL,
        valid_days: 7,
        operator: &OPERATOR,
    };
    let mail = message::confirmation(&about, &addressing);
    assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r#"
    [Loa] Xác nhận đăng ký nhận tin

    Xác nhận đăng ký nhận tin

    Địa chỉ này vừa được dùng để đăng ký nhận tin của Cổng thông tin điện tử
    tỉnh Quảng Trị qua Loa:

    * Y tế
    * Cụm từ “mưa lũ”
    * Mọi tin mới

    Nếu đúng là bạn, hãy xác nhận trong vòng 7 ngày:

    Xác nhận đăng ký:
    https://loa.example.vn/confirm/TOKEN

    Nếu không phải bạn, xin bỏ qua thư này: bạn sẽ không nhận thêm thư nào.

    -- 
    Tin của Cổng thông tin điện tử tỉnh Quảng Trị
    Đơn vị vận hành: Văn phòng UBND tỉnh
    Địa chỉ: 45 Hùng Vương, Đông Hà
    Liên hệ: 0233 000 000
    "#);
    assert_eq!((mail.list_id, mail.unsubscribe_url), (None, None));
    assert!(
        mail.html
            .contains("href=\"https://loa.example.vn/confirm/TOKEN\"")
    );
}
