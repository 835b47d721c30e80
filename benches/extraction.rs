//! How fast pages are read.

use criterion::{criterion_group, criterion_main};

fn dates(_criterion: &mut criterion::Criterion) {}

criterion_group!(benches, dates);
criterion_main!(benches);
