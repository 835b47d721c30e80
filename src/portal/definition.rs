//! A portal's file: which website, which sections, and which profiles may read them.

use serde::Deserialize;
use url::Url;

use super::profile::{BUILTIN as PROFILES, GENERIC, Kind, Profile};

/// One website that is polled, as its file describes it.
#[derive(Debug, Clone)]
pub struct Portal {
    /// Stable id, such as `quangtri`; part of every article's identity, never changed.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Origin that is polled; sections' paths hang on it.
    pub base_url: Url,
    /// Authority of the feeds' tag URIs (RFC 4151); never changed.
    pub authority: String,
    /// Year of the feeds' tag URIs; never changed.
    pub year: i32,
    /// Candidate profiles, in order of preference; which one answers is found at run time.
    pub profiles: Vec<Profile>,
    /// `Accept-Language` of every request: labels follow it.
    pub accept_language: String,
    /// A PEM file of certificates to trust besides the system's, for an incomplete chain.
    pub extra_ca_file: Option<String>,
    /// Accept any certificate. Logs a warning at each start.
    pub accept_invalid_certs: bool,
    /// The list pages.
    pub sections: Vec<Section>,
}

/// One list page of a portal: the unit of polling.
#[derive(Debug, Clone)]
pub struct Section {
    /// Stable name within the portal, part of feed addresses.
    pub slug: String,
    /// Title for people.
    pub title: String,
    /// Path of the list page, from `/`.
    pub path: String,
    /// Six-field cron expression (seconds first), in `Asia/Ho_Chi_Minh`.
    pub schedule: String,
    /// Slugs of the topics that standing in this section vouches for.
    pub topics: Vec<String>,
    /// Candidate profiles of this section: its own, or the portal's.
    pub profiles: Vec<Profile>,
}

/// What is wrong with a portal's file.
#[derive(Debug, thiserror::Error)]
pub enum PortalFileError {
    /// Not TOML, an unknown key, or a missing one; the text names the key and the line.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A profile that is neither compiled in nor defined in the file.
    #[error(
        "unknown profile {name:?}; compiled in are {known}, or define it in the file as [[own_profile]]",
        known = PROFILES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    )]
    UnknownProfile {
        /// The name in the file.
        name: String,
    },
    /// A key with a value that cannot be.
    #[error("{key}: {problem}")]
    Value {
        /// The key, such as `section.path`.
        key: &'static str,
        /// What is wrong and what would be right.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the names are the keys of the file")]
struct File {
    id: String,
    name: String,
    base_url: Url,
    authority: String,
    year: i32,
    #[serde(default = "generic")]
    profile: Names,
    #[serde(default = "vietnamese_first")]
    accept_language: String,
    extra_ca_file: Option<String>,
    #[serde(default)]
    accept_invalid_certs: bool,
    #[serde(default)]
    section: Vec<FileSection>,
    #[serde(default)]
    own_profile: Vec<Profile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSection {
    slug: String,
    title: String,
    path: String,
    schedule: String,
    #[serde(default)]
    topics: Vec<String>,
    profile: Option<Names>,
}

/// One name, or several in order of preference.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

/// A portal that names no profile is read by what pages of all families have in common.
fn generic() -> Names {
    Names::One(GENERIC.to_owned())
}

fn vietnamese_first() -> String {
    "vi,en;q=0.5".to_owned()
}

/// The portals that are compiled in: id and TOML text.
const BUILTIN: &[(&str, &str)] = &[
    ("quangtri", include_str!("../../config/portals/quangtri.toml")),
    (
        "sotttt-hanoi",
        include_str!("../../config/portals/sotttt-hanoi.toml"),
    ),
];

impl Portal {
    /// Reads a portal's file.
    pub fn from_toml(text: &str) -> Result<Self, PortalFileError> {
        let file: File = toml::from_str(text)?;
        check(&file)?;
        let profiles = resolve(&file.profile, &file.own_profile)?;
        let sections = file
            .section
            .into_iter()
            .map(|s| section(s, &profiles, &file.own_profile));
        Ok(Self {
            sections: sections.collect::<Result<_, _>>()?,
            id: file.id,
            name: file.name,
            base_url: file.base_url,
            authority: file.authority,
            year: file.year,
            profiles,
            accept_language: file.accept_language,
            extra_ca_file: file.extra_ca_file,
            accept_invalid_certs: file.accept_invalid_certs,
        })
    }

    /// The text of a compiled-in portal's file.
    pub fn builtin(id: &str) -> Option<&'static str> {
        BUILTIN
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, text)| *text)
    }

    /// Ids of the compiled-in portals.
    pub fn builtin_ids() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(id, _)| *id)
    }

    /// The same portal, with the same identity, polled elsewhere (a replica).
    #[must_use]
    pub fn with_base_url(mut self, url: Url) -> Self {
        self.base_url = url;
        self
    }

    /// A section by its slug.
    pub fn section(&self, slug: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.slug == slug)
    }

    /// Address of a section's first list page.
    pub fn section_url(&self, section: &Section) -> Url {
        self.base_url
            .join(&section.path)
            .unwrap_or_else(|_| self.base_url.clone())
    }

    /// Whether one of its sections may be a feed: then answers in XML and JSON are welcome.
    pub fn reads_feeds(&self) -> bool {
        let sections = self.sections.iter().flat_map(|s| &s.profiles);
        self.profiles.iter().chain(sections).any(|p| p.kind == Kind::Feed)
    }

    /// Every profile that the portal or one of its sections names, each once, the portal's first.
    pub fn all_profiles(&self) -> Vec<Profile> {
        let mut all: Vec<Profile> = Vec::new();
        for profile in self
            .profiles
            .iter()
            .chain(self.sections.iter().flat_map(|s| &s.profiles))
        {
            if !all.iter().any(|p| p.name == profile.name) {
                all.push(profile.clone());
            }
        }
        all
    }
}

fn section(section: FileSection, portal: &[Profile], own: &[Profile]) -> Result<Section, PortalFileError> {
    let profiles = match &section.profile {
        Some(names) => resolve(names, own)?,
        None => portal.to_vec(),
    };
    let FileSection {
        slug,
        title,
        path,
        schedule,
        topics,
        profile: _,
    } = section;
    Ok(Section {
        slug,
        title,
        path,
        schedule,
        topics,
        profiles,
    })
}

fn resolve(names: &Names, own: &[Profile]) -> Result<Vec<Profile>, PortalFileError> {
    let names = match names {
        Names::One(name) => std::slice::from_ref(name),
        Names::Many(names) => names,
    };
    let find = |name: &String| {
        let defined = own.iter().find(|p| p.name == *name).cloned();
        defined
            .or_else(|| Profile::builtin(name))
            .ok_or_else(|| PortalFileError::UnknownProfile { name: name.clone() })
    };
    if names.is_empty() {
        return Err(wrong("profile", "name at least one profile".to_owned()));
    }
    let mut profiles = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    for profile in &profiles {
        if profile.address.article.is_empty() && matches!(profile.kind, Kind::Selectors | Kind::TextOrder) {
            let problem = format!("profile {:?} must name the pattern of its articles", profile.name);
            return Err(wrong("address.article", problem));
        }
    }
    share_patterns_with_feeds(&mut profiles);
    Ok(profiles)
}

/// A feed's entries carry the keys that the pages' own profiles find in their addresses.
fn share_patterns_with_feeds(profiles: &mut [Profile]) {
    let is_feed = |p: &&mut Profile| p.kind == Kind::Feed;
    let pages = profiles.iter().filter(|p| p.kind != Kind::Feed);
    let patterns: Vec<_> = pages.map(|p| p.address.article.clone()).collect();
    for feed in profiles.iter_mut().filter(is_feed) {
        for pattern in &patterns {
            feed.address.article.extend(pattern);
        }
    }
}

fn wrong(key: &'static str, problem: String) -> PortalFileError {
    PortalFileError::Value { key, problem }
}

fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn check(file: &File) -> Result<(), PortalFileError> {
    if !is_slug(&file.id) {
        return Err(wrong(
            "id",
            format!("{:?} must be lower-case letters, digits and hyphens", file.id),
        ));
    }
    if !matches!(file.base_url.scheme(), "http" | "https") || file.base_url.host_str().is_none() {
        return Err(wrong(
            "base_url",
            format!("{} must begin with https:// or http://", file.base_url),
        ));
    }
    for (index, section) in file.section.iter().enumerate() {
        if !is_slug(&section.slug) {
            let problem = format!(
                "{:?} must be lower-case letters, digits and hyphens",
                section.slug
            );
            return Err(wrong("section.slug", problem));
        }
        if file.section[..index].iter().any(|s| s.slug == section.slug) {
            return Err(wrong("section.slug", format!("{:?} stands twice", section.slug)));
        }
        if !section.path.starts_with('/') || section.path.starts_with("//") {
            return Err(wrong(
                "section.path",
                format!("{:?} must begin with one /", section.path),
            ));
        }
        check_schedule(section)?;
    }
    Ok(())
}

fn check_schedule(section: &FileSection) -> Result<(), PortalFileError> {
    use croner::parser::{CronParser, Seconds};
    let parser = CronParser::builder().seconds(Seconds::Required).build();
    parser.parse(&section.schedule).map(|_| ()).map_err(|e| {
        let problem = format!(
            "{:?} of section {:?} is not a six-field cron expression such as \"0 */15 * * * *\": {e}",
            section.schedule, section.slug
        );
        wrong("section.schedule", problem)
    })
}
