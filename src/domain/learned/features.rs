//! What a linear model sees of an article: its syllables and pairs of neighbouring ones, hashed into buckets.

use std::collections::HashMap;

/// Buckets. Two n-grams that share one are told apart by the many others that they do not share.
pub const BUCKETS: usize = 1 << 15;

/// What an n-gram of the title or lead counts, beside one of the body.
const HEAD: f32 = 2.0;

/// Buckets with their values, by bucket; of length one as a vector.
pub type Features = Vec<(u32, f32)>;

/// The n-grams of a normalised text, each once with what it counts for.
fn grams<'a>(text: &'a str, times: f32, into: &mut HashMap<(&'a str, &'a str), f32>) {
    let mut before = "";
    for syllable in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|s| !s.is_empty())
    {
        *into.entry((syllable, "")).or_default() += times;
        if !before.is_empty() {
            *into.entry((before, syllable)).or_default() += times;
        }
        before = syllable;
    }
}

/// The n-grams of an article in normalised parts.
pub(super) fn of_article<'a>(head: [&'a str; 2], body: &'a str) -> HashMap<(&'a str, &'a str), f32> {
    let mut counts = HashMap::new();
    for part in head {
        grams(part, HEAD, &mut counts);
    }
    grams(body, 1.0, &mut counts);
    counts
}

/// FNV-1a over both syllables.
pub(super) fn bucket((first, second): (&str, &str)) -> u32 {
    let bytes = first.bytes().chain([b' ']).chain(second.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // Folded, since the low bits of FNV alone mix poorly.
    u32::try_from((hash ^ (hash >> 32)) & (BUCKETS as u64 - 1)).unwrap_or_default()
}

/// The features of an article whose title, lead and body are normalised.
pub fn features(title: &str, lead: &str, body: &str) -> Features {
    let mut values: HashMap<u32, f32> = HashMap::new();
    for (gram, count) in of_article([title, lead], body) {
        *values.entry(bucket(gram)).or_default() += 1.0 + count.max(1.0).ln();
    }
    let length = values.values().map(|v| v * v).sum::<f32>().sqrt().max(1.0);
    let mut features: Features = values.into_iter().map(|(at, v)| (at, v / length)).collect();
    features.sort_unstable_by_key(|(at, _)| *at);
    features
}
