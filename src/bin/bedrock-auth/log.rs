//! What the program does, told on standard error to who operates it.

use std::env::VarError;
use std::io;

use bedrock_auth::targets;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::render::Page;

/// How much is told: a level, or levels for some of our targets.
const VARIABLE: &str = "BEDROCK_AUTH_LOG";

/// All of our targets begin with it.
const OURS: &str = "bedrock_auth";

/// Begins to tell what we do ourselves. The SDK stays silent at any level: it would log what it sends.
pub(crate) fn begin(usual: LevelFilter) {
    let asked = match std::env::var(VARIABLE) {
        Ok(text) => filter(&text),
        Err(VarError::NotPresent) => Some(Targets::new()),
        Err(VarError::NotUnicode(_)) => None,
    };
    let is_understood = asked.is_some();
    let filter = asked.filter(|asked| asked.iter().next().is_some());
    let filter = filter.unwrap_or_else(|| Targets::new().with_target(OURS, usual));
    if filter.iter().any(|(_, level)| level > LevelFilter::OFF) {
        let layer = fmt::layer().with_ansi(false).with_writer(io::stderr);
        // Who closed standard error does not want to hear that it is closed.
        let layer = layer.log_internal_errors(false);
        tracing_subscriber::registry().with(layer).with(filter).init();
    }
    if !is_understood {
        // What somebody left in the environment must not keep a credential from a program that may have it.
        let mut page = Page::for_stderr();
        let message = format!("`{VARIABLE}` is not understood, and is passed over");
        let advice = "write `off`, `error`, `warn`, `info`, `debug` or `trace`, or targets as in \
                      `bedrock_auth::journal=debug`";
        page.warning(&message, Some(advice));
        // Nobody is left to tell when this fails.
        let _ = page.print_to_stderr();
    }
}

/// Only targets of ours; none where the text is none of that. An empty one asks for nothing.
fn filter(text: &str) -> Option<Targets> {
    if text.trim().is_empty() {
        return Some(Targets::new());
    }
    let asked: Targets = text.parse().ok()?;
    let everywhere = asked.default_level().map(|level| (OURS.to_owned(), level));
    let targets: Vec<_> = everywhere.into_iter().chain(asked).collect();
    let is_ours = |target: &str| target == OURS || targets::ALL.contains(&target);
    targets.iter().all(|(target, _)| is_ours(target)).then(|| targets.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_targets_of_ours_and_nothing_else() {
        let levels = |text: &str| {
            let filter = filter(text)?;
            let mut told: Vec<_> = filter.iter().map(|(t, l)| format!("{t}={l}")).collect();
            told.sort();
            Some(told.join(","))
        };
        assert_eq!(levels("info").unwrap(), "bedrock_auth=info");
        assert_eq!(levels("OFF").unwrap(), "bedrock_auth=off");
        assert_eq!(levels("bedrock_auth=debug").unwrap(), "bedrock_auth=debug");
        let both = "warn,bedrock_auth::journal=trace";
        assert_eq!(levels(both).unwrap(), "bedrock_auth::journal=trace,bedrock_auth=warn");
        assert_eq!(levels(" ").unwrap(), "");
        for garbage in [
            "loud",
            "aws_smithy_runtime=trace",
            "bedrock_auth=loud",
            "debug,hyper=info",
            "bedrock_auth::jurnal=info",
        ] {
            assert_eq!(levels(garbage), None, "{garbage}");
        }
    }
}
