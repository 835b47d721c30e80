//! The articles, topics and sections that the tests of pages show.

use chrono::{DateTime, TimeDelta, Utc};
use loa::{
    domain::{
        article::{Article, Attachment, Image, Precision, Published},
        topic::{Assigned, Evidence, Label, Place},
    },
    web::{
        lang::Lang,
        pages::{Section, TopicCount},
        site::Site,
    },
};

pub fn vi() -> Lang {
    Lang::default()
}

pub fn en() -> Lang {
    Lang::negotiate(Some("en"), None)
}

fn label(slug: &str, vi: &str, en: &str) -> Label {
    Label {
        slug: slug.into(),
        vi: vi.into(),
        en: en.into(),
    }
}

pub fn site() -> Site {
    Site {
        takes_signups: true,
        name: "Loa".into(),
        public_url: "https://loa.example".into(),
        portal_name: "Cổng thông tin điện tử tỉnh Quảng Trị".into(),
        portal_url: "https://quangtri.gov.vn".into(),
        owner: "Trung tâm Truyền thông mẫu".into(),
        address: "Số 1, đường Mẫu, phường Đông Hà".into(),
        contact: "loa@example.vn".into(),
        topics: vec![
            label(
                "khoa-hoc-cong-nghe",
                "Khoa học và công nghệ",
                "Science and technology",
            ),
            label(
                "chuyen-doi-so",
                "Chuyển đổi số, công nghệ thông tin",
                "Digital transformation and IT",
            ),
            label(
                "thien-tai-thoi-tiet",
                "Thiên tai, thời tiết",
                "Disasters and weather",
            ),
            label(
                "giao-duc-dao-tao",
                "Giáo dục và đào tạo",
                "Education and training",
            ),
            label(
                "nong-nghiep-nong-thon",
                "Nông nghiệp, nông thôn mới",
                "Agriculture and rural development",
            ),
            label(
                "cai-cach-hanh-chinh",
                "Cải cách hành chính, dịch vụ công",
                "Administrative reform and public services",
            ),
        ],
        bot: loa::domain::bot_link::BotName::default(),
    }
}

fn noon() -> DateTime<Utc> {
    "2026-11-23T05:00:00Z".parse().unwrap()
}

const BODY: &str = "Sáng 23/11, Sở Khoa học và Công nghệ tổ chức hội nghị nghiệm thu đề tài khoa học cấp tỉnh về giống lúa chịu mặn cho vùng ven biển.\nSau hai vụ trồng thử trên 45 ha, giống lúa mới cho năng suất bình quân 58 tạ/ha, cao hơn giống đối chứng 12%. Nông dân ba xã vùng bãi ngang được hướng dẫn quy trình gieo sạ và tưới tiết kiệm nước.\nHội đồng đề nghị nhóm nghiên cứu hoàn thiện quy trình, chuyển giao công nghệ cho các hợp tác xã trước vụ đông xuân và theo dõi thêm độ mặn của nguồn nước.\nDự kiến trong năm 2027, diện tích sẽ mở rộng lên 300 ha.";

fn assigned(slug: &str, evidence: &[(&str, Place, u32)]) -> Assigned {
    Assigned {
        slug: slug.into(),
        score: 12.5,
        evidence: evidence
            .iter()
            .map(|(phrase, place, count)| Evidence {
                phrase: (*phrase).into(),
                place: *place,
                count: *count,
            })
            .collect(),
    }
}

fn article(id: i64, title: &str, hours_ago: i64) -> Article {
    let at = noon() - TimeDelta::hours(hours_ago);
    Article {
        id,
        portal: "quangtri".into(),
        key: (1_700_000_000_000 + id).to_string(),
        url: format!(
            "https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791727/{}",
            1_700_000_000_000 + id
        ),
        title: title.into(),
        lead: Some(BODY.lines().next().unwrap().into()),
        source: Some("Cổng TTĐT".into()),
        author: Some("Phạm Mỹ Hạnh".into()),
        published: Some(Published {
            at,
            precision: Precision::Minute,
        }),
        body_html: BODY
            .lines()
            .map(|p| format!("<p>{p}</p>"))
            .collect::<Vec<_>>()
            .concat(),
        body_text: BODY.into(),
        images: vec![],
        attachments: vec![],
        first_seen_at: at + TimeDelta::minutes(4),
        updated_at: at + TimeDelta::minutes(4),
        topics: vec![
            assigned(
                "khoa-hoc-cong-nghe",
                &[
                    ("nghiệm thu đề tài", Place::Title, 1),
                    ("khoa học và công nghệ", Place::Lead, 2),
                    ("chuyển giao công nghệ", Place::Body, 1),
                    ("khoa-hoc-cong-nghe", Place::Section, 1),
                ],
            ),
            assigned(
                "nong-nghiep-nong-thon",
                &[("giống lúa", Place::Title, 3), ("đông xuân", Place::Body, 1)],
            ),
        ],
        sections: vec![("khoa-hoc-cong-nghe".into(), "Khoa học - Công nghệ".into())],
    }
}

pub fn rich() -> Article {
    let mut article = article(
        7,
        "Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển",
        3,
    );
    article.images.push(Image {
        src: format!("data:image/svg+xml,{}", "x"),
        alt: String::new(),
        caption: Some("Ảnh không dẫn được".into()),
    });
    article.images.push(Image {
        src: "https://quangtri.gov.vn/o/3cmsnew-portlet/ViewImage?imagename=a.jpg".into(),
        alt: "Ruộng lúa".into(),
        caption: Some("Đại biểu thăm ruộng lúa trình diễn tại xã vùng bãi ngang".into()),
    });
    article.attachments.push(Attachment {
        url: "https://quangtri.gov.vn/documents/K%E1%BA%BF%20ho%E1%BA%A1ch%20245.pdf".into(),
        media_type: Some("application/pdf".into()),
        size_bytes: Some(1_450_000),
    });
    article.updated_at = article.first_seen_at + TimeDelta::hours(1);
    article
}

pub fn news() -> Vec<Article> {
    let mut list = vec![
        rich(),
        article(
            6,
            "Chính thức vận hành Trung tâm giám sát, điều hành thông minh: người dân phản ánh hiện trường qua điện thoại và nhận kết quả trong 48 giờ",
            5,
        ),
        article(5, "Dự báo mưa lớn diện rộng từ đêm 22 đến ngày 24/11", 26),
        article(4, "Khai mạc Ngày hội STEM dành cho học sinh trung học cơ sở", 30),
    ];
    list[1].topics = vec![
        assigned("chuyen-doi-so", &[]),
        assigned("cai-cach-hanh-chinh", &[]),
    ];
    list[2].topics = vec![assigned("thien-tai-thoi-tiet", &[])];
    list[2].sections = vec![("tin-tuc-su-kien".into(), "Tin tức - Sự kiện".into())];
    list[3].topics = vec![assigned("giao-duc-dao-tao", &[])];
    list[3].published = Some(Published {
        at: "2026-11-21T17:00:00Z".parse().unwrap(),
        precision: Precision::Day,
    });
    list
}

pub fn sections() -> Vec<Section> {
    [
        ("khoa-hoc-cong-nghe", "Khoa học - Công nghệ"),
        ("tin-tuc-su-kien", "Tin tức - Sự kiện"),
    ]
    .map(|(slug, title)| Section {
        portal: "quangtri".into(),
        slug: slug.into(),
        title: title.into(),
    })
    .to_vec()
}

pub fn counts() -> Vec<TopicCount> {
    [("khoa-hoc-cong-nghe", 128), ("chuyen-doi-so", 1)]
        .map(|(slug, articles)| TopicCount {
            slug: slug.into(),
            articles,
        })
        .to_vec()
}
