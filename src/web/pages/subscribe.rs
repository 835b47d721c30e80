//! `/subscribe`: the form on which somebody asks for alerts by e-mail, and what comes after it.

use askama::Template;

use super::{
    layout::{Nav, Page},
    watching::Offer,
};
use crate::{
    domain::subscription::Frequency,
    web::{assets, lang::Lang, site::Site},
};

/// The version of the words that are agreed to (`consent`): recorded with each sign-up. Another wording is another version;
/// a test holds both together.
pub const WORDING: &str = "2026-11";

/// A field of the form, as errors name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// What to follow.
    Watches,
    /// The phrase that is being tried.
    Phrase,
    /// How often.
    Frequency,
    /// The e-mail address.
    Address,
    /// The consent.
    Consent,
    /// The ticket, the puzzle or the question.
    Check,
}

impl Field {
    /// The id of the element that an error leads to.
    pub fn id(self) -> &'static str {
        match self {
            Self::Watches => "watches",
            Self::Phrase => "q",
            Self::Frequency => "frequency",
            Self::Address => "address",
            Self::Consent => "consent",
            Self::Check => "answer",
        }
    }
}

/// What is wrong with what was filled in: the field, and the sentence beside it.
pub type Problem = (Field, String);

/// The form with what stands in it.
#[derive(Debug, Clone, Default)]
pub struct SignupForm {
    /// Everything; one offer.
    pub everything: Vec<Offer>,
    /// The topics.
    pub topics: Vec<Offer>,
    /// The sections of all portals.
    pub sections: Vec<Offer>,
    /// Phrases that were tried, chosen at first.
    pub phrases: Vec<Offer>,
    /// What is being tried and cannot be offered.
    pub typed_phrase: String,
    /// How often.
    pub frequency: Option<Frequency>,
    /// The address as it was typed.
    pub address: String,
    /// Whether the consent was given.
    pub has_consented: bool,
    /// The ticket.
    pub ticket: String,
    /// What the puzzle is about.
    pub puzzle: String,
    /// Its bits.
    pub difficulty: u32,
    /// The question in its place, in words.
    pub question: String,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl SignupForm {
    /// What is wrong with a field.
    pub fn problem(&self, field: Field) -> Option<&str> {
        let found = self.problems.iter().find(|(of, _)| *of == field);
        found.map(|(_, words)| words.as_str())
    }

    /// What is chosen, for the form that tries a phrase: nothing that was ticked is lost.
    pub fn ticked(&self) -> impl Iterator<Item = &Offer> {
        let all = [&self.everything, &self.topics, &self.sections, &self.phrases];
        all.into_iter().flatten().filter(|offer| offer.is_ticked)
    }
}

#[derive(Template)]
#[template(path = "subscribe.html")]
struct View<'a> {
    page: Page<'a>,
    form: Option<&'a SignupForm>,
    consent: String,
    script: &'static str,
}

impl View<'_> {
    fn frequencies(&self) -> [(Frequency, &'static str, &'static str); 3] {
        let lang = self.page.lang;
        [
            (
                Frequency::Instant,
                lang.t(
                    "Mỗi lần Cổng có tin mới; các tin cùng lúc gộp vào một thư.",
                    "Whenever the portal has news; what comes together is one mail.",
                ),
            ),
            (
                Frequency::Daily,
                lang.t(
                    "Một thư mỗi ngày, nếu có tin.",
                    "One mail a day, if there is news.",
                ),
            ),
            (
                Frequency::Weekly,
                lang.t(
                    "Một thư mỗi tuần, nếu có tin.",
                    "One mail a week, if there is news.",
                ),
            ),
        ]
        .map(|(frequency, explained)| (frequency, frequency.choice(lang.language), explained))
    }
}

/// The words that are agreed to.
pub fn consent(site: &Site, lang: Lang) -> String {
    let operator = if site.owner.is_empty() {
        lang.t("đơn vị vận hành trang này", "the operator of this site")
    } else {
        &site.owner
    };
    match lang.language {
        crate::domain::subscription::Language::Vi => format!(
            "Tôi đồng ý để {operator} lưu địa chỉ thư điện tử này cùng các lựa chọn của tôi, chỉ để gửi cho tôi những tin tôi \
             đã chọn. Tôi có thể xem, tải về, thay đổi, ngừng nhận hoặc xóa tất cả bất cứ lúc nào."
        ),
        crate::domain::subscription::Language::En => format!(
            "I agree that {operator} keeps this e-mail address and what I chose, only to send me the news that I chose. I can \
             see, download, change, stop or erase all of it at any time."
        ),
    }
}

/// `/subscribe` with its form, or with word that there are no alerts by mail here (`None`). `path` is its address with what
/// was chosen in it.
pub fn subscribe(site: &Site, lang: Lang, path: &str, form: Option<&SignupForm>) -> String {
    let title = lang.t("Nhận tin qua thư điện tử", "News by e-mail");
    let mut page = Page::new(site, lang, title, path).at(Nav::Subscribe);
    // Addresses with choices in them are many, and all are this one.
    page.is_private = path != "/subscribe" || form.is_none_or(|form| !form.problems.is_empty());
    lang.t(
        "Nhận tin của Cổng qua thư điện tử: theo chủ đề, chuyên mục hay cụm từ, ngay khi có tin hoặc theo bản tin.",
        "The portal's news by e-mail: by topic, section or phrase, at once or as a digest.",
    )
    .clone_into(&mut page.description);
    super::render(&View {
        page,
        form,
        consent: consent(site, lang),
        script: assets::script_path(),
    })
}

/// What follows the form: the same whether the address is known, new, or cannot be written to.
pub fn sent(site: &Site, lang: Lang) -> String {
    let title = lang.t("Hãy xem hộp thư của bạn", "Please look into your mailbox");
    let page = Page::new(site, lang, title, "/subscribe/sent").private();
    super::notice::told(
        page,
        &[
            lang.t(
                "Loa gửi tới địa chỉ bạn vừa nhập một thư xác nhận. Hãy mở thư và bấm nút xác nhận trong vòng 7 ngày; chưa xác nhận thì chưa có tin nào được gửi.",
                "Loa sends a mail to the address that you entered. Open it and press its button within 7 days; no news is sent before.",
            ),
            lang.t(
                "Chưa thấy thư? Hãy xem cả mục thư rác. Mỗi địa chỉ nhận nhiều nhất một thư xác nhận trong 10 phút và ba thư mỗi ngày; nếu địa chỉ có thể bị gõ nhầm, hãy đăng ký lại.",
                "Nothing there? Look among the spam too. An address gets at most one such mail in 10 minutes and three a day; if the address may be mistyped, sign up again.",
            ),
        ],
        &[("/", lang.t("Xem tin mới", "See the news"))],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_words_are_another_version() {
        let site = Site::default();
        let words: String = ["vi", "en"]
            .map(|language| consent(&site, Lang::negotiate(Some(language), None)))
            .concat();
        let hash = blake3::hash(words.as_bytes()).to_hex();
        assert_eq!(
            (WORDING, &hash[..8]),
            ("2026-11", "1d53bf0c"),
            "whoever signed up agreed to the words of their version: give other words another one"
        );
    }
}
