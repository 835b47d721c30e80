//! The message of `loa send-test`: plain Vietnamese first, English beside it, and how to see that a mail is trusted.

use askama::Template;
use chrono::{DateTime, Utc};

use super::{
    Addressing, Mail, Post,
    item::clean,
    mailing::{rendered, rendered_text},
};
use crate::domain::{text::escape_html, time};

/// What a test message says.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// Loa's own pages, without a slash at the end.
    pub public_url: &'a str,
    /// The domain that a mail is signed for; empty where Loa signs none.
    pub signed_for: &'a str,
    /// When it was asked for.
    pub at: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "trial.html", whitespace = "preserve")]
struct Html<'a>(&'a View);

#[derive(Template)]
#[template(path = "trial.txt", whitespace = "preserve")]
struct Text<'a>(&'a View);

struct View {
    when: String,
    public_url: String,
    signed_for: String,
}

/// A test mail. It belongs to no list and carries no unsubscribe link: nothing is subscribed.
pub fn trial_mail(about: &Trial<'_>, addressing: &Addressing<'_>) -> Mail {
    let view = view(about);
    Mail {
        message_id: addressing.message_id.to_owned(),
        from: addressing.from.clone(),
        to: addressing.to.clone(),
        subject: "[Loa] Thư thử / Test message".to_owned(),
        text: rendered_text(&Text(&view)),
        html: rendered(&Html(&view)),
        list_id: None,
        unsubscribe_url: None,
        mark: addressing.mark.map(str::to_owned),
        date: addressing.at,
        stream: "test",
    }
}

/// A test post for a Telegram chat.
pub fn trial_post(about: &Trial<'_>) -> Post {
    let View { when, public_url, .. } = view(about);
    let url = escape_html(&public_url);
    Post {
        html: format!(
            "<b>Tin thử của Loa</b>\nLoa tại {url} gửi tin này lúc {when} để thử kênh Telegram. Nhận được nghĩa là kênh hoạt động; bạn không cần làm gì thêm.\n\n<b>Test message of Loa</b>\nLoa at {url} sent this at {when} to test Telegram. If you read it, the channel works; there is nothing to do."
        ),
        buttons: Vec::new(),
        silent: false,
        preview: false,
    }
}

fn view(about: &Trial<'_>) -> View {
    View {
        when: time::moment(about.at),
        public_url: clean(about.public_url, 200),
        signed_for: clean(about.signed_for, 253),
    }
}
