//! The ground that steps are gone on, prepared when the first of them needs it: reading certificates takes longer than
//! everything else that a credential at hand needs.

use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_types::region::Region;

use super::child::SIGV4;
use super::choices::SdkChoices;
use super::endpoints::Endpoints;
use super::failure::StepFailed;
use super::steps::Ground;
use super::transport::{Origins, transport};
use crate::load::Machine;
use crate::network::NetworkFault;

/// How a session connects, and what it connects with once it has to.
pub(super) struct LazyGround {
    machine: Machine,
    choices: SdkChoices,
    region: Region,
    endpoints: Endpoints,
    ground: OnceLock<Result<Arc<Ground>, NetworkFault>>,
}

impl LazyGround {
    pub(super) fn new(
        machine: Machine,
        choices: SdkChoices,
        region: &str,
        endpoints: Endpoints,
    ) -> Self {
        let region = Region::new(region.to_owned());
        LazyGround { machine, choices, region, endpoints, ground: OnceLock::new() }
    }

    /// Prepared at the first call, which reads files.
    ///
    /// # Errors
    /// When no connection can be made as the machine wants it.
    pub(super) fn get(&self) -> Result<Arc<Ground>, NetworkFault> {
        self.ground.get_or_init(|| self.prepare().map(Arc::new)).clone()
    }

    /// The same, for a step on the way to a credential.
    pub(super) fn of_step(&self) -> Result<Arc<Ground>, StepFailed> {
        self.get().map_err(|fault| {
            let remedy = format!("mend what `{}` says, or unset it", fault.variable);
            StepFailed::new(fault.to_string()).with_remedy(remedy)
        })
    }

    fn prepare(&self) -> Result<Ground, NetworkFault> {
        let endpoints = self.endpoints.clone();
        let origins = Origins::new(endpoints.all().iter().map(String::as_str));
        let http_client = transport(&self.machine.connections(), origins)?;
        let sdk_config = self
            .choices
            .base_config(http_client.clone())
            .to_builder()
            .region(self.region.clone())
            .auth_scheme_preference([AuthSchemeId::from(SIGV4)])
            .build();
        Ok(Ground { sdk_config, http_client, endpoints })
    }
}
