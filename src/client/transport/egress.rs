//! The guard around all connections: a request goes to an allowed origin, or nowhere.

use std::collections::BTreeSet;
use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;
use http::Uri;

use super::roots::NoRoots;
use crate::prose::quoted;

/// Where requests may go: scheme, host and port.
#[derive(Debug, Clone, Default)]
pub(in crate::client) struct Origins(BTreeSet<Origin>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scheme {
    Http,
    Https,
}

/// A request was about to go elsewhere than allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressRefused {
    /// Scheme, host and port that it was about to go to.
    pub origin: String,
}

impl Origins {
    /// The origins of these URLs. What is no `http://` or `https://` URL has none, and allows nothing.
    pub(in crate::client) fn new<'a>(urls: impl IntoIterator<Item = &'a str>) -> Self {
        let origin = |url: &str| Origin::of(&url.parse().ok()?);
        Origins(urls.into_iter().filter_map(origin).collect())
    }

    /// Whether a request to this URL may go.
    #[cfg(test)]
    pub(super) fn hold(&self, url: &str) -> bool {
        self.admit(url).is_ok()
    }

    fn admit(&self, url: &str) -> Result<&Origin, EgressRefused> {
        let origin = url.parse().ok().and_then(|uri| Origin::of(&uri));
        match &origin {
            Some(known) => self.0.get(known).ok_or(EgressRefused { origin: known.to_string() }),
            None => Err(EgressRefused { origin: "no address".to_owned() }),
        }
    }
}

impl Origin {
    /// Read with the parser of the connections themselves, so that both mean the same host.
    fn of(uri: &Uri) -> Option<Self> {
        let (scheme, default_port) = match uri.scheme_str()? {
            "http" => (Scheme::Http, 80),
            "https" => (Scheme::Https, 443),
            _ => return None,
        };
        let host = uri.host()?.to_ascii_lowercase();
        Some(Origin { scheme, host, port: uri.port_u16().unwrap_or(default_port) })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl fmt::Display for EgressRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request would have gone to {}, which is not allowed", quoted(&self.origin))
    }
}

impl std::error::Error for EgressRefused {}

/// The clients of both schemes behind the guard.
#[derive(Debug)]
pub(super) struct Egress {
    pub(super) allowed: Origins,
    /// Whether there is anything to trust; without, only plain connections are made.
    pub(super) roots: Result<(), NoRoots>,
    pub(super) http: SharedHttpClient,
    pub(super) https: SharedHttpClient,
}

impl HttpClient for Egress {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(GuardedConnector {
            allowed: self.allowed.clone(),
            roots: self.roots.clone(),
            http: self.http.http_connector(settings, components),
            https: self.https.http_connector(settings, components),
        })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.http.validate_base_client_config(components, config)?;
        self.https.validate_base_client_config(components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.https.connector_metadata()
    }
}

#[derive(Debug)]
struct GuardedConnector {
    allowed: Origins,
    roots: Result<(), NoRoots>,
    http: SharedHttpConnector,
    https: SharedHttpConnector,
}

impl GuardedConnector {
    /// The connector that may take a request to this address.
    fn admit(&self, uri: &str) -> Result<&SharedHttpConnector, BoxError> {
        match self.allowed.admit(uri)?.scheme {
            Scheme::Http => Ok(&self.http),
            Scheme::Https => {
                self.roots.clone()?;
                Ok(&self.https)
            }
        }
    }
}

impl HttpConnector for GuardedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.admit(request.uri()) {
            Ok(connector) => connector.call(request),
            // An error of the user is not retried.
            Err(refusal) => HttpConnectorFuture::ready(Err(ConnectorError::user(refusal))),
        }
    }
}
