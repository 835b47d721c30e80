//! `/demo`: what arrived, as its receivers see it, and the button that publishes one more article on the sample portal.

use std::{path::PathBuf, sync::Arc};

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    mailbox::{self, Mail},
    portal::SamplePortal,
    telegram::{Message, TelegramStandIn},
};
use crate::{
    domain::{
        article::{Precision, Published},
        subscription::Language,
        time,
    },
    web::{lang::Lang, pages, site::Site},
};

/// How often the page loads itself anew (seconds): soon after the sample portal is polled.
const REFRESH_SECS: u32 = 5;

/// The page's `Content-Security-Policy`: that of all pages, but the frames with mails bring their own styles.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' https: http: data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The demo's parts, as the page uses them.
pub struct Demo {
    /// The service.
    pub site: Site,
    /// The sample portal.
    pub portal: SamplePortal,
    /// Where the sample portal answers.
    pub portal_url: String,
    /// The folder that mails are written to.
    pub mail_folder: PathBuf,
    /// The Bot API's stand-in.
    pub telegram: TelegramStandIn,
    /// The clock that dates what is published.
    pub clock: fn() -> DateTime<Utc>,
}

/// `/demo`, `/demo/mail/{file}` and `POST /demo/publish`.
pub fn router<S: Clone + Send + Sync + 'static>(demo: Demo) -> Router<S> {
    Router::new()
        .route("/demo", get(show))
        .route("/demo/mail/{file}", get(raw))
        .route("/demo/publish", post(publish))
        .with_state(Arc::new(demo))
}

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Where the sample portal answers.
    pub portal_url: &'a str,
    /// Articles that still wait there.
    pub waiting: usize,
    /// The mails, newest first.
    pub mails: &'a [Mail],
    /// The Telegram messages, newest first.
    pub messages: &'a [Message],
    /// Whether the page loads itself anew.
    pub is_live: bool,
}

#[derive(Template)]
#[template(path = "demo.html")]
struct Shown<'a> {
    page: pages::Page<'a>,
    view: View<'a>,
    mails: Vec<Letter<'a>>,
    bubbles: Vec<Bubble<'a>>,
}

struct Letter<'a> {
    mail: &'a Mail,
    date: String,
    document: Option<String>,
}

struct Bubble<'a> {
    message: &'a Message,
    date: String,
    html: String,
}

/// The page.
pub fn render(site: &Site, lang: Lang, view: View<'_>) -> String {
    let title = lang.t("Bản trình diễn", "Demonstration");
    let path = if view.is_live { "/demo" } else { "/demo?live=no" };
    let mut page = pages::Page::new(site, lang, title, path).private();
    page.refresh_secs = view.is_live.then_some(REFRESH_SECS);
    let letter = |mail| Letter {
        mail,
        date: mail.date.map(|at| written(lang, at)).unwrap_or_default(),
        document: mail.html.as_deref().map(framed),
    };
    let bubble = |message| Bubble {
        message,
        date: written(lang, message.at),
        html: bubble_html(message),
    };
    pages::render(&Shown {
        page,
        mails: view.mails.iter().map(letter).collect(),
        bubbles: view.messages.iter().map(bubble).collect(),
        view,
    })
}

fn written(lang: Lang, at: DateTime<Utc>) -> String {
    let published = Published {
        at,
        precision: Precision::Minute,
    };
    match lang.language {
        Language::Vi => time::vietnamese(published),
        Language::En => time::english(published),
    }
}

/// A mail's HTML for a frame whose links open outside of it.
fn framed(html: &str) -> String {
    format!("<base target=\"_blank\">{html}")
}

/// The tags that Telegram knows, and no others; a plain text is escaped.
fn bubble_html(message: &Message) -> String {
    if !message.is_html {
        return ammonia::clean_text(&message.text);
    }
    let tags = [
        "b",
        "strong",
        "i",
        "em",
        "u",
        "ins",
        "s",
        "strike",
        "del",
        "a",
        "code",
        "pre",
        "blockquote",
    ];
    ammonia::Builder::default()
        .tags(tags.into())
        .clean(&message.text)
        .to_string()
}

#[derive(Deserialize)]
struct ShowQuery {
    lang: Option<String>,
    live: Option<String>,
}

async fn show(State(demo): State<Arc<Demo>>, Query(query): Query<ShowQuery>, headers: HeaderMap) -> Response {
    let accept = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let lang = Lang::negotiate(query.lang.as_deref(), accept);
    let folder = demo.mail_folder.clone();
    let Ok(Ok(mails)) = tokio::task::spawn_blocking(move || mailbox::read(&folder)).await else {
        return (
            StatusCode::INTERNAL_SERVER_ERROR,
            "The folder of mails cannot be read.",
        )
            .into_response();
    };
    let view = View {
        portal_url: &demo.portal_url,
        waiting: demo.portal.waiting(),
        mails: &mails,
        messages: &demo.telegram.messages(),
        is_live: query.live.as_deref() != Some("no"),
    };
    let policy = [(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)];
    (policy, Html(render(&demo.site, lang, view))).into_response()
}

async fn raw(State(demo): State<Arc<Demo>>, Path(file): Path<String>) -> Response {
    let folder = demo.mail_folder.clone();
    let read = tokio::task::spawn_blocking(move || mailbox::raw(&folder, &file)).await;
    match read.ok().flatten() {
        Some(bytes) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn publish(State(demo): State<Arc<Demo>>) -> Redirect {
    demo.portal.publish_next((demo.clock)());
    Redirect::to("/demo")
}
