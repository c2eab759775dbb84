//! Providers that go a judged chain, from the root up to the key that signs, and nothing else.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::error::{CredentialsError, TokenError};
use aws_credential_types::provider::{
    ProvideCredentials, Result as Provided, future,
    token::{self, ProvideToken},
};
use aws_credential_types::{Credentials, Token};
use secrecy::ExposeSecret;

use super::failure::StepFailed;
use super::ground::LazyGround;
use super::guard::Guard;
use super::steps::{self, PROVIDER, Portal, Stepped};
use crate::auth::BedrockAuth;
use crate::signer::StepKind;

/// Credentials of a judged chain; what comes is judged before it is handed on.
pub(super) struct JudgedCredentials {
    pub(super) guard: Guard,
    pub(super) ground: Arc<LazyGround>,
}

impl JudgedCredentials {
    async fn credentials(&self) -> Provided {
        // Fetching runs processes, shows sign-ins to services and signs calls of its own.
        self.guard.admit().await.map_err(CredentialsError::provider_error)?;
        let credentials = match self.guard.allowed().auth() {
            BedrockAuth::IamCredentials { access_key_id, secret_access_key, session_token } => {
                let token = session_token.as_ref().map(|token| token.expose_secret().to_owned());
                let secret = secret_access_key.expose_secret();
                let key = Credentials::new(access_key_id.as_str(), secret, token, None, PROVIDER);
                fit_for_headers(key)?
            }
            BedrockAuth::Automatic
            | BedrockAuth::NamedProfile { .. }
            | BedrockAuth::SingleSignOn { .. } => self.go_chain().await?,
            BedrockAuth::ApiKey { .. } => {
                let reason = "an API key is no access key";
                return Err(CredentialsError::not_loaded(reason));
            }
        };
        let admitted = self.guard.admit_credentials(&credentials).await;
        admitted.map(|()| credentials).map_err(CredentialsError::provider_error)
    }

    /// From the root, which is the last step, up to the role that was asked for.
    async fn go_chain(&self) -> Provided {
        let mut steps = self.guard.allowed().signer().chain.iter().rev();
        let Some(root) = steps.next() else {
            return Err(CredentialsError::not_loaded("nothing would supply credentials"));
        };
        let mut credentials =
            fit_for_headers(steps::within(&root.kind, self.root(&root.kind)).await?)?;
        for role in steps {
            self.guard.admit_base(&credentials).await.map_err(CredentialsError::provider_error)?;
            let ground = self.ground.of_step()?;
            let assumed = ground.assume_role(&role.kind, credentials);
            credentials = fit_for_headers(steps::within(&role.kind, assumed).await?)?;
        }
        Ok(credentials)
    }

    async fn root(&self, step: &StepKind) -> Stepped {
        let environment = self.guard.environment();
        match step {
            StepKind::StaticKeys { .. } | StepKind::EnvironmentKeys => {
                steps::access_key(self.guard.allowed().access_key())
            }
            StepKind::WebIdentity { role_arn, token_file, session_name, .. } => {
                let ground = self.ground.of_step()?;
                ground.web_identity(role_arn, token_file, session_name.as_deref()).await
            }
            StepKind::Sso { profile, start_url, region, session, account, role_name } => {
                let (Some(account), Some(role_name)) = (account, role_name) else {
                    let reason = format!("the profile `{profile}` names no account or no role");
                    return Err(StepFailed::new(reason));
                };
                let portal = Portal {
                    profile,
                    start_url,
                    region,
                    session: session.as_deref(),
                    account: account.to_string(),
                    role_name,
                };
                self.ground.of_step()?.sso(&portal, environment).await
            }
            StepKind::CredentialProcess { profile, command } => {
                steps::credential_process(profile, command, environment).await
            }
            StepKind::Login { profile, login_session } => {
                let ground = self.ground.of_step()?;
                ground.login(profile, login_session, environment).await
            }
            StepKind::Container => self.ground.of_step()?.container(environment).await,
            StepKind::Imds => self.ground.of_step()?.imds().await,
            StepKind::AssumeRole { .. } => {
                Err(StepFailed::new("a role has no credentials below it"))
            }
        }
    }
}

/// The SDK makes header values of id and session token, and panics over what is none.
fn fit_for_headers(credentials: Credentials) -> Result<Credentials, StepFailed> {
    let is_id = |id: &str| id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let is_printed = |text: &str| text.bytes().all(|b| b.is_ascii() && !b.is_ascii_control());
    let secrets = [Some(credentials.secret_access_key()), credentials.session_token()];
    let fault = if !is_id(credentials.access_key_id()) {
        "an access key id that is not letters and digits alone"
    } else if !secrets.into_iter().flatten().all(is_printed) {
        "a secret access key or a session token with characters that no header carries"
    } else {
        return Ok(credentials);
    };
    Err(StepFailed::new(format!("the credentials hold {fault}"))
        .with_remedy("mend what hands them out: a line break often comes along with a copy"))
}

impl ProvideCredentials for JudgedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

impl fmt::Debug for JudgedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JudgedCredentials").field("guard", &self.guard).finish_non_exhaustive()
    }
}

/// A Bedrock API key, judged each time it is asked for.
#[derive(Debug)]
pub(super) struct JudgedApiKey {
    pub(super) guard: Guard,
}

impl JudgedApiKey {
    async fn token(&self) -> token::Result {
        let BedrockAuth::ApiKey { api_key } = self.guard.allowed().auth() else {
            return Err(TokenError::not_loaded("the answer is no API key"));
        };
        self.guard.admit().await.map_err(TokenError::provider_error)?;
        let expires = self.guard.allowed().signer().expires;
        Ok(Token::new(api_key.expose_secret(), expires.map(Into::into)))
    }
}

impl ProvideToken for JudgedApiKey {
    fn provide_token<'a>(&'a self) -> future::ProvideToken<'a>
    where
        Self: 'a,
    {
        future::ProvideToken::new(self.token())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_that_no_header_could_carry() {
        let fit = |id: &str, secret: &str, token: Option<&str>| {
            let token = token.map(str::to_owned);
            fit_for_headers(Credentials::new(id, secret, token, None, "t"))
        };
        fit("ASIAIOSFODNN7EXAMPLE", "se/cr+et=", Some("to/ken==")).unwrap();
        fit("AKIA_2", "secret", None).unwrap();
        for (id, secret, token) in [
            ("ASIA\nhush", "hush", Some("hush")),
            ("ASIA hush", "hush", None),
            ("ASIAé", "hush", None),
            ("ASIAX", "hush\r\n", None),
            ("ASIAX", "hush", Some("hush\n")),
            ("ASIAX", "hush", Some("hushé")),
        ] {
            let failed = fit(id, secret, token).unwrap_err();
            assert!(!format!("{failed} {failed:?}").contains("hush"), "{failed:?}");
        }
    }
}
