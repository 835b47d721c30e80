//! Tables: those of data stay, those that only hold a place for a text or a picture are undone.

use scraper::ElementRef;

use super::body::LONGEST_CAPTION;
use super::tidy::{self, Piece, flat, inside, paragraphs};

const PARTS: &[&str] = &["tbody", "thead", "tfoot", "tr", "td", "th", "caption"];

/// A table as it is written.
pub(super) fn table(element: ElementRef<'_>, inner: &str) -> String {
    let cells: Vec<ElementRef<'_>> = own_cells(element).collect();
    if let Some(figure) = captioned_picture(element, &cells, inner) {
        return figure;
    }
    if cells.len() < 2 {
        // A table of one cell is a box around text.
        return match only_cell(inner) {
            Some(text) => paragraphs(text),
            None => as_lines(inner),
        };
    }
    format!("<table>{}</table>", inner.trim())
}

/// The cells of this table, without those of tables within it.
fn own_cells(table: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    table.descendent_elements().filter(move |e| {
        let around = || e.ancestors().filter_map(ElementRef::wrap);
        matches!(e.value().name(), "td" | "th")
            && around().find(|a| a.value().name() == "table") == Some(table)
    })
}

/// What the one cell of a table holds.
fn only_cell(inner: &str) -> Option<&str> {
    let tags = ["<td>", "<td ", "<th>", "<th "];
    let start = tags.iter().filter_map(|tag| inner.find(tag)).min()?;
    let start = start + inner[start..].find('>')? + 1;
    let end = inner
        .rfind("</td>")
        .into_iter()
        .chain(inner.rfind("</th>"))
        .max()?;
    inner.get(start..end)
}

/// One column of pictures with a short text below them is how old editors write a picture and its caption.
fn captioned_picture(table: ElementRef<'_>, cells: &[ElementRef<'_>], inner: &str) -> Option<String> {
    let rows = table
        .descendent_elements()
        .filter(|e| e.value().name() == "tr")
        .count();
    let text = |cell: &ElementRef<'_>| cell.text().map(|t| t.trim().chars().count()).sum::<usize>();
    let has_picture = |cell: &&ElementRef<'_>| cell.descendent_elements().any(|e| e.value().name() == "img");
    let (last, above) = cells.split_last()?;
    let is_one = cells.len() >= 2
        && rows == cells.len()
        && above.iter().all(|cell| text(cell) == 0)
        && above.iter().any(|cell| has_picture(&cell))
        && !has_picture(&last)
        && (1..=LONGEST_CAPTION).contains(&text(last));
    if !is_one {
        return None;
    }
    let tags = ["<td>", "<td ", "<th>", "<th "];
    let at = tags.iter().filter_map(|tag| inner.rfind(tag)).max()?;
    let (pictures, caption) = (as_lines(&inner[..at]), as_lines(&inner[at..]));
    let pictures = flat(&pictures);
    tidy::is_pictures(&pictures).then(|| tidy::figure(&pictures, &flat(&caption)))
}

/// A figure of the page: pictures and their caption, or else what it holds.
pub(super) fn figure(inner: &str) -> String {
    if let Some((before, rest)) = inner.split_once("<figcaption>")
        && let Some((caption, behind)) = rest.split_once("</figcaption>")
    {
        let pictures = flat(&format!("{before}{behind}"));
        if tidy::is_pictures(&pictures) && !caption.contains("<figcaption>") {
            return tidy::figure(&pictures, caption);
        }
    }
    // Written by this module for a table or division within the figure.
    if inside(inner, "figure").is_some() {
        return inner.to_owned();
    }
    paragraphs(inner)
}

/// What a table holds without its cells: each row a line.
pub(super) fn as_lines(inner: &str) -> String {
    let in_its_place = |piece: Piece<'_>| match piece {
        Piece::Open(part) if PARTS.contains(&part) => Some(""),
        Piece::Close("td" | "th") => Some(" "),
        Piece::Close(part) if PARTS.contains(&part) => Some("<br>"),
        _ => None,
    };
    paragraphs(&tidy::replaced(inner, in_its_place))
}

/// `colspan` and `rowspan` as attributes, where they say something.
pub(super) fn spans(element: ElementRef<'_>) -> String {
    let span = |name: &str| {
        let count: u8 = element.attr(name)?.trim().parse().ok()?;
        (count > 1).then(|| format!(" {name}=\"{count}\""))
    };
    [span("colspan"), span("rowspan")].into_iter().flatten().collect()
}
