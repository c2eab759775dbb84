//! Patterns of endpoints, compared strictly: scheme, host, port and path.

use super::pattern::matches;
#[cfg(feature = "check")]
use super::pattern::patterns_meet;
use crate::endpoint::{Endpoint, aws_domains};
use crate::jsonc::{FromJson, Node, Reader, string_schemas};

/// An endpoint that a policy allows. `*` in the host stays within one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointPattern {
    written: String,
    url: Endpoint,
}

impl EndpointPattern {
    /// The pattern as the policy writes it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether an endpoint has the same scheme, host, port and path.
    pub fn matches(&self, endpoint: &Endpoint) -> bool {
        is_covered(&self.url, endpoint)
    }

    /// Whether every endpoint that the other pattern allows is allowed by this one.
    pub fn covers(&self, other: &Self) -> bool {
        is_covered(&self.url, &other.url)
    }

    /// Whether its path has a `*`, which stands for itself there.
    #[cfg(feature = "check")]
    pub(crate) fn has_star_in_path(&self) -> bool {
        self.url.path().contains('*')
    }

    /// The host, in lower case, with its wildcards.
    pub fn host(&self) -> &str {
        self.url.host()
    }

    /// Whether one of AWS's own Bedrock Runtime endpoints could have this form.
    pub fn may_be_of_aws(&self) -> bool {
        // A wildcard reaches more hosts of AWS than can be listed: FIPS, dual stack, VPC endpoints.
        let host = self.host();
        let may_stand_below = |domain: &str| {
            let dots = domain.matches('.').count();
            let tail = host.rmatch_indices('.').nth(dots).map(|(dot, _)| &host[dot + 1..]);
            tail.is_some_and(|tail| matches(tail, domain, |b| b == b'.'))
        };
        self.url.is_aws_bedrock_runtime()
            || (host.contains('*') && aws_domains().any(may_stand_below))
    }

    /// Whether an endpoint could have the form of both.
    #[cfg(feature = "check")]
    pub(crate) fn meets(&self, other: &Self) -> bool {
        may_meet(&self.url, &other.url)
    }

    /// The region in the host name, as the pattern writes it, where every endpoint of this form is one of AWS's Bedrock
    /// Runtime endpoints of such a region.
    pub fn aws_region(&self) -> Option<&str> {
        let region = self.url.aws_region()?;
        // A VPC endpoint without an id would be none.
        let id = self.url.host().strip_prefix("vpce-").and_then(|rest| rest.split('.').next());
        let may_lack_id = id.is_some_and(|id| id.bytes().all(|b| b == b'*'));
        (!may_lack_id).then_some(region)
    }

    /// Whether requests leave the machine without encryption.
    pub fn is_open_to_listeners(&self) -> bool {
        !self.url.is_https() && !self.url.is_loopback()
    }
}

#[cfg(feature = "check")]
fn may_meet(one: &Endpoint, other: &Endpoint) -> bool {
    one.is_same_but_host(other) && patterns_meet(one.host(), other.host())
}

fn is_covered(pattern: &Endpoint, endpoint: &Endpoint) -> bool {
    pattern.is_same_but_host(endpoint) && matches(pattern.host(), endpoint.host(), |b| b == b'.')
}

impl FromJson for EndpointPattern {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let written = String::read(node, reader)?;
        match Endpoint::parse(&written) {
            Ok(url) => Some(EndpointPattern { written, url }),
            Err(fault) => reader.invalid(node, format!("this is no endpoint: {fault}")),
        }
    }
}

/// The start URL of an IAM Identity Center portal that a policy allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartUrlPattern {
    written: String,
    url: Endpoint,
}

impl StartUrlPattern {
    /// The pattern as the policy writes it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether a profile's start URL names the portal of one of these patterns. `#`, `#/` and a last `/`
    /// mean nothing to the portal.
    pub fn any_matches(patterns: &[Self], start_url: &str) -> bool {
        // Most profiles write the URL as the policy does, so that there is nothing to parse.
        patterns.iter().any(|pattern| pattern.written == start_url)
            || parse_start_url(start_url)
                .is_some_and(|url| patterns.iter().any(|pattern| pattern.names(&url)))
    }

    /// Whether a portal could have the form of both.
    #[cfg(feature = "check")]
    pub(crate) fn meets(&self, other: &Self) -> bool {
        may_meet(&self.url, &other.url)
    }

    /// Whether every portal that the other pattern names is named by this one.
    pub fn covers(&self, other: &Self) -> bool {
        self.names(&other.url)
    }

    /// Whether its path has a `*`, which stands for itself there.
    #[cfg(feature = "check")]
    pub(crate) fn has_star_in_path(&self) -> bool {
        self.url.path().contains('*')
    }

    /// The host, in lower case, with its wildcards.
    pub fn host(&self) -> &str {
        self.url.host()
    }

    fn names(&self, portal: &Endpoint) -> bool {
        is_covered(&self.url, portal)
    }
}

fn parse_start_url(text: &str) -> Option<Endpoint> {
    let portal = text.strip_suffix("#/").or(text.strip_suffix('#')).unwrap_or(text);
    Endpoint::parse(portal).ok()
}

impl FromJson for StartUrlPattern {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let written = String::read(node, reader)?;
        match parse_start_url(&written) {
            Some(url) if url.is_https() => Some(StartUrlPattern { written, url }),
            _ => reader
                .invalid(node, "a start URL is written as in `https://corp.awsapps.com/start`"),
        }
    }
}

string_schemas! {
    EndpointPattern: { "type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[^/@?#]+(/[^@?#]*)?$" },
    StartUrlPattern: { "type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]://[^/@?#]+(/[^@?#]*)?(#/?)?$" },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text).unwrap()
    }

    fn pattern(written: &str) -> EndpointPattern {
        EndpointPattern { written: written.to_owned(), url: endpoint(written) }
    }

    #[test]
    fn patterns_compare_every_part() {
        let allowed = pattern("https://bedrock-runtime.*.amazonaws.com");
        assert!(allowed.matches(&endpoint("https://bedrock-runtime.eu-west-1.amazonaws.com:443/")));
        assert!(!allowed.matches(&endpoint("https://bedrock-runtime.a.b.amazonaws.com")));
        assert!(!allowed.matches(&endpoint("http://bedrock-runtime.eu-west-1.amazonaws.com")));
        assert!(!allowed.matches(&endpoint("https://bedrock-runtime.eu-west-1.amazonaws.com:444")));
        assert!(pattern("https://gw.corp/bedrock").matches(&endpoint("https://GW.corp/bedrock/")));
        assert!(!pattern("https://gw.corp/bedrock").matches(&endpoint("https://gw.corp/other")));
    }

    #[test]
    fn patterns_that_aws_own_endpoints_may_have() {
        for written in [
            "https://bedrock-runtime.eu-west-1.amazonaws.com",
            "https://*.eu-*.vpce.amazonaws.com",
            "https://bedrock-runtime.*.*.amazonwebservices.com.cn",
            "https://*.*.*.*",
        ] {
            assert!(pattern(written).may_be_of_aws(), "{written}");
        }
        for written in [
            "https://gateway.corp.example",
            "https://*.corp.example",
            "https://bedrock-runtime.*.org",
            "https://*",
            "https://sts.eu-west-1.amazonaws.com",
        ] {
            assert!(!pattern(written).may_be_of_aws(), "{written}");
        }
    }

    #[test]
    fn start_urls() {
        let written = "https://corp.awsapps.com/start".to_owned();
        let portals = [StartUrlPattern { url: endpoint(&written), written }];
        let names_portal = |url| StartUrlPattern::any_matches(&portals, url);
        for same in [
            "https://corp.awsapps.com/start",
            "https://corp.awsapps.com/start/",
            "https://CORP.awsapps.com/start#/",
            "https://corp.awsapps.com/start#",
        ] {
            assert!(names_portal(same), "{same}");
        }
        for other in [
            "http://corp.awsapps.com/start",
            "https://corp.awsapps.com/start2",
            "https://corp.awsapps.com.evil.example/start",
            "https://x@corp.awsapps.com/start",
            "",
        ] {
            assert!(!names_portal(other), "{other}");
        }
    }
}
