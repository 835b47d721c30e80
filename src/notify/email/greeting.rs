//! The begin of an SMTP connection: the stream, the greeting, STARTTLS, signing in, and what the server offers.

use lettre::transport::smtp::{
    self,
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, AsyncTokioStream},
    commands::Ehlo,
    extension::ClientId,
};
use tokio::net::TcpStream;

use super::{
    settings::{SmtpSettings, Tls},
    tls,
};

/// What a server said that it can do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Offers {
    pub(super) pipelining: bool,
    pub(super) dsn: bool,
}

/// The stream to a server, encrypted from its first byte where the settings say so.
pub(super) async fn dial(settings: &SmtpSettings) -> std::io::Result<Box<dyn AsyncTokioStream>> {
    let stream = TcpStream::connect((settings.host.as_str(), settings.port)).await?;
    stream.set_nodelay(true)?;
    Ok(match settings.tls {
        Tls::Implicit => Box::new(tls::encrypted(stream, settings).await?),
        Tls::None | Tls::StartTls => Box::new(stream),
    })
}

/// Greeting, `EHLO`, and what the settings ask for.
pub(super) async fn greet(
    stream: Box<dyn AsyncTokioStream>,
    settings: &SmtpSettings,
) -> Result<(AsyncSmtpConnection, Offers), smtp::Error> {
    let hello = ClientId::Domain(settings.helo_name.clone());
    let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &hello).await?;
    if settings.tls == Tls::StartTls {
        connection.starttls(tls::starttls(settings)?, &hello).await?;
    }
    // lettre keeps only what it knows of the answer to EHLO, and it has to be asked again after STARTTLS anyway.
    let said = connection.command(Ehlo::new(hello)).await?;
    let offers = |keyword: &str| {
        said.message().any(|line| {
            line.split(' ')
                .next()
                .is_some_and(|word| word.eq_ignore_ascii_case(keyword))
        })
    };
    let offers = Offers {
        pipelining: offers("PIPELINING"),
        dsn: offers("DSN"),
    };
    if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
        let credentials = Credentials::new(user.clone(), password.expose().to_owned());
        connection
            .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
            .await?;
    }
    Ok((connection, offers))
}
