//! The steps of a signer's chain, gone one by one with AWS's own clients and providers.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::credential_process::CredentialProcessProvider;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::{self, credentials::ImdsCredentialsProvider};
use aws_config::login::LoginCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sso::SsoTokenProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    self, ProvideCredentials, SharedCredentialsProvider, token::ProvideToken,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::DateTime;
use aws_types::SdkConfig;
use aws_types::region::Region;
use secrecy::ExposeSecret;

use super::origins::Endpoints;
use crate::credentials::StaticCredentials;
use crate::load::read_web_identity_token;
use crate::signer::{Service, StepKind};

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
    pub(super) start_url: &'a str,
    pub(super) region: &'a str,
    pub(super) session: Option<&'a str>,
    pub(super) account: String,
    pub(super) role_name: &'a str,
}

impl Ground {
    fn config_of(&self, service: Service) -> Result<SdkConfig, CredentialsError> {
        let endpoint = self.endpoints.of_service(service).ok_or_else(|| {
            CredentialsError::invalid_configuration(format!("`{service}` has no endpoint here"))
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
    pub(super) async fn assume_role(&self, step: &StepKind, base: Credentials) -> provider::Result {
        let StepKind::AssumeRole { role_arn, external_id, session_name, .. } = step else {
            return Err(CredentialsError::unhandled("only a role can be assumed"));
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
            .map_err(CredentialsError::provider_error)?;
        from_sts(answer.credentials)
    }

    /// A role assumed with a web identity token; the file is read anew each time, because tokens are rotated.
    pub(super) async fn web_identity(
        &self,
        role_arn: &str,
        token_file: &Path,
        session_name: Option<&str>,
    ) -> provider::Result {
        let path = token_file.to_owned();
        let token = tokio::task::spawn_blocking(move || read_web_identity_token(&path))
            .await
            .map_err(CredentialsError::unhandled)?
            .map_err(CredentialsError::provider_error)?;
        let answer = aws_sdk_sts::Client::new(&self.config_of(Service::Sts)?)
            .assume_role_with_web_identity()
            .role_arn(role_arn)
            .role_session_name(session_name.map_or_else(made_up_session_name, str::to_owned))
            .web_identity_token(token.expose_secret())
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        from_sts(answer.credentials)
    }

    /// Role credentials of IAM Identity Center, by the sign-in that `aws sso login` left.
    pub(super) async fn sso(&self, portal: &Portal<'_>) -> provider::Result {
        let region = Region::new(portal.region.to_owned());
        let config = |service| {
            Ok::<_, CredentialsError>(
                self.config_of(service)?.to_builder().region(region.clone()).build(),
            )
        };
        // Sign-ins without a session are filed under their start URL.
        let token = SsoTokenProvider::builder()
            .configure(&config(Service::SsoOidc)?)
            .region(region.clone())
            .start_url(portal.start_url)
            .session_name(portal.session.unwrap_or(portal.start_url))
            .build()
            .await
            .provide_token()
            .await
            .map_err(CredentialsError::provider_error)?;
        let answer = aws_sdk_sso::Client::new(&config(Service::Sso)?)
            .get_role_credentials()
            .account_id(&portal.account)
            .role_name(portal.role_name)
            .access_token(token.token())
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        let role = answer.role_credentials.ok_or_else(|| incomplete("role credentials"))?;
        let expires = SystemTime::try_from(DateTime::from_millis(role.expiration))
            .map_err(CredentialsError::unhandled)?;
        Ok(Credentials::new(
            role.access_key_id.ok_or_else(|| incomplete("access key id"))?,
            role.secret_access_key.ok_or_else(|| incomplete("secret access key"))?,
            role.session_token,
            Some(expires),
            PROVIDER,
        ))
    }

    pub(super) async fn login(&self, session_arn: &str) -> provider::Result {
        LoginCredentialsProvider::builder(session_arn)
            .configure(&self.provider_config())
            .build()
            .provide_credentials()
            .await
    }

    pub(super) async fn container(&self) -> provider::Result {
        EcsCredentialsProvider::builder()
            .configure(&self.provider_config())
            .build()
            .provide_credentials()
            .await
    }

    pub(super) async fn imds(&self) -> provider::Result {
        let endpoint = self.endpoints.of_service(Service::Imds).unwrap_or_default();
        let client = imds::Client::builder()
            .configure(&self.provider_config())
            .endpoint(endpoint)
            .map_err(CredentialsError::invalid_configuration)?
            .build();
        ImdsCredentialsProvider::builder()
            .configure(&self.provider_config())
            .imds_client(client)
            .build()
            .provide_credentials()
            .await
    }
}

/// Runs a `credential_process`, within the bound that the AWS tools give it.
pub(super) async fn credential_process(command: &str) -> provider::Result {
    const LONGEST: Duration = Duration::from_secs(60);
    let provider = CredentialProcessProvider::new(command.to_owned());
    match tokio::time::timeout(LONGEST, provider.provide_credentials()).await {
        Ok(credentials) => credentials,
        Err(_) => Err(CredentialsError::provider_timed_out(LONGEST)),
    }
}

/// An access key as it was inspected.
pub(super) fn access_key(key: Option<&StaticCredentials>) -> provider::Result {
    let key = key.ok_or_else(|| incomplete("access key"))?;
    let (Some(id), Some(secret)) = (&key.access_key_id, &key.secret_access_key) else {
        return Err(incomplete("whole access key"));
    };
    let token = key.session_token.as_ref().map(|token| token.expose_secret().to_owned());
    Ok(Credentials::new(id.expose_secret(), secret.expose_secret(), token, None, PROVIDER))
}

pub(super) const PROVIDER: &str = "bedrock-auth";

fn from_sts(credentials: Option<aws_sdk_sts::types::Credentials>) -> provider::Result {
    let session = credentials.ok_or_else(|| incomplete("credentials"))?;
    let expires = SystemTime::try_from(session.expiration).map_err(CredentialsError::unhandled)?;
    Ok(Credentials::new(
        session.access_key_id,
        session.secret_access_key,
        Some(session.session_token),
        Some(expires),
        PROVIDER,
    ))
}

fn incomplete(what: &str) -> CredentialsError {
    CredentialsError::provider_error(Box::<dyn Error + Send + Sync>::from(format!(
        "the answer holds no {what}"
    )))
}

/// Session names stand in CloudTrail; AWS's own tools make them up of the time, too.
fn made_up_session_name() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("bedrock-auth-{}", since.as_millis())
}
