//! How fast mails are signed: one mail with each kind of key, and RSA on all cores, as the dispatcher does it.
//!
//! `cargo bench --bench dkim`. The mail is one of 8 kB; the keys are the tests' own.

use std::{fs, hint::black_box, thread};

use chrono::DateTime;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use loa::notify::{
    Secret,
    email::dkim::{KeyError, Signer},
};

const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/dkim");
/// Bytes of the mail that is signed.
const MAIL_BYTES: usize = 8 * 1024;
/// Mails that each core signs in one measurement of all cores.
const MAILS_A_CORE: u64 = 64;

fn key(name: &str) -> Secret {
    let file = format!("{KEYS}/{name}");
    Secret::new(fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}")))
}

fn signer() -> Result<Signer, KeyError> {
    Signer::rsa("example.vn", "bench", &key("rsa-2048.pem"))
}

/// A mail as Loa makes it: the fields that are signed, and a body of quoted-printable lines.
fn mail() -> Vec<u8> {
    let mut mail = "Message-ID: <loa.delivery.7.t1@loa.example.vn>\r\nFrom: Loa <loa@example.vn>\r\nTo: lan@example.vn\r\n\
        Subject: =?utf-8?b?W0xvYV0gVGluIG3hu5tp?=\r\nDate: Tue, 24 Nov 2026 01:00:00 +0000\r\n\
        List-Id: <topic-y-te.loa.quangtri.gov.vn>\r\nList-Unsubscribe: <https://loa.example.vn/unsubscribe/TOKEN>\r\n\
        List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\r\n"
        .to_owned();
    while mail.len() < MAIL_BYTES {
        mail.push_str("Ngh=E1=BB=87m thu =C4=91=E1=BB=81 t=C3=A0i khoa h=E1=BB=8Dc c=E1=BA=A5p t=\r\n");
    }
    mail.into_bytes()
}

fn signing(c: &mut Criterion) {
    let mail = mail();
    let at = DateTime::from_timestamp(1_795_420_800, 0).expect("a moment of 2026");
    let rsa = signer().expect("an RSA key");
    let both = rsa
        .and_ed25519("bench-ed", &key("ed25519.pem"))
        .expect("an Ed25519 key");
    let cores = thread::available_parallelism().map_or(1, usize::from);

    let mut group = c.benchmark_group("dkim");
    group.throughput(Throughput::Elements(1));
    for (name, signer) in [("rsa-2048", &rsa), ("rsa-2048 and ed25519", &both)] {
        group.bench_function(name, |b| b.iter(|| signer.sign(black_box(&mail), at)));
    }
    group.throughput(Throughput::Elements(MAILS_A_CORE * cores as u64));
    group.bench_function(format!("rsa-2048 on {cores} cores"), |b| {
        b.iter(|| {
            thread::scope(|scope| {
                for _ in 0..cores {
                    scope.spawn(|| {
                        for _ in 0..MAILS_A_CORE {
                            drop(black_box(rsa.sign(black_box(&mail), at)));
                        }
                    });
                }
            });
        });
    });
    group.finish();
}

criterion_group!(benches, signing);
criterion_main!(benches);
