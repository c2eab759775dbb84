//! The agent as a process of its own, asked over its sockets.

#![cfg(target_os = "linux")]

#[path = "../support/mod.rs"]
mod support;

mod agent;
mod answers;
mod audit;
mod contract;
mod credentials;
mod http;
mod instances;
mod nuisances;
mod packaging;
mod soak;
mod strangers;
mod systemd;
