//! The palette's contrast, computed from the stylesheet itself (WCAG 2.2: 1.4.3 for text, 1.4.11 for parts of the interface).

use std::collections::BTreeMap;

const CSS: &str = include_str!("../src/web/assets/loa.css");

/// `(text, grounds it stands on)`.
const TEXTS: &[(&str, &[&str])] = &[
    ("ink", &["ground", "surface", "sunken"]),
    ("ink-soft", &["ground", "surface", "sunken"]),
    ("link", &["ground", "surface"]),
    ("link-hover", &["ground", "surface"]),
    ("on-brand", &["brand"]),
    ("tag-ink", &["tag-ground"]),
    ("mark-ink", &["mark-ground"]),
];

/// Borders of controls, the mark, the focus ring.
const PARTS: &[(&str, &[&str])] = &[
    ("edge", &["ground", "surface"]),
    ("brand", &["ground", "surface"]),
    ("focus", &["ground", "surface", "tag-ground", "sunken"]),
];

/// The colours of both schemes: those of `:root`, and the same with the dark ones over them.
fn schemes() -> [(&'static str, BTreeMap<String, [u8; 3]>); 2] {
    let (light, dark) = CSS.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let dark = dark.split_once("*, *::before").unwrap().0;
    let light = colours(light);
    let mut both = light.clone();
    both.extend(colours(dark));
    assert_eq!(both.len(), light.len(), "a colour that only one scheme has");
    [("light", light), ("dark", both)]
}

fn colours(css: &str) -> BTreeMap<String, [u8; 3]> {
    css.lines()
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
            Some((name.to_owned(), colour(value)?))
        })
        .collect()
}

/// `0b5566`, and whatever follows it.
pub fn colour(hex: &str) -> Option<[u8; 3]> {
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    Some([byte(0)?, byte(2)?, byte(4)?])
}

fn luminance(rgb: [u8; 3]) -> f64 {
    let [r, g, b] = rgb.map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// How well two colours are told apart, 1 to 21.
pub fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn black_on_white_is_twenty_one_to_one() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
}

#[test]
fn every_text_and_every_control_can_be_made_out() {
    for (scheme, colours) in schemes() {
        for (pairs, least) in [(TEXTS, 4.5), (PARTS, 3.0)] {
            for (front, grounds) in pairs {
                for ground in *grounds {
                    let ratio = contrast(colours[*front], colours[*ground]);
                    assert!(ratio >= least, "{scheme}: {front} on {ground} is {ratio:.2}:1");
                }
            }
        }
    }
}
