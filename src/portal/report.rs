//! What `loa try` says about one page: each field with the rule that found it, for people and for scripts.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use serde_json::{Value, json};
use url::Url;

use super::definition::Portal;
use super::extract::{self, ExtractError, ListItem, ListPage, Page};
use super::profile::{BUILTIN, Profile};
use super::starter;
use crate::domain::article::{Attachment, Extracted, Published};
use crate::domain::time::vietnamese;
use crate::domain::topic::Assigned;

/// One page, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Id of the portal whose profile answered.
    pub portal: String,
    /// Name of the profile that answered.
    pub profile: String,
    /// What the page is.
    pub page: Page,
    /// Topics of the article; the caller classifies and fills them in.
    pub topics: Vec<Assigned>,
    /// The address belongs to no portal that is known: `portal` is the id that its host suggests.
    pub is_new: bool,
    /// A portal's file to begin with, where a new portal's list was read.
    pub starter: Option<String>,
}

/// Reads a page with the profiles of the portals given: those on whose site the address stands first.
pub fn read(html: &str, url: &Url, portals: &[Portal], now: DateTime<Utc>) -> Result<Reading, ExtractError> {
    let mut ordered: Vec<&Portal> = portals.iter().collect();
    ordered.sort_by_key(|portal| !super::address::is_same_site(url, &portal.base_url));
    let mut failed = None;
    for portal in ordered {
        match extract::any(html, url, &portal.all_profiles(), now) {
            Ok(found) => {
                let (portal, profile) = (portal.id.clone(), found.profile);
                return Ok(Reading {
                    portal,
                    profile,
                    page: with_losses_told(found.page),
                    topics: Vec::new(),
                    is_new: false,
                    starter: None,
                });
            }
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    Err(failed.unwrap_or_else(|| ExtractError::LayoutNotRecognised {
        url: url.to_string(),
        profiles: "no profile".to_owned(),
        missing: "no portal is configured".to_owned(),
    }))
}

/// Reads a page of a website that no portal's file describes, with all compiled-in profiles; what fits anything goes last.
pub fn read_new(html: &str, url: &Url, now: DateTime<Utc>) -> Result<Reading, ExtractError> {
    let all = BUILTIN.iter().filter_map(|(name, _)| Profile::builtin(name));
    let profiles: Vec<Profile> = all.filter(|p| p.is_for(url)).collect();
    let found = extract::any(html, url, &profiles, now)?;
    let read_by = profiles.iter().find(|p| p.name == found.profile);
    let starter = match (&found.page, read_by) {
        (Page::List(_), Some(profile)) => {
            let site = extract::site(html, url, profile);
            Some(starter::file(url, &site, profile, now))
        }
        _ => None,
    };
    Ok(Reading {
        portal: starter::id(url),
        profile: found.profile,
        page: with_losses_told(found.page),
        topics: Vec::new(),
        is_new: true,
        starter,
    })
}

/// The page as it was read, with a warning about what a poll mends before it stores an article.
fn with_losses_told(mut page: Page) -> Page {
    if let Page::Article(article) = &mut page {
        let fields = extract::mend(&mut article.clone()).join(", ");
        if !fields.is_empty() {
            article.warnings.push(format!(
                "{fields}: shows entities that lost their ampersand (such as \"rdquo;\"); they are mended when the article is stored"
            ));
        }
    }
    page
}

impl Reading {
    /// The article, where the page is one.
    pub fn article(&self) -> Option<&Extracted> {
        match &self.page {
            Page::Article(article) => Some(article),
            Page::List(_) | Page::NotThere => None,
        }
    }

    /// The object that `loa try --json` prints.
    pub fn json(&self) -> Value {
        match &self.page {
            Page::Article(article) => self.article_json(article),
            Page::List(list) => self.list_json(list),
            Page::NotThere => json!({
                "kind": "not-there", "portal": self.portal, "is_new_portal": self.is_new, "profile": self.profile,
                "warnings": ["the portal says that there is no such article"],
            }),
        }
    }

    fn article_json(&self, article: &Extracted) -> Value {
        json!({
            "kind": "article",
            "portal": self.portal,
            "is_new_portal": self.is_new,
            "profile": self.profile,
            "key": article.key,
            "url": article.url,
            "title": article.title,
            "lead": article.lead,
            "source": article.source,
            "author": article.author,
            "published": article.published.map(rfc3339),
            "precision": article.published.map(|p| p.precision),
            "section": article.section,
            "body_html": article.body_html,
            "body_text": article.body_text,
            "images": article.images,
            "attachments": article.attachments,
            "topics": self.topics,
            "rules": article.rules,
            "warnings": article.warnings,
        })
    }

    fn list_json(&self, list: &ListPage) -> Value {
        let items = list.items.iter().map(|item| {
            json!({
                "key": item.key, "url": item.url, "title": item.title, "title_is_cut": item.title_is_cut,
                "published": item.published.map(rfc3339),
            })
        });
        json!({
            "kind": "list",
            "portal": self.portal,
            "is_new_portal": self.is_new,
            "starter": self.starter,
            "profile": self.profile,
            "items": items.collect::<Vec<_>>(),
            "next": list.next,
            "feeds": list.feeds,
            "warnings": list.warnings,
        })
    }

    /// The same as text for people.
    pub fn text(&self) -> String {
        let head = |kind: &str| {
            if self.is_new {
                return format!(
                    "{kind}, at an address of no configured portal: tried with all compiled-in profiles, read with {}\n",
                    self.profile
                );
            }
            format!(
                "{kind}, read with profile {} of portal {}\n",
                self.profile, self.portal
            )
        };
        match &self.page {
            Page::Article(article) => format!("{}{}", head("Article"), self.article_text(article)),
            Page::List(list) => format!("{}{}{}", head("List"), list_text(list), self.next_steps(list)),
            Page::NotThere => format!(
                "{}The portal says that there is no such article: the page stands where the article was, or will be. A poll \
                 stores nothing of it, keeps what it stored before, and looks again later. If a browser shows the article \
                 at this address, the portal fills the page in by a script, which Loa does not run.\n",
                head("No article")
            ),
        }
    }

    /// For a new portal: a file to begin with, and what to do with it.
    fn next_steps(&self, list: &ListPage) -> String {
        let Some(file) = &self.starter else {
            return String::new();
        };
        let name = format!("{}.toml", self.portal);
        let item = list
            .items
            .first()
            .map_or("ADDRESS OF AN ARTICLE", |item| item.url.as_str());
        let lines: Vec<String> = file.lines().map(|line| format!("{line}\n")).collect();
        format!(
            "\nA portal's file to begin with. Save it as {name} and correct the names; id, authority and year become part of\n\
             every feed item's identity and never change afterwards.\n\n{}\nThen look at articles, and at the whole:\n\
             \n  LOA__PORTALS={name} loa try '{item}'\n  LOA__PORTALS={name} loa check\n  \
             LOA__PORTALS={name} loa poll --portal {}\n",
            lines.concat(),
            self.portal
        )
    }

    fn article_text(&self, article: &Extracted) -> String {
        let published = article.published.map(vietnamese);
        let fields = [
            ("key", Some(article.key.as_str())),
            ("title", Some(article.title.as_str())),
            ("published", published.as_deref()),
            ("section", article.section.as_deref()),
            ("source", article.source.as_deref()),
            ("author", article.author.as_deref()),
            ("lead", article.lead.as_deref()),
        ];
        let mut out = format!("  {:<10} {}\n", "address", article.url);
        for (name, value) in fields {
            out += &field(name, value.unwrap_or("-"), article.rules.get(name));
        }
        let paragraphs = article.body_text.lines().count();
        let size = format!(
            "{paragraphs} paragraphs, {} characters",
            article.body_text.chars().count()
        );
        out += &field("body", &size, article.rules.get("body"));
        for image in &article.images {
            out += &field(
                "picture",
                &format!(
                    "{} ({})",
                    image.src,
                    image.caption.as_deref().unwrap_or("no caption")
                ),
                None,
            );
        }
        for file in &article.attachments {
            out += &field("file", &file_text(file), None);
        }
        for topic in &self.topics {
            out += &topic_text(topic);
        }
        out += &warnings_text(&article.warnings);
        format!("{out}\n{}\n", article.body_text)
    }
}

/// A file's address with its media type and size, where they are known.
fn file_text(file: &Attachment) -> String {
    let size = file.size_bytes.map(|bytes| match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    });
    let known: Vec<&str> = [file.media_type.as_deref(), size.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    if known.is_empty() {
        file.url.clone()
    } else {
        format!("{} ({})", file.url, known.join(", "))
    }
}

fn field(name: &str, value: &str, rule: Option<&String>) -> String {
    let rule = rule.map(|rule| format!("   [{rule}]")).unwrap_or_default();
    format!("  {name:<10} {value}{rule}\n")
}

fn topic_text(topic: &Assigned) -> String {
    let evidence = topic
        .evidence
        .iter()
        .map(|e| format!("{:?} ×{}", e.phrase, e.count));
    field(
        "topic",
        &format!(
            "{} {:.1}: {}",
            topic.slug,
            topic.score,
            evidence.collect::<Vec<_>>().join(", ")
        ),
        None,
    )
}

fn list_text(list: &ListPage) -> String {
    let item = |(number, item): (usize, &ListItem)| {
        let date = item
            .published
            .map(|p| format!(" ({})", vietnamese(p)))
            .unwrap_or_default();
        format!(
            "  {:>3}. {}{date}\n       {} {}\n",
            number + 1,
            item.title,
            item.key,
            item.url
        )
    };
    let items: Vec<String> = list.items.iter().enumerate().map(item).collect();
    let next = list.next.as_ref().map_or("none", Url::as_str);
    let feeds: Vec<String> = list
        .feeds
        .iter()
        .map(|feed| format!("  its feed: {feed}\n"))
        .collect();
    format!(
        "{}  next page: {next}\n{}{}",
        items.concat(),
        feeds.concat(),
        warnings_text(&list.warnings)
    )
}

fn warnings_text(warnings: &[String]) -> String {
    let lines: Vec<String> = warnings
        .iter()
        .map(|warning| format!("  warning: {warning}\n"))
        .collect();
    lines.concat()
}

/// In Vietnam's zone, as the page shows it. A date without a time stands at 00:00; `precision` says so.
fn rfc3339(published: Published) -> String {
    published
        .at
        .with_timezone(&Ho_Chi_Minh)
        .to_rfc3339_opts(SecondsFormat::Secs, false)
}
