//! Secrets that were pasted into a file, in a value, a key or a comment.

use std::ops::Range;

use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::check::secrets::{self, Kind};
use crate::jsonc::SourceText;

pub(super) fn secrets(text: &SourceText, part: &Range<usize>, drafts: &mut Drafts) {
    let is_inside = |range: &Range<usize>| part.start <= range.start && range.end <= part.end;
    for (range, kind) in
        secrets::find(text.as_str()).into_iter().filter(|(range, _)| is_inside(range))
    {
        let (message, advice) = match kind {
            Kind::AccessKeyId => (
                "this looks like the id of an access key",
                "a policy needs none: remove it, and look whether its secret lies beside it",
            ),
            Kind::SecretAccessKey => ("this looks like an AWS secret access key", REMOVE),
            Kind::ApiKey => ("this looks like a Bedrock API key", REMOVE),
            Kind::Token => ("this looks like a session token", REMOVE),
            Kind::Password => ("this looks like a password in a URL", REMOVE),
            Kind::PrivateKey => ("this looks like a private key", REMOVE),
        };
        drafts.add(Lint::SecretInPolicy, Spot::Bytes(range), message).advise(advice);
    }
}

const REMOVE: &str = "remove it, and make it invalid: whoever read this file has it; everybody on the machine can read a deployed policy";
