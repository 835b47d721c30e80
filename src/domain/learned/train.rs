//! Logistic regression by stochastic gradient descent, always in the same order: the same articles give the same model.

use super::features::{BUCKETS, Features};

/// Passes over the articles.
const EPOCHS: u32 = 30;

/// The size of the first steps; later ones are smaller.
const RATE: f32 = 2.0;

/// How much each weight shrinks at its own steps, so that rare n-grams do not grow without bounds.
const SHRINK: f32 = 1e-4;

/// What the rarer side may count at most for each of its articles.
const MOST_BALANCE: f32 = 10.0;

/// What one topic's vote consists of.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// A weight a bucket.
    pub weights: Vec<f32>,
    /// What is added for every article.
    pub bias: f32,
}

/// The weights that tell the articles that are about a topic from those that are not.
pub fn train(known: &[(&Features, bool)]) -> Weights {
    #[expect(clippy::cast_precision_loss, reason = "numbers of articles")]
    let (about, all) = (
        known.iter().filter(|(_, is_about)| *is_about).count() as f32,
        known.len() as f32,
    );
    let balance = |mine: f32| (all / 2.0 / mine.max(1.0)).min(MOST_BALANCE);
    let (for_about, for_other) = (balance(about), balance(all - about));
    let (mut weights, mut bias) = (vec![0.0_f32; BUCKETS], 0.0_f32);
    let order = shuffled(known.len());
    for epoch in 0..EPOCHS {
        #[expect(clippy::cast_precision_loss, reason = "a few dozen")]
        let rate = RATE / (1.0 + epoch as f32 / 4.0);
        for at in &order {
            let (features, is_about) = known[*at];
            let sum: f32 = features.iter().map(|(b, v)| weights[*b as usize] * v).sum();
            let odds = 1.0 / (1.0 + (-(sum + bias)).exp());
            let (target, times) = if is_about {
                (1.0, for_about)
            } else {
                (0.0, for_other)
            };
            let step = rate * times * (target - odds);
            bias += step * 0.1;
            for (bucket, value) in features {
                let weight = &mut weights[*bucket as usize];
                *weight += step * value - rate * SHRINK * *weight;
            }
        }
    }
    Weights { weights, bias }
}

/// The numbers below `count` in an order that is the same at every call.
fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = 1_u64;
    for last in (1..count).rev() {
        // Knuth's MMIX constants.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).unwrap_or_default() % (last + 1);
        order.swap(last, other);
    }
    order
}
