//! Alerts and digests as mails.

use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::{text, watch::Watch};

use super::{
    ALERT_ITEMS, Addressing, Content, DIGEST_ITEMS, Mail, Occasion,
    item::{self, Group, Item},
    words::{self, Words},
};

/// Characters of a title in a subject: what mail lists show, and a few more.
const SUBJECT_TITLE_CHARS: usize = 140;

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
    preheader: String,
    groups: Vec<Group>,
    more: String,
    more_url: String,
    footer: String,
    operator: &'a str,
    unsubscribe_url: &'a str,
    manage_url: &'a str,
}

/// The mail about `content`: text and HTML of equal worth.
pub fn mail(content: &Content<'_>, addressing: &Addressing<'_>) -> Mail {
    let view = view(content);
    Mail {
        message_id: addressing.message_id.to_owned(),
        from: addressing.from.clone(),
        to: addressing.to.clone(),
        subject: subject(content),
        text: rendered(&Text(&view)),
        html: rendered(&Html(&view)),
        list_id: Some(list_id(content)),
        unsubscribe_url: Some(content.links.unsubscribe_url.to_owned()).filter(|url| !url.is_empty()),
        mark: addressing.mark.map(str::to_owned),
        date: addressing.at,
    }
}

/// A template without custom filters fails only where writing to a `String` does: never.
pub(super) fn rendered(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

fn view<'a>(content: &'a Content<'a>) -> View<'a> {
    let count = content.articles.len();
    let (shown, groups) = match content.occasion {
        Occasion::Alert => {
            let shown = count.min(ALERT_ITEMS);
            let items = content.articles[..shown].iter();
            let items = items.map(|a| Item::new(a, content)).collect();
            (
                shown,
                vec![Group {
                    heading: String::new(),
                    items,
                }],
            )
        }
        Occasion::Daily(_) | Occasion::Weekly(..) => {
            let shown = count.min(DIGEST_ITEMS);
            (shown, item::groups(&content.articles[..shown], content))
        }
    };
    let first = groups.iter().flat_map(|g| &g.items).next();
    View {
        words: words::words(content.language),
        heading: words::heading(content.occasion, count, content.portal_name, content.language),
        preheader: first.map_or_else(String::new, |i| text::excerpt(&i.lead, 120)),
        more: if count > shown {
            words::and_more(count - shown, content.language)
        } else {
            String::new()
        },
        more_url: more_url(content),
        footer: words::footer(content.portal_name, content.language),
        operator: content.operator,
        unsubscribe_url: content.links.unsubscribe_url,
        manage_url: content.links.manage_url,
        groups,
    }
}

/// `[Loa] Khoa học và công nghệ: <title> và 2 tin khác`, or the digest's heading.
fn subject(content: &Content<'_>) -> String {
    let heading = match (content.occasion, content.articles) {
        (Occasion::Alert, [first, rest @ ..]) => {
            let title = Item::new(first, content).title;
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

/// Where "xem thêm" leads: the one watch's own page, or all articles.
pub(super) fn more_url(content: &Content<'_>) -> String {
    let base = content.links.public_url;
    let encoded = |s: &str| utf8_percent_encode(s, NON_ALPHANUMERIC).to_string();
    match content.watches {
        [Watch::Topic(slug)] => format!("{base}/topics/{slug}"),
        [Watch::Section { portal, slug }] => format!("{base}/sections/{portal}/{slug}"),
        [Watch::Phrase(phrase)] => format!("{base}/search?q={}", encoded(phrase)),
        _ => format!("{base}/"),
    }
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
