//! Profiles: how to read the pages of a family of portals, as data.

use scraper::{ElementRef, Html, Selector};
use serde::Deserialize;
use url::Url;

use super::address::AddressPattern;

/// How to read a portal family's list and article pages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name by which portal files choose it, such as `liferay62`.
    pub name: String,
    /// How the parts of an article are found.
    pub kind: Kind,
    /// Whether the profile was written from real pages; readings of an unproven one carry a warning.
    #[serde(default = "yes")]
    pub proven: bool,
    /// Hosts that it was written for, with all that are under them; empty where it is for any. `loa try` takes it for a new
    /// portal only there; a portal's file may name it anywhere.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Which addresses are articles; profiles of kind [`Kind::Generic`] and [`Kind::Feed`] need no pattern.
    #[serde(default)]
    pub address: Address,
    /// List pages.
    #[serde(default)]
    pub list: ListRule,
    /// CSS selectors of the parts; the first that finds text wins.
    #[serde(default)]
    pub selectors: Selectors,
    /// Texts that stand around the parts, for `kind = "text-order"`.
    #[serde(default)]
    pub order: TextOrder,
    /// A text that, as an article page's only content, means "no such article" with status 200.
    #[serde(default)]
    pub soft_404: Option<String>,
}

fn yes() -> bool {
    true
}

/// How the parts of an article page are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// By CSS selectors: the family's class names are known.
    Selectors,
    /// By the order of the texts: class names are unknown or differ from site to site.
    TextOrder,
    /// By what pages of all families have in common: metadata, headings, where things stand. Needs no pattern.
    Generic,
    /// Not at all: the profile reads the portal's own RSS, Atom or JSON feed as a list, and no article. A section with no
    /// other profile leaves its articles to [`GENERIC`].
    Feed,
}

/// Which addresses are articles, and what their key says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Pattern of an article's address, with its key; several are tried in their order. None at all fits no address.
    #[serde(default)]
    pub article: AddressPattern,
    /// The key is the creation time in Unix milliseconds: a fallback where the page shows no date.
    #[serde(default)]
    pub key_is_unix_millis: bool,
}

/// How list pages are read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListRule {
    /// Only links inside these elements are items; the whole page where empty.
    pub within: Vec<Css>,
    /// Links inside these elements are never items.
    pub without: Vec<Css>,
    /// Query parameters that count the pages (from 1); the whole name, or its ending after `_`.
    pub page_params: Vec<String>,
    /// Texts of a link to the next page.
    pub next_texts: Vec<String>,
}

/// Selectors of an article's parts, each list in order of preference.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selectors {
    /// Title.
    pub title: Vec<Css>,
    /// Date line. A `datetime` or `content` attribute is read before the text.
    pub date: Vec<Css>,
    /// Lead (sapo).
    pub lead: Vec<Css>,
    /// Author or signature.
    pub author: Vec<Css>,
    /// Element that holds the body.
    pub body: Vec<Css>,
    /// The section in the breadcrumb.
    pub section: Vec<Css>,
    /// Elements that never belong to a text: related articles, share buttons, counters.
    pub remove: Vec<Css>,
}

/// Texts by which an article page in an unknown mark-up is read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextOrder {
    /// What the breadcrumb begins with; the section's name follows on the same line.
    pub breadcrumb: Vec<String>,
    /// Lines that stand between the head and the body (`Xem với cỡ chữ`).
    pub start: Vec<String>,
    /// Lines that end the body (`Các tin khác`, the counters, the footer).
    pub end: Vec<String>,
    /// Lines that never belong to a text, by their beginning.
    pub drop: Vec<String>,
    /// Whether the last line of the body may be a signature.
    pub signature: bool,
}

/// A CSS selector that has been checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Css {
    /// As written in the profile; `loa try` shows it as the rule.
    pub text: String,
    selector: Selector,
    /// A class that every element has that fits, where the text tells one.
    class: Option<String>,
}

impl Css {
    /// Whether an element fits.
    pub fn matches(&self, element: &ElementRef<'_>) -> bool {
        // Most elements have not the class; to see so costs a fraction of matching.
        let may_fit = self.class.as_ref().is_none_or(|class| {
            let mut attributes = element.value().attrs();
            attributes.any(|(name, value)| {
                name == "class" && value.len() >= class.len() && value.contains(class.as_str())
            })
        });
        may_fit && self.selector.matches(element)
    }

    /// The elements that fit, in the document's order.
    pub fn select<'a>(&self, document: &'a Html) -> impl Iterator<Item = ElementRef<'a>> {
        let elements = document.tree.nodes().filter_map(ElementRef::wrap);
        // Nodes that the parser took out of the tree again are none of the document's.
        elements.filter(|element| element.parent().is_some() && self.matches(element))
    }
}

/// The first class in the last part of a simple selector: what fits has it. Lists, functions, attributes and escapes are
/// not looked into.
fn class_of(text: &str) -> Option<&str> {
    if text.contains([',', ':', '[', '(', '\\', '/', '|']) {
        return None;
    }
    let last = text.trim().rsplit([' ', '\t', '\n', '>', '+', '~']).next()?;
    let (_, class) = last.split_once('.')?;
    let end = class.find(['.', '#']).unwrap_or(class.len());
    Some(&class[..end]).filter(|class| !class.is_empty())
}

impl TryFrom<String> for Css {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match Selector::parse(&text) {
            Ok(selector) => Ok(Self {
                class: class_of(&text).map(str::to_owned),
                text,
                selector,
            }),
            Err(e) => Err(format!("{text:?} is not a CSS selector: {e}")),
        }
    }
}

/// The profiles that are compiled in: name and TOML text.
pub const BUILTIN: &[(&str, &str)] = &[
    (
        "liferay62",
        include_str!("../../config/portals/profiles/liferay62.toml"),
    ),
    ("3cms", include_str!("../../config/portals/profiles/3cms.toml")),
    (
        "quangtri-tin-tuc",
        include_str!("../../config/portals/profiles/quangtri-tin-tuc.toml"),
    ),
    (
        "vccorp",
        include_str!("../../config/portals/profiles/vccorp.toml"),
    ),
    (
        "nukeviet4",
        include_str!("../../config/portals/profiles/nukeviet4.toml"),
    ),
    (
        "sharepoint",
        include_str!("../../config/portals/profiles/sharepoint.toml"),
    ),
    ("feed", include_str!("../../config/portals/profiles/feed.toml")),
    (
        GENERIC,
        include_str!("../../config/portals/profiles/generic.toml"),
    ),
];

/// The profile of portals whose file names none, tried last elsewhere.
pub const GENERIC: &str = "generic";

impl Profile {
    /// Whether the profile was written for the host of an address, or for any.
    pub fn is_for(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let is_under =
            |known: &String| host == known || host.strip_suffix(known).is_some_and(|h| h.ends_with('.'));
        self.hosts.is_empty() || self.hosts.iter().any(is_under)
    }

    /// Reads a profile; the error names the key and line.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// A compiled-in profile by name.
    pub fn builtin(name: &str) -> Option<Self> {
        let (_, text) = BUILTIN.iter().find(|(known, _)| *known == name)?;
        Self::from_toml(text).ok()
    }
}
