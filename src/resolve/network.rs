//! What variables put between the client and AWS, and what policies say of it.

use super::resolution::{Fate, NetworkReport};
use crate::facts::Facts;
use crate::network::NetworkPart;
use crate::policy::Verdict;
use crate::prose::Shown;
use crate::provenance::Source;

/// Judges it, and tells the fate of each variable.
pub(super) fn judge_network(facts: &Facts) -> (Vec<NetworkReport>, Verdict) {
    let verdict = facts.policy.judge_network(&facts.network);
    let bundles = facts.network.ca_bundles.iter().map(|bundle| {
        let path = bundle.path.to_string_lossy();
        let fault = bundle.certificates.as_ref().err().cloned();
        (NetworkPart::CaBundle, Some(Shown(&path).to_string()), bundle.source(), fault)
    });
    let proxies = facts.network.proxies.in_force().map(|proxy| {
        let (url, fault) = match &proxy.url {
            Ok(url) => (Some(url.to_string()), None),
            Err(fault) => (None, Some(fault.to_string())),
        };
        (NetworkPart::Proxy, url, proxy.source(), fault)
    });
    let reports = bundles.chain(proxies).map(|(part, value, source, fault)| {
        let (fate, why) = match (denied(&verdict, &source), fault) {
            (Some(message), _) => (Fate::Denied, Some(message)),
            (None, Some(fault)) => (Fate::Unusable, Some(fault)),
            (None, None) => (Fate::Chosen, None),
        };
        NetworkReport { part, value, source, fate, why }
    });
    (reports.collect(), verdict)
}

fn denied(verdict: &Verdict, source: &Source) -> Option<String> {
    let denial = verdict.denials.iter().find(|denial| denial.requested_at.as_ref() == Some(source));
    denial.map(|denial| denial.message.clone())
}
