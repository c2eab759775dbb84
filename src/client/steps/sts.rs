//! AWS STS: roles, assumed with credentials or with a web identity.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use secrecy::ExposeSecret;

use super::{Ground, PROVIDER, Stepped, incomplete, instant, off_thread};
use crate::client::failure::{StepFailed, of_call};
use crate::load::read_web_identity_token;
use crate::prose::quoted;
use crate::signer::{Service, StepKind};

impl Ground {
    /// A role assumed with the credentials of the step before.
    pub(in crate::client) async fn assume_role(
        &self,
        step: &StepKind,
        base: Credentials,
    ) -> Stepped {
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
            .map_err(|error| not_assumed(role_arn, error))?;
        from_sts(answer.credentials)
    }

    /// A role assumed with a web identity token; the file is read anew each time, because tokens are rotated.
    pub(in crate::client) async fn web_identity(
        &self,
        role_arn: &str,
        token_file: &Path,
        session_name: Option<&str>,
    ) -> Stepped {
        let path = token_file.to_owned();
        let remedy = "let what runs this program put a token there, or name another file";
        let token = off_thread(move || read_web_identity_token(&path), remedy).await?;
        let answer = aws_sdk_sts::Client::new(&self.config_of(Service::Sts)?)
            .assume_role_with_web_identity()
            .role_arn(role_arn)
            .role_session_name(session_name.map_or_else(made_up_session_name, str::to_owned))
            .web_identity_token(token.expose_secret())
            .send()
            .await
            .map_err(|error| not_assumed(role_arn, error))?;
        from_sts(answer.credentials)
    }
}

fn not_assumed<E, R>(role_arn: &str, error: SdkError<E, R>) -> StepFailed
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    let role = quoted(role_arn);
    let is_refused = error.as_service_error().is_some();
    let failed = of_call(Service::Sts.noun(), error)
        .while_trying(&format!("the role {role} was not assumed"));
    match is_refused {
        true => failed
            .with_remedy(format!("let who administers {role} allow it, or renew what assumes it")),
        false => failed,
    }
}

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

/// Session names stand in CloudTrail; AWS's own tools make them up of the time, too.
fn made_up_session_name() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("bedrock-auth-{}", since.as_millis())
}
