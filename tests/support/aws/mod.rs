//! Servers on loopback that speak as much of AWS's protocols as an AWS SDK wants to hear.
//!
//! A [`Server`](server::Server) answers with one or several [`Protocol`](server::Protocol)s and keeps all requests in a
//! [`Log`](server::Log); what it hands out is chosen by the test. A [`Proxy`](proxy::Proxy) leads AWS's own host names
//! to such a server, with certificates of an [`Authority`](tls::Authority) of the test's own.

pub(crate) mod bedrock;
pub(crate) mod container;
pub(crate) mod handed;
pub(crate) mod imds;
mod listener;
pub(crate) mod plain;
pub(crate) mod proxy;
pub(crate) mod request;
pub(crate) mod server;
pub(crate) mod sso;
pub(crate) mod sso_oidc;
pub(crate) mod sts;
pub(crate) mod tls;
