//! An article's clean HTML as the little HTML that Telegram knows: bold, italic, underlined, links, quotations, code; and
//! paragraphs as blank lines.

use scraper::{ElementRef, Html, node::Node};

use crate::domain::text::escape_html;

/// Elements within elements that keep their markup; what is deeper is plain. Pages of a portal hardly reach five.
const DEEPEST: usize = 24;

/// The text of clean HTML in Telegram's form. Paragraphs have a blank line between them, lines of a list none.
pub(super) fn rich(html: &str) -> String {
    let page = Html::parse_fragment(html);
    let mut writer = Writer::default();
    writer.children(page.root_element(), 0);
    writer.out
}

/// Breaks, spaces and opening tags wait until there is a text that they belong before: nothing empty is written.
#[derive(Default)]
struct Writer {
    out: String,
    breaks: usize,
    has_space: bool,
    waiting: Vec<String>,
    open: Vec<&'static str>,
    is_pre: bool,
    /// An item's mark was just written: whatever begins a line in it begins behind the mark.
    is_marked: bool,
}

impl Writer {
    fn children(&mut self, element: ElementRef<'_>, depth: usize) {
        let mut number = 0;
        for child in element.children() {
            match child.value() {
                Node::Text(text) => self.text(text),
                Node::Element(_) => {
                    if let Some(child) = ElementRef::wrap(child) {
                        if child.value().name() == "li" {
                            number += 1;
                            self.item(element.value().name(), number);
                        }
                        self.element(child, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    fn element(&mut self, element: ElementRef<'_>, depth: usize) {
        let name = element.value().name();
        let lines = match name {
            "br" => return self.end_line(self.breaks + 1),
            "img" => return,
            "li" | "tr" | "dt" | "dd" | "caption" => 1,
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "table" | "figure"
            | "figcaption" | "blockquote" | "pre" | "hr" | "div" => 2,
            _ => 0,
        };
        self.end_line(lines);
        let tag = if depth > DEEPEST { None } else { tag_of(name) };
        // Telegram knows no quotation in a quotation, and a tag in itself says nothing more.
        match tag.filter(|tag| !self.open.contains(tag)) {
            Some("a") => match element.value().attr("href").filter(|href| is_web(href)) {
                Some(href) => self.within("a", format!("<a href=\"{}\">", escape_html(href)), element, depth),
                None => self.children(element, depth),
            },
            Some(tag) => self.within(tag, format!("<{tag}>"), element, depth),
            None => self.children(element, depth),
        }
        if matches!(name, "td" | "th") {
            self.has_space = true;
            self.text("| ");
        }
        self.end_line(lines);
    }

    fn within(&mut self, tag: &'static str, opening: String, element: ElementRef<'_>, depth: usize) {
        let was_pre = self.is_pre;
        self.is_pre |= tag == "pre";
        self.waiting.push(opening);
        self.open.push(tag);
        let waiting = self.waiting.len();
        self.children(element, depth);
        self.open.pop();
        self.is_pre = was_pre;
        if self.waiting.len() == waiting {
            // Nothing was written inside.
            self.waiting.pop();
        } else {
            self.out.push_str("</");
            self.out.push_str(tag);
            self.out.push('>');
        }
    }

    fn item(&mut self, list: &str, number: usize) {
        self.is_marked = false;
        self.end_line(1);
        let mark = if list == "ol" {
            format!("{number}. ")
        } else {
            "• ".to_owned()
        };
        self.text(&mark);
        self.is_marked = true;
    }

    fn end_line(&mut self, lines: usize) {
        if lines > 0 {
            self.has_space = false;
            self.breaks = self.breaks.max(lines.min(2));
        }
    }

    fn text(&mut self, text: &str) {
        if self.is_pre {
            if !text.is_empty() {
                self.flush();
                self.out.push_str(&escape_html(text));
            }
            return;
        }
        self.has_space |= text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            let visible: String = word.chars().filter(|c| !c.is_control()).collect();
            self.flush();
            self.out.push_str(&escape_html(&visible));
            self.has_space = true;
        }
        self.has_space &= text.ends_with(char::is_whitespace);
    }

    fn flush(&mut self) {
        if std::mem::take(&mut self.is_marked) {
            (self.breaks, self.has_space) = (0, true);
        }
        if !self.out.is_empty() {
            if self.breaks > 0 {
                self.out.push_str(&"\n\n"[..self.breaks]);
            } else if self.has_space && !self.out.ends_with(char::is_whitespace) {
                self.out.push(' ');
            }
        }
        (self.breaks, self.has_space) = (0, false);
        for tag in self.waiting.drain(..) {
            self.out.push_str(&tag);
        }
    }
}

fn tag_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "b" | "strong" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "th" => "b",
        "i" | "em" | "figcaption" | "caption" => "i",
        "u" => "u",
        "a" => "a",
        "blockquote" => "blockquote",
        "pre" => "pre",
        _ => return None,
    })
}

fn is_web(href: &str) -> bool {
    url::Url::parse(href).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_nested_markup_keep_their_meaning() {
        let html = "<h2>Kết quả</h2><p>Doanh thu &lt; 5 tỷ &amp; <b>đạt <a href=\"https://x.vn/?a=1&amp;b=2\"><i>mục tiêu</i></a></b>.</p>\
                    <ul><li>Một</li><li>Hai <b><b>ba</b></b></li></ul><p> </p><p><b></b>Hết<br>rồi</p><img src=\"x\">";
        assert_eq!(
            rich(html),
            "<b>Kết quả</b>\n\nDoanh thu &lt; 5 tỷ &amp; <b>đạt <a href=\"https://x.vn/?a=1&amp;b=2\"><i>mục tiêu</i></a></b>.\n\n\
             • Một\n• Hai <b>ba</b>\n\nHết\nrồi"
        );
    }

    #[test]
    fn a_quotation_in_a_quotation_is_one_and_an_odd_link_is_its_text() {
        let html =
            "<blockquote><p>Ai <a href=\"javascript:x\">hỏi</a></p><blockquote>Đáp</blockquote></blockquote>";
        assert_eq!(rich(html), "<blockquote>Ai hỏi\n\nĐáp</blockquote>");
    }
}
