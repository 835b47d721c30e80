//! A page as an index: its elements in document order, its lines, and which of both are furniture.
//!
//! Places are those of [`super::super::lines`], so that what is found here can be written by [`super::super::clean`].

use std::ops::Range;

use scraper::{ElementRef, Html};

use super::furniture;
use super::marks::head;
use crate::portal::extract::lines::{self, Line, MAX_DEPTH, is_invisible};

/// An element and what it spans.
#[derive(Debug, Clone)]
pub(super) struct Element<'a> {
    pub(super) node: ElementRef<'a>,
    /// Index of the element around it; the root's is its own.
    pub(super) parent: usize,
    /// Index after its last descendant.
    pub(super) end: usize,
    /// Places of its leaves.
    pub(super) places: Range<usize>,
    /// The lines that begin in it.
    pub(super) lines: Range<usize>,
}

impl Element<'_> {
    pub(super) fn name(&self) -> &str {
        self.node.value().name()
    }
}

/// A line of the page with what is asked of it again and again.
#[derive(Debug, Clone)]
pub(super) struct PageLine<'a> {
    pub(super) line: Line<'a>,
    /// Its beginning in lower case, for [`super::marks::Marks`].
    pub(super) head: String,
    /// Characters of the text.
    pub(super) chars: usize,
    /// Characters outside of links, about.
    pub(super) plain: usize,
    /// Stands in a menu, a footer, a related list and the like.
    pub(super) is_furniture: bool,
    /// The innermost element that it begins in.
    pub(super) element: usize,
}

impl PageLine<'_> {
    pub(super) fn text(&self) -> &str {
        &self.line.text
    }

    /// Most of it is links.
    pub(super) fn is_link(&self) -> bool {
        self.line.link_bytes * 2 > self.line.text.len()
    }
}

/// The index.
pub(super) struct Page<'a> {
    pub(super) elements: Vec<Element<'a>>,
    pub(super) lines: Vec<PageLine<'a>>,
    /// The outermost elements that are furniture, in order.
    pub(super) furniture: Vec<usize>,
}

/// More text outside of links than this share of the page's is no furniture, whatever its name says (percent).
const MOST_OF_PAGE: usize = 60;

impl<'a> Page<'a> {
    pub(super) fn new(document: &'a Html) -> Self {
        let root = document.root_element();
        let mut elements = Vec::new();
        index(root, 0, 0, &mut 0, &mut elements);
        let mut lines: Vec<PageLine<'a>> = lines::lines(root, &[]).into_iter().map(page_line).collect();
        place_lines(&mut elements, &mut lines);
        let mut page = Self {
            elements,
            lines,
            furniture: Vec::new(),
        };
        page.find_furniture();
        page
    }

    fn find_furniture(&mut self) {
        let mut plain = vec![0; self.lines.len() + 1];
        for (i, line) in self.lines.iter().enumerate() {
            plain[i + 1] = plain[i] + line.plain;
        }
        let all = plain[self.lines.len()];
        let mut at = 0;
        while let Some(element) = self.elements.get(at) {
            let own = plain[element.lines.end] - plain[element.lines.start];
            if own * 100 <= all * MOST_OF_PAGE && furniture::is(self, at) {
                self.furniture.push(at);
                at = element.end;
            } else {
                at += 1;
            }
        }
        for at in &self.furniture {
            for line in &mut self.lines[self.elements[*at].lines.clone()] {
                line.is_furniture = true;
            }
        }
    }

    /// The elements around one, from the inside out, itself first.
    pub(super) fn around(&self, element: usize) -> impl Iterator<Item = usize> + '_ {
        let mut next = Some(element);
        std::iter::from_fn(move || {
            let here = next?;
            let parent = self.elements[here].parent;
            next = (parent != here).then_some(parent);
            Some(here)
        })
    }

    /// The elements directly within one.
    pub(super) fn children(&self, element: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.elements[element].end;
        let mut next = element + 1;
        std::iter::from_fn(move || {
            let here = (next < end).then_some(next)?;
            next = self.elements[here].end;
            Some(here)
        })
    }
}

fn page_line(line: Line<'_>) -> PageLine<'_> {
    let chars = line.text.chars().count();
    let outside = line.text.len().saturating_sub(line.link_bytes);
    PageLine {
        head: head(&line.text),
        chars,
        // Bytes to characters by the line's own ratio.
        plain: (outside * chars).checked_div(line.text.len()).unwrap_or(0),
        is_furniture: false,
        element: 0,
        line,
    }
}

/// Walks as [`lines::lines`] does, so that places agree.
fn index<'a>(
    node: ElementRef<'a>,
    parent: usize,
    depth: usize,
    place: &mut usize,
    elements: &mut Vec<Element<'a>>,
) {
    let name = node.value().name();
    if depth > MAX_DEPTH || is_invisible(name) {
        return;
    }
    let at = elements.len();
    let from = *place + 1;
    elements.push(Element {
        node,
        parent,
        end: at + 1,
        places: from..from,
        lines: 0..0,
    });
    if name == "img" {
        *place += 1;
    }
    for child in node.children() {
        if let Some(child) = ElementRef::wrap(child) {
            index(child, at, depth + 1, place, elements);
        } else if child.value().is_text() {
            *place += 1;
        }
    }
    elements[at].end = elements.len();
    elements[at].places = from..*place + 1;
}

/// Which lines begin in which element, and in which innermost.
fn place_lines(elements: &mut [Element<'_>], lines: &mut [PageLine<'_>]) {
    let starts: Vec<usize> = lines.iter().map(|l| l.line.from).collect();
    for (at, element) in elements.iter_mut().enumerate() {
        let from = starts.partition_point(|start| *start < element.places.start);
        let to = starts.partition_point(|start| *start < element.places.end);
        element.lines = from..to;
        for line in &mut lines[from..to] {
            line.element = at;
        }
    }
}
