//! One SMTP connection and its stages, over lettre's protocol but not its pool.
//!
//! lettre's own pool sends without `TCP_NODELAY`, bounds nothing but the connect by its time-out, and parks a connection
//! whose send was cancelled in the middle. Here each stage has its deadline, and a connection is parked only after
//! a 250 to the final dot: an error or a dropped future closes it. Where the server offers it, `MAIL`, `RCPT` and `DATA`
//! travel together (RFC 2920), and bounces are asked to name the delivery (RFC 3461).

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
    client::AsyncSmtpConnection,
    commands::{Data, Mail as MailFrom, Rcpt},
    extension::{MailParameter, RcptParameter},
    response::Response,
};
use tokio::time::timeout;

use super::{
    greeting::{Offers, dial, greet},
    mime,
    relays::Turn,
    reply::{Cause, Fault, Stage, masked},
    settings::SmtpSettings,
};
use crate::notify::{SendError, message::Mail};

/// Connections to one server; clones share them.
#[derive(Clone)]
pub(super) struct Pool(Arc<Shared>);

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
    offers: Offers,
    mails: u32,
}

/// The envelope of a mail, as commands.
struct Envelope {
    from: lettre::Address,
    to: lettre::Address,
    mark: Option<String>,
}

/// A mail whose server said 354. Dropping it closes the connection, and the server forgets the mail.
pub(super) struct Open {
    pool: Pool,
    session: Session,
    bytes: Arc<[u8]>,
    to: String,
    turn: Option<Turn>,
}

impl Pool {
    pub(super) fn new(settings: SmtpSettings) -> Self {
        Self(Arc::new(Shared {
            settings,
            parked: Mutex::default(),
        }))
    }

    pub(super) fn settings(&self) -> &SmtpSettings {
        &self.0.settings
    }

    /// A mail up to the server's 354, over a parked connection if one is alive.
    pub(super) async fn open(
        &self,
        mail: &Mail,
        bytes: Arc<[u8]>,
        turn: Option<Turn>,
    ) -> Result<Result<Open, Fault>, SendError> {
        let to = mail.to.as_str();
        let envelope = Envelope {
            to: mime::address(to)?,
            from: mime::address(&self.return_path(mail))?,
            mark: mail.mark.clone(),
        };
        let session = match self.prepared(&envelope).await {
            Ok(session) => session,
            Err(fault) => return Ok(Err(fault)),
        };
        Ok(Ok(Open {
            pool: self.clone(),
            session,
            bytes,
            to: to.to_owned(),
            turn,
        }))
    }

    async fn prepared(&self, envelope: &Envelope) -> Result<Session, Fault> {
        let limit = self.0.settings.deadlines.command;
        if let Some(mut session) = self.take() {
            match session.envelope(envelope, limit).await {
                Err(fault) if fault.is_stale() => {}
                other => return other.map(|()| session),
            }
        }
        let mut session = Session::connect(&self.0.settings).await?;
        session.envelope(envelope, limit).await?;
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
    /// The turn that it took at a relay, if it took one.
    pub(super) fn turn(&self) -> Option<&Turn> {
        self.turn.as_ref()
    }

    /// The text, the final dot, and its reply without addresses.
    pub(super) async fn finish(mut self) -> Result<String, SendError> {
        match self.transmit().await {
            Ok(reply) => {
                self.session.mails += 1;
                self.pool.park(self.session);
                if let Some(turn) = &self.turn {
                    turn.was_taken();
                }
                let said = reply.message().collect::<Vec<_>>().join(" ");
                Ok(masked(&format!("{} {said}", reply.code()), &self.to))
            }
            Err(fault) => {
                if let Some(turn) = &self.turn {
                    turn.failed(&fault);
                }
                Err(fault.verdict(&self.to))
            }
        }
    }

    async fn transmit(&mut self) -> Result<Response, Fault> {
        // lettre writes each part that the iterator gives, and the dot when there are no more: the moment it asks again
        // is the point of no return.
        let dot_begun = AtomicBool::new(false);
        let mut text = Some(&self.bytes[..]);
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
        let (connection, offers) = within(deadlines.hello, Stage::Hello, greet(stream, settings)).await?;
        Ok(Self {
            connection,
            offers,
            mails: 0,
        })
    }

    /// `MAIL`, `RCPT`, `DATA`. Each reply must be its command's own: a connection that is one reply behind shows here,
    /// before anything is taken for sent. Whatever is refused ends the connection, and with it a 354 that may follow.
    async fn envelope(&mut self, envelope: &Envelope, limit: Duration) -> Result<(), Fault> {
        let (mail, rcpt) = envelope.commands(self.offers.dsn);
        let c = &mut self.connection;
        if self.offers.pipelining {
            let all = format!("{mail}{rcpt}{Data}");
            let reply = within(limit, Stage::From, c.command(all)).await?;
            expect(&reply, Stage::From, &[250])?;
            let reply = within(limit, Stage::Recipient, c.read_response()).await?;
            expect(&reply, Stage::Recipient, &[250, 251, 252])?;
            let reply = within(limit, Stage::Data, c.read_response()).await?;
            return expect(&reply, Stage::Data, &[354]);
        }
        let reply = within(limit, Stage::From, c.command(mail)).await?;
        expect(&reply, Stage::From, &[250])?;
        let reply = within(limit, Stage::Recipient, c.command(rcpt)).await?;
        expect(&reply, Stage::Recipient, &[250, 251, 252])?;
        let reply = within(limit, Stage::Data, c.command(Data)).await?;
        expect(&reply, Stage::Data, &[354])
    }
}

impl Envelope {
    /// With DSN: bounces bring back the headers alone, and name the delivery and the address that it was meant for, also
    /// where other servers forwarded it.
    fn commands(&self, has_dsn: bool) -> (MailFrom, Rcpt) {
        let (mut of_mail, mut of_rcpt) = (Vec::new(), Vec::new());
        if has_dsn && let Some(mark) = &self.mark {
            let said = |keyword: &str, value: &str| MailParameter::Other {
                keyword: keyword.to_owned(),
                value: Some(value.to_owned()),
            };
            of_mail = vec![said("RET", "HDRS"), said("ENVID", mark)];
            let said = |keyword: &str, value: String| RcptParameter::Other {
                keyword: keyword.to_owned(),
                value: Some(value),
            };
            of_rcpt.push(said("NOTIFY", "FAILURE,DELAY".to_owned()));
            let to: &str = self.to.as_ref();
            // xtext is ASCII; such an address needs SMTPUTF8 anyway.
            if to.is_ascii() {
                of_rcpt.push(said("ORCPT", format!("rfc822;{to}")));
            }
        }
        (
            MailFrom::new(Some(self.from.clone()), of_mail),
            Rcpt::new(self.to.clone(), of_rcpt),
        )
    }
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
