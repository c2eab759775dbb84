//! The ground that steps are gone on, prepared when the first of them needs it: reading certificates takes longer than
//! everything else that a credential at hand needs.

use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_types::region::Region;

use super::endpoints::Endpoints;
use super::failure::StepFailed;
use super::session::SessionBuilder;
use super::steps::Ground;
use super::transport::{Origins, transport};
use crate::network::NetworkFault;

/// How a session connects, and what it connects with once it has to.
pub(super) struct Connections {
    chosen: SessionBuilder,
    region: Region,
    endpoints: Endpoints,
    ground: OnceLock<Result<Arc<Ground>, NetworkFault>>,
}

impl Connections {
    pub(super) fn new(chosen: SessionBuilder, region: &str, endpoints: Endpoints) -> Self {
        let region = Region::new(region.to_owned());
        Connections { chosen, region, endpoints, ground: OnceLock::new() }
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
        let http_client = transport(&self.chosen.machine.connections(), origins)?;
        let sdk_config = self
            .chosen
            .base_config(http_client.clone())
            .to_builder()
            .region(self.region.clone())
            .auth_scheme_preference([AuthSchemeId::from("sigv4")])
            .build();
        Ok(Ground { sdk_config, http_client, endpoints })
    }
}
