//! The judge at every request: whatever identity the SDK has at hand is judged before it signs.

use std::fmt;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::identity::{
    IdentityFuture, ResolveCachedIdentity, SharedIdentityCache, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;

use super::guard::Guard;
use super::steps::longest;

/// The SDK's own cache, with a judge at its door.
pub(super) struct JudgedIdentities {
    cache: SharedIdentityCache,
    guard: Guard,
}

/// More than the policies take that are read between the steps.
const JUDGING: Duration = Duration::from_secs(10);

impl JudgedIdentities {
    pub(super) fn new(guard: Guard) -> Self {
        // The steps have bounds and words of their own; the cache's, which has none, must not come first.
        let chain = &guard.allowed().signer().chain;
        let longest = chain.iter().map(|step| longest(&step.kind)).sum::<Duration>() + JUDGING;
        let cache = IdentityCache::lazy().load_timeout(longest).build();
        JudgedIdentities { cache, guard }
    }
}

impl ResolveCachedIdentity for JudgedIdentities {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        runtime_components: &'a RuntimeComponents,
        config_bag: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::new(async move {
            let identity = self
                .cache
                .resolve_cached_identity(resolver, runtime_components, config_bag)
                .await?;
            match identity.data::<Credentials>() {
                Some(credentials) => self.guard.admit_credentials(credentials).await?,
                None => self.guard.admit().await?,
            }
            Ok(identity)
        })
    }

    fn validate_base_client_config(
        &self,
        runtime_components: &RuntimeComponentsBuilder,
        config_bag: &ConfigBag,
    ) -> Result<(), aws_smithy_runtime_api::box_error::BoxError> {
        self.cache.validate_base_client_config(runtime_components, config_bag)
    }

    fn validate_final_config(
        &self,
        runtime_components: &RuntimeComponents,
        config_bag: &ConfigBag,
    ) -> Result<(), aws_smithy_runtime_api::box_error::BoxError> {
        self.cache.validate_final_config(runtime_components, config_bag)
    }
}

impl fmt::Debug for JudgedIdentities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JudgedIdentities").field("guard", &self.guard).finish_non_exhaustive()
    }
}
