//! The mail that brings somebody the link of their private page, which they asked for.

use super::{
    Addressing, Mail, Operator,
    letter::{Letter, listed},
};
use crate::domain::subscription::Language;

/// What such a mail says.
#[derive(Clone, Copy)]
pub struct PrivateLink<'a> {
    /// The private page, with its token.
    pub manage_url: &'a str,
    /// What is followed, as [`super::watch_name`] names it, with its frequency.
    pub followed: &'a [String],
    /// The subscriber's language.
    pub language: Language,
    /// The portal's name.
    pub portal_name: &'a str,
    /// Who runs this service and how to reach them.
    pub operator: &'a Operator,
}

/// The mail. It belongs to no list: it answers a request.
pub fn private_link(about: &PrivateLink<'_>, addressing: &Addressing<'_>) -> Mail {
    let portal = about.portal_name;
    let (heading, opening, keep, otherwise) = match about.language {
        Language::Vi => (
            "Liên kết quản lý đăng ký của bạn",
            format!(
                "Đây là trang riêng để bạn xem và thay đổi đăng ký nhận tin của {portal}. Bạn đang theo dõi:"
            ),
            "Ai có liên kết này đều có thể thay đổi đăng ký của bạn, nên xin đừng chuyển tiếp thư này.",
            "Nếu bạn không yêu cầu thư này, xin bỏ qua: không có gì thay đổi.",
        ),
        Language::En => (
            "The link to your subscription",
            format!(
                "This is your private page to see and change your subscription to news from {portal}. You follow:"
            ),
            "Whoever has this link can change your subscription, so please do not forward this mail.",
            "If you did not ask for this mail, ignore it: nothing has changed.",
        ),
    };
    let mut letter = Letter::new(about.language, heading, portal, about.operator);
    letter.opening = opening;
    letter.wanted = listed(about.followed);
    letter.paragraphs = vec![keep.to_owned()];
    letter.button = letter.words.manage;
    letter.url = about.manage_url;
    letter.otherwise = otherwise;
    letter.mail("link", addressing)
}
