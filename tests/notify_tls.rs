//! Mail over TLS: both ways to begin it, and what is not trusted.

use loa::notify::{
    SendError,
    email::{Mailer, SmtpSettings, SmtpSettingsError, Tls},
};

use crate::{
    common::{smtp::Sink, smtp_tls::Certificates},
    notify_email::mail,
};

#[tokio::test]
async fn mail_goes_out_over_tls_to_servers_that_are_trusted() {
    let Some(certificates) = Certificates::make() else {
        return;
    };
    for tls in [Tls::StartTls, Tls::Implicit] {
        let sink = Sink::start().await;
        let front = certificates.before(&sink, tls == Tls::StartTls).await;
        let mut settings = SmtpSettings::relay("localhost", front.port());
        settings.tls = tls;

        let untrusted = Mailer::smtp(settings.clone())
            .unwrap()
            .prepare(&mail(1))
            .await
            .err();
        assert!(
            matches!(&untrusted, Some(SendError::Later(why, _)) if why.contains("certificate")),
            "{tls:?} {untrusted:?}"
        );

        settings.extra_ca_pem = Some(certificates.authority_pem.clone());
        let mailer = Mailer::smtp(settings.clone()).unwrap();
        for delivery in [1, 2] {
            mailer
                .prepare(&mail(delivery))
                .await
                .unwrap()
                .finish()
                .await
                .unwrap();
        }
        assert_eq!(sink.taken().len(), 2, "{tls:?}");

        settings.host = "127.0.0.1".to_owned();
        let other_name = Mailer::smtp(settings).unwrap().prepare(&mail(3)).await.err();
        assert!(
            matches!(other_name, Some(SendError::Later(..))),
            "{tls:?} {other_name:?}"
        );
        assert_eq!(sink.taken().len(), 2);
    }
}

/// A server that offers no STARTTLS must not get the mail in the clear.
#[tokio::test]
async fn starttls_is_required_where_it_is_set() {
    let sink = Sink::start().await;
    let mut settings = SmtpSettings::relay("127.0.0.1", sink.address.port());
    settings.tls = Tls::StartTls;
    let refused = Mailer::smtp(settings).unwrap().prepare(&mail(1)).await.err();
    assert!(
        matches!(&refused, Some(SendError::Later(why, _)) if why.contains("STARTTLS")),
        "{refused:?}"
    );
}

#[test]
fn a_broken_authority_is_said_at_once() {
    let mut settings = SmtpSettings::relay("localhost", 465);
    settings.extra_ca_pem = Some("no certificate".to_owned());
    assert_eq!(Mailer::smtp(settings).err(), Some(SmtpSettingsError::ExtraCa));
}
