//! TCVN3 (TCVN 5712:1993, VN3; the fonts `.Vn…`, "ABC") and VNI (the fonts `VNI-…`): which letter stands behind which
//! character, once the bytes were taken for windows-1252.

/// The lower-case letters that ASCII lacks, vowel by vowel: bare, then grave, hook, tilde, acute, dot below.
#[cfg(test)]
pub(super) const LETTERS: &str = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ";

/// TCVN3's 74 characters. Capitals with a tone have none: the fonts whose names end in `H` draw every letter as a capital.
const TCVN3: &[(char, char)] = &[
    ('\u{a1}', 'Ă'),
    ('\u{a2}', 'Â'),
    ('\u{a3}', 'Ê'),
    ('\u{a4}', 'Ô'),
    ('\u{a5}', 'Ơ'),
    ('\u{a6}', 'Ư'),
    ('\u{a7}', 'Đ'),
    ('\u{a8}', 'ă'),
    ('\u{a9}', 'â'),
    ('\u{aa}', 'ê'),
    ('\u{ab}', 'ô'),
    ('\u{ac}', 'ơ'),
    ('\u{ad}', 'ư'),
    ('\u{ae}', 'đ'),
    ('\u{b5}', 'à'),
    ('\u{b6}', 'ả'),
    ('\u{b7}', 'ã'),
    ('\u{b8}', 'á'),
    ('\u{b9}', 'ạ'),
    ('\u{bb}', 'ằ'),
    ('\u{bc}', 'ẳ'),
    ('\u{bd}', 'ẵ'),
    ('\u{be}', 'ắ'),
    ('\u{c6}', 'ặ'),
    ('\u{c7}', 'ầ'),
    ('\u{c8}', 'ẩ'),
    ('\u{c9}', 'ẫ'),
    ('\u{ca}', 'ấ'),
    ('\u{cb}', 'ậ'),
    ('\u{cc}', 'è'),
    ('\u{ce}', 'ẻ'),
    ('\u{cf}', 'ẽ'),
    ('\u{d0}', 'é'),
    ('\u{d1}', 'ẹ'),
    ('\u{d2}', 'ề'),
    ('\u{d3}', 'ể'),
    ('\u{d4}', 'ễ'),
    ('\u{d5}', 'ế'),
    ('\u{d6}', 'ệ'),
    ('\u{d7}', 'ì'),
    ('\u{d8}', 'ỉ'),
    ('\u{dc}', 'ĩ'),
    ('\u{dd}', 'í'),
    ('\u{de}', 'ị'),
    ('\u{df}', 'ò'),
    ('\u{e1}', 'ỏ'),
    ('\u{e2}', 'õ'),
    ('\u{e3}', 'ó'),
    ('\u{e4}', 'ọ'),
    ('\u{e5}', 'ồ'),
    ('\u{e6}', 'ổ'),
    ('\u{e7}', 'ỗ'),
    ('\u{e8}', 'ố'),
    ('\u{e9}', 'ộ'),
    ('\u{ea}', 'ờ'),
    ('\u{eb}', 'ở'),
    ('\u{ec}', 'ỡ'),
    ('\u{ed}', 'ớ'),
    ('\u{ee}', 'ợ'),
    ('\u{ef}', 'ù'),
    ('\u{f1}', 'ủ'),
    ('\u{f2}', 'ũ'),
    ('\u{f3}', 'ú'),
    ('\u{f4}', 'ụ'),
    ('\u{f5}', 'ừ'),
    ('\u{f6}', 'ử'),
    ('\u{f7}', 'ữ'),
    ('\u{f8}', 'ứ'),
    ('\u{f9}', 'ự'),
    ('\u{fa}', 'ỳ'),
    ('\u{fb}', 'ỷ'),
    ('\u{fc}', 'ỹ'),
    ('\u{fd}', 'ý'),
    ('\u{fe}', 'ỵ'),
];

/// VNI's letters of one character.
const VNI_SINGLE: &[(char, char)] = &[
    ('ñ', 'đ'),
    ('ô', 'ơ'),
    ('ö', 'ư'),
    ('í', 'í'),
    ('ì', 'ì'),
    ('æ', 'ỉ'),
    ('ó', 'ĩ'),
    ('ò', 'ị'),
    ('î', 'ỵ'),
    ('Ñ', 'Đ'),
    ('Ô', 'Ơ'),
    ('Ö', 'Ư'),
    ('Í', 'Í'),
    ('Ì', 'Ì'),
    ('Æ', 'Ỉ'),
    ('Ó', 'Ĩ'),
    ('Ò', 'Ị'),
    ('Î', 'Ỵ'),
];

/// VNI's letters of two characters: those that carry the marks, the marks, and the letters, in the same order.
const VNI_PAIRS: &[(char, &str, &str)] = &[
    ('a', "øûõùïêèúüéëâàåãáä", "àảãáạăằẳẵắặâầẩẫấậ"),
    ('e', "øûõùïâàåãáä", "èẻẽéẹêềểễếệ"),
    ('o', "øûõùïâàåãáä", "òỏõóọôồổỗốộ"),
    ('u', "øûõùï", "ùủũúụ"),
    ('y', "øûõù", "ỳỷỹý"),
    ('ô', "øûõùï", "ờởỡớợ"),
    ('ö', "øûõùï", "ừửữứự"),
];

/// The letter behind a character of TCVN3.
pub(super) fn tcvn3(c: char) -> Option<char> {
    let at = TCVN3.binary_search_by_key(&c, |(code, _)| *code).ok()?;
    Some(TCVN3[at].1)
}

/// The letter behind a character of VNI that stands alone.
pub(super) fn vni_single(c: char) -> Option<char> {
    VNI_SINGLE
        .iter()
        .find(|(code, _)| *code == c)
        .map(|(_, letter)| *letter)
}

/// The letter behind two characters of VNI. The mark of a capital may be written small.
pub(super) fn vni_pair(base: char, mark: char) -> Option<char> {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    let (_, marks, letters) = VNI_PAIRS.iter().find(|(b, _, _)| *b == lower(base))?;
    let at = marks.chars().position(|m| m == lower(mark))?;
    let letter = letters.chars().nth(at)?;
    Some(if base.is_uppercase() {
        letter.to_uppercase().next().unwrap_or(letter)
    } else {
        letter
    })
}

#[cfg(test)]
pub(super) fn to_tcvn3(letter: char) -> Option<char> {
    TCVN3.iter().find(|(_, l)| *l == letter).map(|(code, _)| *code)
}

#[cfg(test)]
pub(super) fn to_vni(letter: char) -> Option<String> {
    let single = VNI_SINGLE.iter().find(|(_, l)| *l == letter);
    if let Some((code, _)) = single {
        return Some(code.to_string());
    }
    let lower: char = letter.to_lowercase().next()?;
    let pair = VNI_PAIRS.iter().find_map(|(base, marks, letters)| {
        let at = letters.chars().position(|l| l == lower)?;
        Some([*base, marks.chars().nth(at)?].iter().collect::<String>())
    })?;
    Some(if letter.is_uppercase() {
        pair.to_uppercase()
    } else {
        pair
    })
}
