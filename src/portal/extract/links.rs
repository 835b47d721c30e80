//! Addresses within a text: absolute, without what only counts readers, and out of the viewers that wrap them.

use url::Url;

/// Parameters that tell where a reader came from; an ending `*` stands for any rest.
const TRACKING: &[&str] = &[
    "utm_*", "fbclid", "gclid", "gbraid", "wbraid", "dclid", "msclkid", "yclid", "zarsrc", "zanpid",
    "mc_cid", "mc_eid", "igshid", "igsh", "_gl", "__cft__*", "__tn__", "mibextid", "gidzl",
];

/// Pages that show a document or lead on to another address, by host and path, with the parameter that names it.
const WRAPPERS: &[(&str, &str, &str)] = &[
    ("docs.google.com", "/viewer", "url"),
    ("docs.google.com", "/gview", "url"),
    ("docs.google.com", "/viewerng/viewer", "url"),
    ("drive.google.com", "/viewerng/viewer", "url"),
    ("view.officeapps.live.com", "/op/view.aspx", "src"),
    ("view.officeapps.live.com", "/op/embed.aspx", "src"),
    ("l.facebook.com", "/l.php", "u"),
    ("www.google.com", "/url", "q"),
];

/// The address that a link means. `None` for a place within the page and for what is no address of a page, a mailbox or a
/// telephone.
pub(super) fn target(href: &str, base: &Url) -> Option<Url> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let url = base.join(href).ok()?;
    matches!(url.scheme(), "http" | "https" | "mailto" | "tel").then(|| without_tracking(&unwrapped(url)))
}

/// The address that a viewer or a redirecting page wraps, however often; any other as it is.
fn unwrapped(mut url: Url) -> Url {
    while let Some(inner) = wrapped(&url) {
        url = inner;
    }
    url
}

fn wrapped(url: &Url) -> Option<Url> {
    let (_, _, parameter) = WRAPPERS.iter().find(|(host, path, _)| {
        url.host_str() == Some(host) && url.path().trim_end_matches('/').eq_ignore_ascii_case(path)
    })?;
    let (_, inner) = url.query_pairs().find(|(name, _)| name == parameter)?;
    let inner = Url::parse(inner.trim()).ok()?;
    matches!(inner.scheme(), "http" | "https").then_some(inner)
}

/// The address without tracking parameters; the others keep their bytes and order.
pub(super) fn without_tracking(url: &Url) -> Url {
    let mut out = url.clone();
    let Some(query) = url.query().filter(|_| matches!(url.scheme(), "http" | "https")) else {
        return out;
    };
    let is_tracking = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or(pair).to_ascii_lowercase();
        TRACKING.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *known,
        })
    };
    if query.split('&').any(|pair| is_tracking(&pair)) {
        let kept: Vec<&str> = query.split('&').filter(|pair| !is_tracking(pair)).collect();
        out.set_query((!kept.is_empty()).then(|| kept.join("&")).as_deref());
    }
    out
}
