//! The EC2 instance metadata service.

use aws_config::imds::{self, credentials::ImdsCredentialsProvider};
use aws_credential_types::provider::ProvideCredentials;

use super::{Ground, Stepped};
use crate::client::failure::{StepFailed, innermost};
use crate::signer::Service;

impl Ground {
    pub(in crate::client) async fn imds(&self) -> Stepped {
        let endpoint = self.endpoints.of_service(Service::Imds).unwrap_or_default();
        let failed = |why: String| {
            let message = format!("the instance metadata service gives no credentials: {why}");
            StepFailed::new(message).with_remedy(
                "outside of EC2, set `AWS_EC2_METADATA_DISABLED=true` and configure another way; on an instance, look at its role and its metadata options",
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
