//! The HTML of every kind of mail, held to what mail programs can do: Word's engine in Outlook, Gmail with and without the
//! head of a mail, phones, screen readers, dark screens.

use std::collections::{BTreeMap, BTreeSet};

use loa::notify::message::{MAIL_BYTES, Mail};
use scraper::{ElementRef, Html, Selector};

use crate::{
    common::articles::morning,
    contrast::{colour, contrast},
    mail_samples::every_kind,
};

/// What Gmail shows of a mail before it clips (102 kB, less what a server may add).
const GMAIL_BYTES: usize = 100_000;

/// CSS that Word draws (of what an inline style may say).
const WORD: &[&str] = &[
    "background-color",
    "border-top",
    "color",
    "font-family",
    "font-size",
    "font-weight",
    "line-height",
    "margin",
    "padding",
    "text-align",
    "text-decoration",
    "width",
    "mso-hide",
    "mso-padding-alt",
];

/// CSS that Word leaves out without harm: there the mail is 600 px wide, corners are square, links as high as their text, and
/// words of a hundred letters break nowhere.
const NOT_WORD: &[&str] = &[
    "border-radius",
    "display",
    "max-height",
    "max-width",
    "overflow",
    "table-layout",
    "word-break",
    "word-wrap",
];

/// Elements that a mail is made of.
const ELEMENTS: &[&str] = &[
    "html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "h1", "h2", "h3",
    "p", "a", "b", "br", "span", "ul", "li", "code",
];

fn all(selector: &str, document: &Html) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    document
        .select(&selector)
        .map(|element| element.text().collect::<String>())
        .collect()
}

fn elements(document: &Html) -> Vec<ElementRef<'_>> {
    document.select(&Selector::parse("*").unwrap()).collect()
}

fn mails() -> Vec<(&'static str, Mail, Html)> {
    every_kind(morning())
        .into_iter()
        .map(|(name, mail)| {
            let document = Html::parse_document(&mail.html);
            (name, mail, document)
        })
        .collect()
}

/// The declarations of an inline style.
fn style<'a>(element: &'a ElementRef<'_>) -> BTreeMap<&'a str, &'a str> {
    let style = element.attr("style").unwrap_or_default();
    let declared = style.split(';').filter(|part| !part.trim().is_empty());
    declared
        .map(|part| part.split_once(':').map(|(a, b)| (a.trim(), b.trim())).unwrap())
        .collect()
}

#[test]
fn no_mail_is_clipped_whatever_articles_bring_along() {
    let mut largest = 0;
    for (name, mail, _) in mails() {
        assert!(mail.html.len() < GMAIL_BYTES, "{name}: {} bytes", mail.html.len());
        assert!(mail.html.trim_end().ends_with("</html>"), "{name}");
        largest = largest.max(mail.html.len());
    }
    assert!(
        largest > MAIL_BYTES * 9 / 10,
        "the samples fill the room: {largest} bytes"
    );
}

#[test]
fn nothing_is_fetched_and_nothing_runs() {
    for (name, mail, document) in mails() {
        for element in elements(&document) {
            let tag = element.value().name();
            assert!(ELEMENTS.contains(&tag), "{name}: <{tag}>");
            for (attribute, value) in element.value().attrs() {
                assert!(
                    !attribute.starts_with("on")
                        && !["src", "background", "action", "srcset"].contains(&attribute),
                    "{name}: {attribute}"
                );
                let is_link = attribute == "href";
                assert!(is_link || !value.contains("url("), "{name}: {value}");
                assert!(!is_link || value.starts_with("https://"), "{name}: {value}");
            }
        }
        for remote in ["@import", "@font-face", "url(", "expression("] {
            let styles = all("style", &document).concat();
            assert!(!styles.contains(remote), "{name}: {remote}");
        }
        assert!(!mail.html.contains("TOKEN"), "{name}");
    }
}

#[test]
fn word_draws_all_that_matters() {
    let mut used = BTreeSet::new();
    for (name, mail, document) in mails() {
        assert!(
            mail.html
                .contains("<!--[if mso]><table role=\"presentation\" align=\"center\" width=\"600\"")
        );
        assert_eq!(
            mail.html.matches("<!--[if mso]>").count(),
            mail.html.matches("<![endif]-->").count()
        );
        for element in elements(&document) {
            let (tag, style) = (element.value().name(), style(&element));
            for property in style.keys() {
                let is_known = WORD.contains(property) || NOT_WORD.contains(property);
                assert!(is_known, "{name}: {property} on <{tag}>");
                used.insert((*property).to_owned());
            }
            // Word pads cells alone; elsewhere a padding is only room for a finger, or the cell says the same to Word.
            let is_padded = style.contains_key("padding") && !["td", "body", "ul"].contains(&tag);
            assert!(!is_padded || tag == "a", "{name}: padding on <{tag}>");
            if let Some(ground) = style.get("background-color").filter(|_| tag != "body") {
                assert_eq!(element.attr("bgcolor"), Some(*ground), "{name}: <{tag}>");
            }
            let holds_tables = element
                .child_elements()
                .any(|inner| inner.value().name() == "table");
            if tag == "td" && !holds_tables && element.attr("class") != Some("btn") {
                assert!(
                    style.contains_key("font-family"),
                    "{name}: a cell in Times New Roman"
                );
            }
            if let Some(height) = style
                .get("line-height")
                .and_then(|value| value.strip_suffix("px"))
            {
                let size = style.get("font-size").and_then(|size| size.strip_suffix("px"));
                let (height, size): (u32, u32) =
                    (height.parse().unwrap(), size.unwrap_or("16").parse().unwrap());
                // Vietnamese stacks marks above and below the letters.
                assert!(height * 10 >= size * 13 || size == 1, "{name}: {size}/{height}");
            }
        }
    }
    let idle: Vec<_> = WORD
        .iter()
        .chain(NOT_WORD)
        .filter(|p| !used.contains(**p))
        .collect();
    assert_eq!(idle, Vec::<&&str>::new(), "no longer used");
}

#[test]
fn what_gmail_drops_of_the_head_takes_nothing_essential_with_it() {
    for (name, _, document) in mails() {
        let styles = all("style", &document);
        let [colours, outlook] = styles.as_slice() else {
            panic!("{name}: {} styles", styles.len());
        };
        // Gmail drops a whole sheet for what it does not know: attribute selectors stand in one of their own.
        assert!(
            !colours.contains(['[', '*', '>']) && !colours.contains(":root"),
            "{name}"
        );
        assert!(
            outlook.contains("[data-ogsc]") && outlook.contains("[data-ogsb]"),
            "{name}"
        );
        assert!(colours.len() + outlook.len() < 8192, "{name}: Gmail's limit");
        // Every text has its size and colour without the head.
        for element in elements(&document) {
            let (tag, style) = (element.value().name(), style(&element));
            if ["p", "h1", "h2", "h3", "ul"].contains(&tag) {
                assert!(
                    style.contains_key("margin") && style.contains_key("font-size"),
                    "{name}: <{tag}>"
                );
            }
            if tag == "a" {
                assert!(
                    style.contains_key("color"),
                    "{name}: a link in the program's blue"
                );
            }
        }
    }
}

#[test]
fn a_screen_reader_hears_headings_and_paragraphs_in_the_right_language() {
    for (name, _, document) in mails() {
        let language = if name.ends_with("-en") || name == "weekly-hostile" {
            "en"
        } else {
            "vi"
        };
        let one = |selector: &str| {
            let selector = Selector::parse(selector).unwrap();
            let found: Vec<_> = document.select(&selector).collect();
            assert_eq!(found.len(), 1, "{name}");
            found[0]
        };
        assert_eq!(one("html").attr("lang"), Some(language), "{name}");
        // Webmail throws <html> away: the language stands inside too.
        let article = one("body > div[role=article]");
        assert_eq!(article.attr("lang"), Some(language), "{name}");
        assert_eq!(
            article.attr("aria-label"),
            Some(one("title").inner_html().as_str())
                .map(|t| t.replace("&lt;", "<").replace("&gt;", ">"))
                .as_deref(),
            "{name}"
        );
        for table in document.select(&Selector::parse("table").unwrap()) {
            assert_eq!(table.attr("role"), Some("presentation"), "{name}");
        }
        let mut depth = 0;
        for heading in document.select(&Selector::parse("h1, h2, h3").unwrap()) {
            let level = heading.value().name()[1..].parse::<u32>().unwrap();
            assert!(level <= depth + 1, "{name}: h{level} below h{depth}");
            assert!(level > 1 || depth == 0, "{name}: one h1");
            assert!(!heading.text().collect::<String>().trim().is_empty(), "{name}");
            depth = level;
        }
        for link in document.select(&Selector::parse("a").unwrap()) {
            assert!(!link.text().collect::<String>().trim().is_empty(), "{name}");
        }
    }
}

#[test]
fn both_parts_lead_to_the_same_places() {
    for (name, mail, document) in mails() {
        let hrefs: BTreeSet<String> = document
            .select(&Selector::parse("a").unwrap())
            .filter_map(|a| a.attr("href").map(str::to_owned))
            .collect();
        let text: BTreeSet<String> = mail
            .text
            .split_whitespace()
            .map(|word| word.trim_matches('\''))
            .filter(|word| word.starts_with("https://"))
            .map(str::to_owned)
            .collect();
        let missing: Vec<_> = hrefs.difference(&text).collect();
        assert!(missing.is_empty(), "{name}: only in the HTML: {missing:?}");
        // Texts name Loa's own address and what a portal redirects to, too.
        let plain = document.root_element().text().collect::<String>();
        let missing: Vec<_> = text
            .iter()
            .filter(|url| !hrefs.contains(*url) && !plain.contains(url.trim_end_matches(['.', ';'])))
            .collect();
        assert!(missing.is_empty(), "{name}: only in the text: {missing:?}");
        let unfolded = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for heading in all("h1, h2, h3", &document) {
            for part in heading.split(" · ") {
                let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(unfolded.contains(&part), "{name}: {part}");
            }
        }
    }
}

#[test]
fn lines_of_the_text_are_short() {
    for (name, mail, _) in mails() {
        assert_eq!(
            mail.text.lines().filter(|line| *line == "-- ").count(),
            usize::from(name != "test"),
            "{name}: the signature"
        );
        for line in mail.text.lines() {
            let is_one_word = line.trim_start_matches(['*', ' ']).split(' ').count() == 1;
            let is_link = line.rsplit(' ').next().unwrap().contains("://");
            assert!(
                line.chars().count() <= 76 || is_one_word || is_link,
                "{name}: {line}"
            );
            assert!(
                line == "-- " || line.trim_end() == line,
                "{name}: white space at the end of {line:?}"
            );
        }
    }
}

/// The colours of a sheet's rules, by class and property.
fn dark(styles: &str, before: &str) -> BTreeMap<(String, String), [u8; 3]> {
    styles
        .lines()
        .filter_map(|line| {
            let rule = line.trim();
            let (selector, rest) = rule.split_once('{')?;
            let class = selector.rsplit('.').next()?;
            let (property, value) = rest.split_once(':')?;
            let value = value.strip_suffix(" !important}")?;
            (selector.starts_with(before)).then_some((
                (class.to_owned(), property.to_owned()),
                colour(value.strip_prefix('#')?)?,
            ))
        })
        .collect()
}

#[test]
fn every_text_can_be_made_out_light_and_dark() {
    let mut seen = 0;
    for (name, _, document) in mails() {
        let styles = all("style", &document);
        let schemes = [dark(&styles[0], "."), dark(&styles[1], "[data-ogs")];
        assert_eq!(
            schemes[0], schemes[1],
            "{name}: Outlook.com has the colours of all others"
        );
        assert!(schemes[0].len() >= 10);
        for element in elements(&document) {
            let own = style(&element);
            let Some(light) = own
                .get("color")
                .and_then(|value| colour(value.strip_prefix('#')?))
            else {
                continue;
            };
            let (ground, ground_class) = ground_of(&element);
            let ratio = contrast(light, ground);
            assert!(ratio >= 4.5, "{name}: {} is {ratio:.2}:1", element.html());
            let of = |class: Option<&str>, property: &str| {
                let classes = class.unwrap_or_default().split(' ');
                classes
                    .filter_map(|c| schemes[0].get(&(c.to_owned(), property.to_owned())))
                    .copied()
                    .next()
            };
            let text = of(element.attr("class"), "color")
                .unwrap_or_else(|| panic!("{name}: no dark colour: {}", element.html()));
            let ground = of(ground_class.as_deref(), "background-color").unwrap();
            let ratio = contrast(text, ground);
            assert!(ratio >= 4.5, "{name}: dark: {} is {ratio:.2}:1", element.html());
            seen += 1;
        }
    }
    assert!(seen > 500);
}

/// The background that an element stands on, and the class of what has it.
fn ground_of(element: &ElementRef<'_>) -> ([u8; 3], Option<String>) {
    let with_ground = element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .find(|above| above.attr("bgcolor").is_some())
        .unwrap();
    let value = with_ground.attr("bgcolor").unwrap();
    (
        colour(value.strip_prefix('#').unwrap()).unwrap(),
        with_ground.attr("class").map(str::to_owned),
    )
}
