//! The mail to somebody whom an office added: that it did, on what ground, and the way out.

use super::{
    Addressing, Mail, Operator,
    item::clean,
    letter::{Letter, listed},
};
use crate::domain::subscription::Language;

/// What a welcome says.
#[derive(Clone, Copy)]
pub struct Welcome<'a> {
    /// The private page, with its token.
    pub manage_url: &'a str,
    /// The subscriber's unsubscribe page, with its token.
    pub unsubscribe_url: &'a str,
    /// What is followed, as [`super::watch_name`] names it, with its frequency.
    pub followed: &'a [String],
    /// Why this person may be written to, as it was recorded.
    pub basis: &'a str,
    /// The subscriber's language.
    pub language: Language,
    /// The portal's name.
    pub portal_name: &'a str,
    /// Who runs this service and how to reach them.
    pub operator: &'a Operator,
}

/// The welcome mail.
pub fn welcome(about: &Welcome<'_>, addressing: &Addressing<'_>) -> Mail {
    let (portal, basis) = (about.portal_name, clean(about.basis, 300));
    let (heading, opening, ground, otherwise) = match about.language {
        Language::Vi => (
            "Bạn đã được đăng ký nhận tin",
            format!("Cơ quan của bạn đã đăng ký cho địa chỉ này nhận tin của {portal} qua Loa. Bạn sẽ nhận:"),
            format!("Căn cứ: {basis}."),
            "Bạn có thể đổi chủ đề, giờ nhận tin hoặc ngừng nhận bất cứ lúc nào, không cần nêu lý do.",
        ),
        Language::En => (
            "You were subscribed to news",
            format!(
                "Your office subscribed this address to news from {portal} through Loa. You will receive:"
            ),
            format!("Ground: {basis}."),
            "You can change topics and times or stop at any moment, without giving a reason.",
        ),
    };
    let mut letter = Letter::new(about.language, heading, portal, about.operator);
    letter.opening = opening;
    letter.wanted = listed(about.followed);
    letter.paragraphs = vec![ground];
    letter.button = letter.words.manage;
    letter.url = about.manage_url;
    letter.otherwise = otherwise;
    letter.unsubscribe_url = about.unsubscribe_url;
    letter.mail("welcome", addressing)
}
