//! The texts of a page and the fonts around them, without parsing it: what is not text must come out byte for byte.

/// A font that the page names for an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Font {
    Legacy,
    /// Draws every letter as a capital (`.VnTimeH`).
    LegacyCapitals,
    Other,
}

/// Whether the page names a font of these encodings.
pub(super) fn names_font(html: &str) -> bool {
    let is_vn = |(at, _): (usize, &str)| html[at + 3..].starts_with(|c: char| c.is_ascii_uppercase());
    html.contains("VNI-") || html.match_indices(".Vn").any(is_vn)
}

/// Calls back for every text between tags, with the font of the element around it; scripts and styles are passed over.
pub(super) fn each_text<'h>(html: &'h str, mut with: impl FnMut(&'h str, Font)) {
    let mut open: Vec<(&str, Font)> = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let Some(tag_at) = rest.find('<') else {
            with(rest, font_of(&open));
            return;
        };
        if tag_at > 0 {
            with(&rest[..tag_at], font_of(&open));
        }
        rest = &rest[tag_at..];
        let end = if rest.starts_with("<!--") {
            rest.find("-->").map_or(rest.len(), |i| i + 3)
        } else {
            tag_end(rest)
        };
        let tag = &rest[..end];
        rest = &rest[end..];
        let name = tag_name(tag);
        if name.eq_ignore_ascii_case("script") || name.eq_ignore_ascii_case("style") {
            rest = behind_end_tag(rest, name);
        } else if let Some(name) = name.strip_prefix('/') {
            if let Some(at) = open
                .iter()
                .rposition(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                open.truncate(at);
            }
        } else if may_hold_text(name) && !tag.ends_with("/>") && open.len() < MOST_OPEN {
            open.push((name, named_font(tag).unwrap_or_else(|| font_of(&open))));
        }
    }
}

/// Deeper nesting is not followed: fonts are named near their text.
const MOST_OPEN: usize = 200;

fn font_of(open: &[(&str, Font)]) -> Font {
    open.last().map_or(Font::Other, |(_, font)| *font)
}

/// Behind the `>` of a tag; one within a quoted value does not end it.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            ('>', None) => return at + 1,
            ('"' | '\'', None) if text[..at].ends_with('=') => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    text.find('>').map_or(text.len(), |at| at + 1)
}

fn tag_name(tag: &str) -> &str {
    let name = tag.trim_start_matches('<');
    let from = usize::from(name.starts_with('/'));
    let end = name[from..]
        .find(|c: char| !c.is_ascii_alphanumeric() && c != ':')
        .map_or(name.len(), |i| from + i);
    &name[..end]
}

fn behind_end_tag<'h>(text: &'h str, name: &str) -> &'h str {
    let mut from = 0;
    while let Some(at) = text[from..].find("</").map(|i| from + i) {
        let is_it = text
            .get(at + 2..at + 2 + name.len())
            .is_some_and(|n| n.eq_ignore_ascii_case(name));
        if is_it {
            return &text[at..];
        }
        from = at + 2;
    }
    ""
}

fn may_hold_text(name: &str) -> bool {
    const VOID: &[&str] = &[
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
        "track", "wbr", "p", "li", "",
    ];
    !VOID.iter().any(|void| void.eq_ignore_ascii_case(name)) || name.eq_ignore_ascii_case("p")
}

/// The font that a tag names in `face` or `style`.
fn named_font(tag: &str) -> Option<Font> {
    let lower = tag.to_ascii_lowercase();
    if !lower.contains("face") && !lower.contains("font") {
        return None;
    }
    if let Some(at) = tag.find(".Vn") {
        let name = tag[at..]
            .split(['"', '\'', ';', ',', '&', '>'])
            .next()
            .unwrap_or_default();
        let is_capitals = name.trim_end().ends_with('H');
        return Some(if is_capitals {
            Font::LegacyCapitals
        } else {
            Font::Legacy
        });
    }
    if tag.contains("VNI-") {
        return Some(Font::Legacy);
    }
    (lower.contains("face=") || lower.contains("font-family")).then_some(Font::Other)
}
