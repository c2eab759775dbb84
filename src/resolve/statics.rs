//! Static credentials, classified by what they are rather than by the field they stand in.

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use super::resolution::UnusableCode;
use crate::auth::{AccessKeyId, AccessKeyKind, ApiKey, BedrockAuth, Method, Root, ShortTermKey};
use crate::credentials::StaticCredentials;
use crate::family::{Family, Variable};
use crate::policy::{Candidate, Policy, Verdict};
use crate::provenance::{Layer, Place, Source};
use crate::signer::Signer;

/// Where static credentials were found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Finder<'a> {
    Environment(&'a Family),
    Keychain(&'a Place),
}

/// One static credential that was found: an API key or an access key.
#[derive(Debug)]
pub(super) struct Find {
    pub(super) method: Method,
    pub(super) source: Source,
    pub(super) content: Result<Usable, Unusable>,
}

/// A credential that could sign.
#[derive(Debug)]
pub(super) struct Usable {
    pub(super) auth: BedrockAuth,
    pub(super) signer: Signer,
    pub(super) api_key: Option<ApiKey>,
}

/// A credential that cannot work, whatever policies say.
#[derive(Debug)]
pub(super) struct Unusable {
    pub(super) code: UnusableCode,
    pub(super) why: String,
    pub(super) remedy: String,
}

/// What all policies say of credentials that a person is about to store in the keychain.
///
/// # Errors
/// With a reason and a remedy, when the credentials cannot work whatever policies say.
pub fn judge_static_credentials(
    policy: &Policy,
    credentials: &StaticCredentials,
    now: Timestamp,
) -> Result<Vec<(Method, Verdict)>, (String, String)> {
    let item = Place::KeychainItem("bedrock-auth".into());
    let mut verdicts = Vec::new();
    for find in finds(credentials, Finder::Keychain(&item)) {
        let usable = find.content.map_err(|unusable| (unusable.why, unusable.remedy))?;
        if let Some(unusable) = out_of_time(&usable, now) {
            return Err((unusable.why, unusable.remedy));
        }
        let candidate = Candidate {
            method: find.method,
            layer: Layer::Keychain,
            requested_at: None,
            profile: None,
            signer: Some(&usable.signer),
            api_key: usable.api_key.as_ref(),
        };
        verdicts.push((find.method, policy.judge(&candidate)));
    }
    Ok(verdicts)
}

/// The credentials of one family or item: the API key first, then the access key.
pub(super) fn finds(credentials: &StaticCredentials, finder: Finder<'_>) -> Vec<Find> {
    let api_key = credentials.bearer_token.as_ref().map(|token| Find {
        method: Method::ApiKey,
        source: finder.source(Variable::BearerToken),
        content: api_key(token, finder),
    });
    let StaticCredentials { access_key_id, secret_access_key, session_token, .. } = credentials;
    let has_access_key = access_key_id.is_some() || secret_access_key.is_some();
    let access_key = has_access_key.then(|| Find {
        method: Method::IamCredentials,
        source: finder.source(if access_key_id.is_some() {
            Variable::AccessKeyId
        } else {
            Variable::SecretAccessKey
        }),
        content: access_key(access_key_id, secret_access_key, session_token, finder),
    });
    api_key.into_iter().chain(access_key).collect()
}

/// A short-term key that has passed its end, or whose signature AWS would find too early.
pub(super) fn out_of_time(usable: &Usable, now: Timestamp) -> Option<Unusable> {
    let Some(ApiKey::ShortTerm(key)) = &usable.api_key else { return None };
    if key.expires() <= now {
        return Some(Unusable {
            code: UnusableCode::ApiKeyExpired,
            why: format!("the API key expired at {}", key.expires()),
            remedy: "make a new short-term key".to_owned(),
        });
    }
    (now < accepted_from(key)).then(|| Unusable {
        code: UnusableCode::ApiKeyNotYetValid,
        why: format!("the API key was signed at {}, which is still to come", key.issued),
        remedy: "compare this machine's clock with that of the machine that made the key"
            .to_owned(),
    })
}

/// AWS takes a signature from the future for one of a machine whose clock is fast.
pub(super) fn accepted_from(key: &ShortTermKey) -> Timestamp {
    /// The difference of clocks that SigV4 tolerates.
    const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
    key.issued.saturating_sub(TOLERANCE).unwrap_or(Timestamp::MIN)
}

/// Bedrock accepts a short-term key in the region of its credential scope alone.
pub(super) fn of_other_region(usable: &Usable, region: &str) -> Option<Unusable> {
    let Some(ApiKey::ShortTerm(key)) = &usable.api_key else { return None };
    (key.region != region).then(|| Unusable {
        code: UnusableCode::ApiKeyOfOtherRegion,
        why: format!(
            "the API key was made for `{}`, and the region in force is `{region}`",
            key.region
        ),
        remedy: format!("set `region` to `{}`, or make a key for `{region}`", key.region),
    })
}

fn api_key(token: &SecretString, finder: Finder<'_>) -> Result<Usable, Unusable> {
    let text = token.expose_secret();
    if !is_plain(text) {
        return Err(malformed(&finder.name(Variable::BearerToken)));
    }
    if is_access_key_id(text) {
        let name = finder.name(Variable::BearerToken);
        let home = finder.name(Variable::AccessKeyId);
        return Err(wrong_field("an access key id", &name, &home));
    }
    let key = ApiKey::decode(text).map_err(|error| Unusable {
        code: UnusableCode::CredentialMalformed,
        why: format!("the API key in {} is damaged: {error}", finder.name(Variable::BearerToken)),
        remedy: "copy the key again, whole, or make a new one".to_owned(),
    })?;
    let (root, access_key_id, expires) = match &key {
        ApiKey::ShortTerm(key) => {
            (Some(Root::ShortTermApiKey), Some(key.signer.clone()), Some(key.expires()))
        }
        ApiKey::LongTerm(_) => (Some(Root::LongTermApiKey), None, None),
        ApiKey::Opaque => (None, None, None),
    };
    Ok(Usable {
        auth: BedrockAuth::ApiKey { api_key: token.clone() },
        signer: Signer {
            root,
            access_key_id,
            expires,
            account: key.account(),
            ..Signer::default()
        },
        api_key: Some(key),
    })
}

fn access_key(
    id: &Option<SecretString>,
    secret: &Option<SecretString>,
    token: &Option<SecretString>,
    finder: Finder<'_>,
) -> Result<Usable, Unusable> {
    let (Some(id), Some(secret)) = (id, secret) else {
        let missing = if id.is_none() { Variable::AccessKeyId } else { Variable::SecretAccessKey };
        return Err(Unusable {
            code: UnusableCode::CredentialIncomplete,
            why: format!("the access key is incomplete: there is no {}", finder.name(missing)),
            remedy: format!("supply {}, or remove the rest of the key", finder.name(missing)),
        });
    };
    for (part, variable) in [
        (Some(id), Variable::AccessKeyId),
        (Some(secret), Variable::SecretAccessKey),
        (token.as_ref(), Variable::SessionToken),
    ] {
        let Some(text) = part.map(ExposeSecret::expose_secret) else { continue };
        if ApiKey::looks_like_one(text) {
            let home = finder.name(Variable::BearerToken);
            return Err(wrong_field("a Bedrock API key", &finder.name(variable), &home));
        }
        if !is_plain(text) {
            return Err(malformed(&finder.name(variable)));
        }
        if variable != Variable::AccessKeyId && is_access_key_id(text) {
            let home = finder.name(Variable::AccessKeyId);
            return Err(wrong_field("an access key id", &finder.name(variable), &home));
        }
    }
    if !AccessKeyId::new(id.expose_secret()).may_be_shown() {
        let (name, home) =
            (finder.name(Variable::AccessKeyId), finder.name(Variable::SecretAccessKey));
        return Err(wrong_field("what looks like a secret", &name, &home));
    }
    let id = AccessKeyId::new(id.expose_secret());
    let root = root_of(&id, token.is_some(), finder)?;
    let signer = Signer {
        root,
        account: id.account(),
        access_key_id: Some(id.clone()),
        ..Signer::default()
    };
    let auth = BedrockAuth::IamCredentials {
        access_key_id: id,
        secret_access_key: secret.clone(),
        session_token: token.clone(),
    };
    Ok(Usable { auth, signer, api_key: None })
}

fn root_of(
    id: &AccessKeyId,
    has_token: bool,
    finder: Finder<'_>,
) -> Result<Option<Root>, Unusable> {
    let mismatched = |why: &str, remedy: String| {
        Err(Unusable { code: UnusableCode::CredentialMismatched, why: why.to_owned(), remedy })
    };
    let token = finder.name(Variable::SessionToken);
    match (id.kind(), has_token) {
        (AccessKeyKind::LongLived, false) => Ok(Some(Root::LongLivedKeys)),
        (AccessKeyKind::Temporary, true) => Ok(Some(Root::TemporaryKeys)),
        (AccessKeyKind::LongLived, true) => mismatched(
            "a long-lived access key (`AKIA…`) stands beside a session token, and AWS refuses the pair",
            format!("remove {token}, or supply the temporary key (`ASIA…`) that it belongs to"),
        ),
        (AccessKeyKind::Temporary, false) => mismatched(
            "a temporary access key (`ASIA…`) stands without its session token",
            format!("supply {token}"),
        ),
        (AccessKeyKind::NotAnAccessKey, _) => Err(Unusable {
            code: UnusableCode::CredentialInWrongField,
            why: format!(
                "what stands in {} is the id of a user or a role, not of an access key",
                finder.name(Variable::AccessKeyId)
            ),
            remedy: "supply an access key id: it begins with `AKIA` or `ASIA`".to_owned(),
        }),
        (
            AccessKeyKind::ServiceBearer | AccessKeyKind::ContextSpecific | AccessKeyKind::Unknown,
            _,
        ) => Ok(None),
    }
}

fn is_access_key_id(text: &str) -> bool {
    text.len() == 20 && AccessKeyId::new(text).kind() != AccessKeyKind::Unknown
}

/// Credentials travel in headers: printable ASCII without white space.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic())
}

fn malformed(name: &str) -> Unusable {
    Unusable {
        code: UnusableCode::CredentialMalformed,
        why: format!("{name} holds white space or other characters that no credential has"),
        remedy: "copy the credential again, without line breaks or quotes".to_owned(),
    }
}

fn wrong_field(what: &str, name: &str, home: &str) -> Unusable {
    Unusable {
        code: UnusableCode::CredentialInWrongField,
        why: format!("{what} stands in {name}"),
        remedy: format!("move it to {home}"),
    }
}

impl<'a> Finder<'a> {
    pub(super) fn layer(self) -> Layer {
        match self {
            Finder::Environment(_) => Layer::Environment,
            Finder::Keychain(_) => Layer::Keychain,
        }
    }

    pub(super) fn family(self) -> Option<&'a Family> {
        match self {
            Finder::Environment(family) => Some(family),
            Finder::Keychain(_) => None,
        }
    }

    fn source(self, variable: Variable) -> Source {
        let place = match self {
            Finder::Environment(family) => Place::variable(&family.name(variable)),
            Finder::Keychain(item) => item.clone(),
        };
        Source::new(self.layer(), place)
    }

    /// What a person calls the field.
    fn name(self, variable: Variable) -> String {
        match self {
            Finder::Environment(family) => format!("`{}`", family.name(variable)),
            Finder::Keychain(_) => format!("`{}` of the keychain item", item_key(variable)),
        }
    }
}

fn item_key(variable: Variable) -> &'static str {
    match variable {
        Variable::AccessKeyId => "access_key_id",
        Variable::SecretAccessKey => "secret_access_key",
        Variable::SessionToken => "session_token",
        Variable::BearerToken => "bearer_token",
        Variable::Region | Variable::Profile | Variable::Endpoint => "region",
    }
}
