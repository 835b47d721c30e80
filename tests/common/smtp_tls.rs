//! TLS in front of a [`Sink`]: certificates made for the test, and the two ways that SMTP begins it.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use super::{certificates::Office, smtp::Sink};

/// An authority and a certificate for `localhost` that it signed.
pub struct Certificates {
    pub authority_pem: String,
    acceptor: TlsAcceptor,
}

impl Certificates {
    /// `None` where there is no `openssl` to make them.
    pub fn make() -> Option<Self> {
        let office = Office::make()?;
        Some(Self {
            authority_pem: office.pem("root"),
            acceptor: office.acceptor("direct"),
        })
    }

    /// A port where TLS leads to `sink`, from the first byte or after `STARTTLS`.
    pub async fn before(&self, sink: &Sink, is_starttls: bool) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (acceptor, behind) = (self.acceptor.clone(), sink.address);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(lead(stream, acceptor.clone(), behind, is_starttls));
            }
        });
        address
    }
}

async fn lead(
    mut stream: TcpStream,
    acceptor: TlsAcceptor,
    behind: SocketAddr,
    is_starttls: bool,
) -> Option<()> {
    let mut sink = TcpStream::connect(behind).await.ok()?;
    if is_starttls {
        let mut greeting = [0; 16];
        sink.read_exact(&mut greeting).await.ok()?;
        let mut plain = BufReader::new(&mut stream);
        for answer in [
            "220 front ESMTP\r\n",
            "250-front\r\n250 STARTTLS\r\n",
            "220 go ahead\r\n",
        ] {
            if !answer.starts_with("220 front") {
                plain.read_line(&mut String::new()).await.ok()?;
            }
            plain.get_mut().write_all(answer.as_bytes()).await.ok()?;
        }
    }
    let mut encrypted = acceptor.accept(stream).await.ok()?;
    copy_bidirectional(&mut encrypted, &mut sink).await.ok().map(drop)
}
