//! What a cleaned body holds: paragraphs of plain text, pictures with their captions, files.

use scraper::{ElementRef, Html};
use url::Url;

use super::lines::{self, Line};
use crate::domain::article::{Attachment, Image};
use crate::domain::text::one_line;

/// A cleaned body, read.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// Paragraphs separated by one newline, captions among them.
    pub(super) text: String,
    pub(super) images: Vec<Image>,
    pub(super) attachments: Vec<Attachment>,
}

/// A caption is no longer than this (characters).
const LONGEST_CAPTION: usize = 220;
/// A caption of plain type, without brackets or a photographer, is no longer than this.
const LONGEST_PLAIN_CAPTION: usize = 110;

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

/// Reads a body that [`super::clean`] wrote.
pub(super) fn read(html: &str) -> Body {
    let fragment = Html::parse_fragment(html);
    let root = fragment.root_element();
    let lines = lines::lines(root, &[]);
    let text: Vec<&str> = lines
        .iter()
        .filter(|l| l.image.is_none())
        .map(|l| l.text.as_str())
        .collect();
    Body {
        text: text.join("\n"),
        images: images(&lines),
        attachments: attachments(root),
    }
}

fn images(lines: &[Line<'_>]) -> Vec<Image> {
    let mut images = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(element) = line.image else { continue };
        let caption = lines
            .get(at + 1)
            .filter(|next| is_caption(next))
            .map(|next| next.text.clone());
        images.push(Image {
            src: element.attr("src").unwrap_or_default().to_owned(),
            alt: one_line(element.attr("alt").unwrap_or_default()),
            caption,
        });
    }
    images
}

/// A short line that is set apart, names its photographer, or is no whole sentence.
fn is_caption(line: &Line<'_>) -> bool {
    let length = line.text.chars().count();
    let names_photographer = ["Ảnh:", "(Ảnh", "Ảnh minh h", "Nguồn:", "ảnh:"]
        .iter()
        .any(|m| line.text.contains(m));
    let is_sentence = line.text.ends_with(['.', '…', ':', ';', '?', '!', '”']);
    let is_set_apart = line.is_emphasised || names_photographer;
    line.image.is_none()
        && ((is_set_apart && length <= LONGEST_CAPTION && !line.text.ends_with(':'))
            || (!is_sentence && length <= LONGEST_PLAIN_CAPTION))
}

fn attachments(root: ElementRef<'_>) -> Vec<Attachment> {
    let mut files: Vec<Attachment> = Vec::new();
    for link in root.descendent_elements().filter(|e| e.value().name() == "a") {
        let Some(url) = link.attr("href").and_then(|href| Url::parse(href).ok()) else {
            continue;
        };
        let Some(media_type) = media_type(&url) else {
            continue;
        };
        if !files.iter().any(|known| known.url == url.as_str()) {
            files.push(Attachment {
                url: url.into(),
                media_type: Some(media_type.to_owned()),
                size_bytes: None,
            });
        }
    }
    files
}

/// The media type by the ending of a path segment (Liferay writes `/name.pdf/<uuid>`) or of a parameter's value.
pub(super) fn media_type(url: &Url) -> Option<&'static str> {
    let of = |name: &str| {
        let (_, ending) = name.rsplit_once('.')?;
        FILES
            .iter()
            .find(|(known, _)| ending.eq_ignore_ascii_case(known))
            .map(|(_, media_type)| *media_type)
    };
    url.path()
        .rsplit('/')
        .find_map(of)
        .or_else(|| url.query_pairs().find_map(|(_, value)| of(&value)))
}
