//! Alerts and digests as Telegram posts.

use std::fmt::Write;

use crate::domain::{
    subscription::Address,
    text::{self, escape_html},
};

use super::{
    ALERT_ITEMS, Content, Occasion, POST_ITEMS, Post,
    grouping::{self, Room, more_url},
    item::{self, Item, Reading},
    measure::measure,
    words,
};

/// Lengths of excerpt to try, in characters: leads go first, then items.
const LEADS: [usize; 3] = [280, 120, 0];

/// The post about `content` for the chat `to`, within the Bot API's limits.
///
/// Only a private chat gets the "Ngừng nhận" button: in a group or channel any reader could end it for all.
pub fn post(content: &Content<'_>, to: &Address, silent: bool) -> Post {
    let cap = match content.occasion {
        Occasion::Alert => ALERT_ITEMS,
        Occasion::Daily(_) | Occasion::Weekly(..) => POST_ITEMS,
    };
    let shown = content.articles.len().min(cap);
    let is_single = content.articles.len() == 1;
    Post {
        html: fitted(content, shown),
        buttons: buttons(content, is_private(to)),
        silent,
        preview: is_single,
    }
}

/// The richest form that fits: leads are shortened and dropped, then items are.
fn fitted(content: &Content<'_>, shown: usize) -> String {
    let with = |shown, lead| render(content, shown, lead);
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
        let why = words::words(content.language).why;
        let _ = writeln!(html, "<i>{why}: {}</i>", escape_html(&item.why));
    }
    html
}

fn buttons(content: &Content<'_>, is_private: bool) -> Vec<Vec<(String, String)>> {
    let words = words::words(content.language);
    let mut rows = match content.articles {
        [article] => {
            let item = Item::new(&Reading::of(article), content);
            vec![vec![
                (words.read.to_owned(), item.url),
                (words.on_loa.to_owned(), item.page),
            ]]
        }
        _ => vec![vec![(words.all_button.to_owned(), more_url(content))]],
    };
    if is_private && !content.links.unsubscribe_url.is_empty() {
        rows.push(vec![(
            words.stop_button.to_owned(),
            content.links.unsubscribe_url.to_owned(),
        )]);
    }
    rows
}

/// Groups have negative ids, channels names.
fn is_private(to: &Address) -> bool {
    !to.as_str().starts_with(['-', '@'])
}
