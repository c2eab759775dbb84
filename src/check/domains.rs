//! Hosts of which anybody can have one: below the domains of the public suffix list, and below those of AWS's customers.

use psl::{List, Psl};

use crate::endpoint::aws_domains;
use crate::policy::matches_segment;
use crate::regions;

/// Where the portals of all companies stand, each with a first label of its own: AWS's documentation of the access portal.
const PORTALS: &[&str] = &[".awsapps.com", ".portal.amazonaws.com", ".app.aws"];

/// Whether somebody else could have a host of this form.
pub(super) fn is_of_anybody(host: &str) -> bool {
    host.contains('*') && (is_open(host) || regional_forms(host).any(|form| is_open(&form)))
}

/// The same of a portal of IAM Identity Center.
pub(super) fn is_portal_of_anybody(host: &str) -> bool {
    let is_portal = PORTALS.iter().any(|suffix| host.ends_with(suffix));
    let instance = host.split('.').next().unwrap_or_default();
    (is_portal && instance.contains('*')) || is_of_anybody(host)
}

/// Whether a wildcard stands in what somebody registers: a public suffix, and the label in front of it.
fn is_open(host: &str) -> bool {
    let Some((_, top)) = host.rsplit_once('.') else { return false };
    if top.contains('*') {
        return true;
    }
    let suffix = List.suffix(host.as_bytes()).filter(|suffix| suffix.is_known());
    // What the list does not know is a network of one's own, such as `internal`.
    let Some(suffix) = suffix else { return false };
    // AWS's own services stand there; customers name nothing.
    let region = suffix.as_bytes().strip_suffix(b".amazonaws.com").map(str::from_utf8);
    if matches!(region, Some(Ok(region)) if regions::is_region(region)) {
        return false;
    }
    // Without a registered domain the whole host is a suffix.
    List.domain(host.as_bytes()).is_none_or(|domain| domain.as_bytes().contains(&b'*'))
}

/// A host below AWS's domains with each region that its wildcards could stand for, but for its first label: customers'
/// names stand in front of the region.
fn regional_forms(host: &str) -> impl Iterator<Item = String> {
    let is_below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    let (first, rest) = host.split_once('.').unwrap_or((host, ""));
    let counts = first.contains('*') && rest.contains('*') && aws_domains().any(is_below);
    regions::regions_like(move |_| counts).map(move |region| {
        let in_region = |label| if matches_segment(label, region) { region } else { label };
        let labels: Vec<_> = rest.split('.').map(in_region).collect();
        format!("{first}.{}", labels.join("."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_anybody() {
        for host in [
            "*.com",
            "gateway.*.com",
            "gateway.*",
            "*.*.*",
            "10.0.0.*",
            "*.co.uk",
            "corp*.co.uk",
            "*.com.br",
            "*.ck",
            "*.xn--p1ai",
            "*.github.io",
            "*.cloudfront.net",
            "*.azurewebsites.net",
            "*.s3.amazonaws.com",
            "*.s3.us-east-1.amazonaws.com",
            "*.s3.*.amazonaws.com",
            "*.execute-api.eu-*.amazonaws.com",
            "*.lambda-url.eu-west-1.on.aws",
        ] {
            assert!(is_of_anybody(host), "{host}");
        }
    }

    #[test]
    fn hosts_of_somebody() {
        for host in [
            "corp.example.com",
            "*.corp.com",
            "*.corp.co.uk",
            "*.gateway.github.io",
            "gateway*",
            "*.internal",
            "*.bedrock.corp",
            "*.localhost",
            "10.0.0.1",
            "[::1]",
            "bedrock-runtime.*.amazonaws.com",
            "bedrock-runtime*.us-east-1.amazonaws.com",
            "bedrock-runtime*.*.amazonaws.com",
            "bedrock-runtime.*.amazonaws.com.cn",
            "bedrock-runtime.*.api.aws",
            "*.bedrock-runtime.*.vpce.amazonaws.com",
            "*.amazonaws.com",
            "*.s3.gateway.example.com",
        ] {
            assert!(!is_of_anybody(host), "{host}");
        }
    }

    #[test]
    fn portals_of_companies() {
        for host in ["*.awsapps.com", "d-*.awsapps.com", "ssoins-*.portal.eu-west-1.app.aws"] {
            assert!(is_portal_of_anybody(host), "{host}");
        }
        for host in ["corp.awsapps.com", "ssoins-1.portal.*.app.aws"] {
            assert!(!is_portal_of_anybody(host), "{host}");
        }
    }
}
