//! What a cleaned body holds: paragraphs of plain text, pictures with their captions, files.

use scraper::{ElementRef, Html};
use url::Url;

use super::files;
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
pub(super) const LONGEST_CAPTION: usize = 220;
/// A caption of plain type, without brackets or a photographer, is no longer than this.
const LONGEST_PLAIN_CAPTION: usize = 110;

/// Reads a body that [`super::clean`] wrote.
pub(super) fn read(clean: &Html) -> Body {
    let root = clean.root_element();
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
        let below = || lines.get(at + 1).filter(|next| is_caption(next));
        let caption = own_caption(element).or_else(|| below().map(|next| next.text.clone()));
        images.push(Image {
            src: element.attr("src").unwrap_or_default().to_owned(),
            alt: one_line(element.attr("alt").unwrap_or_default()),
            caption,
        });
    }
    images
}

/// The caption of the figure that a picture stands in.
fn own_caption(picture: ElementRef<'_>) -> Option<String> {
    let mut around = picture.ancestors().filter_map(ElementRef::wrap);
    let figure = around.find(|e| e.value().name() == "figure")?;
    let caption = figure
        .descendent_elements()
        .find(|e| e.value().name() == "figcaption")?;
    let text = one_line(&caption.text().collect::<String>());
    (!text.is_empty()).then_some(text)
}

/// A short line that is set apart, names its photographer, or is no whole sentence.
fn is_caption(line: &Line<'_>) -> bool {
    let length = line.text.chars().count();
    let names_photographer = ["Ảnh:", "(Ảnh", "Ảnh minh h", "Nguồn:", "ảnh:"]
        .iter()
        .any(|m| line.text.contains(m));
    let is_sentence = line.text.ends_with(['.', '…', ':', ';', '?', '!', '”']);
    let is_set_apart = line.is_emphasised || names_photographer;
    // A link alone leads to a film or a file.
    let is_link = line.link_bytes >= line.text.len();
    line.image.is_none()
        && !is_link
        && ((is_set_apart && length <= LONGEST_CAPTION && !line.text.ends_with(':'))
            || (!is_sentence && length <= LONGEST_PLAIN_CAPTION))
}

fn attachments(root: ElementRef<'_>) -> Vec<Attachment> {
    let mut files: Vec<Attachment> = Vec::new();
    for link in root.descendent_elements().filter(|e| e.value().name() == "a") {
        let Some(url) = link.attr("href").and_then(|href| Url::parse(href).ok()) else {
            continue;
        };
        let declared = || files::declared(&url, link.attr("type"), None);
        let Some(media_type) = files::media_type(&url).map(str::to_owned).or_else(declared) else {
            continue;
        };
        if !files.iter().any(|known| known.url == url.as_str()) {
            files.push(Attachment {
                url: url.into(),
                media_type: Some(media_type),
                size_bytes: None,
            });
        }
    }
    files
}
