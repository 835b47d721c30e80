//! What a list page says about the website that it belongs to, for a new portal's file.

use scraper::Html;
use url::Url;

use super::metadata::Metadata;
use super::page::Page;
use super::paging;
use crate::portal::profile::Profile;

/// What a page says about its website and its section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The website's name as the page writes it, else its host.
    pub name: String,
    /// The section's name.
    pub section: String,
    /// Path and query of the section's first page.
    pub path: String,
}

/// Reads what a list page says about its website. `profile` tells how pages of a list are counted.
pub fn site(html: &str, url: &Url, profile: &Profile) -> Site {
    let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
    let path = paging::first(url, &profile.list);
    let mut told = Told::default();
    if !crate::portal::extract::breakage::is_too_deep(html) {
        told = Told::read(&Html::parse_document(html));
    }
    Site {
        name: told.name.unwrap_or_else(|| host.to_owned()),
        section: told.section.unwrap_or_else(|| "Tin tức".to_owned()),
        path,
    }
}

#[derive(Default)]
struct Told {
    name: Option<String>,
    section: Option<String>,
}

/// Names of sections and sites are no longer (characters).
const LONGEST: usize = 120;

/// Words with which a public body's name, or its portal's, begins.
const OWNERS: &[&str] = &[
    "cổng",
    "trang thông tin",
    "trang tin",
    "sở",
    "ubnd",
    "ủy ban",
    "uỷ ban",
    "bộ",
    "báo",
    "xã",
    "phường",
    "tỉnh",
    "thành phố",
    "công an",
    "trường",
    "bệnh viện",
    "viện",
    "cục",
    "chi cục",
    "trung tâm",
    "website",
];

/// Whether a part of a page's title names the website rather than the section.
fn is_owner(part: &str) -> bool {
    let lower = part.to_lowercase();
    OWNERS
        .iter()
        .any(|word| lower.strip_prefix(word).is_some_and(|rest| rest.starts_with(' ')))
}

impl Told {
    fn read(document: &Html) -> Self {
        let metadata = Metadata::read(document);
        let parts: Vec<&str> = metadata
            .title
            .split(['|', '»', '›'])
            .flat_map(|part| part.split(" - "))
            .flat_map(|part| part.split(" – "))
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        let fits = |text: &&str| (2..=LONGEST).contains(&text.chars().count());
        let named = metadata
            .first(&["og:site_name", "application-name"])
            .map(|(name, _)| name);
        let owner = parts
            .iter()
            .rev()
            .find(|part| is_owner(part))
            .or(parts.last())
            .copied();
        let name = named.or(owner).filter(fits);
        let page = Page::new(document);
        let heading = page
            .elements
            .iter()
            .find(|e| e.name() == "h1" && e.lines.len() == 1)
            .map(|e| page.lines[e.lines.start].text())
            .filter(|text| Some(*text) != name);
        let other = parts.iter().copied().find(|part| Some(*part) != name);
        let section = other.or(heading).filter(fits);
        Self {
            name: name.map(str::to_owned),
            section: section.map(str::to_owned),
        }
    }
}
