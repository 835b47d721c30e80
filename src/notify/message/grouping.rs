//! Which articles of a message are shown, under which headings, and where the rest of them stands.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    Content,
    item::{self, Item, Reading},
    words::{self, words},
};
use crate::domain::{article::Article, watch::Watch};

/// Characters of a heading: a section's title may be any length.
const HEADING_CHARS: usize = 120;

/// How much a message holds.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// Articles.
    pub items: usize,
    /// Bytes of HTML that they take; the first is shown whatever it takes.
    pub bytes: usize,
}

/// A heading (none in an alert), its items, and where the rest is.
pub(super) struct Group {
    pub heading: String,
    pub items: Vec<Item>,
    pub rest: Vec<Rest>,
}

/// Articles that found no room.
pub(super) struct Rest {
    /// `Xem thêm 3 tin khác`.
    pub label: String,
    /// A page that begins with them: the newest of their topic, section or phrase.
    pub url: String,
}

/// Articles that belong under one heading.
struct Pile<'a> {
    rank: usize,
    heading: String,
    url: String,
    readings: Vec<Reading<'a>>,
    items: Vec<Item>,
}

/// Articles as they are, without headings. Those that find no room are counted by where they would stand in a digest.
pub(super) fn listed(articles: &[Article], content: &Content<'_>, room: Room) -> Vec<Group> {
    let mut piles = vec![Pile {
        rank: 0,
        heading: String::new(),
        url: String::new(),
        readings: articles.iter().map(Reading::of).collect(),
        items: Vec::new(),
    }];
    fill(&mut piles, room, content);
    let items: Vec<Item> = piles.into_iter().flat_map(|pile| pile.items).collect();
    let piles = piled(&articles[items.len()..], content);
    let is_one = piles.len() == 1;
    let rest = piles.iter().map(|pile| {
        let of = (!is_one).then_some(pile.heading.as_str());
        pile.rest(of, content)
    });
    vec![Group {
        heading: String::new(),
        rest: rest.flatten().collect(),
        items,
    }]
}

/// Articles under their headings, each once: under the strongest topic that the subscriber watches, or else the
/// watched section or phrase, or else its own strongest topic. Headings in the order of the watches. Where there is not
/// room for all, every heading gets its share: a busy topic does not push out the others.
pub(super) fn groups(articles: &[Article], content: &Content<'_>, room: Room) -> Vec<Group> {
    let mut piles = piled(articles, content);
    fill(&mut piles, room, content);
    let (shown, hidden): (Vec<_>, Vec<_>) = piles.into_iter().partition(|pile| !pile.items.is_empty());
    let mut groups: Vec<Group> = shown
        .into_iter()
        .map(|pile| Group {
            rest: pile.rest(None, content).into_iter().collect(),
            heading: pile.heading,
            items: pile.items,
        })
        .collect();
    let rest: usize = hidden.iter().map(|pile| pile.readings.len()).sum();
    if rest > 0 {
        groups.push(Group {
            heading: words(content.language).other.to_owned(),
            items: Vec::new(),
            rest: vec![Rest {
                label: words::see_more(rest, None, content.language),
                url: format!("{}/", content.links.public_url),
            }],
        });
    }
    groups
}

fn piled<'a>(articles: &'a [Article], content: &Content<'_>) -> Vec<Pile<'a>> {
    let mut piles: Vec<Pile<'a>> = Vec::new();
    for article in articles {
        let reading = Reading::of(article);
        let (rank, heading, url) = place(&reading, content);
        match piles.iter_mut().find(|pile| pile.heading == heading) {
            Some(pile) => pile.readings.push(reading),
            None => piles.push(Pile {
                rank,
                heading,
                url,
                readings: vec![reading],
                items: Vec::new(),
            }),
        }
    }
    piles.sort_by_key(|pile| pile.rank);
    piles
}

/// Takes one article of each pile in turn, until there is no more room.
fn fill(piles: &mut [Pile<'_>], room: Room, content: &Content<'_>) {
    let (mut items, mut bytes) = (0, 0);
    let deepest = piles.iter().map(|pile| pile.readings.len()).max().unwrap_or(0);
    for depth in 0..deepest {
        for pile in piles.iter_mut() {
            let Some(reading) = pile.readings.get(depth) else {
                continue;
            };
            if items == room.items {
                return;
            }
            let item = Item::new(reading, content);
            bytes += item.html_bytes();
            if items > 0 && bytes > room.bytes {
                return;
            }
            items += 1;
            pile.items.push(item);
        }
    }
}

impl Pile<'_> {
    fn rest(&self, of: Option<&str>, content: &Content<'_>) -> Option<Rest> {
        let count = self.readings.len() - self.items.len();
        (count > 0).then(|| Rest {
            label: words::see_more(count, of, content.language),
            url: self.url.clone(),
        })
    }
}

/// The rank of an article's heading, the heading, and the page that lists what stands under it.
fn place(reading: &Reading<'_>, content: &Content<'_>) -> (usize, String, String) {
    let (article, watched) = (reading.article, content.watches);
    let by_topic = article.topics.iter().find_map(|assigned| {
        let is_it = |w: &Watch| matches!(w, Watch::Topic(slug) if *slug == assigned.slug);
        watched.iter().position(is_it)
    });
    let narrow = |w: &Watch| !matches!(w, Watch::All | Watch::Topic(_)) && reading.matches(w);
    if let Some(rank) = by_topic.or_else(|| watched.iter().position(narrow)) {
        let name = item::name_for(&watched[rank], article, content);
        let heading = item::clean(&item::capitalised(&name), HEADING_CHARS);
        return (rank, heading, watch_url(&watched[rank], content));
    }
    let after = watched.len();
    match article.topics.first() {
        Some(topic) => {
            let at = content.labels.iter().position(|l| l.slug == topic.slug);
            let rank = after + at.unwrap_or(content.labels.len());
            let heading = item::topic_name(&topic.slug, content.labels, content.language);
            (
                rank,
                heading,
                watch_url(&Watch::Topic(topic.slug.clone()), content),
            )
        }
        None => (
            usize::MAX,
            words(content.language).other.to_owned(),
            watch_url(&Watch::All, content),
        ),
    }
}

/// The page that shows what a watch asks for.
fn watch_url(watch: &Watch, content: &Content<'_>) -> String {
    let base = content.links.public_url;
    match watch {
        Watch::All => format!("{base}/"),
        Watch::Topic(slug) => format!("{base}/topics/{slug}"),
        Watch::Section { portal, slug } => format!("{base}/sections/{portal}/{slug}"),
        Watch::Phrase(phrase) => {
            // In quotation marks, as the watch means it: these words, in this order.
            let phrase = format!("\"{}\"", phrase.replace('"', " "));
            format!(
                "{base}/search?q={}",
                utf8_percent_encode(&phrase, NON_ALPHANUMERIC)
            )
        }
    }
}

/// Where one link for everything leads: the one watch's own page, or all articles.
pub(super) fn more_url(content: &Content<'_>) -> String {
    match content.watches {
        [watch] => watch_url(watch, content),
        _ => watch_url(&Watch::All, content),
    }
}
