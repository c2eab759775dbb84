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

use super::door::Withheld;
use super::guard::Guard;
use super::steps::longest;
use crate::audit::{Asked, Door};

/// The SDK's own cache, with a judge at its door, who has each use recorded.
pub(super) struct JudgedIdentities {
    cache: SharedIdentityCache,
    /// Where identities come from: whatever the configuration names is another door.
    resolver: SharedIdentityResolver,
    guard: Guard,
}

/// More than the policies take that are read between the steps.
const JUDGING: Duration = Duration::from_secs(10);

impl JudgedIdentities {
    pub(super) fn new(guard: Guard, resolver: SharedIdentityResolver) -> Self {
        // The steps have bounds and words of their own; the cache's, which has none, must not come first.
        let chain = &guard.allowed().signer().chain;
        let longest = chain.iter().map(|step| longest(&step.kind)).sum::<Duration>() + JUDGING;
        let cache = IdentityCache::lazy().load_timeout(longest).build();
        JudgedIdentities { cache, resolver, guard }
    }
}

impl ResolveCachedIdentity for JudgedIdentities {
    fn resolve_cached_identity<'a>(
        &'a self,
        _: SharedIdentityResolver,
        runtime_components: &'a RuntimeComponents,
        config_bag: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::new(async move {
            let asked = Asked::at(Door::Client);
            let resolver = self.resolver.clone();
            let cached =
                self.cache.resolve_cached_identity(resolver, runtime_components, config_bag);
            let identity = match cached.await {
                Ok(identity) => identity,
                Err(error) => {
                    self.guard.withhold(Withheld::of(&*error), &asked).await;
                    return Err(error);
                }
            };
            match identity.data::<Credentials>() {
                Some(credentials) => self.guard.release_credentials(credentials, &asked).await?,
                None => self.guard.release(None, &asked).await?,
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
