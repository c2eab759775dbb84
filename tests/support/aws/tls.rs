//! A certificate authority that lives as long as a test.

use std::fmt;
use std::sync::Arc;

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

/// Issues certificates for any name.
pub(crate) struct Authority {
    certificate: Certificate,
    issuer: Arc<Issuer<'static, KeyPair>>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL takes a certificate for self-signed whose issuer has the same name.
        params.distinguished_name.push(DnType::CommonName, "authority of a test");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Authority { certificate, issuer: Arc::new(Issuer::new(params, key)) }
    }

    /// The text of a file that clients are told to trust.
    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let names = AnyName { issuer: Arc::clone(&self.issuer) };
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(names));
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A certificate for whatever name the client asks for.
struct AnyName {
    issuer: Arc<Issuer<'static, KeyPair>>,
}

impl ResolvesServerCert for AnyName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // A client that was given an address asks for no name.
        let name = hello.server_name().unwrap_or("127.0.0.1").to_owned();
        let key = KeyPair::generate().ok()?;
        let leaf = CertificateParams::new(vec![name]).ok()?.signed_by(&key, &self.issuer).ok()?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).ok()?;
        let key = ring::sign::any_supported_type(&key).ok()?;
        Some(Arc::new(CertifiedKey::new(vec![leaf.der().clone()], key)))
    }
}

impl fmt::Debug for AnyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyName")
    }
}
