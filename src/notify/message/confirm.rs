//! The mail that asks whether an address really wants to subscribe (double opt-in).

use super::{
    Addressing, Mail, Operator,
    letter::{Letter, listed},
};
use crate::domain::subscription::Language;

/// What a confirmation mail says.
#[derive(Clone, Copy)]
pub struct Confirmation<'a> {
    /// The address whose page confirms, with its token.
    pub confirm_url: &'a str,
    /// What was asked for, as [`super::watch_name`] names it.
    pub wanted: &'a [String],
    /// The subscriber's language.
    pub language: Language,
    /// The portal's name.
    pub portal_name: &'a str,
    /// How long the link is good.
    pub valid_days: u32,
    /// Who runs this service and how to reach them.
    pub operator: &'a Operator,
}

/// The confirmation mail. It belongs to no list and carries no unsubscribe link: nothing is subscribed yet.
pub fn confirmation(about: &Confirmation<'_>, addressing: &Addressing<'_>) -> Mail {
    let (portal, days) = (about.portal_name, about.valid_days);
    let (heading, opening, press, otherwise) = match about.language {
        Language::Vi => (
            "Xác nhận đăng ký nhận tin",
            format!("Địa chỉ này vừa được dùng để đăng ký nhận tin của {portal} qua Loa:"),
            format!("Nếu đúng là bạn, hãy xác nhận trong vòng {days} ngày:"),
            "Nếu không phải bạn, xin bỏ qua thư này: bạn sẽ không nhận thêm thư nào.",
        ),
        Language::En => (
            "Confirm your subscription",
            format!("This address was just used to subscribe to news from {portal} through Loa:"),
            format!("If it was you, please confirm within {days} days:"),
            "If it was not you, ignore this mail: you will receive nothing more.",
        ),
    };
    let mut letter = Letter::new(about.language, heading, portal, about.operator);
    letter.opening = opening;
    letter.wanted = listed(about.wanted);
    letter.paragraphs = vec![press];
    letter.button = letter.words.confirm;
    letter.url = about.confirm_url;
    letter.otherwise = otherwise;
    letter.mail("confirmation", addressing)
}
