//! One HTTP client for each way in which a portal wants its certificates checked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::{FROM, HeaderMap, HeaderValue};
use reqwest::{Certificate, Client};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

use super::{FetchError, FetchSettings};
use crate::net::guard::PublicResolver;
use crate::portal::definition::Portal;

/// The file of further certificates, and the portal's id where any certificate is accepted: that is said of each.
type Trust = (Option<String>, Option<String>);

/// The clients made so far.
#[derive(Debug, Default)]
pub(super) struct Clients(Mutex<HashMap<Trust, Client>>);

impl Clients {
    /// The client for a portal.
    pub(super) fn of(&self, portal: &Portal, settings: &FetchSettings) -> Result<Client, FetchError> {
        let accepts_any = portal.accept_invalid_certs.then(|| portal.id.clone());
        let trust = (portal.extra_ca_file.clone(), accepts_any);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = known.get(&trust) {
            return Ok(client.clone());
        }
        let client = build(portal, settings)?;
        known.insert(trust, client.clone());
        Ok(client)
    }
}

fn build(portal: &Portal, settings: &FetchSettings) -> Result<Client, FetchError> {
    let setup = |what: String| FetchError::Setup(format!("portal {}: {what}", portal.id));
    let mut headers = HeaderMap::new();
    if settings.contact.contains('@')
        && let Ok(contact) = HeaderValue::from_str(&settings.contact)
    {
        headers.insert(FROM, contact);
    }
    let agent = if settings.contact.is_empty() {
        settings.user_agent.clone()
    } else {
        format!("{} (+{})", settings.user_agent, settings.contact)
    };
    // Decompression is ours (see `body`), redirects are ours, and a proxy would dial addresses that we cannot check.
    let mut builder = Client::builder()
        .user_agent(agent)
        .default_headers(headers)
        .connect_timeout(settings.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_gzip()
        .no_brotli()
        .no_proxy();
    if !settings.allow_private_addresses {
        builder = builder.dns_resolver(Arc::new(PublicResolver));
    }
    if let Some(path) = &portal.extra_ca_file {
        let certificates = certificates(path).map_err(|why| setup(format!("extra_ca_file {path}: {why}")))?;
        builder = builder.tls_certs_merge(certificates);
    }
    if portal.accept_invalid_certs {
        tracing::warn!(
            portal = portal.id,
            "accept_invalid_certs is set: anyone on the way to {} can change what is read",
            portal.base_url
        );
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    builder
        .build()
        .map_err(|e| setup(format!("cannot make an HTTP client: {e}")))
}

/// The certificates of a PEM file; other text in it does not matter.
fn certificates(path: &str) -> Result<Vec<Certificate>, String> {
    let pem = std::fs::read(path).map_err(|e| e.to_string())?;
    let mut trusted = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|e| format!("not PEM: {e}"))?;
        // The client would say only that it cannot be made.
        RootCertStore::empty()
            .add(certificate.clone())
            .map_err(|e| format!("certificate {} is damaged: {e}", trusted.len() + 1))?;
        trusted.push(Certificate::from_der(&certificate).map_err(|e| e.to_string())?);
    }
    if trusted.is_empty() {
        return Err("holds no certificate; save the missing one as PEM".to_owned());
    }
    Ok(trusted)
}
