//! A portal's file to begin with: what one list page of a website that nobody has described yet tells about it.

use chrono::{DateTime, Datelike as _, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use url::Url;

use super::extract::Site;
use super::profile::{GENERIC, Kind, Profile};

/// Endings of hosts that say nothing about whose website it is.
const SUFFIXES: &[&str] = &[
    ".gov.vn", ".edu.vn", ".org.vn", ".com.vn", ".net.vn", ".vn", ".com", ".org", ".net",
];

/// The id that a website's host suggests: `sokhcn-quangtri` for `www.sokhcn.quangtri.gov.vn`.
pub fn id(url: &Url) -> String {
    let host = host(url);
    let name = SUFFIXES
        .iter()
        .find_map(|s| host.strip_suffix(s))
        .unwrap_or(&host);
    let id = slug(name);
    if id.is_empty() { "portal".to_owned() } else { id }
}

/// The file: TOML, ready to save. `profile` is the one that read the page; one that no real page has proven yet gets the
/// generic one behind it.
pub fn file(url: &Url, site: &Site, profile: &Profile, now: DateTime<Utc>) -> String {
    let mut base = url.clone();
    base.set_path("/");
    base.set_query(None);
    base.set_fragment(None);
    let last = site.path.split('?').next().unwrap_or_default();
    let last = last.split('/').rfind(|s| !s.is_empty()).unwrap_or_default();
    let section = slug(last.split('.').next().unwrap_or(last));
    let section = if section.is_empty() { "tin-tuc" } else { &section };
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let profiles = if profile.proven || profile.kind == Kind::Generic {
        quoted(&profile.name)
    } else {
        format!("[{}, {}]", quoted(&profile.name), quoted(GENERIC))
    };
    let portal = [
        ("id", quoted(&id(url))),
        ("name", quoted(&site.name)),
        ("base_url", quoted(base.as_str())),
        ("authority", quoted(&host(url))),
        ("year", now.with_timezone(&Ho_Chi_Minh).year().to_string()),
        ("profile", profiles),
    ];
    let section = [
        ("slug", quoted(section)),
        ("title", quoted(&site.section)),
        ("path", quoted(&site.path)),
        ("schedule", quoted("0 */15 * * * *")),
    ];
    let lines = |keys: &[(&str, String)]| {
        let lines: Vec<String> = keys
            .iter()
            .map(|(key, value)| format!("{key} = {value}\n"))
            .collect();
        lines.concat()
    };
    format!("{}\n[[section]]\n{}", lines(&portal), lines(&section))
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("localhost");
    host.trim_start_matches("www.")
        .trim_matches(['[', ']'])
        .to_owned()
}

/// Lower-case letters, digits and single hyphens.
fn slug(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}
