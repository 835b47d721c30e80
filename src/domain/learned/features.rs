//! What a linear model sees of an article: its syllables and pairs of neighbouring ones, hashed into buckets.

/// Buckets. Two n-grams that share one are told apart by the many others that they do not share.
pub const BUCKETS: usize = 1 << 15;

/// What an n-gram of the title or lead counts, beside one of the body.
const HEAD: f32 = 2.0;

/// Buckets with their values; of length one as a vector.
pub type Features = Vec<(u32, f32)>;

/// One or two syllables of an article.
pub(super) struct Gram<'a> {
    hash: u64,
    /// What it counts for: how often it stands there, by place.
    times: f32,
    first: &'a str,
    /// Empty where it is one syllable.
    second: &'a str,
}

impl Gram<'_> {
    /// Its bucket.
    pub(super) fn bucket(&self) -> u32 {
        // Folded, since the low bits of FNV alone mix poorly.
        u32::try_from((self.hash ^ (self.hash >> 32)) & (BUCKETS as u64 - 1)).unwrap_or_default()
    }

    /// What it is worth: repetition counts, but little.
    pub(super) fn value(&self) -> f32 {
        1.0 + self.times.max(1.0).ln()
    }

    /// As text.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.first, self.second).trim().to_owned()
    }
}

/// FNV-1a, from a hash before it.
fn and(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The n-grams of a normalised text.
fn add<'a>(text: &'a str, times: f32, grams: &mut Vec<Gram<'a>>) {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    let mut before: Option<(&str, u64)> = None;
    for syllable in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|s| !s.is_empty())
    {
        let hash = and(START, syllable);
        grams.push(Gram {
            hash,
            times,
            first: syllable,
            second: "",
        });
        if let Some((first, hash)) = before {
            grams.push(Gram {
                hash: and(and(hash, " "), syllable),
                times,
                first,
                second: syllable,
            });
        }
        before = Some((syllable, hash));
    }
}

/// The n-grams of an article in normalised parts, each once. Sorted, not kept in a map: that takes a fifth of the time.
pub(super) fn grams<'a>(title: &'a str, lead: &'a str, body: &'a str) -> Vec<Gram<'a>> {
    let mut grams = Vec::with_capacity(body.len() / 3);
    add(title, HEAD, &mut grams);
    add(lead, HEAD, &mut grams);
    add(body, 1.0, &mut grams);
    grams.sort_unstable_by_key(|gram| gram.hash);
    grams.dedup_by(|gram, kept| {
        let is_same = gram.hash == kept.hash;
        if is_same {
            kept.times += gram.times;
        }
        is_same
    });
    grams
}

/// What makes the n-grams' values a vector of length one.
pub(super) fn length(grams: &[Gram<'_>]) -> f32 {
    let squares: f32 = grams.iter().map(|gram| gram.value().powi(2)).sum();
    squares.sqrt().max(1.0)
}

/// The features of an article whose title, lead and body are normalised.
pub fn features(title: &str, lead: &str, body: &str) -> Features {
    let grams = grams(title, lead, body);
    let length = length(&grams);
    grams.iter().map(|g| (g.bucket(), g.value() / length)).collect()
}
