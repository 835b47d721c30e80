//! A page as the lines a reader sees, in order, each with its place in the document.

use scraper::ElementRef;

use super::characters;
use crate::domain::text::one_line;
use crate::portal::profile::Css;

/// Deepest nesting that is followed; a page nested deeper is broken or hostile.
pub(super) const MAX_DEPTH: usize = 200;

/// One line of visible text, or one picture.
#[derive(Debug, Clone, Default)]
pub(super) struct Line<'a> {
    /// Text on one line, NFC; empty for a picture.
    pub(super) text: String,
    /// Place of the line's first leaf in document order.
    pub(super) from: usize,
    /// Place after its last leaf.
    pub(super) to: usize,
    /// The picture, where the line is one.
    pub(super) image: Option<ElementRef<'a>>,
    /// Aligned right: where signatures stand.
    pub(super) is_right: bool,
    /// Every letter stands in bold, italics or a caption element.
    pub(super) is_emphasised: bool,
    /// How many bytes of the text are links.
    pub(super) link_bytes: usize,
}

/// Whether an element never shows text: what runs, plays or is filled in, and what Word keeps for itself (`w:…`).
pub(super) fn is_invisible(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "head"
            | "title"
            | "iframe"
            | "object"
            | "embed"
            | "video"
            | "audio"
            | "canvas"
            | "svg"
            | "select"
            | "textarea"
            | "button"
            | "xml"
            | "o:officedocumentsettings"
    ) || name.starts_with("w:")
}

/// Whether an element stands within a line. Elements with a prefix are Word's (`o:p`, `st1:place`) and do.
pub(super) fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "big"
            | "cite"
            | "code"
            | "del"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "label"
            | "mark"
            | "q"
            | "s"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "wbr"
            | "td"
            | "th"
            | "bdi"
            | "bdo"
    ) || name.contains(':')
}

fn is_emphasis(name: &str) -> bool {
    matches!(name, "b" | "strong" | "em" | "i" | "figcaption" | "caption")
}

/// What the walk knows about the elements around a text.
#[derive(Clone, Copy, Default)]
struct Around {
    is_right: bool,
    is_emphasised: bool,
    is_link: bool,
    depth: usize,
}

struct Walk<'a, 's> {
    skip: &'s [Css],
    place: usize,
    lines: Vec<Line<'a>>,
    current: Option<Line<'a>>,
}

/// The lines under `root`. Elements that match `skip` are passed over, yet counted: places agree with [`super::clean`].
pub(super) fn lines<'a>(root: ElementRef<'a>, skip: &[Css]) -> Vec<Line<'a>> {
    let mut walk = Walk {
        skip,
        place: 0,
        lines: Vec::new(),
        current: None,
    };
    walk.element(root, Around::default());
    walk.end_line();
    walk.lines
}

impl<'a> Walk<'a, '_> {
    fn element(&mut self, element: ElementRef<'a>, around: Around) {
        let name = element.value().name();
        if around.depth > MAX_DEPTH || is_invisible(name) || self.skip.iter().any(|s| s.matches(&element)) {
            return;
        }
        let is_line_end = !is_inline(name);
        if is_line_end && name != "img" {
            self.end_line();
        }
        if matches!(name, "td" | "th")
            && let Some(line) = &mut self.current
        {
            line.text.push(' ');
        }
        if name == "img" {
            self.picture(element);
        }
        let inside = around.enter(element);
        for child in element.children() {
            if let Some(child) = ElementRef::wrap(child) {
                self.element(child, inside);
            } else if let Some(text) = child.value().as_text() {
                self.text(text, inside);
            }
        }
        if is_line_end && name != "img" {
            self.end_line();
        }
    }

    fn picture(&mut self, element: ElementRef<'a>) {
        self.place += 1;
        // A picture may stand within a line of text: the line goes on behind it.
        let (from, to) = (self.place, self.place + 1);
        let line = Line {
            from,
            to,
            image: Some(element),
            ..Line::default()
        };
        self.end_line();
        self.lines.push(line);
    }

    fn text(&mut self, text: &str, around: Around) {
        self.place += 1;
        if text.trim().is_empty() {
            if let Some(line) = &mut self.current {
                line.text.push(' ');
            }
            return;
        }
        let from = self.place;
        let line = self.current.get_or_insert_with(|| Line {
            from,
            is_right: around.is_right,
            is_emphasised: true,
            ..Line::default()
        });
        line.to = from + 1;
        line.is_emphasised &= around.is_emphasised;
        line.link_bytes += if around.is_link { text.len() } else { 0 };
        line.text.push_str(text);
    }

    fn end_line(&mut self) {
        if let Some(mut line) = self.current.take() {
            line.text = one_line(&characters::repair(&line.text));
            if !line.text.is_empty() {
                self.lines.push(line);
            }
        }
    }
}

impl Around {
    fn enter(self, element: ElementRef<'_>) -> Self {
        let name = element.value().name();
        let (mut align, mut style) = ("", String::new());
        for (attribute, value) in element.value().attrs() {
            match attribute {
                "align" => align = value,
                "style" => style = value.replace(' ', "").to_ascii_lowercase(),
                _ => {}
            }
        }
        Self {
            is_right: align.eq_ignore_ascii_case("right")
                || style.contains("text-align:right")
                || (self.is_right && align.is_empty() && !style.contains("text-align:")),
            is_emphasised: self.is_emphasised
                || is_emphasis(name)
                || style.contains("font-style:italic")
                || style.contains("font-weight:bold"),
            is_link: self.is_link || name == "a",
            depth: self.depth + 1,
        }
    }
}
