//! A request as it arrived.

use std::fmt;

use hyper::HeaderMap;
use hyper::body::Bytes;

/// A request as it arrived: every byte of it that a test may want to judge.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What the server took the request for; none where it did not know it.
    pub(crate) operation: Option<&'static str>,
}

/// What a request says about who sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Authentication {
    /// A signature (SigV4): the key, and the rest of the credential scope (`date/region/service/aws4_request`).
    Signature { access_key_id: String, scope: String },
    /// A bearer token.
    Bearer(String),
    /// The portal's header.
    SsoToken(String),
    /// Any other `Authorization` header.
    Other(String),
    /// Nothing.
    Nothing,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// The host without its port, as the client wrote it.
    pub(crate) fn host(&self) -> &str {
        let host = self.header("host").unwrap_or_default();
        host.rsplit_once(':').map_or(host, |(name, _)| name)
    }

    /// A field of the query protocol.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        let mut fields = url::form_urlencoded::parse(&self.body);
        fields.find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
    }

    pub(crate) fn authentication(&self) -> Authentication {
        if let Some(token) = self.header("x-amz-sso_bearer_token") {
            return Authentication::SsoToken(token.to_owned());
        }
        let Some(text) = self.header("authorization") else { return Authentication::Nothing };
        if let Some(token) = text.strip_prefix("Bearer ") {
            return Authentication::Bearer(token.to_owned());
        }
        let credential = text
            .strip_prefix("AWS4-HMAC-SHA256 Credential=")
            .and_then(|rest| rest.split(',').next())
            .and_then(|credential| credential.split_once('/'));
        match credential {
            Some((id, scope)) => {
                Authentication::Signature { access_key_id: id.to_owned(), scope: scope.to_owned() }
            }
            None => Authentication::Other(text.to_owned()),
        }
    }
}

/// `HOST OPERATION AUTHENTICATION`: what most tests compare. `session` is a key with a session token, `key` one without.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.host())?;
        match self.operation {
            Some(operation) => write!(f, "{operation} ")?,
            None => write!(f, "{} {} ", self.method, self.target)?,
        }
        match self.authentication() {
            Authentication::Signature { access_key_id, .. } => {
                let has_token = self.header("x-amz-security-token").is_some();
                write!(f, "{} {access_key_id}", if has_token { "session" } else { "key" })
            }
            Authentication::Bearer(token) => write!(f, "bearer {token}"),
            Authentication::SsoToken(token) => write!(f, "sso {token}"),
            Authentication::Other(text) => write!(f, "authorization {text}"),
            Authentication::Nothing => f.write_str("nothing"),
        }
    }
}
