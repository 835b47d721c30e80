//! Alerts and digests as mails.

use askama::Template;

use crate::domain::{text, watch::Watch};

use super::{
    ALERT_ITEMS, Addressing, Content, DIGEST_ITEMS, MAIL_BYTES, Mail, Occasion, Operator,
    grouping::{self, Group, Room},
    item::{self, Item, Reading},
    words::{self, Words},
    wrap::wrapped,
};

/// Characters of a title in a subject: what mail lists show, and a few more.
const SUBJECT_TITLE_CHARS: usize = 140;

/// Characters of a preheader: what lists of mails have room for.
const PREHEADER_CHARS: usize = 140;

#[derive(Template)]
#[template(path = "mail.html", whitespace = "preserve")]
struct Html<'a>(&'a View<'a>);

#[derive(Template)]
#[template(path = "mail.txt", whitespace = "preserve")]
struct Text<'a>(&'a View<'a>);

/// What both parts of a mail print.
struct View<'a> {
    words: &'a Words,
    heading: String,
    /// Whose news in what form, below the heading; a digest's alone, an alert's heading says it all.
    below: Vec<String>,
    preheader: String,
    groups: Vec<Group>,
    /// Whether one article is all there is: its button is then the mail's.
    is_single: bool,
    footer: String,
    operator: &'a Operator,
    unsubscribe_url: &'a str,
    manage_url: &'a str,
}

impl View<'_> {
    /// The element of an article's title: below the heading of its group, where there is one.
    fn level(&self) -> &'static str {
        if self.groups.iter().all(|group| group.heading.is_empty()) {
            "h2"
        } else {
            "h3"
        }
    }

    /// For texts of the portal in a mail of another language: a screen reader pronounces them by it.
    fn source_lang(&self) -> &'static str {
        if self.words.lang == "vi" {
            ""
        } else {
            "lang=\"vi\" "
        }
    }
}

/// The mail about `content`: text and HTML of equal worth.
pub fn mail(content: &Content<'_>, addressing: &Addressing<'_>) -> Mail {
    let view = view(content);
    Mail {
        message_id: addressing.message_id.to_owned(),
        from: addressing.from.clone(),
        to: addressing.to.clone(),
        subject: subject(content),
        text: rendered_text(&Text(&view)),
        html: rendered(&Html(&view)),
        list_id: Some(list_id(content)),
        unsubscribe_url: Some(content.links.unsubscribe_url.to_owned()).filter(|url| !url.is_empty()),
        mark: addressing.mark.map(str::to_owned),
        date: addressing.at,
        stream: match content.occasion {
            Occasion::Alert => "alert",
            Occasion::Daily(_) => "daily",
            Occasion::Weekly(..) => "weekly",
        },
    }
}

/// A template without custom filters fails only where writing to a `String` does: never.
pub(super) fn rendered(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

/// The same for a text part, in lines of a readable length.
pub(super) fn rendered_text(template: &impl Template) -> String {
    wrapped(&rendered(template))
}

fn view<'a>(content: &'a Content<'a>) -> View<'a> {
    let count = content.articles.len();
    let words = words::words(content.language);
    let bytes = MAIL_BYTES;
    let (groups, below) = match content.occasion {
        Occasion::Alert => {
            let items = ALERT_ITEMS;
            (
                grouping::listed(content.articles, content, Room { items, bytes }),
                Vec::new(),
            )
        }
        Occasion::Daily(_) | Occasion::Weekly(..) => {
            let items = DIGEST_ITEMS;
            let groups = grouping::groups(content.articles, content, Room { items, bytes });
            let mut below = vec![words::source(content.portal_name, content.language)];
            below.extend(
                content
                    .office
                    .map(|office| words::shared_by(office, content.language)),
            );
            (groups, below)
        }
    };
    let clean = |line: String| item::clean(&line, 400);
    View {
        words,
        heading: clean(words::heading(
            content.occasion,
            count,
            content.portal_name,
            content.language,
        )),
        below: below.into_iter().map(clean).collect(),
        preheader: preheader(&groups, content.occasion),
        is_single: count == 1,
        footer: clean(words::footer(content)),
        operator: content.operator,
        unsubscribe_url: content.links.unsubscribe_url,
        manage_url: content.links.manage_url,
        groups,
    }
}

/// What a list of mails shows beside the subject: what the subject does not tell yet.
fn preheader(groups: &[Group], occasion: Occasion) -> String {
    let items: Vec<&Item> = groups.iter().flat_map(|group| &group.items).collect();
    let joined = |parts: Vec<&str>| text::excerpt(&parts.join(" · "), PREHEADER_CHARS);
    match (occasion, items.as_slice()) {
        (_, [only]) => text::excerpt(&only.lead, PREHEADER_CHARS),
        // The first title is in the subject.
        (Occasion::Alert, [_, others @ ..]) => {
            joined(others.iter().map(|item| item.title.as_str()).collect())
        }
        _ if groups.len() > 1 => joined(groups.iter().map(|group| group.heading.as_str()).collect()),
        (_, items) => joined(items.iter().map(|item| item.title.as_str()).collect()),
    }
}

/// `[Loa] Khoa học và công nghệ: <title> và 2 tin khác`, or the digest's heading.
fn subject(content: &Content<'_>) -> String {
    let heading = match (content.occasion, content.articles) {
        (Occasion::Alert, [first, rest @ ..]) => {
            let title = Item::new(&Reading::of(first), content).title;
            let title = text::excerpt(&title, SUBJECT_TITLE_CHARS);
            let topic = first
                .topics
                .iter()
                .find(|t| content.watches.contains(&Watch::Topic(t.slug.clone())))
                .or_else(|| first.topics.first())
                .map(|t| item::topic_name(&t.slug, content.labels, content.language) + ": ")
                .unwrap_or_default();
            let more = match rest.len() {
                0 => String::new(),
                n => format!(" {}", words::and_more(n, content.language)),
            };
            format!("{topic}{title}{more}")
        }
        (occasion, articles) => {
            words::heading(occasion, articles.len(), content.portal_name, content.language)
        }
    };
    item::clean(&format!("[Loa] {heading}"), 400)
}

/// RFC 2919: one list a watch, so that a reader's mail program can sort by it; several watches share one.
fn list_id(content: &Content<'_>) -> String {
    let list = match content.watches {
        [watch] => match watch {
            Watch::All => "all".to_owned(),
            other => format!("{}-{}", other.kind(), label(&other.value())),
        },
        _ => "alerts".to_owned(),
    };
    format!("{list}.loa.{}", label_dots(content.authority))
}

/// ASCII letters, digits and hyphens, as a host name's label may hold.
fn label(s: &str) -> String {
    let folded = text::fold(&text::normalise(s));
    let label: String = folded
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(60)
        .collect();
    label.trim_matches('-').to_owned()
}

fn label_dots(authority: &str) -> String {
    let labels: Vec<String> = authority.split('.').map(label).collect();
    labels.join(".")
}
