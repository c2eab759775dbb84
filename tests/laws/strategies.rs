//! The generators as proptest strategies: a tape of draws, which shrinks towards the plainest machine.

use bedrock_auth::auth::{ApiKey, Method};
use bedrock_auth::policy::{Candidate, Identity, Policy};
use bedrock_auth::provenance::Layer;
use bedrock_auth::signer::Signer;
use jiff::Timestamp;
use proptest::prelude::*;

use crate::world::machine::roll_identity;
use crate::world::pools::{NOW, PROFILES, instant};
use crate::world::signers::roll_whole_signer;
use crate::world::{Dice, MadeCredentials, PolicyFile, World};

/// Enough draws for the largest machine; on a shorter tape the rest of the machine is plain.
const LONGEST_TAPE: usize = 900;

/// A law is tried on so many cases, unless `PROPTEST_CASES` says otherwise.
pub fn cases(cases: u32) -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => ProptestConfig { cases, ..config },
    }
}

pub fn rolled<T: std::fmt::Debug>(make: fn(&mut Dice) -> T) -> impl Strategy<Value = T> {
    tapes().prop_map(move |tape| make(&mut Dice::tape(tape)))
}

fn tapes() -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec(any::<u16>(), 0..LONGEST_TAPE)
}

pub fn worlds() -> impl Strategy<Value = World> {
    rolled(World::roll)
}

/// Three meets of up to two files each, seen by one person at one moment. Ranks and paths may coincide.
pub fn three_policies() -> impl Strategy<Value = [Policy; 3]> {
    three_policies_of(|_| ())
}

/// The same of files that were changed after they were made.
pub fn three_policies_of(change: fn(&mut PolicyFile)) -> impl Strategy<Value = [Policy; 3]> {
    tapes().prop_map(move |tape| {
        let mut dice = Dice::tape(tape);
        let (identity, now) = (roll_identity(&mut dice), instant(dice.pick(NOW)));
        [(); 3].map(|()| roll_policies(&mut dice, &identity, now, change))
    })
}

fn roll_policies(
    dice: &mut Dice,
    identity: &Identity,
    now: Timestamp,
    change: fn(&mut PolicyFile),
) -> Policy {
    let files = dice.below(3);
    let policies = (0..files).map(|_| {
        let rank = dice.below(4) as u32;
        let mut file = PolicyFile::roll(dice, rank);
        change(&mut file);
        Policy::of(&file.to_source(), identity, now)
    });
    Policy::meet_all(policies.collect::<Vec<_>>())
}

/// What policies look at when they judge a candidate; its parts need not fit together.
#[derive(Debug, Clone)]
pub struct AnyCandidate {
    method: Method,
    layer: Layer,
    profile: Option<&'static str>,
    signer: Option<Signer>,
    api_key: Option<ApiKey>,
}

impl AnyCandidate {
    pub fn roll(dice: &mut Dice) -> Self {
        let profile = dice.pick(PROFILES);
        let credentials = MadeCredentials::roll(dice, instant(NOW[0]));
        AnyCandidate {
            method: dice.pick(Method::ALL),
            layer: dice.pick(Layer::ALL),
            profile: dice.maybe(80, |_| profile),
            signer: dice.maybe(85, |dice| roll_whole_signer(dice, profile)),
            api_key: credentials.bearer_token.and_then(|text| ApiKey::decode(&text).ok()),
        }
    }

    pub fn as_candidate(&self) -> Candidate<'_> {
        Candidate {
            method: self.method,
            layer: self.layer,
            requested_at: None,
            profile: self.profile,
            signer: self.signer.as_ref(),
            api_key: self.api_key.as_ref(),
        }
    }
}
