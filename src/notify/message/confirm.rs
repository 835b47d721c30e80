//! The mail that asks whether an address really wants to subscribe (double opt-in).

use askama::Template;

use crate::domain::subscription::Language;

use super::{
    Addressing, Mail,
    item::clean,
    mailing::rendered,
    words::{Words, words},
};

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
    /// Who runs this service and how to reach them; may be empty.
    pub operator: &'a str,
}

#[derive(Template)]
#[template(path = "confirm.html", whitespace = "preserve")]
struct Html<'a>(&'a View<'a>);

#[derive(Template)]
#[template(path = "confirm.txt", whitespace = "preserve")]
struct Text<'a>(&'a View<'a>);

struct View<'a> {
    words: &'a Words,
    heading: &'static str,
    asked: String,
    wanted: Vec<String>,
    press: String,
    otherwise: &'static str,
    confirm_url: &'a str,
    operator: &'a str,
}

/// The confirmation mail. It belongs to no list and carries no unsubscribe link: nothing is subscribed yet.
pub fn confirmation(about: &Confirmation<'_>, addressing: &Addressing<'_>) -> Mail {
    let view = view(about);
    Mail {
        message_id: addressing.message_id.to_owned(),
        from: addressing.from.clone(),
        to: addressing.to.clone(),
        subject: format!("[Loa] {}", view.heading),
        text: rendered(&Text(&view)),
        html: rendered(&Html(&view)),
        list_id: None,
        unsubscribe_url: None,
        date: addressing.at,
    }
}

fn view<'a>(about: &Confirmation<'a>) -> View<'a> {
    let (portal, days) = (about.portal_name, about.valid_days);
    let wanted = about.wanted.iter().map(|w| clean(w, 200)).collect();
    let words = words(about.language);
    match about.language {
        Language::Vi => View {
            words,
            heading: "Xác nhận đăng ký nhận tin",
            asked: format!("Địa chỉ này vừa được dùng để đăng ký nhận tin của {portal} qua Loa:"),
            wanted,
            press: format!("Nếu đúng là bạn, hãy xác nhận trong vòng {days} ngày:"),
            otherwise: "Nếu không phải bạn, xin bỏ qua thư này: bạn sẽ không nhận thêm thư nào.",
            confirm_url: about.confirm_url,
            operator: about.operator,
        },
        Language::En => View {
            words,
            heading: "Confirm your subscription",
            asked: format!("This address was just used to subscribe to news from {portal} through Loa:"),
            wanted,
            press: format!("If it was you, please confirm within {days} days:"),
            otherwise: "If it was not you, ignore this mail: you will receive nothing more.",
            confirm_url: about.confirm_url,
            operator: about.operator,
        },
    }
}
