//! Who AWS takes the caller for: the proof behind a prediction.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use jiff::{SignedDuration, Timestamp};

use super::failure::{of_call, step_failed};
use super::guard::refusal;
use super::session::Session;
use crate::auth::{AccountId, BedrockAuth, CallerIdentity};
use crate::signer::{Service, StepKind};

/// What STS says when it is asked who is calling.
#[derive(Debug)]
pub struct CallerAnswer {
    /// Whom it takes the credentials for.
    ///
    /// # Errors
    /// When the credentials are an API key, are refused or do not come, or when STS does not answer.
    pub identity: Result<CallerIdentity, CallerError>,
    /// How far the clock of this machine is ahead of that of STS, to the second; none where STS did not answer.
    pub clock_ahead: Option<SignedDuration>,
}

/// Why STS could not be asked, or did not answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallerError {
    /// An API key signs nothing that STS accepts.
    ApiKey,
    /// STS has no endpoint in this region.
    NoEndpoint,
    /// The credentials were refused, did not come, or STS did not accept them.
    Failed(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for CallerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallerError::ApiKey => f.write_str("an API key cannot be shown to STS"),
            CallerError::NoEndpoint => f.write_str("STS has no endpoint in this region"),
            CallerError::Failed(error) => {
                write!(f, "STS could not say who is calling: {error}")
            }
        }
    }
}

impl Error for CallerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            CallerError::Failed(error) => Some(&**error),
            CallerError::ApiKey | CallerError::NoEndpoint => None,
        }
    }
}

impl Session {
    /// Asks STS whom it takes the credentials for, and compares account and ARN with what was foreseen.
    ///
    /// # Errors
    /// When the credentials are an API key, are refused or do not come, or when STS does not answer.
    pub async fn caller_identity(&self) -> Result<CallerIdentity, CallerError> {
        self.ask_caller().await.identity
    }

    /// The same, with what the answer tells of the clock.
    pub async fn ask_caller(&self) -> CallerAnswer {
        let clocks = Clocks::default();
        let identity = self.identity_by_sts(clocks.clone()).await;
        CallerAnswer { identity, clock_ahead: clocks.ahead() }
    }

    async fn identity_by_sts(&self, clocks: Clocks) -> Result<CallerIdentity, CallerError> {
        if matches!(self.allowed().auth(), BedrockAuth::ApiKey { .. }) {
            return Err(CallerError::ApiKey);
        }
        let call = self.allowed().identity_call().ok_or(CallerError::NoEndpoint)?;
        let admitted = self.guard().admit_call(call).await;
        admitted.map_err(|refused| CallerError::Failed(refused.into()))?;
        let ground = self.ground();
        let endpoint = ground.endpoints.of_service(Service::Sts).ok_or(CallerError::NoEndpoint)?;
        let config = ground
            .sdk_config
            .to_builder()
            .endpoint_url(endpoint)
            .credentials_provider(SharedCredentialsProvider::new(self.judged_credentials()))
            .identity_cache(self.identity_cache())
            .build();
        let call = aws_sdk_sts::Client::new(&config).get_caller_identity().customize();
        let answer = call.interceptor(clocks).send().await.map_err(told)?;
        let account = answer.account.unwrap_or_default();
        let arn = answer.arn.unwrap_or_default();
        let differences = self.differences(&account, &arn);
        Ok(CallerIdentity { account, arn, differences })
    }

    fn differences(&self, account: &str, arn: &str) -> Vec<String> {
        let signer = self.allowed().signer();
        let of_account = signer
            .account
            .map(|foreseen| foreseen.to_string())
            .filter(|foreseen| foreseen != account)
            .map(|foreseen| {
                format!("the account `{foreseen}` was foreseen, and it is `{account}`")
            });
        let of_arn_account = AccountId::of_arn(arn)
            .map(|of_arn| of_arn.to_string())
            .filter(|of_arn| of_arn != account)
            .map(|of_arn| format!("the ARN is of the account `{of_arn}`, and not of `{account}`"));
        let of_role = signer
            .chain
            .first()
            .and_then(|step| foreseen_role(&step.kind))
            .filter(|role| !role.is_that_of(arn))
            .map(|role| format!("the role {role} was foreseen, and it is `{arn}`"));
        of_account.into_iter().chain(of_arn_account).chain(of_role).collect()
    }
}

/// Two clocks at the moment of an answer. The SDK would only show the headers of a refusal.
#[derive(Debug, Clone, Default)]
struct Clocks(Arc<OnceLock<SignedDuration>>);

impl Clocks {
    fn ahead(&self) -> Option<SignedDuration> {
        self.0.get().copied()
    }
}

#[dyn_dispatch_hint]
impl Intercept for Clocks {
    fn name(&self) -> &'static str {
        "Clocks"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let ours = Timestamp::now();
        let date = context.response().headers().get("date");
        let theirs = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        if let Some(theirs) = theirs.and_then(|date| Timestamp::from_second(date.secs()).ok()) {
            let ours = Timestamp::from_second(ours.as_second()).unwrap_or(ours);
            // The first answer counts: later ones are to requests that may have been put right.
            self.0.get_or_init(|| ours.duration_since(theirs));
        }
        Ok(())
    }
}

/// What kept the credentials from coming, or what STS says.
fn told(error: SdkError<GetCallerIdentityError>) -> CallerError {
    let refused = refusal(&error).cloned().map(Into::into);
    let failed = step_failed(&error).cloned().map(Into::into);
    let own_words = refused.or(failed);
    CallerError::Failed(own_words.unwrap_or_else(|| of_call(Service::Sts.noun(), error).into()))
}

/// The role that a session's ARN has to name.
enum ForeseenRole<'a> {
    /// The last part of the role's ARN: STS leaves its path out.
    Named(&'a str),
    /// A permission set, whose role IAM Identity Center names.
    PermissionSet(&'a str),
}

fn foreseen_role(step: &StepKind) -> Option<ForeseenRole<'_>> {
    match step {
        StepKind::AssumeRole { role_arn, .. } | StepKind::WebIdentity { role_arn, .. } => {
            role_arn.rsplit('/').next().map(ForeseenRole::Named)
        }
        StepKind::Sso { role_name, .. } => role_name.as_deref().map(ForeseenRole::PermissionSet),
        _ => None,
    }
}

impl ForeseenRole<'_> {
    /// `arn:<partition>:sts::<account>:assumed-role/<role>/<session>`.
    fn is_that_of(&self, arn: &str) -> bool {
        let role = arn.split_once(":assumed-role/").and_then(|(_, rest)| rest.split('/').next());
        match (self, role) {
            (ForeseenRole::Named(name), Some(role)) => role == *name,
            (ForeseenRole::PermissionSet(name), Some(role)) => role
                .strip_prefix("AWSReservedSSO_")
                .and_then(|rest| rest.rsplit_once('_'))
                .is_some_and(|(set, _)| set == *name),
            (_, None) => false,
        }
    }
}

impl fmt::Display for ForeseenRole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ForeseenRole::Named(name) => write!(f, "`{name}`"),
            ForeseenRole::PermissionSet(name) => write!(f, "of the permission set `{name}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_as_sts_names_them() {
        let named = ForeseenRole::Named("Bedrock");
        let set = ForeseenRole::PermissionSet("Bedrock_User");
        let arn = |role: &str| format!("arn:aws:sts::111122223333:assumed-role/{role}/ada");
        assert!(named.is_that_of(&arn("Bedrock")));
        assert!(!named.is_that_of(&arn("Bedrock2")));
        assert!(!named.is_that_of("arn:aws:iam::111122223333:user/Bedrock"));
        assert!(set.is_that_of(&arn("AWSReservedSSO_Bedrock_User_0123456789abcdef")));
        assert!(!set.is_that_of(&arn("AWSReservedSSO_Bedrock_0123456789abcdef")));
        assert!(!set.is_that_of(&arn("Bedrock_User")));
    }
}
