//! What the agent does, told on standard error.

use std::io;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::exit::Failure;

/// How much is told: `off`, `error`, `warn`, `info`, `debug`, `trace`.
const LEVEL: &str = "BEDROCK_AUTH_LOG";

/// Begins to tell what we do ourselves. The SDK stays silent at any level: it would log what it sends.
pub(super) fn begin() -> Result<(), Failure> {
    let asked = std::env::var(LEVEL).unwrap_or_default();
    let level: LevelFilter = match asked.as_str() {
        "" => LevelFilter::INFO,
        word => word.parse().map_err(|_| {
            Failure::usage(format!("`{LEVEL}` is no level"))
                .with_advice("use `off`, `error`, `warn`, `info`, `debug` or `trace`")
        })?,
    };
    let ours = Targets::new().with_target("bedrock_auth", level);
    let layer = fmt::layer().with_ansi(false).with_writer(io::stderr);
    tracing_subscriber::registry().with(layer).with(ours).init();
    Ok(())
}
