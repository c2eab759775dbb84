use std::path::Path;

use bedrock_auth::auth::{AccessKeyId, AccountId, ApiKey, LongTermKey, Method, Root, ShortTermKey};
use bedrock_auth::policy::{Candidate, Identity, ManagedSource, Policy};
use bedrock_auth::provenance::{Layer, Place, Source};
use bedrock_auth::signer::{CommandLine, Signer, Step, StepKind};
use jiff::Timestamp;

use super::request::Request;

/// The policy, read once.
pub(super) fn policy() -> Policy {
    let bytes = include_bytes!("policy.jsonc").to_vec();
    let source = ManagedSource::of_bytes(0, Path::new("policy.jsonc"), bytes);
    let policy = Policy::of(&source, &Identity::default(), Timestamp::UNIX_EPOCH);
    assert!(policy.faults().is_empty(), "{:?}", policy.faults());
    policy
}

/// A request as the resolution hands it to the policy: typed, and with the place of the wish.
pub(super) struct Question {
    method: Method,
    requested_at: Source,
    profile: Option<&'static str>,
    signer: Signer,
    api_key: Option<ApiKey>,
    region: &'static str,
}

impl Question {
    pub(super) fn new(request: &Request) -> Self {
        Question {
            method: word(Method::ALL, Method::as_str, request.method),
            requested_at: Source::new(
                word(Layer::ALL, Layer::as_str, request.layer),
                Place::whole_file("settings.json"),
            ),
            profile: request.profile,
            signer: Signer {
                root: Some(word(Root::ALL, Root::as_str, request.root)),
                chain: chain(request),
                account: request.account.map(account),
                ..Signer::default()
            },
            api_key: request.kind.map(|kind| api_key(kind, request)),
            region: request.region,
        }
    }

    /// How many reasons the policy has against it.
    pub(super) fn objections(&self, policy: &Policy) -> usize {
        let candidate = Candidate {
            method: self.method,
            layer: self.requested_at.layer,
            requested_at: Some(&self.requested_at),
            profile: self.profile,
            signer: Some(&self.signer),
            api_key: self.api_key.as_ref(),
        };
        policy.judge(&candidate).denials.len()
            + policy.judge_region(self.region, Some(&self.requested_at)).denials.len()
    }
}

fn word<W: Copy>(all: &[W], as_str: fn(W) -> &'static str, text: &str) -> W {
    *all.iter().find(|word| as_str(**word) == text).expect("a word of the vocabulary")
}

fn account(text: &str) -> AccountId {
    text.parse().expect("twelve digits")
}

fn chain(request: &Request) -> Vec<Step> {
    let profile = || request.profile.unwrap_or_default().to_owned();
    let assumes = request.role_arn.map(|arn| StepKind::AssumeRole {
        profile: profile(),
        role_arn: arn.to_owned(),
        external_id: None,
        session_name: None,
    });
    let runs = request.command.map(|line| StepKind::CredentialProcess {
        profile: profile(),
        command: CommandLine::new(line),
    });
    let signs_in = request.start_url.map(|url| StepKind::Sso {
        profile: profile(),
        start_url: url.to_owned(),
        region: "eu-west-1".to_owned(),
        session: None,
        account: request.account.map(account),
        role_name: request.role_name.map(str::to_owned),
    });
    let kinds = [assumes, runs, signs_in].into_iter().flatten();
    kinds.map(|kind| Step { kind, at: None }).collect()
}

fn api_key(kind: &str, request: &Request) -> ApiKey {
    let id = match request.signed_by_temporary_key {
        Some(true) => "ASIAY34FZKBOKMUTVV7A",
        _ => "AKIAY34FZKBOKMUTVV7A",
    };
    match kind {
        "short_term" => ApiKey::ShortTerm(ShortTermKey {
            signer: AccessKeyId::new(id),
            // One that the policy allows: the peers judge the region of the request alone.
            region: "eu-west-1".to_owned(),
            issued: Timestamp::UNIX_EPOCH,
            lifetime_seconds: request.lifetime.unwrap_or_default(),
        }),
        _ => ApiKey::LongTerm(LongTermKey {
            user_name: "BedrockAPIKey-1".to_owned(),
            account: account("111122223333"),
            is_second: false,
        }),
    }
}
