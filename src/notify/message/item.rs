//! What a reader sees of one article, and why it is there.

use std::cell::OnceCell;

use crate::domain::{
    article::{Article, Precision, Published},
    subscription::Language,
    text, time,
    topic::{Assigned, Label, Place},
    watch::Watch,
};

use super::{
    Content,
    words::{Words, words},
};

/// Characters of an excerpt: two or three sentences, what the law on re-publishing calls a short quotation.
pub(super) const EXCERPT_CHARS: usize = 300;
/// Characters of a title; the longest seen on a portal have about 250.
const TITLE_CHARS: usize = 300;
const SOURCE_CHARS: usize = 80;
/// Phrases told as evidence for a topic: three convince, more bore.
const PHRASES: usize = 3;
/// Characters of the whole reason, whatever somebody watches.
const WHY_CHARS: usize = 400;
/// Bytes of an article's address: past this it is no page of a portal, and Loa's own is told instead.
const URL_BYTES: usize = 1000;
/// Bytes of HTML around the link with which a reader says that a topic is wrong.
const DOUBT_BYTES: usize = 170;
/// Bytes of HTML around an item's texts.
const FRAME_BYTES: usize = 1100;

/// An article, and its text as phrases are looked for in it: made once, and only if somebody watches a phrase.
pub(super) struct Reading<'a> {
    pub article: &'a Article,
    searched: OnceCell<(String, String)>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(article: &'a Article) -> Self {
        Self {
            article,
            searched: OnceCell::new(),
        }
    }

    /// Whether a watch asks for this article, as far as the article itself tells.
    pub(super) fn matches(&self, watch: &Watch) -> bool {
        let article = self.article;
        match watch {
            Watch::All => true,
            Watch::Topic(slug) => article.topics.iter().any(|t| t.slug == *slug),
            Watch::Section { portal, slug } => {
                *portal == article.portal && article.sections.iter().any(|(s, _)| s == slug)
            }
            Watch::Phrase(phrase) => {
                let (normalised, folded) = self.searched.get_or_init(|| {
                    let lead = article.lead.as_deref().unwrap_or_default();
                    let all = text::normalise(&format!("{}\n{lead}\n{}", article.title, article.body_text));
                    let folded = text::fold(&all);
                    (all, folded)
                });
                Watch::phrase_matches(phrase, normalised, folded)
            }
        }
    }
}

/// One article as all messages show it; plain text, one line each, nothing escaped.
pub(super) struct Item {
    pub title: String,
    /// The portal's page, or Loa's where the portal's address is unusable.
    pub url: String,
    /// Loa's page.
    pub page: String,
    /// Where to say that its topics are wrong; none without topics.
    pub doubt: Option<String>,
    /// `Cổng TTĐT · 07:51, Thứ Năm, 30/11/2023`.
    pub meta: String,
    pub lead: String,
    pub why: String,
}

impl Item {
    pub(super) fn new(reading: &Reading<'_>, content: &Content<'_>) -> Self {
        let article = reading.article;
        let words = words(content.language);
        let page = format!("{}/articles/{}", content.links.public_url, article.id);
        let title = clean(&article.title, TITLE_CHARS);
        let source = article
            .source
            .as_deref()
            .filter(|s| !s.trim().is_empty())
            .unwrap_or(content.portal_name);
        let lead = article
            .lead
            .as_deref()
            .filter(|s| !s.trim().is_empty())
            .unwrap_or(&article.body_text);
        Self {
            title: if title.is_empty() {
                words.untitled.to_owned()
            } else {
                title
            },
            url: web_url(&article.url).unwrap_or_else(|| page.clone()),
            doubt: (!article.topics.is_empty()).then(|| format!("{page}/topics")),
            page,
            meta: format!(
                "{} · {}",
                clean(source, SOURCE_CHARS),
                when(article, content.language)
            ),
            lead: clean(lead, EXCERPT_CHARS),
            why: clean(&why(reading, content), WHY_CHARS),
        }
    }

    /// Bytes of HTML that a mail shows it with, or a few more: `<`, `>`, `&` and quotation marks take five.
    pub(super) fn html_bytes(&self) -> usize {
        let escaped = |text: &str| {
            let marks = text
                .bytes()
                .filter(|b| matches!(b, b'<' | b'>' | b'&' | b'"' | b'\''));
            text.len() + 4 * marks.count()
        };
        let texts = [&self.title, &self.meta, &self.lead, &self.why, &self.page];
        let doubt = self.doubt.as_ref().map_or(0, |url| DOUBT_BYTES + url.len());
        FRAME_BYTES + doubt + texts.iter().map(|text| escaped(text)).sum::<usize>() + 2 * escaped(&self.url)
    }
}

/// The name of a watch as a message says it. `sections` are known (slug, title) pairs.
pub fn watch_name(
    watch: &Watch,
    labels: &[Label],
    sections: &[(String, String)],
    language: Language,
) -> String {
    let words = words(language);
    match watch {
        Watch::All => words.all.to_owned(),
        Watch::Topic(slug) => topic_name(slug, labels, language),
        Watch::Section { slug, .. } => {
            let title = sections.iter().find(|(s, _)| s == slug).map_or(slug, |(_, t)| t);
            format!("{} {title}", words.section)
        }
        Watch::Phrase(phrase) => format!("{} “{phrase}”", words.phrase),
    }
}

pub(super) fn name_for(watch: &Watch, article: &Article, content: &Content<'_>) -> String {
    watch_name(watch, content.labels, &article.sections, content.language)
}

/// `Khoa học và công nghệ (“đề tài khoa học”); cụm từ “lũ”`; the article's own topics where no watch explains it.
fn why(reading: &Reading<'_>, content: &Content<'_>) -> String {
    let article = reading.article;
    let words = words(content.language);
    let topic = |t: &Assigned| {
        let name = topic_name(&t.slug, content.labels, content.language);
        format!("{name}{}", evidence(t, words))
    };
    let mut reasons: Vec<String> = article
        .topics
        .iter()
        .filter(|t| content.watches.contains(&Watch::Topic(t.slug.clone())))
        .map(topic)
        .collect();
    let others = content
        .watches
        .iter()
        .filter(|w| !matches!(w, Watch::Topic(_)) && reading.matches(w));
    reasons.extend(others.map(|w| name_for(w, article, content)));
    if reasons.is_empty() {
        reasons.extend(article.topics.iter().map(topic));
    }
    reasons.join("; ")
}

/// The phrases that made a topic, each once: the title and the text often say the same.
fn evidence(assigned: &Assigned, words: &Words) -> String {
    let mut told: Vec<String> = Vec::new();
    for evidence in &assigned.evidence {
        let phrase = match evidence.place {
            Place::Section => words.by_portal.to_owned(),
            Place::Staff => words.by_staff.to_owned(),
            Place::Title | Place::Lead | Place::Body | Place::Learned => format!("“{}”", evidence.phrase),
        };
        if !told.contains(&phrase) {
            told.push(phrase);
        }
        if told.len() == PHRASES {
            break;
        }
    }
    if told.is_empty() {
        String::new()
    } else {
        format!(" ({})", told.join(", "))
    }
}

/// A topic's name; the slug where the taxonomy no longer knows it.
pub(super) fn topic_name(slug: &str, labels: &[Label], language: Language) -> String {
    let label = labels.iter().find(|l| l.slug == slug);
    label
        .map_or(slug, |l| match language {
            Language::Vi => &l.vi,
            Language::En => &l.en,
        })
        .to_owned()
}

fn when(article: &Article, language: Language) -> String {
    let shown = Published {
        at: article.shown_at(),
        precision: article.published.map_or(Precision::Minute, |p| p.precision),
    };
    match language {
        Language::Vi => time::vietnamese(shown),
        Language::En => time::english(shown),
    }
}

/// The address as browsers write it: quotation marks and the like would end it in a text. None where it leads to no page.
fn web_url(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    (is_web && url.as_str().len() <= URL_BYTES).then(|| url.into())
}

pub(super) fn capitalised(s: &str) -> String {
    let mut chars = s.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// One line without control characters, cut at a word, with an ellipsis where something is missing. Marks that turn the
/// direction of writing go too: with one of them a title reads as something else, and all that follows it.
pub(super) fn clean(s: &str, max_chars: usize) -> String {
    if text::is_plain(s) && !s.contains('\u{7F}') {
        return text::excerpt(s, max_chars);
    }
    let shown = s.chars().filter(|c| !turns_direction(*c));
    let visible: String = shown.map(|c| if c.is_control() { ' ' } else { c }).collect();
    text::excerpt(&visible, max_chars)
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
