//! Endpoints, parsed as URLs and compared strictly: scheme, host, port and path.

use std::fmt;

use jsonc_parser::ast::Value;
use url::Url;

use super::pattern::matches;
use crate::jsonc::{FromJson, Reader, string_schemas};
use crate::signer::Service;

/// A URL that prompts and credentials may be sent to: `http` or `https`, a host, nothing else that hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Why a text is no endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointFault {
    /// Not a URL with a host.
    NotAUrl,
    /// Neither `http` nor `https`.
    Scheme,
    /// User name or password inside: what stands before `@` is easily read as the host.
    UserInfo,
    /// A query or a fragment.
    Query,
    /// Characters that URL parsers disagree about.
    Characters,
}

impl Endpoint {
    /// Reads an endpoint. Hosts come out in lower case, internationalised ones in ASCII form.
    ///
    /// # Errors
    /// When two URL parsers could read two hosts out of the text, or it has parts that an endpoint has not.
    pub fn parse(text: &str) -> Result<Self, EndpointFault> {
        let is_plain = |c: char| c.is_alphanumeric() || "-._~:/[]*@?#&=%".contains(c);
        if !text.chars().all(is_plain) {
            return Err(EndpointFault::Characters);
        }
        let url = Url::parse(text).map_err(|_| EndpointFault::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EndpointFault::Scheme);
        }
        if text.contains('@') {
            return Err(EndpointFault::UserInfo);
        }
        if text.contains(['?', '#']) {
            return Err(EndpointFault::Query);
        }
        let host = url.host_str().unwrap_or_default();
        // Letters of other scripts can turn into punctuation on their way to ASCII.
        if !host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._*:[]".contains(&b)) {
            return Err(EndpointFault::Characters);
        }
        if host.starts_with('.') || host.contains("..") {
            return Err(EndpointFault::NotAUrl);
        }
        let has_authority =
            text.get(url.scheme().len()..).is_some_and(|rest| rest.starts_with("://"));
        if !has_authority || text[url.scheme().len() + 3..].starts_with('/') {
            return Err(EndpointFault::NotAUrl);
        }
        // Some parsers decode a host and others do not.
        let authority = text[url.scheme().len() + 3..].split('/').next().unwrap_or_default();
        if authority.contains('%') {
            return Err(EndpointFault::Characters);
        }
        Ok(Endpoint(url))
    }

    /// The SDK's own endpoint of Bedrock Runtime in a region, which is taken to be one label of a host name.
    pub fn of_region(region: &str) -> Option<Self> {
        Endpoint::parse(&format!("https://bedrock-runtime.{region}.{}", suffix_of(region))).ok()
    }

    /// The SDK's own endpoint of a service that hands out credentials.
    pub fn of_service(service: Service, region: &str) -> Option<Self> {
        let suffix = suffix_of(region);
        let url = match service {
            Service::Sts => format!("https://sts.{region}.{suffix}"),
            Service::Sso => format!("https://portal.sso.{region}.{suffix}"),
            Service::SsoOidc => format!("https://oidc.{region}.{suffix}"),
            Service::SignIn if region.starts_with("us-gov-") => {
                format!("https://{region}.signin.amazonaws-us-gov.com")
            }
            Service::SignIn => format!("https://{region}.signin.{}", sign_in_suffix(suffix)),
            Service::Container => "http://169.254.170.2".to_owned(),
            Service::Imds => "http://169.254.169.254".to_owned(),
        };
        Endpoint::parse(&url).ok()
    }

    /// The endpoint as the SDK is given it.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    fn path(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }

    /// Whether this is one of AWS's own Bedrock Runtime endpoints, over https on the usual port.
    pub fn is_aws_bedrock_runtime(&self) -> bool {
        aws_host(self.host()).is_some_and(|host| host.is_known)
            && self.0.scheme() == "https"
            && self.0.port().is_none()
            && self.path().is_empty()
    }

    /// The region in the host name of one of AWS's Bedrock Runtime endpoints, be it one that we know or not.
    pub fn aws_region(&self) -> Option<&str> {
        aws_host(self.host()).map(|host| host.region)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for EndpointFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EndpointFault::NotAUrl => "it is not a URL with a host",
            EndpointFault::Scheme => "its scheme is neither `https` nor `http`",
            EndpointFault::UserInfo => "it holds an `@`",
            EndpointFault::Query => "it holds a query or a fragment",
            EndpointFault::Characters => "it holds characters that do not belong in a URL",
        })
    }
}

/// DNS suffixes of AWS's partitions and the beginnings of their regions, as aws-sdk-bedrockruntime
/// 1.153.0 carries them (`partitions.json`), standard names first, dual-stack names second.
const PARTITIONS: &[(&str, &str, &[&str])] = &[
    ("amazonaws.com", "api.aws", &["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"]),
    ("amazonaws.com.cn", "api.amazonwebservices.com.cn", &["cn-"]),
    ("amazonaws.eu", "api.amazonwebservices.eu", &["eusc-de-"]),
    ("c2s.ic.gov", "api.aws.ic.gov", &["us-iso-"]),
    ("sc2s.sgov.gov", "api.aws.scloud", &["us-isob-"]),
    ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", &["eu-isoe-"]),
    ("csp.hci.ic.gov", "api.aws.hci.ic.gov", &["us-isof-"]),
];

/// The DNS suffix of the partition that a region belongs to.
fn suffix_of(region: &str) -> &'static str {
    PARTITIONS
        .iter()
        .flat_map(|(suffix, _, regions)| regions.iter().map(move |prefix| (*prefix, *suffix)))
        .filter(|(prefix, _)| region.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or(PARTITIONS[0].0, |(_, suffix)| suffix)
}

/// What follows `signin.` in a partition of this DNS suffix, as aws-sdk-signin 1.33.0 carries it.
fn sign_in_suffix(suffix: &str) -> &'static str {
    match suffix {
        "amazonaws.com.cn" => "amazonaws.cn",
        "amazonaws.eu" => "amazonaws-eusc.eu",
        "c2s.ic.gov" => "c2shome.ic.gov",
        "sc2s.sgov.gov" => "sc2shome.sgov.gov",
        "cloud.adc-e.uk" => "csphome.adc-e.uk",
        "csp.hci.ic.gov" => "csphome.hci.ic.gov",
        _ => "aws.amazon.com",
    }
}

/// `bedrock-runtime[-fips].<region>.<suffix>`, or a VPC endpoint
/// `vpce-<id>.bedrock-runtime[-fips].<region>.vpce.<suffix>`.
fn aws_host(host: &str) -> Option<AwsHost<'_>> {
    let (first, rest) = host.split_once('.')?;
    let (service, rest, is_vpc_endpoint) = match first.strip_prefix("vpce-") {
        Some(id) if !id.is_empty() => {
            let (service, rest) = rest.split_once('.')?;
            (service, rest, true)
        }
        _ => (first, rest, false),
    };
    if !matches!(service, "bedrock-runtime" | "bedrock-runtime-fips") {
        return None;
    }
    let (region, suffix) = rest.split_once('.')?;
    let suffix = if is_vpc_endpoint { suffix.strip_prefix("vpce.")? } else { suffix };
    PARTITIONS
        .iter()
        .find(|(standard, dual_stack, _)| {
            suffix == *standard || (suffix == *dual_stack && !is_vpc_endpoint)
        })
        .map(|(_, _, regions)| AwsHost { region, is_known: starts_with_any(region, regions) })
}

/// What the name of one of AWS's Bedrock Runtime hosts says.
struct AwsHost<'a> {
    region: &'a str,
    /// Whether the partition has regions of such a name.
    is_known: bool,
}

fn starts_with_any(region: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| region.starts_with(prefix))
}

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
        let pattern = &self.url;
        pattern.0.scheme() == endpoint.0.scheme()
            && pattern.0.port_or_known_default() == endpoint.0.port_or_known_default()
            && pattern.path() == endpoint.path()
            && matches(pattern.host(), endpoint.host(), |b| b == b'.')
    }
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

    fn names(&self, portal: &Endpoint) -> bool {
        self.url.0.scheme() == portal.0.scheme()
            && self.url.0.port_or_known_default() == portal.0.port_or_known_default()
            && self.url.path() == portal.path()
            && matches(self.url.host(), portal.host(), |b| b == b'.')
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
            Some(url) if url.0.scheme() == "https" => Some(StartUrlPattern { written, url }),
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
    fn aws_own_hosts() {
        for (host, region) in [
            ("bedrock-runtime.eu-west-1.amazonaws.com", "eu-west-1"),
            ("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("bedrock-runtime.us-east-1.api.aws", "us-east-1"),
            ("bedrock-runtime.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("bedrock-runtime-fips.cn-north-1.api.amazonwebservices.com.cn", "cn-north-1"),
            ("bedrock-runtime.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
            ("bedrock-runtime.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
            ("vpce-0ab-x1.bedrock-runtime.us-east-1.vpce.amazonaws.com", "us-east-1"),
        ] {
            let url = endpoint(&format!("https://{host}/"));
            assert_eq!(url.aws_region(), Some(region), "{host}");
            assert!(url.is_aws_bedrock_runtime(), "{host}");
        }
    }

    #[test]
    fn the_sdks_own_endpoints() {
        for (region, host) in [
            ("eu-west-1", "bedrock-runtime.eu-west-1.amazonaws.com"),
            ("us-gov-west-1", "bedrock-runtime.us-gov-west-1.amazonaws.com"),
            ("us-iso-east-1", "bedrock-runtime.us-iso-east-1.c2s.ic.gov"),
            ("us-isob-east-1", "bedrock-runtime.us-isob-east-1.sc2s.sgov.gov"),
            ("eusc-de-east-1", "bedrock-runtime.eusc-de-east-1.amazonaws.eu"),
            ("cn-north-1", "bedrock-runtime.cn-north-1.amazonaws.com.cn"),
            ("nz-new-1", "bedrock-runtime.nz-new-1.amazonaws.com"),
        ] {
            let own = Endpoint::of_region(region).unwrap();
            assert_eq!(own.as_str(), format!("https://{host}"));
        }
    }

    #[test]
    fn hosts_that_only_look_like_aws() {
        for text in [
            "http://bedrock-runtime.eu-west-1.amazonaws.com",
            "https://bedrock-runtime.eu-west-1.amazonaws.com:8443",
            "https://bedrock-runtime.eu-west-1.amazonaws.com/proxy",
            "https://bedrock-runtime.eu-west-1.amazonaws.com.",
            "https://bedrock-runtime.eu-west-1.amazonaws.com.evil.example",
            "https://bedrock-runtime.eu-west-1.amazonaws.co",
            "https://bedrock-runtime.cn-north-1.amazonaws.com",
            "https://bedrock-runtime.evil.amazonaws.com",
            "https://xbedrock-runtime.eu-west-1.amazonaws.com",
            "https://abc.execute-api.eu-west-1.amazonaws.com",
            "https://vpce-1.vpce-svc-2.us-east-1.vpce.amazonaws.com",
            "https://vpce-.bedrock-runtime.us-east-1.vpce.amazonaws.com",
            "https://bedrock-runtime.eu-west-1.аmazonaws.com",
            "https://169.254.169.254",
        ] {
            assert!(!endpoint(text).is_aws_bedrock_runtime(), "{text}");
        }
        assert!(
            endpoint("https://BEDROCK-runtime.EU-west-1.amazonaws.com").is_aws_bedrock_runtime()
        );
    }

    #[test]
    fn texts_that_are_no_endpoint() {
        for (text, fault) in [
            ("", EndpointFault::NotAUrl),
            ("bedrock-runtime.eu-west-1.amazonaws.com", EndpointFault::NotAUrl),
            ("https:/host", EndpointFault::NotAUrl),
            ("https:///host", EndpointFault::NotAUrl),
            ("https://", EndpointFault::NotAUrl),
            ("https://bedrock-runtime..amazonaws.com", EndpointFault::NotAUrl),
            ("file:///etc/passwd", EndpointFault::Scheme),
            ("https://good.example@evil.example", EndpointFault::UserInfo),
            ("https://evil.example#.amazonaws.com", EndpointFault::Query),
            ("https://evil.example?.amazonaws.com", EndpointFault::Query),
            ("https://evil.example\\.amazonaws.com", EndpointFault::Characters),
            ("https://ev\til.example", EndpointFault::Characters),
            (" https://good.example", EndpointFault::Characters),
            ("https://\u{1F101}", EndpointFault::Characters),
            ("https://ev%69l.example", EndpointFault::Characters),
        ] {
            assert_eq!(Endpoint::parse(text).err(), Some(fault), "{text}");
        }
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
