//! An article as it is stored: entities that lost their ampersand (`ldquo;`, `phograve;ng`) are the characters they meant.
//!
//! That is a guess at what a page meant. So the reading of a page leaves them as they are, and what is kept, fed and mailed
//! is mended.

use std::ops::Range;

use scraper::Html;

use super::characters::{MOST_PASSES, mended};
use super::entities::{self, Lost};
use super::lines;
use crate::domain::article::Extracted;
use crate::domain::text::nfc;

/// Undoes lost ampersands in everything that is kept of an article; gives the names of the fields that changed. Idempotent.
pub fn mend(article: &mut Extracted) -> Vec<&'static str> {
    let mut changed = Vec::new();
    let mut note = |field: &'static str, has_changed: bool| {
        if has_changed && !changed.contains(&field) {
            changed.push(field);
        }
    };
    note("title", text(&mut article.title));
    for (field, value) in [
        ("lead", &mut article.lead),
        ("source", &mut article.source),
        ("author", &mut article.author),
    ] {
        note(field, value.as_mut().is_some_and(text));
    }
    note("body", html(&mut article.body_html));
    note("body", text(&mut article.body_text));
    for image in &mut article.images {
        note("images", text(&mut image.alt));
        note("images", image.caption.as_mut().is_some_and(text));
    }
    changed
}

fn text(text: &mut String) -> bool {
    let mended = mended(text);
    let is_changed = mended.is_some();
    if let Some(mended) = mended {
        *text = mended;
    }
    is_changed
}

/// HTML as [`super::clean`] writes it: no `<` or `>` but those of tags, attributes in double quotes.
fn html(html: &mut String) -> bool {
    let mut is_changed = false;
    for _ in 0..MOST_PASSES {
        let Some(mended) = once(html) else { break };
        *html = mended;
        is_changed = true;
    }
    is_changed
}

fn once(html: &str) -> Option<String> {
    let mut out = Mended::default();
    let mut rest = html;
    while !rest.is_empty() {
        let end = match rest.strip_prefix('<') {
            Some(tag) => tag.find('>').map(|at| at + 2),
            None => rest.find('<'),
        };
        let (piece, behind) = rest.split_at(end.unwrap_or(rest.len()));
        if piece.starts_with('<') {
            out.tag(piece);
        } else {
            out.text(piece);
        }
        rest = behind;
    }
    out.end_line();
    out.is_changed.then_some(out.html)
}

/// Writes HTML line by line: `TTamp;<b>TT</b>` is told from the whole line, as its reader sees it.
#[derive(Default)]
struct Mended<'h> {
    html: String,
    is_changed: bool,
    /// The line's text without tags.
    line: String,
    /// Its tags, and its texts with their places in the line.
    pieces: Vec<(&'h str, Option<Range<usize>>)>,
}

impl<'h> Mended<'h> {
    fn tag(&mut self, tag: &'h str) {
        let name = tag.trim_start_matches(['<', '/']);
        let name = &name[..name.find([' ', '>']).unwrap_or(name.len())];
        if name == "img" {
            self.end_line();
            let mended = with_alt(tag);
            self.is_changed |= mended.is_some();
            self.html.push_str(mended.as_deref().unwrap_or(tag));
            return;
        }
        if !lines::is_inline(name) {
            self.end_line();
        } else if matches!(name, "td" | "th") {
            self.line.push(' ');
        }
        self.pieces.push((tag, None));
    }

    fn text(&mut self, piece: &'h str) {
        let from = self.line.len();
        self.line.push_str(&unescaped(piece));
        self.pieces.push((piece, Some(from..self.line.len())));
    }

    fn end_line(&mut self) {
        let lost = entities::lost(&self.line);
        self.is_changed |= !lost.is_empty();
        for (piece, place) in self.pieces.drain(..) {
            match place {
                Some(place) if touches(&lost, &place) => {
                    let text = nfc(entities::restored(&self.line, place, &lost));
                    self.html.push_str(&escaped(&text));
                }
                _ => self.html.push_str(piece),
            }
        }
        self.line.clear();
    }
}

fn touches(lost: &[Lost], place: &Range<usize>) -> bool {
    lost.iter()
        .any(|lost| lost.at.start < place.end && lost.at.end > place.start)
}

/// A picture with its alternative text mended, where that has lost anything.
fn with_alt(tag: &str) -> Option<String> {
    let (before, rest) = tag.split_once(" alt=\"")?;
    let (alt, behind) = rest.split_once('"')?;
    let alt = escaped(&mended(&unescaped(alt))?).replace('"', "&quot;");
    Some(format!("{before} alt=\"{alt}\"{behind}"))
}

fn unescaped(html: &str) -> String {
    if html.contains('&') {
        Html::parse_fragment(html).root_element().text().collect()
    } else {
        html.to_owned()
    }
}

/// As HTML's own serialisation escapes texts (HTML Standard, 13.3).
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\u{a0}' => html.push_str("&nbsp;"),
            other => html.push(other),
        }
    }
    html
}
