//! The ground that steps are gone on, prepared when the first of them needs it: reading certificates takes longer than
//! everything else that a credential at hand needs.

use std::sync::{Arc, OnceLock};

use aws_sdk_bedrockruntime::config::BehaviorVersion;
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use super::endpoints::Endpoints;
use super::failure::StepFailed;
use super::session::SessionBuilder;
use super::steps::Ground;
use super::transport::{Origins, transport};
use crate::load::Machine;
use crate::network::NetworkFault;

/// How a session connects, and what it connects with once it has to.
pub(super) struct Connections {
    machine: Machine,
    endpoints: Endpoints,
    region: String,
    behavior_version: BehaviorVersion,
    retry_config: RetryConfig,
    timeout_config: Option<TimeoutConfig>,
    ground: OnceLock<Result<Arc<Ground>, NetworkFault>>,
}

impl Connections {
    pub(super) fn new(chosen: &SessionBuilder, region: &str, endpoints: Endpoints) -> Self {
        Connections {
            machine: chosen.machine.clone(),
            endpoints,
            region: region.to_owned(),
            behavior_version: chosen.behavior_version,
            retry_config: chosen.retry_config.clone().unwrap_or_else(RetryConfig::standard),
            timeout_config: chosen.timeout_config.clone(),
            ground: OnceLock::new(),
        }
    }

    /// Prepared at the first call, which reads files.
    ///
    /// # Errors
    /// When no connection can be made as the machine wants it.
    pub(super) fn ground(&self) -> Result<Arc<Ground>, NetworkFault> {
        self.ground.get_or_init(|| self.prepare().map(Arc::new)).clone()
    }

    /// The same, for a step on the way to a credential.
    pub(super) fn ground_of_step(&self) -> Result<Arc<Ground>, StepFailed> {
        self.ground().map_err(|fault| {
            let remedy = format!("mend what `{}` says, or unset it", fault.variable);
            StepFailed::new(fault.to_string()).with_remedy(remedy)
        })
    }

    fn prepare(&self) -> Result<Ground, NetworkFault> {
        let endpoints = self.endpoints.clone();
        let origins = Origins::new(endpoints.all().iter().map(String::as_str));
        let http_client = transport(&self.machine.connections(), origins)?;
        // Without a `service_config`, the SDK's clients heed no variable and no file.
        let mut builder = SdkConfig::builder()
            .behavior_version(self.behavior_version)
            .region(Region::new(self.region.clone()))
            .http_client(http_client.clone())
            .retry_config(self.retry_config.clone())
            .time_source(aws_smithy_async::time::SystemTimeSource::new())
            .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
            .auth_scheme_preference([AuthSchemeId::from("sigv4")]);
        builder.set_timeout_config(self.timeout_config.clone());
        Ok(Ground { sdk_config: builder.build(), http_client, endpoints })
    }
}
