//! Alerts and digests as Telegram posts.

use std::fmt::Write;

use crate::domain::{
    article::Article,
    subscription::{Address, Language},
    text::{self, escape_html},
};

use super::{
    ALERT_ITEMS, Button, Content, Occasion, POST_ITEMS, Post,
    grouping::{self, Room, more_url},
    item::{self, Item, Reading},
    measure::measure,
    rich::rich,
    split::split,
    words,
};

/// Lengths of excerpt to try, in characters: leads go first, then items.
const LEADS: [usize; 3] = [280, 120, 0];

/// Messages that one article may take where it is posted whole: past this the rest is read on its page.
const MOST_PARTS: usize = 8;

/// Buttons that end a watch: somebody with more of them goes to the bot.
const STOP_BUTTONS: usize = 3;

/// Characters of a watch's name on a button.
const BUTTON_CHARS: usize = 40;

/// How a chat is posted to.
#[derive(Clone, Copy)]
pub struct Posting<'a> {
    /// The chat.
    pub to: &'a Address,
    /// Without a sound.
    pub is_silent: bool,
    /// Whether the subscriber likes to see the first link with its picture.
    pub preview: bool,
    /// Whether an article that comes alone is posted whole.
    pub is_whole: bool,
    /// The store's numbers of `content.watches`, in their order: buttons that end one name it. May be empty.
    pub watch_ids: &'a [i64],
    /// Titles of articles that were told before and are withdrawn.
    pub withdrawn: &'a [String],
}

/// The posts about `content`, within the Bot API's limits: one, unless an article is posted whole.
///
/// Only a private chat gets buttons that end something: in a group or channel any reader could end it for all.
pub fn posts(content: &Content<'_>, how: &Posting<'_>) -> Vec<Post> {
    let cap = match content.occasion {
        Occasion::Alert => ALERT_ITEMS,
        Occasion::Daily(_) | Occasion::Weekly(..) => POST_ITEMS,
    };
    let shown = content.articles.len().min(cap);
    let told = content.articles.len() + how.withdrawn.len();
    let texts = match content.articles {
        [] if !how.withdrawn.is_empty() => vec![withdrawn(content, how.withdrawn)],
        [article] if how.is_whole && told == 1 && content.occasion == Occasion::Alert => {
            whole(article, content)
        }
        _ => vec![fitted(content, shown, how.withdrawn)],
    };
    let last = texts.len().saturating_sub(1);
    let post = |(place, html): (usize, String)| Post {
        html,
        buttons: if place == last {
            buttons(content, how)
        } else {
            Vec::new()
        },
        silent: how.is_silent || place > 0,
        preview: how.preview && told == 1 && place == 0 && !content.articles.is_empty(),
    };
    texts.into_iter().enumerate().map(post).collect()
}

/// Whether a chat is one person's. Groups have negative ids, channels names.
pub fn is_private(to: &Address) -> bool {
    !to.as_str().starts_with(['-', '@'])
}

/// What stands in place of a part that an edited article no longer fills.
pub fn emptied(language: Language) -> Post {
    Post {
        html: format!("<i>{}</i>", words::words(language).part_gone),
        buttons: Vec::new(),
        silent: true,
        preview: false,
    }
}

/// What is left of a message all of whose articles are withdrawn.
fn withdrawn(content: &Content<'_>, titles: &[String]) -> String {
    let lines: Vec<String> = titles.iter().map(|title| gone(content, title)).collect();
    lines.join("\n").trim().to_owned()
}

/// `Tin đã được gỡ: Tỉnh công bố …`, the title struck through.
fn gone(content: &Content<'_>, title: &str) -> String {
    let said = words::words(content.language).withdrawn;
    match item::clean(title, 200).as_str() {
        "" => format!("<b>{said}</b>"),
        title => format!("<b>{said}</b>: <s>{}</s>", escape_html(title)),
    }
}

/// An article with its whole text, in parts.
fn whole(article: &Article, content: &Content<'_>) -> Vec<String> {
    let item = Item::new(&Reading::of(article), content);
    let mut html = format!(
        "<a href=\"{}\">{}</a>\n{}\n",
        escape_html(&item.url),
        escape_html(&item.title),
        escape_html(&item.meta)
    );
    let lead = article.lead.as_deref().map(text::one_line).unwrap_or_default();
    if !lead.is_empty() {
        let _ = write!(html, "\n<b>{}</b>\n", escape_html(&lead));
    }
    let body = rich(&article.body_html);
    if !body.is_empty() {
        let _ = write!(html, "\n{body}\n");
    }
    if !item.why.is_empty() {
        let _ = write!(html, "\n{}", why(&item, content));
    }
    let mut parts = split(html.trim());
    if parts.len() > MOST_PARTS {
        parts.truncate(MOST_PARTS - 1);
        let more = words::words(content.language).read_on;
        parts.push(format!("<a href=\"{}\">{more}</a>", escape_html(&item.url)));
    }
    parts
}

/// The richest form that fits: leads are shortened and dropped, then items are.
fn fitted(content: &Content<'_>, shown: usize, withdrawn: &[String]) -> String {
    let mut lost = String::new();
    for title in withdrawn.iter().take(shown) {
        let _ = write!(lost, "\n{}", gone(content, title));
    }
    let with = |shown, lead| {
        let html = render(content, shown, lead);
        if lost.is_empty() {
            html
        } else {
            format!("{html}\n{lost}")
        }
    };
    let fits = |html: &String| measure(html).fits();
    LEADS
        .iter()
        .map(|lead| with(shown, *lead))
        .find(fits)
        .or_else(|| (1..shown).rev().map(|fewer| with(fewer, 0)).find(fits))
        .unwrap_or_else(|| escape_html(&heading(content)))
}

fn heading(content: &Content<'_>) -> String {
    let count = content.articles.len();
    let portal = item::clean(content.portal_name, 200);
    words::heading(content.occasion, count, &portal, content.language)
}

fn render(content: &Content<'_>, shown: usize, lead_chars: usize) -> String {
    let articles = &content.articles[..shown];
    let mut html = String::new();
    if content.occasion != Occasion::Alert || content.articles.len() != 1 {
        // Writing to a String cannot fail.
        let _ = writeln!(html, "<b>{}</b>", escape_html(&heading(content)));
    }
    let all = Room {
        items: usize::MAX,
        bytes: usize::MAX,
    };
    let groups = match content.occasion {
        Occasion::Alert => grouping::listed(articles, content, all),
        Occasion::Daily(_) | Occasion::Weekly(..) => grouping::groups(articles, content, all),
    };
    for group in &groups {
        if !group.heading.is_empty() {
            let heading = item::clean(&group.heading, 120);
            let _ = writeln!(
                html,
                "
<b>{}</b>",
                escape_html(&heading)
            );
        }
        for item in &group.items {
            html.push_str(&entry(item, content, lead_chars));
        }
    }
    let rest = content.articles.len() - shown;
    if rest > 0 {
        let more = words::and_more(rest, content.language);
        let url = escape_html(&more_url(content));
        let _ = write!(html, "\n<a href=\"{url}\">{}</a>\n", escape_html(&more));
    }
    html.trim().to_owned()
}

/// One article. In a digest the heading already says why, so only alerts spell it out.
fn entry(item: &Item, content: &Content<'_>, lead_chars: usize) -> String {
    let mut html = format!(
        "\n<a href=\"{}\">{}</a>\n{}\n",
        escape_html(&item.url),
        escape_html(&item.title),
        escape_html(&item.meta)
    );
    if lead_chars > 0 && !item.lead.is_empty() {
        let lead = text::excerpt(&item.lead, lead_chars);
        let _ = writeln!(html, "{}", escape_html(&lead));
    }
    if content.occasion == Occasion::Alert && !item.why.is_empty() {
        let _ = writeln!(html, "{}", why(item, content));
    }
    html
}

fn why(item: &Item, content: &Content<'_>) -> String {
    let why = words::words(content.language).why;
    format!("<i>{why}: {}</i>", escape_html(&item.why))
}

fn buttons(content: &Content<'_>, how: &Posting<'_>) -> Vec<Vec<Button>> {
    let words = words::words(content.language);
    let link = |label: &str, url: String| Button::Link {
        label: label.to_owned(),
        url,
    };
    let mut rows = match content.articles {
        [] => Vec::new(),
        [article] => {
            let item = Item::new(&Reading::of(article), content);
            vec![vec![link(words.read, item.url), link(words.on_loa, item.page)]]
        }
        _ => vec![vec![link(words.all_button, more_url(content))]],
    };
    if !is_private(how.to) {
        return rows;
    }
    let stops = stops(content, how.watch_ids);
    if stops.is_empty() && !content.links.unsubscribe_url.is_empty() {
        rows.push(vec![link(
            words.stop_button,
            content.links.unsubscribe_url.to_owned(),
        )]);
    }
    rows.extend(stops.into_iter().map(|button| vec![button]));
    rows
}

/// A button for each watch that brought one of the articles. The bot knows `stop:NUMBER`.
fn stops(content: &Content<'_>, ids: &[i64]) -> Vec<Button> {
    let readings: Vec<Reading<'_>> = content.articles.iter().map(Reading::of).collect();
    let brought =
        content.watches.iter().zip(ids).filter_map(|(watch, id)| {
            Some((readings.iter().find(|reading| reading.matches(watch))?, watch, id))
        });
    brought
        .take(STOP_BUTTONS)
        .map(|(reading, watch, id)| {
            let name = item::name_for(watch, reading.article, content);
            let name = item::clean(&name, BUTTON_CHARS);
            Button::Call {
                label: format!("{}: {name}", words::words(content.language).stop_watch),
                data: format!("stop:{id}"),
            }
        })
        .collect()
}
