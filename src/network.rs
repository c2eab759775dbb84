//! What stands between a client and the services it calls: the certificates that are trusted, and proxies.
//!
//! Both come from variables that many programs share, so a policy can forbid either. A value that is set and cannot be
//! used stays known as such: going on without it would be another connection than the one that was asked for.

use std::fmt;
use std::path::{Path, PathBuf};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::provenance::{Layer, Place, Source};
use crate::words::words;

/// The variable that AWS's tools read; the certificates in its file replace those of the system.
pub const AWS_CA_BUNDLE: &str = "AWS_CA_BUNDLE";
/// OpenSSL's variable, which rustls honours too: a file that replaces the system's certificates.
pub const SSL_CERT_FILE: &str = "SSL_CERT_FILE";
/// The same for folders; counts together with [`SSL_CERT_FILE`].
pub const SSL_CERT_DIR: &str = "SSL_CERT_DIR";

/// Set where a web server runs the program; then a request's `Proxy` header is what `HTTP_PROXY` holds.
const CGI: &str = "REQUEST_METHOD";

/// What variables say about connections.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NetworkFacts {
    /// What is trusted instead of the system's certificates; empty where those are.
    pub ca_bundles: Vec<CaBundle>,
    /// The proxies.
    pub proxies: Proxies,
}

/// Certificates that a variable names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaBundle {
    /// The variable.
    pub variable: &'static str,
    /// What it names: a file, or for [`SSL_CERT_DIR`] a list of folders.
    pub path: PathBuf,
    /// The certificates, or why there are none to use. In the facts of an answer, the first one stands for all.
    pub certificates: Result<Certificates, String>,
}

/// Certificates that can be trusted as roots; there is at least one.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificates(Vec<CertificateDer<'static>>);

/// The proxies, and the hosts that are called without one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Proxies {
    /// For `https://`: `HTTPS_PROXY`, else `ALL_PROXY`.
    pub https: Option<Proxy>,
    /// For `http://`: `HTTP_PROXY`, else `ALL_PROXY`.
    pub http: Option<Proxy>,
    /// The text of `NO_PROXY`.
    pub no_proxy: Option<String>,
}

/// A proxy that a variable names.
#[derive(Debug, Clone, PartialEq)]
pub struct Proxy {
    /// The variable.
    pub variable: &'static str,
    /// Its URL, or why it cannot be used.
    pub url: Result<ProxyUrl, ProxyFault>,
}

/// The URL of a proxy. It may hold a password, so `Display` and `Debug` show scheme, host and port alone.
#[derive(Clone)]
pub struct ProxyUrl {
    url: SecretString,
    shown: String,
}

/// Equal with equal secrets, which a proxy's URL may hold.
impl PartialEq for ProxyUrl {
    fn eq(&self, other: &Self) -> bool {
        self.url.expose_secret() == other.url.expose_secret()
    }
}

/// A variable that is in force and cannot be used; a client must not be built around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkFault {
    /// What the variable names.
    pub part: NetworkPart,
    /// The variable.
    pub variable: &'static str,
    /// What is wrong, without the variable's value where that could hold a secret.
    pub why: String,
}

words! {
    /// What a variable puts between a client and the services.
    pub enum NetworkPart {
        /// Certificates that are trusted instead of the system's.
        CaBundle = "ca_bundle",
        /// A proxy.
        Proxy = "proxy",
    }
}

/// Why the text of a variable is no proxy. The text itself may hold a password and is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyFault {
    /// It is not a URL with a host.
    NoUrl,
    /// It is the URL of something other than an HTTP proxy.
    Scheme,
}

impl NetworkFacts {
    /// What the variables of an environment say. What a bundle holds is read by the caller, from a file or out of a
    /// scenario.
    pub fn of<'a>(
        variable: impl Fn(&str) -> Option<&'a str>,
        read: impl Fn(&'static str, &Path) -> Result<Certificates, String>,
    ) -> Self {
        let bundles = bundles_in_force(&variable).into_iter().map(|(variable, path)| CaBundle {
            variable,
            path: path.to_owned(),
            certificates: read(variable, path),
        });
        NetworkFacts { ca_bundles: bundles.collect(), proxies: Proxies::of(variable) }
    }

    /// What is in force and cannot be used.
    pub fn faults(&self) -> impl Iterator<Item = NetworkFault> {
        let bundles = self.ca_bundles.iter().filter_map(|bundle| {
            let why = bundle.certificates.as_ref().err()?.clone();
            Some(NetworkFault { part: NetworkPart::CaBundle, variable: bundle.variable, why })
        });
        let proxies = self.proxies.in_force().filter_map(|proxy| {
            let why = proxy.url.as_ref().err()?.to_string();
            Some(NetworkFault { part: NetworkPart::Proxy, variable: proxy.variable, why })
        });
        bundles.chain(proxies)
    }
}

impl NetworkFault {
    /// The place of the variable.
    pub fn source(&self) -> Source {
        variable(self.variable)
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.part {
            NetworkPart::CaBundle => "the CA bundle",
            NetworkPart::Proxy => "the proxy",
        };
        write!(f, "{what} of `{}` cannot be used: {}", self.variable, self.why)
    }
}

impl std::error::Error for NetworkFault {}

impl CaBundle {
    /// The place of the variable.
    pub fn source(&self) -> Source {
        variable(self.variable)
    }
}

impl Certificates {
    /// The certificates of PEM texts. What is no certificate, or none that can be a root, is passed over.
    ///
    /// # Errors
    /// When none is left.
    pub fn parse<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Result<Self, String> {
        Certificates::parse_most(texts, usize::MAX)
    }

    /// The first of them: that there is one is all that an answer says.
    ///
    /// # Errors
    /// When there is none.
    pub fn parse_first<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Result<Self, String> {
        Certificates::parse_most(texts, 1)
    }

    fn parse_most<T: AsRef<[u8]>>(
        texts: impl IntoIterator<Item = T>,
        most: usize,
    ) -> Result<Self, String> {
        let found_in = |text: T| -> Vec<_> {
            CertificateDer::pem_slice_iter(text.as_ref())
                .filter_map(Result::ok)
                .filter(|certificate| webpki::anchor_from_trusted_cert(certificate).is_ok())
                .map(CertificateDer::into_owned)
                .take(most)
                .collect()
        };
        let certificates: Vec<_> = texts.into_iter().flat_map(found_in).take(most).collect();
        match certificates.is_empty() {
            true => Err("it holds no certificate in PEM form that could be a root".to_owned()),
            false => Ok(Certificates(certificates)),
        }
    }
}

/// The certificates in DER.
impl IntoIterator for Certificates {
    type Item = CertificateDer<'static>;
    type IntoIter = std::vec::IntoIter<CertificateDer<'static>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// How many there are.
impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificates({})", self.0.len())
    }
}

impl Proxies {
    /// The proxies of an environment. Empty variables count as absent; of two spellings, capitals are heard first.
    /// There are none where `NO_PROXY` spares every host: the connections' own reading would spare names alone.
    pub fn of<'a>(variable: impl Fn(&str) -> Option<&'a str>) -> Self {
        let named = |names: &[&'static str]| {
            names.iter().find_map(|name| Some((*name, variable(name).filter(|v| !v.is_empty())?)))
        };
        let no_proxy = named(&["NO_PROXY", "no_proxy"]).map(|(_, text)| text);
        if no_proxy.is_some_and(|list| list.split(',').any(|host| host.trim() == "*")) {
            return Proxies::default();
        }
        let proxy = |names| named(names).map(|(name, text)| Proxy::parse(name, text));
        let of_http: &[_] = match variable(CGI) {
            Some(_) => &["http_proxy", "ALL_PROXY", "all_proxy"],
            None => &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
        };
        Proxies {
            https: proxy(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            http: proxy(of_http),
            no_proxy: no_proxy.map(str::to_owned),
        }
    }

    /// The proxies that some request could go through, each variable once.
    pub fn in_force(&self) -> impl Iterator<Item = &Proxy> {
        let of_https = self.https.as_ref();
        let other = |proxy: &&Proxy| of_https.is_none_or(|known| known.variable != proxy.variable);
        of_https.into_iter().chain(self.http.as_ref().filter(other))
    }
}

impl Proxy {
    fn parse(variable: &'static str, text: &str) -> Self {
        Proxy { variable, url: ProxyUrl::parse(text) }
    }

    /// The place of the variable.
    pub fn source(&self) -> Source {
        variable(self.variable)
    }
}

impl ProxyUrl {
    /// Reads a proxy as other programs do: `http://` may be left out, and what follows the port means nothing.
    ///
    /// # Errors
    /// When the text names no HTTP proxy.
    pub fn parse(text: &str) -> Result<Self, ProxyFault> {
        let text = text.trim();
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let mut url = Url::parse(&whole).map_err(|_| ProxyFault::NoUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ProxyFault::Scheme);
        }
        let host = url.host_str().unwrap_or_default();
        // Parsers disagree about other characters; quotes are what env files leave around a value.
        if !host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b)) {
            return Err(ProxyFault::NoUrl);
        }
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        let shown = url.origin().ascii_serialization();
        Ok(ProxyUrl { url: SecretString::from(String::from(url)), shown })
    }
}

/// The URL with user name and password, normalised.
impl ExposeSecret<str> for ProxyUrl {
    fn expose_secret(&self) -> &str {
        self.url.expose_secret()
    }
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyUrl({})", self.shown)
    }
}

impl fmt::Display for ProxyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProxyFault::NoUrl => "it is not a URL with a host",
            ProxyFault::Scheme => "only proxies of `http://` and `https://` are supported",
        })
    }
}

impl std::error::Error for ProxyFault {}

/// What replaces the system's certificates: AWS's own variable alone, or else both of OpenSSL's.
fn bundles_in_force<'a>(
    variable: impl Fn(&str) -> Option<&'a str>,
) -> Vec<(&'static str, &'a Path)> {
    let named = |name: &'static str| {
        Some((name, Path::new(variable(name).filter(|value| !value.is_empty())?)))
    };
    match named(AWS_CA_BUNDLE) {
        Some(bundle) => vec![bundle],
        None => [SSL_CERT_FILE, SSL_CERT_DIR].into_iter().filter_map(named).collect(),
    }
}

fn variable(name: &str) -> Source {
    Source::new(Layer::Environment, Place::variable(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &'static str)]) -> Proxies {
        Proxies::of(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| *v))
    }

    fn names(proxies: &Proxies) -> [Option<&'static str>; 2] {
        [&proxies.https, &proxies.http].map(|proxy| proxy.as_ref().map(|proxy| proxy.variable))
    }

    #[test]
    fn each_scheme_hears_its_own_variables_first() {
        let (all, http) = (("all_proxy", "a"), ("http_proxy", "b"));
        assert_eq!(names(&proxies(&[])), [None, None]);
        assert_eq!(names(&proxies(&[all])), [Some("all_proxy"); 2]);
        assert_eq!(names(&proxies(&[all, http])), [Some("all_proxy"), Some("http_proxy")]);
        let both = [("HTTPS_PROXY", "a"), ("https_proxy", "b"), ("HTTP_PROXY", ""), http];
        assert_eq!(names(&proxies(&both)), [Some("HTTPS_PROXY"), Some("http_proxy")]);
    }

    #[test]
    fn a_header_of_a_visitor_is_no_proxy() {
        let variables = [("HTTP_PROXY", "http://evil.example"), ("REQUEST_METHOD", "GET")];
        assert_eq!(names(&proxies(&variables)), [None, None]);
        let lower = [("http_proxy", "http://proxy.example"), ("REQUEST_METHOD", "GET")];
        assert_eq!(names(&proxies(&lower)), [None, Some("http_proxy")]);
    }

    #[test]
    fn a_variable_for_both_schemes_is_one_proxy() {
        let of = |variables: &[_]| proxies(variables).in_force().count();
        assert_eq!(of(&[("ALL_PROXY", "p")]), 1);
        assert_eq!(of(&[("ALL_PROXY", "p"), ("HTTP_PROXY", "q")]), 2);
        assert_eq!(of(&[("ALL_PROXY", "p"), ("no_proxy", "a, *")]), 0);
        // One star alone stands for every host.
        assert_eq!(of(&[("ALL_PROXY", "p"), ("no_proxy", "*.example"), ("NO_PROXY", "")]), 1);
    }

    #[test]
    fn a_proxy_is_read_as_other_programs_read_it() {
        for (text, read) in [
            ("proxy.example:3128", "http://proxy.example:3128/"),
            (" HTTP://Proxy.example/path?a#b ", "http://proxy.example/"),
            ("https://ada@proxy.example", "https://ada@proxy.example/"),
            ("http://ada:a@b:c%20d@proxy.example:80", "http://ada:a%40b%3Ac%20d@proxy.example/"),
            ("http://[::1]:3128", "http://[::1]:3128/"),
        ] {
            assert_eq!(ProxyUrl::parse(text).unwrap().expose_secret(), read);
        }
        for (text, fault) in [
            ("socks5://proxy.example", ProxyFault::Scheme),
            ("file:///etc/passwd", ProxyFault::Scheme),
            ("http://", ProxyFault::NoUrl),
            ("http://ada:word@:3128", ProxyFault::NoUrl),
            ("proxy example", ProxyFault::NoUrl),
            ("\"proxy.example\"", ProxyFault::NoUrl),
            ("http://pro{xy.example", ProxyFault::NoUrl),
            ("http://pro`xy.example:3128", ProxyFault::NoUrl),
        ] {
            assert_eq!(ProxyUrl::parse(text).unwrap_err(), fault, "{text}");
        }
    }

    #[test]
    fn the_password_of_a_proxy_is_not_shown() {
        let read = proxies(&[("ALL_PROXY", "http://ada:word@proxy.example:3128")]);
        let url = read.https.as_ref().unwrap().url.as_ref().unwrap();
        assert_eq!(url.to_string(), "http://proxy.example:3128");
        let shown = format!("{read:?} {:?}", proxies(&[("ALL_PROXY", "socks5://ada:word@p")]));
        assert!(!shown.contains("word") && !shown.contains("ada"), "{shown}");
    }

    #[test]
    fn aws_own_bundle_hides_those_of_openssl() {
        let of = |set: &[&str]| {
            let variable = |name: &str| set.contains(&name).then_some("/corp");
            let read = |_, _: &Path| Err("not read".to_owned());
            let bundles = NetworkFacts::of(variable, read).ca_bundles;
            bundles.iter().map(|bundle| bundle.variable).collect::<Vec<_>>()
        };
        assert_eq!(of(&[]), [""; 0]);
        assert_eq!(of(&[SSL_CERT_DIR, SSL_CERT_FILE]), [SSL_CERT_FILE, SSL_CERT_DIR]);
        assert_eq!(of(&[SSL_CERT_DIR, AWS_CA_BUNDLE]), [AWS_CA_BUNDLE]);
    }
}
