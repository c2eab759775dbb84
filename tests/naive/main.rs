//! A second opinion: the contract, written down naively, must answer as the core does.
//!
//! `NAIVE_CASES` sets how many machines are made, `NAIVE_SEED` the first of them.

#![allow(clippy::unwrap_used, reason = "what fails here fails its test")]
#![allow(unreachable_pub, reason = "modules of a test program are reached by it alone")]

#[path = "../world/mod.rs"]
mod world;

mod contract;
mod rules;
mod text;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::thread;

use bedrock_auth::endpoint::Endpoint;
use bedrock_auth::policy::{
    Denial, DenialCode, Document, ManagedContent, ManagedSource, Policy, Verdict,
};
use bedrock_auth::resolve::{Allowed, Fate, Resolution, WarningCode, resolve};
use bedrock_auth::settings::Key;

use contract::{Answer, Case, Codes, UseAnswer};
use world::{Dice, MadeDelivery, World};

/// Said of locks that come after an answer; here each answer and its deliveries have one policy.
const OF_OPEN_SESSIONS: DenialCode = DenialCode::LockedValueDiffers;

const CASES: u64 = 100_000;
const THREADS: u64 = 2;

#[test]
fn the_core_answers_as_the_contract_says() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let cases = number("NAIVE_CASES").unwrap_or(CASES);
    let first = number("NAIVE_SEED").unwrap_or(0);
    let workers: Vec<_> = (0..THREADS)
        .map(|worker| {
            thread::spawn(move || {
                let mut seen = Seen::default();
                for seed in (first + worker..first + cases).step_by(THREADS as usize) {
                    seen.compare(seed);
                }
                seen
            })
        })
        .collect();
    let mut seen = Seen::default();
    for worker in workers {
        seen.add(worker.join().expect("the core does not panic"));
    }
    seen.assert_agreement();
    if cases >= CASES {
        seen.assert_interesting(cases);
    }
}

fn document(source: &ManagedSource) -> Option<Document> {
    match &source.content {
        ManagedContent::Policy(document, _) => Some(Document::clone(document)),
        _ => None,
    }
}

/// Which fields differ, and how far.
fn difference(core: &Answer, naive: &Answer) -> String {
    let mut kind = String::new();
    if core.outcome != naive.outcome {
        kind += &format!("{} against {} ", core.outcome, naive.outcome);
    }
    kind += &difference_of_codes("denials", &core.denials, &naive.denials);
    kind += &difference_of_codes("would deny", &core.would_deny, &naive.would_deny);
    let same_values = (&core.region, core.region_is_allowed, &core.endpoint)
        == (&naive.region, naive.region_is_allowed, &naive.endpoint)
        && core.endpoint_is_allowed == naive.endpoint_is_allowed;
    if !same_values || (core.method, &core.profile) != (naive.method, &naive.profile) {
        kind += "values";
    }
    kind
}

fn difference_at_use(core: &UseAnswer, naive: &UseAnswer) -> String {
    difference_of_codes("denials", &core.denials, &naive.denials)
        + &difference_of_codes("would deny", &core.would_deny, &naive.would_deny)
}

fn difference_of_codes(word: &str, core: &Codes, naive: &Codes) -> String {
    match core == naive {
        true => String::new(),
        false => format!("{word} {:?} against {:?} ", core - naive, naive - core),
    }
}

/// The core's answer in the terms of the naive one.
fn of_core(policy: &Policy, resolution: &Resolution, naive: &Answer) -> Answer {
    let region = resolution.region.value.clone();
    let allowed = resolution.allowed();
    let endpoint = resolution.endpoint.value.clone();
    let own_is_allowed = || {
        let own = Endpoint::of_region(&region).filter(|_| text::is_host_label(&region));
        own.is_none_or(|own| policy.judge_own_endpoint(&own).is_allowed())
    };
    let is_allowed = |endpoint: &Endpoint| {
        let other = endpoint.aws_region().filter(|other| *other != region);
        policy.judge_endpoint(endpoint, None).is_allowed()
            && other.is_none_or(|other| policy.judge_region(other, None).is_allowed())
    };
    let endpoint_is_allowed = match endpoint.as_deref().map(Endpoint::parse) {
        None => own_is_allowed(),
        Some(parsed) => parsed.is_ok_and(|endpoint| is_allowed(&endpoint)),
    };
    let would_deny = resolution.warnings.iter().filter(|w| w.code == WarningCode::WouldBeDenied);
    let would_deny: Codes =
        would_deny.filter_map(|w| Some(w.denial.as_ref()?.code.as_str())).collect();
    Answer {
        outcome: resolution.outcome.as_str(),
        method: allowed.map(|allowed| allowed.auth().method().as_str()),
        profile: allowed.and_then(|allowed| allowed.auth().profile_name()).map(str::to_owned),
        region_is_allowed: is_in_force(resolution, Key::Region),
        region,
        endpoint: same_endpoint(endpoint, &naive.endpoint),
        endpoint_is_allowed,
        denials: resolution.denials.iter().map(|denial| denial.code.as_str()).collect(),
        would_deny: if allowed.is_some() { would_deny } else { naive.would_deny.clone() },
    }
}

/// The core's answer to a use.
fn of_use(
    allowed: &Allowed,
    policy: &Policy,
    came: &MadeDelivery,
    now: jiff::Timestamp,
) -> UseAnswer {
    let delivered = came.to_delivered();
    let Verdict { denials, would_deny } = match came.to_assume_role {
        true => allowed.judge_base_delivery(policy, &delivered, now),
        false => allowed.judge_delivery(policy, &delivered, now),
    };
    let codes = |reasons: Vec<Denial>| reasons.iter().map(|reason| reason.code.as_str()).collect();
    UseAnswer { denials: codes(denials), would_deny: codes(would_deny) }
}

fn is_in_force(resolution: &Resolution, key: Key) -> bool {
    let settled =
        |fate| resolution.values.iter().any(|value| value.key == key && value.fate == fate);
    settled(Fate::Chosen)
}

/// The core answers with the endpoint as it was parsed, or with what may be shown of the text.
fn same_endpoint(core: Option<String>, naive: &Option<String>) -> Option<String> {
    let written = naive.as_deref()?;
    let is_the_same = match Endpoint::parse(written) {
        Ok(endpoint) => core.as_deref() == Some(endpoint.as_str()),
        Err(_) => core.is_some(),
    };
    if is_the_same { naive.clone() } else { core }
}

/// What came up, and how often.
#[derive(Default)]
struct Seen {
    /// Outcomes, methods and codes.
    words: BTreeMap<&'static str, u64>,
    /// One machine for each kind of disagreement.
    disagreements: BTreeMap<String, Disagreement>,
}

struct Disagreement {
    seed: u64,
    times: u64,
    core: String,
    naive: String,
}

impl Seen {
    fn compare(&mut self, seed: u64) {
        let mut dice = Dice::seeded(seed);
        let world = World::roll(&mut dice);
        let sources = world.sources();
        let documents: Vec<_> = sources.iter().map(document).collect();
        let case = Case::new(&world, &documents);
        let (naive, chosen) = case.answer();
        let facts = world.to_facts_of(&sources);
        let resolution = resolve(&facts);
        let core = of_core(&facts.policy, &resolution, &naive);
        let words = [naive.outcome].into_iter().chain(naive.method);
        self.count(words.chain(naive.denials.iter().copied()));
        if core != naive {
            return self.disagree(seed, difference(&core, &naive), &core, &naive);
        }
        let (Some(chosen), Some(allowed)) = (chosen, resolution.allowed()) else { return };
        let Some(foreseen) = &chosen.signer else { return };
        let came = MadeDelivery::roll_for(&mut dice, foreseen, world.now);
        let naive = case.answer_to_use(&chosen, &came);
        let core = of_use(allowed, &facts.policy, &came, world.now);
        self.count(naive.denials.iter().copied());
        self.count([if naive.denials.is_empty() { "used" } else { "refused at use" }]);
        if core != naive {
            let kind = format!("at use of {}, {}", chosen.method, difference_at_use(&core, &naive));
            self.disagree(seed, kind, &core, &(naive, came));
        }
    }

    fn count(&mut self, words: impl IntoIterator<Item = &'static str>) {
        for word in words {
            *self.words.entry(word).or_default() += 1;
        }
    }

    fn disagree(&mut self, seed: u64, kind: String, core: &dyn Debug, naive: &dyn Debug) {
        let (core, naive) = (format!("{core:?}"), format!("{naive:?}"));
        let new = Disagreement { seed, times: 0, core, naive };
        self.disagreements.entry(kind).or_insert(new).times += 1;
    }

    fn add(&mut self, other: Seen) {
        for (word, count) in other.words {
            *self.words.entry(word).or_default() += count;
        }
        for (kind, found) in other.disagreements {
            let times = found.times;
            let known =
                self.disagreements.entry(kind).or_insert(Disagreement { times: 0, ..found });
            known.times += times;
        }
    }

    fn assert_agreement(&self) {
        let mut report = String::new();
        for (kind, Disagreement { seed, times, core, naive }) in &self.disagreements {
            report +=
                &format!("\n{times} times: {kind}\n  core:     {core}\n  contract: {naive}\n");
            report += &format!("  again with NAIVE_SEED={seed} NAIVE_CASES=1\n");
        }
        if let [(_, only)] = self.disagreements.iter().collect::<Vec<_>>()[..] {
            report += &format!("{:#?}", World::roll(&mut Dice::seeded(only.seed)));
        }
        assert!(self.disagreements.is_empty(), "{report}");
    }

    fn assert_interesting(&self, cases: u64) {
        let count = |word: &str| self.words.get(word).copied().unwrap_or(0);
        for outcome in ["allowed", "denied", "unconfigured"] {
            assert!(count(outcome) * 10 >= cases, "too few are {outcome}: {:#?}", self.words);
        }
        for method in ["automatic", "named_profile", "sso", "iam_credentials", "api_key"] {
            assert!(
                count(method) * 100 >= cases,
                "{method} is allowed too seldom: {:#?}",
                self.words
            );
        }
        for word in ["used", "refused at use"] {
            assert!(count(word) * 25 >= cases, "too few are {word}: {:#?}", self.words);
        }
        // A generator that misses a code proves nothing about it.
        let said_here = DenialCode::ALL.iter().filter(|code| **code != OF_OPEN_SESSIONS);
        for code in said_here.map(|code| code.as_str()) {
            assert!(count(code) * 400 >= cases, "{code} is too rare: {:#?}", self.words);
        }
    }
}
