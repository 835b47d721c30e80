//! Letters: mails about a subscription itself. All have one form: what happened, what it is about, one button, and what to
//! do if it was a mistake.

use askama::Template;

use super::{
    Addressing, Mail, Operator,
    item::{capitalised, clean},
    mailing::{rendered, rendered_text},
    words::{Words, source, words},
};
use crate::domain::subscription::Language;

/// What a letter prints.
pub(super) struct Letter<'a> {
    pub heading: &'a str,
    pub opening: String,
    /// What is followed, a line each.
    pub wanted: Vec<String>,
    pub paragraphs: Vec<String>,
    /// What the button says, and where it leads.
    pub button: &'a str,
    pub url: &'a str,
    pub otherwise: &'a str,
    /// The way out; empty where nothing is subscribed.
    pub unsubscribe_url: &'a str,
    /// Whose news this is about.
    pub footer: String,
    pub operator: &'a Operator,
    pub words: &'static Words,
}

#[derive(Template)]
#[template(path = "letter.html", whitespace = "preserve")]
struct Html<'a>(&'a Letter<'a>);

#[derive(Template)]
#[template(path = "letter.txt", whitespace = "preserve")]
struct Text<'a>(&'a Letter<'a>);

impl<'a> Letter<'a> {
    pub(super) fn new(language: Language, heading: &'a str, portal: &str, operator: &'a Operator) -> Self {
        let words = words(language);
        Self {
            heading,
            opening: String::new(),
            wanted: Vec::new(),
            paragraphs: Vec::new(),
            button: "",
            url: "",
            otherwise: "",
            unsubscribe_url: "",
            footer: clean(&source(portal, language), 300),
            operator,
            words,
        }
    }

    /// The letter as a mail of that kind. It belongs to no list.
    pub(super) fn mail(&self, stream: &'static str, addressing: &Addressing<'_>) -> Mail {
        Mail {
            message_id: addressing.message_id.to_owned(),
            from: addressing.from.clone(),
            to: addressing.to.clone(),
            subject: format!("[Loa] {}", self.heading),
            text: rendered_text(&Text(self)),
            html: rendered(&Html(self)),
            list_id: None,
            unsubscribe_url: Some(self.unsubscribe_url.to_owned()).filter(|url| !url.is_empty()),
            mark: addressing.mark.map(str::to_owned),
            date: addressing.at,
            stream,
        }
    }
}

/// The lines of a list of what is followed.
pub(super) fn listed(watches: &[String]) -> Vec<String> {
    watches
        .iter()
        .map(|name| capitalised(&clean(name, 200)))
        .collect()
}
