//! The steps of a signer's chain, gone one by one: AWS's own clients and providers, told what to ask.

mod container;
mod handed;
mod imds;
mod login;
mod process;
mod sso;
mod sts;

use std::future::Future;
use std::time::{Duration, SystemTime};

use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::DateTime;
use aws_types::SdkConfig;
use secrecy::ExposeSecret;

use super::endpoints::Endpoints;
use super::failure::StepFailed;
use crate::credentials::StaticCredentials;
use crate::signer::{Service, StepKind};

pub(super) use process::credentials as credential_process;
pub(super) use sso::Portal;

pub(super) type Stepped = Result<Credentials, StepFailed>;

/// What every step needs: a configuration that heeds no variable and no file.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    /// Region, HTTP client, retries and timeouts; neither credentials nor an endpoint.
    pub(super) sdk_config: SdkConfig,
    pub(super) http_client: SharedHttpClient,
    pub(super) endpoints: Endpoints,
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

/// The end that a service tells.
fn instant(time: DateTime) -> Result<SystemTime, StepFailed> {
    SystemTime::try_from(time).map_err(|_| StepFailed::new("the answer's expiration is no instant"))
}

fn incomplete(what: &str) -> StepFailed {
    StepFailed::new(format!("the answer holds no {what}"))
}

fn sign_in_elsewhere(what: &str) -> StepFailed {
    let message = format!(
        "the sign-in of another person would be used: {what} of this process is not that of the environment that was judged"
    );
    StepFailed::new(message).with_remedy("run the program with the variables that are judged")
}

/// Reads what a step needs, off the threads that drive requests: a file system can hang.
async fn off_thread<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, String> + Send + 'static,
    remedy: &str,
) -> Result<T, StepFailed> {
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(|panicked| StepFailed::new(panicked.to_string()))?
        .map_err(|why| StepFailed::new(why).with_remedy(remedy))
}
