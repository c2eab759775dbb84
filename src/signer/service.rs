//! The services that are asked on the way to a credential, and where variables or profiles move them.

use std::fmt;

use crate::provenance::{Layer, Place, Source};
use crate::words::words;

words! {
    /// A service that hands out credentials, or a part of them.
    pub enum Service {
        /// AWS Security Token Service: assumes roles.
        Sts = "sts",
        /// The portal of IAM Identity Center: role credentials.
        Sso = "sso",
        /// OpenID Connect of IAM Identity Center: renews a sign-in.
        SsoOidc = "sso_oidc",
        /// AWS Sign-In: renews the session of `aws login`.
        SignIn = "signin",
        /// The container credentials endpoint.
        Container = "container",
        /// The EC2 instance metadata service.
        Imds = "imds",
    }
}

/// A service that is asked on the way to a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCall {
    /// The service.
    pub service: Service,
    /// The endpoint that a variable or a profile moves it to; none for the service's own. The container
    /// credentials endpoint has none of its own: its whole URL always stands here.
    pub moved_to: Option<MovedEndpoint>,
}

/// An endpoint other than a service's own. `Debug` leaves its query out.
#[derive(Clone, PartialEq, Eq)]
pub struct MovedEndpoint {
    /// The URL as it was parsed: host and port are what every parser reads out of it. The query that
    /// container credentials may carry can be a secret.
    pub url: String,
    /// Where it is written.
    pub at: Place,
}

impl Service {
    /// What people call the service.
    pub fn noun(self) -> &'static str {
        match self {
            Service::Sts => "AWS STS",
            Service::Sso => "the portal of IAM Identity Center",
            Service::SsoOidc => "the sign-in of IAM Identity Center",
            Service::SignIn => "AWS Sign-In",
            Service::Container => "the container credentials endpoint",
            Service::Imds => "the instance metadata service",
        }
    }
}

impl MovedEndpoint {
    /// Where it is written, as a layer's source.
    pub fn source(&self) -> Source {
        let layer = match self.at {
            Place::Variable(_) => Layer::Environment,
            Place::File { .. } | Place::KeychainItem(_) => Layer::User,
        };
        Source::new(layer, self.at.clone())
    }
}

impl fmt::Debug for MovedEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("MovedEndpoint").field("url", &url).field("at", &self.at).finish()
    }
}
