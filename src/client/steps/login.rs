//! AWS Sign-In: the session that `aws login` left.

use aws_config::login::LoginCredentialsProvider;
use aws_credential_types::provider::ProvideCredentials;

use super::{Ground, Stepped, sign_in_elsewhere};
use crate::client::failure::{StepFailed, innermost};
use crate::load::{Environment, are_logins_elsewhere};
use crate::prose::quoted;
use crate::provenance::Place;
use crate::signer::{Service, console_login};

impl Ground {
    /// The session of `aws login`. AWS's provider heeds variables of this process, and cannot be told otherwise.
    pub(in crate::client) async fn login(
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
                .with_remedy(console_login(profile))
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
}
