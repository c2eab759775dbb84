//! Profile, region and endpoint: the first layer that asks is heard.

use super::network::judge_network;
use super::resolution::{
    Fate, NetworkReport, SettledEndpoint, SettledRegion, ValueReport, Warning, WarningCode,
};
use crate::auth::is_region_name;
use crate::endpoint::Endpoint;
use crate::facts::{Asker, Facts, Request};
use crate::policy::{Denial, DenialCode, Verdict};
use crate::prose::{Shown, quoted};
use crate::provenance::{Layer, Source};
use crate::settings::Key;

/// What the AWS tools use where nobody names a profile.
const DEFAULT_PROFILE: &str = "default";
/// What Zed and this contract use where nobody names a region.
const DEFAULT_REGION: &str = "us-east-1";

/// The values in force, what policies say of them, and the fate of each that was asked for.
pub(super) struct Values {
    pub(super) profile: String,
    pub(super) region: SettledRegion,
    pub(super) endpoint: Option<Endpoint>,
    pub(super) endpoint_report: SettledEndpoint,
    pub(super) verdict: Verdict,
    pub(super) reports: Vec<ValueReport>,
    pub(super) network: Vec<NetworkReport>,
    pub(super) warnings: Vec<Warning>,
}

impl Values {
    pub(super) fn settle(facts: &Facts) -> Self {
        let mut hearing =
            Hearing { facts, reports: Vec::new(), warnings: Vec::new(), would_deny: Vec::new() };
        let requests = &facts.requests;
        let profile = hearing.hear(Key::Profile, &requests.profile, Some(DEFAULT_PROFILE));
        let region = hearing.hear(Key::Region, &requests.region, Some(DEFAULT_REGION));
        let endpoint = hearing.hear(Key::EndpointUrl, &requests.endpoint_url, None);
        let Hearing { mut reports, warnings, would_deny, .. } = hearing;

        let region = match region {
            Some(request) => {
                SettledRegion { value: request.value.clone(), source: Some(request.source.clone()) }
            }
            None => SettledRegion { value: DEFAULT_REGION.to_owned(), source: None },
        };
        let mut verdict = Verdict { denials: Vec::new(), would_deny };
        let of_region = judge_region(facts, &region);
        mark_denied(&mut reports, Key::Region, &of_region);
        verdict.absorb(of_region);
        let (endpoint_url, of_endpoint) = judge_endpoint(facts, endpoint, &region.value);
        mark_denied(&mut reports, Key::EndpointUrl, &of_endpoint);
        verdict.absorb(of_endpoint);
        let (network, of_network) = judge_network(facts);
        verdict.absorb(of_network);
        let endpoint_report = SettledEndpoint {
            value: endpoint.map(|request| match &endpoint_url {
                Some(url) => url.as_str().to_owned(),
                None => Shown(&without_secrets(&request.value)).to_string(),
            }),
            source: endpoint.map(|request| request.source.clone()),
        };
        Values {
            profile: profile.map_or(DEFAULT_PROFILE.to_owned(), |request| request.value.clone()),
            region,
            endpoint: endpoint_url,
            endpoint_report,
            verdict,
            reports,
            network,
            warnings,
        }
    }
}

struct Hearing<'a> {
    facts: &'a Facts,
    reports: Vec<ValueReport>,
    warnings: Vec<Warning>,
    would_deny: Vec<Denial>,
}

impl<'a> Hearing<'a> {
    /// The request that is heard, if one is; the others are reported.
    fn hear(
        &mut self,
        key: Key,
        requests: &'a [Request<String>],
        default: Option<&str>,
    ) -> Option<&'a Request<String>> {
        let mut heard: Option<&Request<String>> = None;
        for request in requests {
            let (fate, why) = match heard {
                _ if self.family_is_denied(request) => {
                    (Fate::Denied, Some("its environment family may not be read".to_owned()))
                }
                None => {
                    self.note_family(request);
                    heard = Some(request);
                    (Fate::Chosen, None)
                }
                Some(first) => (Fate::Shadowed, self.shadow(key, first, request)),
            };
            self.report(key, &request.value, Some(&request.source), fate, why);
        }
        if let (None, Some(default)) = (heard, default) {
            let why = Some("the built-in default, because nothing else is set".to_owned());
            self.report(key, default, None, Fate::Chosen, why);
        }
        heard
    }

    fn family_is_denied(&self, request: &Request<String>) -> bool {
        match &request.asker {
            Asker::Environment(family) => {
                !self.facts.policy.judge_family(family, None).is_allowed()
            }
            Asker::Locked | Asker::User | Asker::Recommended => false,
        }
    }

    /// A policy that only reports would pass over a value of this family.
    fn note_family(&mut self, request: &Request<String>) {
        if let Asker::Environment(family) = &request.asker {
            let verdict = self.facts.policy.judge_family(family, Some(&request.source));
            self.would_deny.extend(verdict.would_deny);
        }
    }

    fn shadow(
        &mut self,
        key: Key,
        first: &Request<String>,
        other: &Request<String>,
    ) -> Option<String> {
        if first.asker == Asker::Locked && first.value != other.value {
            match other.asker {
                Asker::Environment(_) | Asker::User => {
                    self.warnings.push(overridden(key, &first.source, &other.source));
                }
                // Locks that contradict each other are a matter of the policies alone.
                Asker::Locked | Asker::Recommended => {}
            }
        }
        Some(format!("{} is heard first", first.source.place))
    }

    fn report(
        &mut self,
        key: Key,
        value: &str,
        source: Option<&Source>,
        fate: Fate,
        why: Option<String>,
    ) {
        let value = match key {
            Key::EndpointUrl => Shown(&without_secrets(value)).to_string(),
            _ => Shown(value).to_string(),
        };
        self.reports.push(ValueReport { key, value, source: source.cloned(), fate, why });
    }
}

/// The SDK puts the region into a host name, so what is no host label could lead to another host.
fn judge_region(facts: &Facts, region: &SettledRegion) -> Verdict {
    let SettledRegion { value, source } = region;
    if is_region_name(value) {
        return facts.policy.judge_region(value, source.as_ref());
    }
    let denial = Denial {
        code: DenialCode::RegionInvalid,
        message: format!("{} is not the name of a region", quoted(value)),
        requested_at: source.clone(),
        forbidden_by: None,
        policy_id: None,
        remedy: "write it as in `eu-west-1`".to_owned(),
        contact: None,
    };
    Verdict { denials: vec![denial], would_deny: Vec::new() }
}

fn judge_endpoint(
    facts: &Facts,
    request: Option<&Request<String>>,
    region: &str,
) -> (Option<Endpoint>, Verdict) {
    let Some(request) = request else {
        return (None, facts.policy.judge_called(None, None, region));
    };
    let source = Some(&request.source);
    let endpoint = match Endpoint::parse(&request.value) {
        Ok(endpoint) => endpoint,
        Err(fault) => {
            let denial = Denial {
                code: DenialCode::EndpointInvalid,
                message: format!(
                    "the endpoint {} cannot be judged: {fault}",
                    quoted(&without_secrets(&request.value))
                ),
                requested_at: source.cloned(),
                forbidden_by: None,
                policy_id: None,
                remedy:
                    "write it as in `https://bedrock-runtime.eu-west-1.amazonaws.com`, or remove it"
                        .to_owned(),
                contact: None,
            };
            return (None, Verdict { denials: vec![denial], would_deny: Vec::new() });
        }
    };
    let verdict = facts.policy.judge_called(Some(&endpoint), source, region);
    (Some(endpoint), verdict)
}

/// A URL without what stands before an `@` or after a `?` or `#`: passwords and tokens are put there.
fn without_secrets(url: &str) -> String {
    let scheme = url.split_inclusive("://").next().filter(|front| front.ends_with("://"));
    let scheme = scheme.unwrap_or_default();
    match (url.rsplit_once('@'), url.find(['?', '#'])) {
        (None, None) => url.to_owned(),
        (None, Some(at)) => format!("{}…", &url[..=at]),
        (Some((_, host)), None) => format!("{scheme}…@{host}"),
        // Which part is the host is anybody's guess.
        (Some(_), Some(_)) => format!("{scheme}…"),
    }
}

fn mark_denied(reports: &mut [ValueReport], key: Key, verdict: &Verdict) {
    let Some(first) = verdict.denials.first() else { return };
    for report in reports.iter_mut().filter(|r| r.key == key && r.fate == Fate::Chosen) {
        report.fate = Fate::Denied;
        report.why = Some(first.message.clone());
    }
}

pub(super) fn overridden(key: Key, locked: &Source, asked: &Source) -> Warning {
    Warning {
        code: WarningCode::ValueOverridden,
        message: format!(
            "`{key}` is locked by {}, so {} does not count",
            locked.place, asked.place
        ),
        source: Some(asked.clone()),
        denial: None,
        remedy: match asked.layer {
            Layer::Environment => Some(format!("unset {}", asked.place)),
            _ => Some(format!("remove `{key}` there")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn passwords_and_tokens_of_urls_are_not_shown() {
        for (url, shown) in [
            ("https://gw.corp/bedrock", "https://gw.corp/bedrock"),
            ("https://me:pass@gw.corp/x", "https://…@gw.corp/x"),
            ("https://gw.corp/?key=pass", "https://gw.corp/?…"),
            ("https://gw.corp/#pass", "https://gw.corp/#…"),
            ("https://me:pa?ss@gw.corp", "https://…"),
            ("me:pass@gw.corp", "…@gw.corp"),
            ("", ""),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }
}
