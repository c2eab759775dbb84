//! Connections to the services: to allowed origins alone, with the certificates and proxies that were resolved.
//!
//! What rustls and hyper would take from variables by themselves was read before, was judged, and is handed in.
//! Redirects are not followed.

mod egress;
mod roots;
#[cfg(test)]
mod tests;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use secrecy::ExposeSecret;

use self::egress::{Egress, Scheme};
use crate::network::{NetworkFacts, NetworkFault, NetworkPart, Proxy, ProxyFault};

pub use self::egress::EgressRefused;
pub(super) use self::egress::Origins;

/// Hosts that are this machine, or hand out its credentials: no proxy has a part in calling them.
const NEVER_THROUGH_A_PROXY: &str =
    "localhost,127.0.0.0/8,::1,169.254.169.254,169.254.170.2,169.254.170.23,fd00:ec2::/32";

/// The HTTP client for all calls.
///
/// # Errors
/// When a variable asks for a CA bundle or a proxy that cannot be used: going on without would be another connection.
pub(super) fn transport(
    network: &NetworkFacts,
    allowed: Origins,
) -> Result<SharedHttpClient, NetworkFault> {
    if let Some(fault) = network.faults().next() {
        return Err(fault);
    }
    let roots = roots::trusted(&network.ca_bundles);
    let context = roots::tls_context(roots.as_deref().unwrap_or_default());
    let no_proxy = network.proxies.no_proxy.as_deref();
    let client = |scheme: Scheme, proxy: &Option<Proxy>| {
        Ok(client(context.clone(), proxy_config(scheme, proxy.as_ref(), no_proxy)?))
    };
    Ok(SharedHttpClient::new(Egress {
        allowed,
        roots: roots.map(|_| ()),
        http: client(Scheme::Http, &network.proxies.http)?,
        https: client(Scheme::Https, &network.proxies.https)?,
    }))
}

/// One client for each scheme, because a configuration holds one proxy.
fn client(context: TlsContext, proxy: ProxyConfig) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(
        move |settings: Option<&HttpConnectorSettings>, components: Option<&RuntimeComponents>| {
            let mut connector = Connector::builder()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(context.clone())
                .proxy_config(proxy.clone());
            connector.set_connector_settings(settings.cloned());
            if let Some(components) = components {
                connector.set_sleep_impl(components.sleep_impl());
            }
            connector.build()
        },
    )
}

/// Never `from_env`: what counts was read before.
fn proxy_config(
    scheme: Scheme,
    proxy: Option<&Proxy>,
    no_proxy: Option<&str>,
) -> Result<ProxyConfig, NetworkFault> {
    let Some((proxy, url)) = proxy.and_then(|proxy| Some((proxy, proxy.url.as_ref().ok()?))) else {
        return Ok(ProxyConfig::disabled());
    };
    let config = match scheme {
        Scheme::Http => ProxyConfig::http(url.expose_secret()),
        Scheme::Https => ProxyConfig::https(url.expose_secret()),
    };
    let spared = [NEVER_THROUGH_A_PROXY, no_proxy.unwrap_or_default()].join(",");
    // Its error could repeat the URL, which may hold a password.
    let fault = |_| NetworkFault {
        part: NetworkPart::Proxy,
        variable: proxy.variable,
        why: ProxyFault::NoUrl.to_string(),
    };
    Ok(config.map_err(fault)?.no_proxy(spared))
}
