//! Paragraphs: what the writer of [`super::clean`] wrote, put in order. Works on that writer's own mark-up, in which every
//! element is closed and none but the allowed ones occur.

/// Whether an element stands on lines of its own.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "ul"
            | "ol"
            | "li"
            | "table"
            | "caption"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "td"
            | "th"
            | "blockquote"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "figure"
            | "figcaption"
            | "dl"
            | "dt"
            | "dd"
            | "pre"
            | "hr"
    )
}

/// A piece of mark-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Open(&'a str),
    Close(&'a str),
    Text,
}

/// Cuts mark-up into tags and texts.
fn pieces(html: &str) -> impl Iterator<Item = (&str, Piece<'_>)> {
    let mut rest = html;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = if rest.starts_with('<') {
            rest.find('>').map_or(rest.len(), |i| i + 1)
        } else {
            rest.find('<').unwrap_or(rest.len())
        };
        let (piece, tail) = rest.split_at(end);
        rest = tail;
        let kind = match piece.strip_prefix('<') {
            None => Piece::Text,
            Some(tag) => {
                let (tag, is_close) = tag.strip_prefix('/').map_or((tag, false), |t| (t, true));
                let tag = &tag[..tag.find([' ', '>']).unwrap_or(tag.len())];
                if is_close {
                    Piece::Close(tag)
                } else {
                    Piece::Open(tag)
                }
            }
        };
        Some((piece, kind))
    })
}

/// Whether the mark-up holds an element that stands on lines of its own.
pub(super) fn holds_blocks(html: &str) -> bool {
    pieces(html).any(|(_, piece)| matches!(piece, Piece::Open(name) if is_block(name)))
}

/// Whether nothing of it is seen: white space and line breaks alone.
pub(super) fn is_blank(html: &str) -> bool {
    pieces(html).all(|(text, piece)| match piece {
        Piece::Text => text.trim().is_empty(),
        Piece::Open(name) => name == "br",
        Piece::Close(_) => false,
    })
}

/// Blocks one under the other: text that stands between them becomes a paragraph, blank ones go, and a caption joins the
/// picture before it.
pub(super) fn paragraphs(html: &str) -> String {
    let mut blocks: Vec<String> = Vec::new();
    let (mut depth, mut inline, mut block) = (0_usize, String::new(), String::new());
    for (text, piece) in pieces(html) {
        let is_block = matches!(piece, Piece::Open(n) | Piece::Close(n) if is_block(n));
        match piece {
            Piece::Open("hr") if depth == 0 => {
                flush(&mut inline, &mut blocks);
                blocks.push(text.to_owned());
            }
            Piece::Open(name) if is_block && name != "hr" => {
                if depth == 0 {
                    flush(&mut inline, &mut blocks);
                }
                depth += 1;
                block.push_str(text);
            }
            Piece::Close(_) if is_block && depth > 0 => {
                depth -= 1;
                block.push_str(text);
                if depth == 0 {
                    add(std::mem::take(&mut block), &mut blocks);
                }
            }
            _ if depth > 0 => block.push_str(text),
            _ => inline.push_str(text),
        }
    }
    flush(&mut inline, &mut blocks);
    blocks.join("\n")
}

fn flush(inline: &mut String, blocks: &mut Vec<String>) {
    let text = std::mem::take(inline);
    if !is_blank(&text) {
        blocks.push(format!("<p>{}</p>", within_lines(&text)));
    }
}

fn add(block: String, blocks: &mut Vec<String>) {
    let Some(caption) = inside(&block, "figcaption") else {
        return blocks.push(block);
    };
    let pictures = blocks
        .last()
        .and_then(|last| inside(last, "p"))
        .filter(|p| is_pictures(p));
    match pictures.map(str::to_owned) {
        Some(pictures) => {
            blocks.pop();
            blocks.push(figure(&pictures, caption));
        }
        None => blocks.push(format!("<p>{caption}</p>")),
    }
}

/// Pictures with their caption.
pub(super) fn figure(pictures: &str, caption: &str) -> String {
    format!(
        "<figure>{}<figcaption>{}</figcaption></figure>",
        within_lines(pictures),
        within_lines(caption)
    )
}

/// What an element holds, where the mark-up is that element alone.
pub(super) fn inside<'h>(html: &'h str, name: &str) -> Option<&'h str> {
    let html = html.trim();
    let inner = html
        .strip_prefix(&format!("<{name}>"))?
        .strip_suffix(&format!("</{name}>"))?;
    (!inner.contains(&format!("<{name}>"))).then_some(inner)
}

/// Pictures, perhaps as links, and no text.
pub(super) fn is_pictures(html: &str) -> bool {
    html.contains("<img ")
        && pieces(html).all(|(text, piece)| match piece {
            Piece::Text => text.trim().is_empty(),
            Piece::Open(name) | Piece::Close(name) => !is_block(name),
        })
}

/// The same without elements that stand on lines of their own: each becomes a line.
pub(super) fn flat(html: &str) -> String {
    let line = |piece: Piece<'_>| match piece {
        Piece::Open(name) | Piece::Close(name) if is_block(name) => Some("<br>"),
        _ => None,
    };
    within_lines(&replaced(html, line))
}

/// The same with some pieces replaced.
pub(super) fn replaced(html: &str, by: impl Fn(Piece<'_>) -> Option<&'static str>) -> String {
    pieces(html)
        .map(|(text, piece)| by(piece).unwrap_or(text))
        .collect()
}

/// Without white space and line breaks at both ends, and with no more than one empty line in a row.
pub(super) fn within_lines(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut breaks = 0;
    let mut gap = "";
    for (text, piece) in pieces(html) {
        if piece == Piece::Open("br") {
            breaks += 1;
        } else if piece == Piece::Text && text.trim().is_empty() {
            gap = text;
        } else {
            push_gap(&mut out, breaks, gap);
            (breaks, gap) = (0, "");
            out.push_str(text);
        }
    }
    let start = out.trim_start_matches(char::is_whitespace);
    start.trim_end_matches(char::is_whitespace).to_owned()
}

fn push_gap(out: &mut String, breaks: usize, gap: &str) {
    if out.is_empty() {
        return;
    }
    match breaks {
        0 => out.push_str(gap),
        1 => out.push_str("<br>"),
        _ => out.push_str("<br><br>"),
    }
}
