//! Patterns of endpoints, compared strictly: scheme, host, port and path.

use jsonc_parser::ast::Value;

use super::pattern::matches;
use crate::endpoint::Endpoint;
use crate::jsonc::{FromJson, Reader, string_schemas};

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

    /// Whether one of AWS's own Bedrock Runtime endpoints could have this form.
    pub fn may_be_of_aws(&self) -> bool {
        // A wildcard reaches more hosts of AWS than can be listed: FIPS, dual stack, VPC endpoints.
        let is_open = self.url.host().contains('*');
        self.url.is_aws_bedrock_runtime()
            || (is_open && (self.is_of_anybody() || self.url.is_below_aws()))
    }

    /// The region in the host name, as the pattern writes it, where every endpoint of this form is one of AWS's Bedrock
    /// Runtime endpoints of such a region.
    pub fn aws_region(&self) -> Option<&str> {
        // A VPC endpoint without an id would be none.
        let label = self.url.host().split('.').next().unwrap_or_default();
        let may_lack_id =
            label.strip_prefix("vpce-").is_some_and(|id| id.bytes().all(|b| b == b'*'));
        self.url.aws_region().filter(|_| !may_lack_id)
    }

    /// Whether its host has a wildcard where people register names of their own.
    pub fn is_of_anybody(&self) -> bool {
        is_of_anybody(&self.url)
    }

    /// Whether requests leave the machine without encryption.
    pub fn is_open_to_listeners(&self) -> bool {
        !self.url.is_https() && !self.url.is_loopback()
    }
}

/// The last two labels of a host are what somebody registers, or the last three, as in `corp.co.uk`; the wildcard reaches over
/// one of them.
fn is_of_anybody(pattern: &Endpoint) -> bool {
    let mut labels = pattern.host().rsplit('.');
    let (top, second) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
    let is_of_country = top.len() == 2 && SECOND_LEVELS.contains(&second);
    let third = labels.next().filter(|_| is_of_country).unwrap_or_default();
    [top, second, third].iter().any(|label| label.contains('*'))
}

/// What many countries have below their own domain for everybody to register in.
const SECOND_LEVELS: &[&str] =
    &["ac", "co", "com", "edu", "gob", "gouv", "gov", "govt", "ltd", "ne", "net", "or", "org"];

fn is_covered(pattern: &Endpoint, endpoint: &Endpoint) -> bool {
    pattern.is_same_but_host(endpoint) && matches(pattern.host(), endpoint.host(), |b| b == b'.')
}

impl FromJson for EndpointPattern {
    fn read(node: &Value<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let written = String::read(node, reader)?;
        match Endpoint::parse(&written) {
            Ok(url) => Some(EndpointPattern { written, url }),
            Err(fault) => reader.invalid(node, format!("this is no endpoint: {fault}")),
        }
    }
}

/// Where the portals of all companies stand, each with a first label of its own: AWS's documentation of the access portal.
const PORTALS: &[&str] = &[".awsapps.com", ".portal.amazonaws.com", ".app.aws"];

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

    /// Whether every portal that the other pattern names is named by this one.
    pub fn covers(&self, other: &Self) -> bool {
        self.names(&other.url)
    }

    /// Whether its host has a wildcard where people register names of their own.
    pub fn is_of_anybody(&self) -> bool {
        let host = self.url.host();
        let is_portal = PORTALS.iter().any(|suffix| host.ends_with(suffix));
        let instance = host.split('.').next().unwrap_or_default();
        (is_portal && instance.contains('*')) || is_of_anybody(&self.url)
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
    fn read(node: &Value<'_>, reader: &mut Reader<'_>) -> Option<Self> {
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
