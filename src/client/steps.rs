//! The steps of a signer's chain, gone one by one: AWS's own clients and providers, told what to ask.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::imds::{self, credentials::ImdsCredentialsProvider};
use aws_config::login::LoginCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sso::SsoTokenProvider;
use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, token::ProvideToken,
};
use aws_credential_types::{Credentials, Token};
use aws_sdk_sso::operation::get_role_credentials::GetRoleCredentialsError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::DateTime;
use aws_types::SdkConfig;
use aws_types::region::Region;
use secrecy::ExposeSecret;

use super::failure::{StepFailed, innermost, of_call};
use super::origins::Endpoints;
use super::{container, process};
use crate::credentials::StaticCredentials;
use crate::load::{
    Environment, are_logins_elsewhere, are_sso_sign_ins_elsewhere, container_authorization,
    read_web_identity_token,
};
use crate::prose::{Shown, quoted};
use crate::provenance::Place;
use crate::signer::{Service, StepKind};

pub(super) type Stepped = Result<Credentials, StepFailed>;

/// What every step needs: a configuration that heeds no variable and no file.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    /// Region, HTTP client, retries and timeouts; neither credentials nor an endpoint.
    pub(super) sdk_config: SdkConfig,
    pub(super) http_client: SharedHttpClient,
    pub(super) endpoints: Endpoints,
}

/// The portal, account and role of an SSO step.
pub(super) struct Portal<'a> {
    pub(super) profile: &'a str,
    pub(super) start_url: &'a str,
    pub(super) region: &'a str,
    pub(super) session: Option<&'a str>,
    pub(super) account: String,
    pub(super) role_name: &'a str,
}

/// How long a step may take that asks a service, all retries included.
const LONGEST_CALL: Duration = Duration::from_secs(30);

/// How long a step may take.
pub(super) fn longest(step: &StepKind) -> Duration {
    match step {
        // What it bounds itself has words of its own.
        StepKind::CredentialProcess { .. } => process::LONGEST + Duration::from_secs(1),
        _ => LONGEST_CALL,
    }
}

/// Gives a step up that takes too long.
pub(super) async fn within(step: &StepKind, going: impl Future<Output = Stepped>) -> Stepped {
    let longest = longest(step);
    let given_up = |_| {
        let step = step.as_str();
        StepFailed::new(format!("the step `{step}` did not end within {longest:?}"))
    };
    tokio::time::timeout(longest, going).await.map_err(given_up)?
}

impl Ground {
    fn config_of(&self, service: Service) -> Result<SdkConfig, StepFailed> {
        let endpoint = self.endpoints.of_service(service).ok_or_else(|| {
            StepFailed::new(format!("{} has no endpoint in this region", service.noun()))
        })?;
        Ok(self.sdk_config.to_builder().endpoint_url(endpoint).build())
    }

    /// For providers that take nothing else. What they would heed besides, the transport does not let out.
    fn provider_config(&self) -> ProviderConfig {
        ProviderConfig::without_region()
            .with_region(self.sdk_config.region().cloned())
            .with_http_client(self.http_client.clone())
    }

    /// A role assumed with the credentials of the step before.
    pub(super) async fn assume_role(&self, step: &StepKind, base: Credentials) -> Stepped {
        let StepKind::AssumeRole { role_arn, external_id, session_name, .. } = step else {
            return Err(StepFailed::new("only a role can be assumed"));
        };
        let config = self.config_of(Service::Sts)?;
        let config =
            config.to_builder().credentials_provider(SharedCredentialsProvider::new(base)).build();
        let answer = aws_sdk_sts::Client::new(&config)
            .assume_role()
            .role_arn(role_arn)
            .set_external_id(external_id.clone())
            .role_session_name(session_name.clone().unwrap_or_else(made_up_session_name))
            .send()
            .await
            .map_err(|error| not_assumed(role_arn, of_call(Service::Sts.noun(), error)))?;
        from_sts(answer.credentials)
    }

    /// A role assumed with a web identity token; the file is read anew each time, because tokens are rotated.
    pub(super) async fn web_identity(
        &self,
        role_arn: &str,
        token_file: &Path,
        session_name: Option<&str>,
    ) -> Stepped {
        let path = token_file.to_owned();
        let token = tokio::task::spawn_blocking(move || read_web_identity_token(&path))
            .await
            .map_err(|panicked| StepFailed::new(panicked.to_string()))?
            .map_err(|why| {
                let remedy = "let what runs this program put a token there, or name another file";
                StepFailed::new(why).with_remedy(remedy)
            })?;
        let answer = aws_sdk_sts::Client::new(&self.config_of(Service::Sts)?)
            .assume_role_with_web_identity()
            .role_arn(role_arn)
            .role_session_name(session_name.map_or_else(made_up_session_name, str::to_owned))
            .web_identity_token(token.expose_secret())
            .send()
            .await
            .map_err(|error| not_assumed(role_arn, of_call(Service::Sts.noun(), error)))?;
        from_sts(answer.credentials)
    }

    /// Role credentials of IAM Identity Center, by the sign-in that `aws sso login` left.
    pub(super) async fn sso(&self, portal: &Portal<'_>, environment: &Environment) -> Stepped {
        if are_sso_sign_ins_elsewhere(environment) {
            return Err(sign_in_elsewhere("the home directory"));
        }
        let token = self.sso_token(portal).await?;
        let config = self.config_of(Service::Sso)?;
        let config = config.to_builder().region(Region::new(portal.region.to_owned())).build();
        let answer = aws_sdk_sso::Client::new(&config)
            .get_role_credentials()
            .account_id(&portal.account)
            .role_name(portal.role_name)
            .access_token(token.token())
            .send()
            .await
            .map_err(|error| {
                let is_signed_out = matches!(
                    error.as_service_error(),
                    Some(GetRoleCredentialsError::UnauthorizedException(_))
                );
                let failed = of_call(Service::Sso.noun(), error);
                match is_signed_out {
                    true => failed.with_remedy(portal.login()),
                    false => failed.with_remedy(format!(
                        "let who administers IAM Identity Center look at the role {} in the account {}",
                        quoted(portal.role_name),
                        portal.account,
                    )),
                }
            })?;
        let role = answer.role_credentials.ok_or_else(|| incomplete("role credentials"))?;
        let expires = instant(DateTime::from_millis(role.expiration))?;
        Ok(Credentials::new(
            role.access_key_id.ok_or_else(|| incomplete("access key id"))?,
            role.secret_access_key.ok_or_else(|| incomplete("secret access key"))?,
            role.session_token,
            Some(expires),
            PROVIDER,
        ))
    }

    async fn sso_token(&self, portal: &Portal<'_>) -> Result<Token, StepFailed> {
        let region = Region::new(portal.region.to_owned());
        let config = self.config_of(Service::SsoOidc)?;
        let config = config.to_builder().region(region.clone()).build();
        // Sign-ins without a session are filed under their start URL.
        let provider = SsoTokenProvider::builder()
            .configure(&config)
            .region(region)
            .start_url(portal.start_url)
            .session_name(portal.session.unwrap_or(portal.start_url))
            .build()
            .await;
        provider.provide_token().await.map_err(|error| {
            let (profile, why) = (quoted(portal.profile), innermost(&error));
            let message = format!("nobody is signed in for the AWS profile {profile}: {why}");
            StepFailed::new(message).with_remedy(portal.login()).caused_by(error)
        })
    }

    /// The session of `aws login`. AWS's provider heeds variables of this process, and cannot be told otherwise.
    pub(super) async fn login(
        &self,
        profile: &str,
        session_arn: &str,
        environment: &Environment,
    ) -> Stepped {
        if are_logins_elsewhere(environment) {
            return Err(sign_in_elsewhere("the home directory or `AWS_LOGIN_CACHE_DIRECTORY`"));
        }
        if let Some(place) = self.sign_in_that_no_provider_finds(environment) {
            let message = format!(
                "AWS Sign-In is moved to another endpoint by {place}, and the SDK's provider of `aws login` cannot be told so"
            );
            let remedy = "move it by `AWS_ENDPOINT_URL_SIGNIN` in the environment of this program";
            return Err(StepFailed::new(message).with_remedy(remedy));
        }
        let provider = LoginCredentialsProvider::builder(session_arn)
            .configure(&self.provider_config())
            .build();
        provider.provide_credentials().await.map_err(|error| {
            let (shown, why) = (quoted(profile), innermost(&error));
            StepFailed::new(format!("nobody is signed in for the AWS profile {shown}: {why}"))
                .with_remedy(format!("`aws login --profile {}`", argument(profile)))
                .caused_by(error)
        })
    }

    /// Where AWS Sign-In is moved by something else than the variables that the provider itself reads.
    fn sign_in_that_no_provider_finds(&self, environment: &Environment) -> Option<&Place> {
        let moved = self.endpoints.call(Service::SignIn)?.moved_to.as_ref()?;
        match &moved.at {
            Place::Variable(name)
                if Environment::of_process().get(name) == environment.get(name) =>
            {
                None
            }
            place => Some(place),
        }
    }

    /// The endpoint's whole URL was judged; what it is shown is read anew each time.
    pub(super) async fn container(&self, environment: &Environment) -> Stepped {
        let call = self.endpoints.call(Service::Container);
        let Some(endpoint) = call.and_then(|call| call.moved_to.as_ref()) else {
            return Err(StepFailed::new("no variable names a container credentials endpoint"));
        };
        let environment = environment.clone();
        let authorization =
            tokio::task::spawn_blocking(move || container_authorization(&environment))
                .await
                .map_err(|panicked| StepFailed::new(panicked.to_string()))?
                .map_err(|why| {
                    let remedy = "look at what `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` names";
                    StepFailed::new(why).with_remedy(remedy)
                })?;
        container::credentials(self.http_client.clone(), endpoint, authorization).await
    }

    pub(super) async fn imds(&self) -> Stepped {
        let endpoint = self.endpoints.of_service(Service::Imds).unwrap_or_default();
        let failed = |why: String| {
            let message = format!("the instance metadata service gives no credentials: {why}");
            StepFailed::new(message).with_remedy(
                "outside of EC2, set `AWS_EC2_METADATA_DISABLED=true` and configure another way;                  on an instance, look at its role and its metadata options",
            )
        };
        let client = imds::Client::builder()
            .configure(&self.provider_config())
            .endpoint(endpoint)
            .map_err(|error| failed(error.to_string()))?
            .build();
        let provider = ImdsCredentialsProvider::builder()
            .configure(&self.provider_config())
            .imds_client(client)
            .build();
        let provided = provider.provide_credentials().await;
        provided.map_err(|error| failed(innermost(&error)).caused_by(error))
    }
}

impl Portal<'_> {
    fn login(&self) -> String {
        format!("`aws sso login --profile {}`", argument(self.profile))
    }
}

/// A profile's name as a command line takes it.
fn argument(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.@+/".contains(c);
    let shown = Shown(name).to_string();
    if name.chars().all(is_plain) { shown } else { format!("'{shown}'") }
}

fn sign_in_elsewhere(what: &str) -> StepFailed {
    let message = format!(
        "the sign-in of another person would be used: {what} of this process is not that of the environment that was judged"
    );
    StepFailed::new(message).with_remedy("run the program with the variables that are judged")
}

fn not_assumed(role_arn: &str, failed: StepFailed) -> StepFailed {
    let role = quoted(role_arn);
    failed
        .while_trying(&format!("the role {role} was not assumed"))
        .with_remedy(format!("let who administers {role} allow it, or renew what assumes it"))
}

/// An access key as it was inspected.
pub(super) fn access_key(key: Option<&StaticCredentials>) -> Stepped {
    let key = key.ok_or_else(|| incomplete("access key"))?;
    let (Some(id), Some(secret)) = (&key.access_key_id, &key.secret_access_key) else {
        return Err(incomplete("whole access key"));
    };
    let token = key.session_token.as_ref().map(|token| token.expose_secret().to_owned());
    Ok(Credentials::new(id.expose_secret(), secret.expose_secret(), token, None, PROVIDER))
}

pub(super) const PROVIDER: &str = "bedrock-auth";

fn from_sts(credentials: Option<aws_sdk_sts::types::Credentials>) -> Stepped {
    let session = credentials.ok_or_else(|| incomplete("credentials"))?;
    Ok(Credentials::new(
        session.access_key_id,
        session.secret_access_key,
        Some(session.session_token),
        Some(instant(session.expiration)?),
        PROVIDER,
    ))
}

fn instant(time: DateTime) -> Result<SystemTime, StepFailed> {
    SystemTime::try_from(time).map_err(|_| StepFailed::new("the answer's expiration is no instant"))
}

fn incomplete(what: &str) -> StepFailed {
    StepFailed::new(format!("the answer holds no {what}"))
}

/// Session names stand in CloudTrail; AWS's own tools make them up of the time, too.
fn made_up_session_name() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("bedrock-auth-{}", since.as_millis())
}
