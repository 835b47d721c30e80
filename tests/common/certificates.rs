//! Certificates made for a test, by `openssl`.

use std::{path::PathBuf, process::Command, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

/// An authority (`root`), a second one that it signed (`middle`), and certificates for `localhost` that they signed
/// (`direct`, `indirect`). Nobody trusts any of them.
pub struct Office(tempfile::TempDir);

impl Office {
    /// `None` where there is no `openssl` to make them.
    pub fn make() -> Option<Self> {
        let office = Self(tempfile::tempdir().unwrap());
        let authority = "basicConstraints=critical,CA:TRUE";
        let is_made = office.issue("root", "Office", None, &[])
            && office.issue("middle", "Second office", Some("root"), &[authority])
            && ["root", "middle"]
                .iter()
                .zip(["direct", "indirect"])
                .all(|(issuer, name)| {
                    let of_a_server = [
                        "subjectAltName=DNS:localhost",
                        "basicConstraints=critical,CA:FALSE",
                    ];
                    office.issue(name, "localhost", Some(issuer), &of_a_server)
                });
        if !is_made {
            println!("skipped: no openssl 3");
        }
        is_made.then_some(office)
    }

    fn issue(&self, name: &str, subject: &str, issuer: Option<&str>, extensions: &[&str]) -> bool {
        let mut command = Command::new("openssl");
        command
            .current_dir(self.0.path())
            .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj".split(' '))
            .arg(format!("/CN={subject}"))
            .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")]);
        if let Some(issuer) = issuer {
            command.args([
                "-CA",
                &format!("{issuer}.pem"),
                "-CAkey",
                &format!("{issuer}.key"),
            ]);
        }
        for extension in extensions {
            command.args(["-addext", extension]);
        }
        command.output().is_ok_and(|made| made.status.success())
    }

    /// The file of a certificate.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(format!("{name}.pem"))
    }

    /// A certificate as PEM.
    pub fn pem(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap()
    }

    /// A server's side of TLS that shows a certificate, and none of those above it.
    pub fn acceptor(&self, name: &str) -> TlsAcceptor {
        let own = CertificateDer::from_pem_file(self.file(name)).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.file(name).with_extension("key")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}
