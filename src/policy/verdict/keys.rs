//! Access keys and Bedrock API keys: who may supply them, and how long they may live.

use super::{AllowList, Candidate, Judge};
use crate::auth::{AccessKeyKind, ApiKey, ApiKeyKind, Root};
use crate::jsonc::Located;
use crate::policy::denial::DenialCode;
use crate::policy::document::{ApiKeyRule, CredentialLayer, IamCredentialsRule};
use crate::policy::values::Lifetime;
use crate::prose::listed;
use crate::provenance::Layer;

impl Judge<'_> {
    pub(super) fn iam_credentials(
        &mut self,
        rule: &Option<Located<IamCredentialsRule>>,
        candidate: &Candidate<'_>,
    ) {
        let Some(rule) = rule else { return };
        let IamCredentialsRule { layers, temporary_only, accounts } = &rule.value;
        self.layers(layers, candidate);
        if let Some(demand) = temporary_only.as_ref().filter(|demand| demand.value) {
            self.temporary_access_key(demand, candidate);
        }
        self.accounts(accounts, candidate);
    }

    fn temporary_access_key(&mut self, demand: &Located<bool>, candidate: &Candidate<'_>) {
        if candidate.signer.is_none_or(|signer| signer.root == Some(Root::TemporaryKeys)) {
            return;
        }
        let message =
            "only temporary access keys are allowed, and this one is not known to be temporary";
        let remedy = "use keys of a session: an id that begins with `ASIA`, with its session token";
        let code = DenialCode::LongLivedCredential;
        self.object(code, &demand.at, message.to_owned(), remedy.to_owned());
    }

    pub(super) fn api_key(
        &mut self,
        rule: &Option<Located<ApiKeyRule>>,
        candidate: &Candidate<'_>,
    ) {
        let Some(rule) = rule else { return };
        let ApiKeyRule { layers, kinds, max_lifetime, temporary_only, accounts } = &rule.value;
        self.layers(layers, candidate);
        let Some(key) = candidate.api_key else { return };
        self.kind(kinds, key);
        self.lifetime(max_lifetime, key);
        if let Some(demand) = temporary_only.as_ref().filter(|demand| demand.value) {
            self.temporary_api_key(demand, key);
        }
        self.accounts(accounts, candidate);
    }

    fn kind(&mut self, rule: &AllowList<ApiKeyKind>, key: &ApiKey) {
        let Some(rule) = rule else { return };
        let kind = match key.kind() {
            Some(kind) if rule.contains(&kind) => return,
            Some(kind) => format!("`{kind}`"),
            None => "of no documented kind".to_owned(),
        };
        let allowed: Vec<_> = rule.iter().map(|kind| kind.as_str()).collect();
        let message = format!("this API key is {kind}");
        let remedy = format!("use an API key that is {}", listed(&allowed));
        self.object(DenialCode::ApiKeyKindNotAllowed, &rule.at, message, remedy);
    }

    fn lifetime(&mut self, limit: &Option<Located<Lifetime>>, key: &ApiKey) {
        let Some(limit) = limit else { return };
        let lasts = match key {
            ApiKey::ShortTerm(key) if u64::from(key.lifetime_seconds) <= limit.value.seconds => {
                return;
            }
            ApiKey::ShortTerm(key) => format!("for {} seconds", key.lifetime_seconds),
            ApiKey::LongTerm(_) | ApiKey::Opaque => "without a known end".to_owned(),
        };
        let message = format!("this API key lasts {lasts}, and `{}` is the limit", limit.value);
        let remedy = format!("make a short-term key that lasts at most `{}`", limit.value);
        self.object(DenialCode::ApiKeyLifetimeTooLong, &limit.at, message, remedy);
    }

    fn temporary_api_key(&mut self, demand: &Located<bool>, key: &ApiKey) {
        let message = match key {
            ApiKey::ShortTerm(key) if key.is_signed_by_temporary_key() => return,
            ApiKey::ShortTerm(key) => match key.signer.kind() {
                AccessKeyKind::LongLived => {
                    format!("the long-lived access key `{}` stands behind this API key", key.signer)
                }
                _ => "this API key is not known to be signed by a temporary access key".to_owned(),
            },
            ApiKey::LongTerm(_) => "this API key lives until somebody deletes it".to_owned(),
            ApiKey::Opaque => "whether this API key is temporary cannot be known".to_owned(),
        };
        let remedy = "make a short-term key while signed in with temporary credentials, for example through SSO";
        self.object(DenialCode::LongLivedCredential, &demand.at, message, remedy.to_owned());
    }

    fn layers(&mut self, rule: &AllowList<CredentialLayer>, candidate: &Candidate<'_>) {
        let Some(rule) = rule else { return };
        if rule.iter().any(|layer| layer.is(candidate.layer)) {
            return;
        }
        let allowed: Vec<_> = rule.iter().map(|layer| layer.as_str()).collect();
        let message =
            format!("the policy does not take `{}` from the {}", candidate.method, candidate.layer);
        let remedy = match allowed.as_slice() {
            [] => "the policy takes it from nowhere; use another method".to_owned(),
            ["keychain"] => "store it with `bedrock-auth login`, and unset the variable".to_owned(),
            _ => format!("supply it through the {}", allowed.join(" or the ")),
        };
        self.object(DenialCode::LayerNotAllowed, &rule.at, message, remedy);
    }
}

impl CredentialLayer {
    fn is(self, layer: Layer) -> bool {
        match self {
            CredentialLayer::Environment => layer == Layer::Environment,
            CredentialLayer::Keychain => layer == Layer::Keychain,
        }
    }
}
