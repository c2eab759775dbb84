//! IAM Identity Center: role credentials by the sign-in that `aws sso login` left.

use aws_config::sso::SsoTokenProvider;
use aws_credential_types::provider::token::ProvideToken;
use aws_credential_types::{Credentials, Token};
use aws_sdk_sso::operation::get_role_credentials::GetRoleCredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_types::region::Region;

use super::{Ground, PROVIDER, Stepped, incomplete, instant, sign_in_elsewhere};
use crate::client::failure::{StepFailed, innermost, of_call};
use crate::load::{Environment, are_sso_sign_ins_elsewhere};
use crate::prose::quoted;
use crate::signer::{Service, sso_login};

/// The portal, account and role of an SSO step.
pub(in crate::client) struct Portal<'a> {
    pub(in crate::client) profile: &'a str,
    pub(in crate::client) start_url: &'a str,
    pub(in crate::client) region: &'a str,
    pub(in crate::client) session: Option<&'a str>,
    pub(in crate::client) account: String,
    pub(in crate::client) role_name: &'a str,
}

impl Ground {
    /// Role credentials of IAM Identity Center, by the sign-in that `aws sso login` left.
    pub(in crate::client) async fn sso(
        &self,
        portal: &Portal<'_>,
        environment: &Environment,
    ) -> Stepped {
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
            .map_err(|error| portal.not_handed(error))?;
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
}

impl Portal<'_> {
    /// Why the portal hands out nothing, and who can mend it.
    fn not_handed(&self, error: SdkError<GetRoleCredentialsError, HttpResponse>) -> StepFailed {
        let remedy = match error.as_service_error() {
            None => None,
            Some(GetRoleCredentialsError::UnauthorizedException(_)) => Some(self.login()),
            Some(_) => Some(format!(
                "let who administers IAM Identity Center look at the role {} in the account {}",
                quoted(self.role_name),
                self.account,
            )),
        };
        let failed = of_call(Service::Sso.noun(), error);
        remedy.into_iter().fold(failed, StepFailed::with_remedy)
    }

    fn login(&self) -> String {
        sso_login(self.profile)
    }
}
