//! Every kind of mail on its way to a server that another program runs (`scripts/check-dkim`).

use loa::{
    clock::Clock,
    domain::subscription::{Address, Channel},
    notify::{
        Secret,
        email::{Mailer, SmtpSettings, dkim::Signer},
    },
};

use crate::mail_samples::{every_kind, said};

/// With `LOA_TEST_DKIM_RELAY` (a port on loopback) and `LOA_TEST_DKIM_KEYS` (a folder), as `scripts/check-dkim` sets them, every kind
/// goes there, signed with those keys. What arrives is that script's to judge.
#[tokio::test]
async fn every_kind_goes_to_the_relay_that_the_environment_names() {
    let (Some(port), Some(keys)) = (said("LOA_TEST_DKIM_RELAY"), said("LOA_TEST_DKIM_KEYS")) else {
        println!("skipped: not run by scripts/check-dkim");
        return;
    };
    let key = |name: &str| Secret::new(std::fs::read_to_string(format!("{keys}/{name}")).unwrap());
    let signer = Signer::rsa("example.vn", "loa", &key("rsa.pem")).unwrap();
    let mut settings = SmtpSettings::relay("127.0.0.1", port.parse().unwrap());
    settings.dkim = Some(signer.and_ed25519("loa-ed", &key("ed25519.pem")).unwrap());
    let mailer = Mailer::smtp(settings).unwrap();
    for (name, mut mail) in every_kind(Clock::default().now()) {
        // The script tells the mails apart by their recipient.
        mail.to = Address::parse(Channel::Email, &format!("{name}@nhan-tin.example")).unwrap();
        mailer.prepare(&mail).await.unwrap().finish().await.unwrap();
    }
}
