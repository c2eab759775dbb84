//! Warnings of what a plain AWS SDK would heed and a client of ours does not.

use super::contest::{Chosen, Contest, Decision};
use super::resolution::WarningCode;
use crate::auth::BedrockAuth;
use crate::endpoint::Endpoint;
use crate::lure::{Lure, LureKind};
use crate::prose::quoted;
use crate::provenance::{Layer, Place, Source};
use crate::signer::StepKind;

impl Contest<'_> {
    pub(super) fn warn_of_lures(&mut self) {
        let Some(Decision::Allowed(chosen)) = &self.decision else { return };
        let lures = self.facts.signers.lures(chosen.auth.profile_name());
        for lure in lures {
            if self.is_in_use(&lure) {
                continue;
            }
            let layer = if lure.key.is_some() { Layer::User } else { Layer::Environment };
            let source = Some(Source::new(layer, lure.at.clone()));
            let (message, remedy) = (self.message(&lure), self.remedy(&lure));
            self.warn(WarningCode::AmbientNeutralised, message, source, Some(remedy));
        }
    }

    /// Whether the answer takes what the lure says, from there or because it comes to the same.
    fn is_in_use(&self, lure: &Lure) -> bool {
        let Some(Decision::Allowed(chosen)) = &self.decision else { return false };
        let Chosen { auth, signer, source, family, .. } = chosen.as_ref();
        let value = lure.value.as_deref();
        match lure.kind {
            LureKind::AccessKey => {
                signer.chain.iter().any(|step| step.kind == StepKind::EnvironmentKeys)
                    || family.as_ref().is_some_and(|family| family.as_str() == "AWS")
            }
            LureKind::BearerToken => source.place == lure.at,
            LureKind::Profile => match auth {
                BedrockAuth::Automatic => true,
                auth => value == auth.profile_name().or(Some("default")),
            },
            LureKind::Region => value == Some(&self.values.region.value),
            LureKind::Endpoint => {
                let chosen = self.values.endpoint_report.source.as_ref();
                chosen.is_some_and(|source| source.place == lure.at)
                    || self.endpoint_in_force().is_some_and(|own| value == Some(own.as_str()))
            }
            LureKind::AuthScheme
            | LureKind::FipsEndpoint
            | LureKind::DualStackEndpoint
            | LureKind::SigningRegions => false,
        }
    }

    fn endpoint_in_force(&self) -> Option<Endpoint> {
        let own = || Endpoint::of_region(&self.values.region.value);
        self.values.endpoint.clone().or_else(own)
    }

    fn message(&self, lure: &Lure) -> String {
        let value = quoted(lure.value.as_deref().unwrap_or_default());
        let effect = match (lure.kind, &lure.value) {
            (LureKind::AccessKey, _) => {
                format!("would sign with this access key, whose secret half stands in {value}")
            }
            (LureKind::BearerToken, _) => {
                "would send this API key to Bedrock instead of what is chosen here".to_owned()
            }
            (LureKind::Profile, _) => format!("would read its settings from the profile {value}"),
            (LureKind::Region, _) => {
                format!("would call the region {value}, and `{}` is in force", self.region())
            }
            (LureKind::Endpoint, Some(_)) => format!("would send requests to {value}"),
            (LureKind::Endpoint, None) => "would send requests where it says".to_owned(),
            (LureKind::AuthScheme, _) => {
                "would let it choose how requests are authenticated".to_owned()
            }
            (LureKind::FipsEndpoint, _) => "would call a FIPS endpoint".to_owned(),
            (LureKind::DualStackEndpoint, _) => "would call a dual-stack endpoint".to_owned(),
            (LureKind::SigningRegions, _) => "would sign for the regions that it lists".to_owned(),
        };
        format!("{} plays no part; a plain AWS SDK {effect}", subject(lure))
    }

    fn remedy(&self, lure: &Lure) -> String {
        let away = match &lure.key {
            Some((key, _)) => format!("remove `{key}` there"),
            None => format!("unset `{}`", lure.at),
        };
        match (lure.kind, &lure.value) {
            (LureKind::Region, Some(region)) => {
                format!("set `region` in the settings to {} if that is meant", quoted(region))
            }
            (LureKind::FipsEndpoint | LureKind::DualStackEndpoint, _) => {
                format!(
                    "set `endpoint_url` in the settings if such an endpoint is needed, or {away}"
                )
            }
            _ => format!("{away}, so that other AWS programs are not led astray by it"),
        }
    }

    fn region(&self) -> &str {
        &self.values.region.value
    }
}

fn subject(lure: &Lure) -> String {
    match (&lure.key, &lure.at) {
        (Some((key, profile)), _) => format!("`{key}` of the AWS profile {}", quoted(profile)),
        (None, Place::Variable(name)) => format!("`{name}`"),
        (None, place) => place.to_string(),
    }
}
