//! Addresses of articles where no pattern is known: the portal's own number if the address carries one, else its slug.

use url::Url;

use crate::portal::address::is_same_site;
use crate::portal::extract::links::without_tracking;

/// A number in a path has at least as many digits: shorter ones count days, pages and sections.
const FEWEST_DIGITS: usize = 4;
/// How many segments from the end may carry the number.
const SEGMENTS: usize = 3;
/// Endings of files that are no pages.
const FILES: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "rtf", "zip", "rar", "7z", "jpg",
    "jpeg", "png", "gif", "webp", "svg", "bmp", "ico", "mp3", "mp4", "avi", "mov", "wmv", "css", "js", "xml",
    "rss", "json", "txt", "apk", "exe", "ics",
];
/// Endings of pages.
const PAGES: &[&str] = &[
    "html", "htm", "aspx", "asp", "php", "jsp", "shtml", "do", "chn", "epi",
];
/// Paths that are never articles, by a whole segment.
const NO_ARTICLES: &[&str] = &[
    "login",
    "dang-nhap",
    "logout",
    "register",
    "dang-ky",
    "search",
    "tim-kiem",
    "rss",
    "feed",
    "feeds",
    "sitemap",
    "lien-he",
    "contact",
    "tag",
    "tags",
    "author",
    "wp-admin",
    "wp-login.php",
    "wp-content",
    "so-do-site",
    "so-do-website",
    "print",
    "hoi-dap",
    "gop-y",
    "users",
    "account",
];
/// Parameters whose number is the article's, the surest first; a name may stand around them (`_portlet_articleId`).
const ID_PARAMS: &[&str] = &[
    "articleid",
    "itemid",
    "newsid",
    "idnews",
    "contentid",
    "postid",
    "detailid",
    "idtin",
    "tinid",
    "matin",
    "baiviet",
    "idbai",
    "nid",
    "aid",
    "docid",
    "id",
];

/// What an address says about its article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// The article's key within its portal.
    pub(super) text: String,
    /// It is the portal's number, which outlives the title.
    pub(super) is_number: bool,
}

/// The key that an address carries; `None` where it cannot be an article's.
pub(super) fn key(url: &Url) -> Option<Key> {
    let segments = segments(url);
    if segments
        .iter()
        .any(|s| NO_ARTICLES.iter().any(|no| s.eq_ignore_ascii_case(no)))
    {
        return None;
    }
    if segments.last().is_some_and(|last| has_ending(last, FILES)) {
        return None;
    }
    let number = |text: &str| {
        Some(Key {
            text: text.to_owned(),
            is_number: true,
        })
    };
    if let Some(id) = in_query(url) {
        return number(&id);
    }
    for (back, segment) in segments.iter().rev().take(SEGMENTS).enumerate() {
        let digits = if back == 0 {
            in_segment(segment)
        } else {
            whole_number(segment)
        };
        if let Some(digits) = digits {
            return number(digits);
        }
    }
    let slug = match told_slug(url) {
        Some(slug) => return Some(slug),
        None => slug_segment(&segments)?,
    };
    (slug.len() <= LONGEST_SLUG && slug.contains(|c: char| c.is_alphabetic() || c == '%')).then(|| Key {
        text: with_query(slug, url),
        is_number: false,
    })
}

/// The names of a path. A query that begins with `/` goes on with it: `/chi-tiet-tin?/ten-bai/53842117`.
fn segments(url: &Url) -> Vec<&str> {
    let more = url.query().filter(|query| query.starts_with('/'));
    let more = more.and_then(|query| query.split('&').next()).unwrap_or_default();
    let names = url.path().split('/').chain(more.split('/'));
    names.filter(|s| !s.is_empty()).collect()
}

/// `xem.php?ma=5`: a name of one word, or one made of `chi-tiet`, is a page that shows any article, and the query says
/// which.
fn with_query(slug: &str, url: &Url) -> String {
    let is_view = !slug.contains(['-', '_', '%'])
        || slug.starts_with("chi-tiet") && slug.split('-').all(|word| VIEW_WORDS.contains(&word));
    let query = url.query().filter(|query| is_view && !query.starts_with('/'));
    let named = query.and_then(|_| without_tracking(url).query().map(str::to_owned));
    named
        .filter(|query| !query.is_empty() && slug.len() + query.len() < LONGEST_SLUG)
        .map_or_else(|| slug.to_owned(), |query| format!("{slug}?{query}"))
}

/// Liferay names an article that it shows on another page: `?_portlet_urlTitle=ten-bai`.
fn told_slug(url: &Url) -> Option<Key> {
    let mut pairs = url.query_pairs();
    let (_, title) = pairs.find(|(name, _)| name.to_ascii_lowercase().ends_with("urltitle"))?;
    (!title.is_empty() && title.len() <= LONGEST_SLUG).then(|| Key {
        text: title.into_owned(),
        is_number: false,
    })
}

/// What the names of such pages are made of.
const VIEW_WORDS: &[&str] = &[
    "chi", "tiet", "tin", "tuc", "su", "kien", "bai", "viet", "van", "ban", "thong", "bao",
];

/// Longer names are no slugs (bytes, percent-encoded).
const LONGEST_SLUG: usize = 600;

/// The words of the address, for comparison with a title: in lower case, without the number.
pub(super) fn slug(url: &Url) -> String {
    let segments = segments(url);
    let longest = segments
        .iter()
        .rev()
        .take(2)
        .map(|s| stem(s))
        .max_by_key(|s| s.matches('-').count());
    longest.unwrap_or_default().to_ascii_lowercase()
}

/// The address of an article on the origin that was polled: without fragment, and without what only tracks readers.
pub(super) fn on_origin(link: &Url, page: &Url) -> Option<Url> {
    if !is_same_site(link, page) {
        return None;
    }
    let mut url = page.clone();
    url.set_path(link.path());
    url.set_fragment(None);
    url.set_query(link.query().filter(|query| !query.is_empty()));
    Some(without_tracking(&url))
}

/// Whether two addresses are one page: fragments and tracking apart.
pub(super) fn is_same_page(a: &Url, b: &Url) -> bool {
    a.path().trim_end_matches('/') == b.path().trim_end_matches('/')
        && on_origin(a, b).is_some_and(|a| a.query() == b.query())
}

/// The form of an address, with its numbers and slug taken out: articles of a list share it.
pub(super) fn shape(url: &Url, key: &Key) -> String {
    let mut shape = String::new();
    let segments = segments(url);
    let (last, folders) = segments
        .split_last()
        .map_or(("", &[][..]), |(last, rest)| (*last, rest));
    for folder in folders {
        shape.push('/');
        // A number shows an article by itself, in whatever folder of the site.
        let is_number = folder.bytes().all(|b| b.is_ascii_digit());
        shape.push_str(if is_number || key.is_number { "0" } else { folder });
    }
    shape.push('/');
    let ending = last.strip_prefix(stem(last)).unwrap_or_default();
    let is_in_path = in_segment(last).is_some_and(|digits| digits == key.text);
    if is_in_path {
        let stem = stem(last);
        // Names behind a number are cut anyhow, their endings too.
        if stem != key.text && stem.starts_with(&key.text) {
            return shape + "0-*";
        }
        shape.push_str(if stem == key.text { "0" } else { "*-0" });
    } else if key.is_number {
        shape.push_str(last);
        let mut names: Vec<String> = url
            .query_pairs()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        names.sort();
        shape.push('?');
        shape.push_str(&names.join("&"));
    } else {
        // A page of the site has a short name, an article a long one.
        shape.push_str(if stem(last).matches('-').count() >= 3 {
            "*"
        } else {
            "short"
        });
    }
    shape + ending
}

fn has_ending(segment: &str, endings: &[&str]) -> bool {
    segment
        .rsplit_once('.')
        .is_some_and(|(_, e)| endings.iter().any(|known| e.eq_ignore_ascii_case(known)))
}

/// A segment without the ending of a page.
fn stem(segment: &str) -> &str {
    match segment.rsplit_once('.') {
        Some((stem, _)) if has_ending(segment, PAGES) => stem,
        _ => segment,
    }
}

/// The longest run of digits that begins or ends a segment. A year or a date is none, for many slugs end with one; nor is a
/// short number behind a slug without an ending, or a document's (`…-quyet-dinh-so-1234`).
fn in_segment(segment: &str) -> Option<&str> {
    let stem = stem(segment);
    let from = &stem[..stem.bytes().take_while(u8::is_ascii_digit).count()];
    let until = &stem[stem.len() - stem.bytes().rev().take_while(u8::is_ascii_digit).count()..];
    let longest = if until.len() >= from.len() { until } else { from };
    let is_behind_slug = longest.len() < stem.len() && stem.ends_with(longest) && stem.len() == segment.len();
    let fewest = if is_behind_slug {
        FEWEST_DIGITS + 1
    } else {
        FEWEST_DIGITS
    };
    let is_document = stem
        .strip_suffix(longest)
        .is_some_and(|slug| slug.ends_with("-so-"));
    let is_shared = is_document || is_date(longest) || is_year(longest) && longest != stem;
    (longest.len() >= fewest && !is_shared).then_some(longest)
}

fn whole_number(segment: &str) -> Option<&str> {
    let is_number = segment.len() >= FEWEST_DIGITS && segment.bytes().all(|b| b.is_ascii_digit());
    (is_number && !is_year(segment) && !is_date(segment)).then_some(segment)
}

/// `20261123`, `23112026`: shared by all articles of a day.
pub(in crate::portal::extract) fn is_date(digits: &str) -> bool {
    let of = |form: &str| chrono::NaiveDate::parse_from_str(digits, form);
    let is_recent = |date: chrono::NaiveDate| (1990..2100).contains(&chrono::Datelike::year(&date));
    digits.len() == 8
        && ["%Y%m%d", "%d%m%Y"]
            .iter()
            .any(|form| of(form).is_ok_and(is_recent))
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
}

/// The number, or GUID, of the parameter that names an article.
fn in_query(url: &Url) -> Option<String> {
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .collect();
    let is_id = |value: &str| {
        let is_guid = value.len() >= 32
            && value
                .bytes()
                .all(|b| b.is_ascii_hexdigit() || matches!(b, b'-' | b'{' | b'}'));
        (!value.is_empty() && value.len() <= 20 && value.bytes().all(|b| b.is_ascii_digit())) || is_guid
    };
    // Joomla: `id=142:ten-bai` or `id=142`; its `Itemid` is the menu's, shared by all articles under it.
    let is_joomla = |(name, value): &(String, String)| name == "option" && value.starts_with("com_");
    if pairs.iter().any(is_joomla) {
        let (_, id) = pairs.iter().find(|(name, _)| name == "id")?;
        let id = id.split(':').next().filter(|id| is_id(id))?;
        return Some(id.to_owned());
    }
    let named = ID_PARAMS.iter().find_map(|known| {
        let is_named = |name: &str| {
            name == *known
                || (known.len() > 3 && name.ends_with(known))
                || name.ends_with(&format!("_{known}"))
        };
        pairs.iter().find(|(name, value)| is_named(name) && is_id(value))
    });
    if let Some((_, value)) = named {
        return Some(value.trim_matches(['{', '}']).to_owned());
    }
    // WordPress without rewritten addresses; elsewhere `p` counts pages.
    if let (true, Some((_, value))) = (
        url.path() == "/",
        pairs.iter().find(|(name, value)| name == "p" && is_id(value)),
    ) {
        return Some(value.clone());
    }
    // NukeViet without rewritten addresses: `?nv=news&op=Tin-tuc/ten-bai-123.html`.
    let (_, op) = pairs.iter().find(|(name, _)| name == "op")?;
    in_segment(op.rsplit('/').next()?).map(str::to_owned)
}

/// The segment that names the article: the last that is not only the name of a page.
fn slug_segment<'a>(segments: &[&'a str]) -> Option<&'a str> {
    const NAMELESS: &[&str] = &[
        "index", "default", "view", "detail", "details", "chi-tiet", "chitiet", "home",
    ];
    segments
        .iter()
        .rev()
        .take(2)
        .map(|s| stem(s))
        .find(|s| !NAMELESS.iter().any(|no| s.eq_ignore_ascii_case(no)))
}
