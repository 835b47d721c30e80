//! What a link leads to, by its name: a document, a film, a recording.

use percent_encoding::percent_decode_str;
use url::Url;

/// File name endings that make a link an attachment, with their media types (IANA).
const FILES: &[(&str, &str)] = &[
    ("pdf", "application/pdf"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("ppt", "application/vnd.ms-powerpoint"),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("rtf", "application/rtf"),
    ("zip", "application/zip"),
    ("rar", "application/vnd.rar"),
    ("7z", "application/x-7z-compressed"),
];
/// The type of a file of which nothing more is known (RFC 2046, 4.5.1).
const ANY_FILE: &str = "application/octet-stream";
const FILMS: &[&str] = &[
    "mp4", "m4v", "webm", "flv", "mov", "wmv", "avi", "mpg", "mpeg", "ogv", "m3u8",
];
const RECORDINGS: &[&str] = &["mp3", "m4a", "wav", "ogg", "aac", "wma"];

/// The media type by the ending of a path segment (Liferay writes `/name.pdf/<uuid>`) or of a parameter's value.
pub(super) fn media_type(url: &Url) -> Option<&'static str> {
    let in_path = || url.path().rsplit('/').find_map(type_of_name);
    in_path().or_else(|| url.query_pairs().find_map(|(_, value)| type_of_name(&value)))
}

fn type_of_name(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    let known = FILES.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known));
    known.map(|(_, media_type)| *media_type)
}

/// The media type that a link's own attributes tell, where its address does not: `type`, the name in `download`, or that
/// there is a `download` at all.
pub(super) fn declared(
    url: &Url,
    media_type_attribute: Option<&str>,
    download: Option<&str>,
) -> Option<String> {
    if media_type(url).is_some() || !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let said = media_type_attribute
        .map(|t| t.trim().to_ascii_lowercase())
        .filter(|t| is_file_type(t));
    let named = || download.and_then(type_of_name).map(str::to_owned);
    said.or_else(named)
        .or_else(|| download.map(|_| ANY_FILE.to_owned()))
}

/// Whether a media type is a document's: neither a page nor something that is looked at or listened to in place.
fn is_file_type(text: &str) -> bool {
    let is_token = |t: &str| {
        !t.is_empty()
            && t.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-+._".contains(&b))
    };
    text.split_once('/').is_some_and(|(class, name)| {
        class == "application"
            && is_token(name)
            && !name.contains("html")
            && !name.contains("shockwave")
            && !name.contains("script")
    })
}

/// Whether the address is a film's (`true`) or a recording's (`false`).
pub(super) fn is_film(url: &Url) -> Option<bool> {
    let name = url.path().rsplit('/').next()?;
    let (_, ending) = name.rsplit_once('.')?;
    let is_one_of = |endings: &[&str]| endings.iter().any(|known| ending.eq_ignore_ascii_case(known));
    if is_one_of(FILMS) {
        Some(true)
    } else {
        is_one_of(RECORDINGS).then_some(false)
    }
}

/// A file's name as its address tells it, for a link that has no text.
pub(super) fn name(url: &Url) -> String {
    let segment = url
        .path()
        .rsplit('/')
        .find(|segment| type_of_name(segment).is_some());
    segment.map_or_else(
        || "Tệp đính kèm".to_owned(),
        |s| percent_decode_str(s).decode_utf8_lossy().into_owned(),
    )
}
