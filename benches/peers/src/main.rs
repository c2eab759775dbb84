//! Measures `bedrock-auth` beside others that do comparable work, in one process and one run.

mod parse;
mod rounds;
mod verdict;

use std::process::ExitCode;

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1);
    let runs = |name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    if !["verdict", "parse"].into_iter().any(runs) {
        eprintln!("usage: peers [verdict|parse]");
        return ExitCode::from(2);
    }
    if runs("verdict") {
        verdict::compare();
    }
    if runs("parse") {
        parse::compare();
    }
    ExitCode::SUCCESS
}
