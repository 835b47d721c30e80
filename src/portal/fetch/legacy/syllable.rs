//! Whether a word is spelt like a Vietnamese syllable: what decides between letters and their look-alikes.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

const ONSETS: &[&str] = &[
    "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "qu", "th", "tr", "ch", "b", "c", "d", "đ", "g", "h", "k",
    "l", "m", "n", "p", "q", "r", "s", "t", "v", "x", "",
];
/// Rhymes without their tone.
const RHYMES: &str = " a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo \
    ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu o oa oac oach oai oam oan oang \
    oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oem oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi \
    ơm ơn ơp ơt u ua uc ui um un ung up ut uân uâng uât uây uê uêch uên uênh uơ uya uych uyn uynh uyp uyt uyu uy uyên uyêt \
    uôc uôi uôm uôn uông uôt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu ynh ych ";
static KNOWN_RHYMES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| RHYMES.split(' ').filter(|rhyme| !rhyme.is_empty()).collect());
/// Syllables that end so carry the acute or the dot below.
const STOPS: &[&str] = &["c", "ch", "p", "t"];
const TONES: &[char] = &['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// Whether a word in Unicode's letters could be a Vietnamese syllable: one onset, one rhyme, at most one tone.
pub(super) fn is_one(word: &str) -> bool {
    let mut tones = word.nfd().filter(|c| TONES.contains(c));
    let tone = tones.next();
    if tones.next().is_some() {
        return false;
    }
    let bare = word
        .nfd()
        .filter(|c| !TONES.contains(c))
        .flat_map(char::to_lowercase);
    let bare: String = bare.nfc().collect();
    let is_stopped = STOPS.iter().any(|stop| bare.ends_with(stop));
    let has_rhyme = |rest: &str| KNOWN_RHYMES.contains(rest);
    let is_spelt = ONSETS
        .iter()
        .any(|onset| bare.strip_prefix(onset).is_some_and(has_rhyme));
    is_spelt && (!is_stopped || matches!(tone, Some('\u{301}' | '\u{323}')))
}

/// Letters that no other language's alphabet of Latin-1 has: a text that holds them is Unicode already.
pub(super) fn is_only_vietnamese(c: char) -> bool {
    matches!(
        c,
        'ă' | 'Ă' | 'đ' | 'Đ' | 'ĩ' | 'Ĩ' | 'ũ' | 'Ũ' | 'ơ' | 'Ơ' | 'ư' | 'Ư' | '\u{1ea0}'..='\u{1ef9}'
    )
}
