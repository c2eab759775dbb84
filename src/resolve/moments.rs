//! When time alone could change an answer.

use jiff::Timestamp;

use super::resolution::Resolution;
use super::statics::accepted_from;
use crate::auth::ApiKey;
use crate::credentials::StaticCredentials;
use crate::facts::{Facts, KeychainFacts};
use secrecy::ExposeSecret;

/// The earliest instant after that of the facts at which the same machine could give another answer; none where time
/// changes nothing any more.
///
/// `resolution` is the answer to these facts. Until that instant, resolving again gives the same.
pub fn next_change(facts: &Facts, resolution: &Resolution) -> Option<Timestamp> {
    let of_policies = facts.policy.turns();
    let of_keys = static_credentials(facts).flat_map(turns_of_key).flatten();
    let of_answer = resolution.expires.into_iter();
    let sign_in = resolution.chain.last().and_then(|step| facts.signers.sign_in(&step.kind));
    let of_sign_in = sign_in.iter().flat_map(|sign_in| sign_in.ends());
    of_policies
        .chain(of_keys)
        .chain(of_answer)
        .chain(of_sign_in)
        .filter(|instant| *instant > facts.now)
        .min()
}

fn static_credentials(facts: &Facts) -> impl Iterator<Item = &StaticCredentials> {
    let in_keychain = match &facts.keychain {
        KeychainFacts::Found { credentials, .. } => Some(credentials),
        _ => None,
    };
    facts.families.iter().map(|family| &family.credentials).chain(in_keychain)
}

/// When a short-term API key begins and ends to be accepted.
fn turns_of_key(credentials: &StaticCredentials) -> Option<[Timestamp; 2]> {
    let token = credentials.bearer_token.as_ref()?;
    match ApiKey::decode(token.expose_secret()) {
        Ok(ApiKey::ShortTerm(key)) => Some([accepted_from(&key), key.expires()]),
        _ => None,
    }
}
