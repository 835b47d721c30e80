//! TLS: what is trusted, and TLS from the first byte over a stream of our own (lettre's own connects without
//! `TCP_NODELAY`). The name in the certificate is always checked.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use lettre::transport::smtp::{
    self,
    client::{AsyncTokioStream, Certificate, TlsParameters},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::settings::SmtpSettings;

/// The certificates of a PEM text; `None` where it holds none or a broken one.
pub(super) fn certificates(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    let found = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>();
    found.ok().filter(|certificates| !certificates.is_empty())
}

fn extra(settings: &SmtpSettings) -> Vec<CertificateDer<'static>> {
    let pem = settings.extra_ca_pem.as_deref();
    pem.and_then(certificates).unwrap_or_default()
}

/// What lettre needs for `STARTTLS`.
pub(super) fn starttls(settings: &SmtpSettings) -> Result<TlsParameters, smtp::Error> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    for certificate in extra(settings) {
        builder = builder.add_root_certificate(Certificate::from_der(certificate.to_vec())?);
    }
    builder.build_rustls()
}

/// A TLS stream that lettre can talk over.
#[derive(Debug)]
pub(super) struct Encrypted(TlsStream<TcpStream>);

/// Shakes hands with the server.
pub(super) async fn encrypted(stream: TcpStream, settings: &SmtpSettings) -> io::Result<Encrypted> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    roots.add_parsable_certificates(extra(settings));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(settings.host.clone()).map_err(io::Error::other)?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    Ok(Encrypted(stream))
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
