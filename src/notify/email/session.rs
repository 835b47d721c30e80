//! One SMTP connection and its stages, over lettre's protocol but not its pool.
//!
//! lettre's own pool sends without `TCP_NODELAY`, bounds nothing but the connect by its time-out, and parks a connection
//! whose send was cancelled in the middle. Here each stage has its deadline, and a connection is parked only after
//! a 250 to the final dot: an error or a dropped future closes it.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use lettre::transport::smtp::{
    self,
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, AsyncTokioStream},
    commands::{Data, Mail as MailFrom, Rcpt},
    extension::ClientId,
    response::Response,
};
use tokio::{net::TcpStream, time::timeout};

use super::{
    mime,
    reply::{Cause, Fault, Stage, masked},
    settings::{SmtpSettings, Tls},
    tls,
};
use crate::notify::{SendError, message::Mail};

/// Connections to one server; clones share them.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

struct Shared {
    settings: SmtpSettings,
    parked: Mutex<Vec<Parked>>,
}

struct Parked {
    session: Session,
    since: Instant,
}

struct Session {
    connection: AsyncSmtpConnection,
    mails: u32,
}

/// A mail whose server said 354. Dropping it closes the connection, and the server forgets the mail.
pub(super) struct Open {
    pool: Pool,
    session: Session,
    bytes: Vec<u8>,
    to: String,
}

impl Pool {
    pub(super) fn new(settings: SmtpSettings) -> Self {
        Self(Arc::new(Shared {
            settings,
            parked: Mutex::default(),
        }))
    }

    /// The mail with its DKIM signatures, where a key is set. Signing keeps a core busy for about a millisecond, so it is done
    /// beside the connections, on as many cores as there are.
    pub(super) async fn signed(&self, mail: &Mail, bytes: Vec<u8>) -> Result<Vec<u8>, SendError> {
        let Some(signer) = self.0.settings.dkim.clone() else {
            return Ok(bytes);
        };
        let at = mail.date;
        tokio::task::spawn_blocking(move || signer.sign(&bytes, at))
            .await
            .map_err(|_| SendError::later("signing was interrupted"))?
    }

    /// A mail up to the server's 354, over a parked connection if one is alive.
    pub(super) async fn open(&self, mail: &Mail, bytes: Vec<u8>) -> Result<Open, SendError> {
        let to = mail.to.as_str();
        let recipient = mime::address(to)?;
        let sender = mime::address(&self.return_path(mail))?;
        let session = self
            .prepared(&sender, &recipient)
            .await
            .map_err(|fault| fault.verdict(to))?;
        Ok(Open {
            pool: self.clone(),
            session,
            bytes,
            to: to.to_owned(),
        })
    }

    async fn prepared(&self, from: &lettre::Address, to: &lettre::Address) -> Result<Session, Fault> {
        let limit = self.0.settings.deadlines.command;
        if let Some(mut session) = self.take() {
            match session.envelope(from, to, limit).await {
                Err(fault) if fault.is_stale() => {}
                other => return other.map(|()| session),
            }
        }
        let mut session = Session::connect(&self.0.settings).await?;
        session.envelope(from, to, limit).await?;
        Ok(session)
    }

    /// A line about the server.
    pub(super) async fn check(&self) -> Result<String, SendError> {
        let settings = &self.0.settings;
        let mut session = Session::connect(settings)
            .await
            .map_err(|fault| fault.verdict(""))?;
        let quit = session.connection.quit();
        within(settings.deadlines.command, Stage::Hello, quit)
            .await
            .map_err(|fault| fault.verdict(""))?;
        let signed_in = if settings.user.is_some() {
            ", signed in"
        } else {
            ""
        };
        let (host, port, tls) = (&settings.host, settings.port, settings.tls);
        Ok(format!("{host}:{port} answers (tls: {tls:?}{signed_in})"))
    }

    /// `bounces+MARK@host`, so that a bounce tells its delivery; without the mark for mails that are none.
    fn return_path(&self, mail: &Mail) -> String {
        let bounces = self.0.settings.bounces.as_deref();
        match (bounces.and_then(|b| b.split_once('@')), &mail.mark) {
            (Some((name, host)), Some(mark)) => format!("{name}+{mark}@{host}"),
            (Some((name, host)), None) => format!("{name}@{host}"),
            (None, _) => mail.from.address().to_owned(),
        }
    }

    fn take(&self) -> Option<Session> {
        let mut parked = self.0.parked.lock().unwrap_or_else(PoisonError::into_inner);
        parked.retain(|p| p.since.elapsed() < self.0.settings.pool.idle);
        parked.pop().map(|p| p.session)
    }

    fn park(&self, session: Session) {
        let limits = &self.0.settings.pool;
        let mut parked = self.0.parked.lock().unwrap_or_else(PoisonError::into_inner);
        if session.mails < limits.mails && parked.len() < limits.parked {
            parked.push(Parked {
                session,
                since: Instant::now(),
            });
        }
    }
}

impl Open {
    /// The text, the final dot, and its reply without addresses.
    pub(super) async fn finish(mut self) -> Result<String, SendError> {
        match self.transmit().await {
            Ok(reply) => {
                self.session.mails += 1;
                self.pool.park(self.session);
                let said = reply.message().collect::<Vec<_>>().join(" ");
                Ok(masked(&format!("{} {said}", reply.code()), &self.to))
            }
            Err(fault) => Err(fault.verdict(&self.to)),
        }
    }

    async fn transmit(&mut self) -> Result<Response, Fault> {
        // lettre writes each part that the iterator gives, and the dot when there are no more: the moment it asks again
        // is the point of no return.
        let dot_begun = AtomicBool::new(false);
        let mut text = Some(self.bytes.as_slice());
        let parts = std::iter::from_fn(|| {
            let part = text.take();
            dot_begun.store(part.is_none(), Ordering::Relaxed);
            part
        });
        let limit = self.pool.0.settings.deadlines.dot;
        let sent = within(limit, Stage::Dot, self.session.connection.message_iter(parts)).await;
        let reply = sent.map_err(|fault| {
            if dot_begun.load(Ordering::Relaxed) {
                fault
            } else {
                Fault::new(Stage::Content, fault.cause)
            }
        })?;
        expect(&reply, Stage::Dot, &[250])?;
        Ok(reply)
    }
}

impl Session {
    async fn connect(settings: &SmtpSettings) -> Result<Self, Fault> {
        let deadlines = &settings.deadlines;
        let dial = timeout(deadlines.connect, dial(settings)).await;
        let stream = dial
            .map_err(|_| Fault::new(Stage::Connect, Cause::Slow))?
            .map_err(|e| Fault::new(Stage::Connect, Cause::Broken(e.to_string())))?;
        let connection = within(deadlines.hello, Stage::Hello, greet(stream, settings)).await?;
        Ok(Self { connection, mails: 0 })
    }

    /// `MAIL`, `RCPT`, `DATA`. Each reply must be its command's own: a connection that is one reply behind shows here,
    /// before anything is taken for sent.
    async fn envelope(
        &mut self,
        from: &lettre::Address,
        to: &lettre::Address,
        limit: Duration,
    ) -> Result<(), Fault> {
        let c = &mut self.connection;
        let reply = within(
            limit,
            Stage::From,
            c.command(MailFrom::new(Some(from.clone()), vec![])),
        )
        .await?;
        expect(&reply, Stage::From, &[250])?;
        let reply = within(limit, Stage::Recipient, c.command(Rcpt::new(to.clone(), vec![]))).await?;
        expect(&reply, Stage::Recipient, &[250, 251, 252])?;
        let reply = within(limit, Stage::Data, c.command(Data)).await?;
        expect(&reply, Stage::Data, &[354])
    }
}

async fn dial(settings: &SmtpSettings) -> std::io::Result<Box<dyn AsyncTokioStream>> {
    let stream = TcpStream::connect((settings.host.as_str(), settings.port)).await?;
    stream.set_nodelay(true)?;
    Ok(match settings.tls {
        Tls::Implicit => Box::new(tls::encrypted(stream, settings).await?),
        Tls::None | Tls::StartTls => Box::new(stream),
    })
}

/// Greeting, `EHLO`, and what the settings ask for.
async fn greet(
    stream: Box<dyn AsyncTokioStream>,
    settings: &SmtpSettings,
) -> Result<AsyncSmtpConnection, smtp::Error> {
    let hello = ClientId::Domain(settings.helo_name.clone());
    let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &hello).await?;
    if settings.tls == Tls::StartTls {
        connection.starttls(tls::starttls(settings)?, &hello).await?;
    }
    if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
        let credentials = Credentials::new(user.clone(), password.expose().to_owned());
        connection
            .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
            .await?;
    }
    Ok(connection)
}

async fn within<T>(
    limit: Duration,
    stage: Stage,
    work: impl Future<Output = Result<T, smtp::Error>>,
) -> Result<T, Fault> {
    match timeout(limit, work).await {
        Ok(done) => done.map_err(|e| Fault::from_smtp(stage, &e)),
        Err(_) => Err(Fault::new(stage, Cause::Slow)),
    }
}

fn expect(reply: &Response, stage: Stage, codes: &[u16]) -> Result<(), Fault> {
    let code = u16::from(reply.code());
    if codes.contains(&code) {
        Ok(())
    } else {
        let why = format!("unexpected reply {code}");
        Err(Fault::new(stage, Cause::Broken(why)))
    }
}
