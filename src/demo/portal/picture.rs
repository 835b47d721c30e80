//! Small pictures for the sample articles, drawn from their names: the same name is the same picture.

/// Sky, far hills, near hills, ground.
const PALETTES: [[&str; 4]; 5] = [
    ["#cfe8ef", "#8db7a5", "#4f8a6d", "#d9c36a"],
    ["#f6ddc1", "#c58f7a", "#7a5a68", "#5d7f86"],
    ["#d9e3f5", "#93a7cf", "#54699c", "#b9c7d9"],
    ["#e4efd5", "#a5c283", "#5f8f4f", "#c8a25a"],
    ["#e9e2f2", "#a79bc4", "#6a6396", "#8fa9a3"],
];

/// An SVG picture, 640 by 360.
pub(super) fn svg(name: &str) -> String {
    let hash = blake3::hash(name.as_bytes());
    let bytes = hash.as_bytes();
    let [sky, far, near, ground] = PALETTES[usize::from(bytes[0]) % PALETTES.len()];
    let at = |i: usize, least: u32, span: u32| least + u32::from(bytes[i]) * span / 255;
    let (sun_x, sun_y) = (at(1, 90, 460), at(2, 60, 60));
    let (f1, f2, f3) = (at(3, 130, 60), at(4, 110, 90), at(5, 140, 60));
    let (n1, n2, n3) = (at(6, 190, 50), at(7, 180, 70), at(8, 195, 50));
    let rows = (0..5u32)
        .map(|row| {
            let y = 288 + row * row * 4;
            format!("<path d=\"M0 {y}Q320 {} 640 {y}\"/>", y - 14)
        })
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"360\" viewBox=\"0 0 640 360\">\
         <rect width=\"640\" height=\"360\" fill=\"{sky}\"/>\
         <circle cx=\"{sun_x}\" cy=\"{sun_y}\" r=\"34\" fill=\"#fff\" opacity=\".85\"/>\
         <path d=\"M0 {f1}C140 {f2} 220 {f3} 330 {f2}S540 {f1} 640 {f3}V360H0Z\" fill=\"{far}\"/>\
         <path d=\"M0 {n2}C120 {n1} 260 {n3} 360 {n1}S560 {n2} 640 {n3}V360H0Z\" fill=\"{near}\"/>\
         <path d=\"M0 276Q320 252 640 276V360H0Z\" fill=\"{ground}\"/>\
         <g fill=\"none\" stroke=\"#fff\" stroke-opacity=\".35\" stroke-width=\"3\">{rows}</g></svg>"
    )
}
