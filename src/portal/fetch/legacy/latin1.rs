//! Entities of Latin-1, behind which the letters of a font encoding may stand.

use std::borrow::Cow;

/// Entities of Latin-1 as their characters, on pages where a font says that they may be letters: editors wrote `&para;` for
/// a letter of TCVN3.
pub(super) fn unescaped(text: &str, has_font: bool) -> Cow<'_, str> {
    if !has_font || !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut pieces = text.split('&');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let found = piece
            .split_once(';')
            .and_then(|(name, rest)| Some((latin1(name)?, rest)));
        if let Some((letter, rest)) = found {
            out.push(letter);
            out.push_str(rest);
        } else {
            out.push('&');
            out.push_str(piece);
        }
    }
    Cow::Owned(out)
}

/// The names of U+00A1 and what follows it (HTML standard, 13.5).
const LATIN1: &str = "iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute \
    micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil \
    Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute \
    Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute \
    icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

pub(super) fn latin1(name: &str) -> Option<char> {
    let code = match name.strip_prefix('#') {
        Some(number) => number.parse().ok().filter(|n| (0xa1..=0xff).contains(n))?,
        None => {
            0xa1 + u32::try_from(
                LATIN1
                    .split(' ')
                    .filter(|n| !n.is_empty())
                    .position(|n| n == name)?,
            )
            .ok()?
        }
    };
    char::from_u32(code)
}
