use std::path::PathBuf;

use crate::exit::{Exit, Failure};
use crate::options::Common;

/// Stay, and serve the answer, its changes and the allowed credentials to your programs
///
/// On a Unix socket for your own processes alone: the current answer, the stream of its changes, health and metrics. On
/// loopback, for those who have the token: AWS's contract for container credentials, which any AWS SDK speaks. The file
/// `container.env` in the runtime directory holds the two variables that it needs.
#[derive(Debug, clap::Args)]
#[cfg_attr(not(unix), allow(dead_code, reason = "the agent needs Unix sockets"))]
pub(super) struct Args {
    /// Directory for the socket, the token and the lock, instead of `$XDG_RUNTIME_DIR/bedrock-auth`
    #[arg(long, value_name = "DIR")]
    runtime_dir: Option<PathBuf>,

    /// Port of the container credentials endpoint on 127.0.0.1; any free one where it is 0
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,

    /// Serve no container credentials, and listen on no port
    #[arg(long, conflicts_with = "port")]
    no_container_endpoint: bool,
}

#[cfg(unix)]
pub(super) fn run(common: &Common, args: Args) -> Result<Exit, Failure> {
    let Args { runtime_dir, port, no_container_endpoint } = args;
    let options =
        crate::serve::Options { runtime_dir, port, container_endpoint: !no_container_endpoint };
    crate::serve::serve(common.machine(), &options)
}

#[cfg(not(unix))]
pub(super) fn run(_: &Common, _: Args) -> Result<Exit, Failure> {
    Err(Failure::new("the agent needs Unix sockets, which tell whose process asks")
        .with_advice("run programs with `bedrock-auth exec`"))
}
