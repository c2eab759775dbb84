//! Servers on loopback that speak as much of AWS's protocols as an AWS SDK wants to hear.
//!
//! A [`Server`] answers with one or several [`Protocol`]s and keeps all requests in a [`Log`]; what it hands out is
//! chosen by the test. A [`Proxy`] leads AWS's own host names to such a server, with certificates of an
//! [`Authority`] of the test's own.

pub(crate) mod bedrock;
pub(crate) mod container;
mod handed;
pub(crate) mod imds;
mod listener;
mod proxy;
mod request;
mod server;
pub(crate) mod sso;
pub(crate) mod sso_oidc;
pub(crate) mod sts;
mod tls;

pub(crate) use handed::Handed;
pub(crate) use proxy::Proxy;
pub(crate) use request::{Authentication, Request};
pub(crate) use server::{Log, Protocol, Server};
pub(crate) use tls::Authority;
