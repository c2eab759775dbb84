//! The certificates that connections trust.

use std::ffi::OsString;
use std::fmt;
use std::sync::LazyLock;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use data_encoding::BASE64;
use rustls_native_certs::load_native_certs;
use rustls_pki_types::CertificateDer;

use crate::network::{CaBundle, SSL_CERT_DIR, SSL_CERT_FILE};

/// Why nothing can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) enum NoRoots {
    /// This process has a variable that moves the system's certificates, and the environment that was resolved has not.
    Moved(&'static str),
    /// This process has an empty variable, which the reader of the system's certificates takes for the name of a file.
    Emptied(&'static str),
    /// The system has no certificate that could be a root.
    Absent,
}

impl fmt::Display for NoRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoRoots::Moved(variable) => write!(
                f,
                "`{variable}` of this process moves the certificates that are trusted, and was not taken into account"
            ),
            NoRoots::Emptied(variable) => write!(
                f,
                "`{variable}` of this process is empty, which keeps the system's certificates from being read: unset it"
            ),
            NoRoots::Absent => f.write_str("this system has no root certificates"),
        }
    }
}

impl std::error::Error for NoRoots {}

/// The certificates of the bundles; the system's where there are none, because a bundle replaces them.
pub(super) fn trusted(bundles: &[CaBundle]) -> Result<Vec<CertificateDer<'static>>, NoRoots> {
    let of_bundle = |bundle: &CaBundle| bundle.certificates.as_ref().ok().cloned();
    match bundles {
        [] => SYSTEM.clone(),
        _ => Ok(bundles.iter().filter_map(of_bundle).flatten().collect()),
    }
}

/// Read once, as the SDK does it: some systems take a third of a second.
static SYSTEM: LazyLock<Result<Vec<CertificateDer<'static>>, NoRoots>> =
    LazyLock::new(|| of_system(|name| std::env::var_os(name)));

fn of_system(
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<CertificateDer<'static>>, NoRoots> {
    // The reader follows these variables of the process, whatever the resolution was made of.
    let is_filled = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    if let Some(moved) = [SSL_CERT_FILE, SSL_CERT_DIR].into_iter().find(is_filled) {
        return Err(NoRoots::Moved(moved));
    }
    // Empty counts as absent, but the reader heeds an empty name of a file, and cannot be told otherwise.
    if variable(SSL_CERT_FILE).is_some() {
        return Err(NoRoots::Emptied(SSL_CERT_FILE));
    }
    let mut certificates = load_native_certs().certs;
    certificates.retain(|certificate| webpki::anchor_from_trusted_cert(certificate).is_ok());
    if certificates.is_empty() { Err(NoRoots::Absent) } else { Ok(certificates) }
}

/// Trusts these certificates and nothing else.
pub(super) fn tls_context(certificates: &[CertificateDer<'_>]) -> TlsContext {
    let store = certificates.iter().fold(TrustStore::empty(), |store, certificate| {
        store.with_pem_certificate(pem(certificate))
    });
    TlsContext::builder().with_trust_store(store).build().expect("a context is built of anything")
}

/// The SDK's store takes PEM, and panics over what it cannot read; these were read before.
fn pem(certificate: &CertificateDer<'_>) -> String {
    let body = BASE64.encode(certificate);
    let lines: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_the_process_that_nobody_judged_are_not_followed() {
        for variable in [SSL_CERT_FILE, SSL_CERT_DIR] {
            let of_process = |name: &str| (name == variable).then(|| OsString::from("/corp"));
            assert_eq!(of_system(of_process), Err(NoRoots::Moved(variable)));
        }
    }

    #[test]
    fn an_empty_variable_of_the_process_moves_nothing() {
        let set_to_nothing =
            |variable| of_system(move |name: &str| (name == variable).then(OsString::new)).err();
        assert_eq!(set_to_nothing(SSL_CERT_FILE), Some(NoRoots::Emptied(SSL_CERT_FILE)));
        assert_ne!(set_to_nothing(SSL_CERT_DIR), Some(NoRoots::Moved(SSL_CERT_DIR)));
    }
}
