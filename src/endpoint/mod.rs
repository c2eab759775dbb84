//! Endpoints, parsed as URLs: where prompts and credentials may be sent.

mod hosts;

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;
use std::ops::Range;

use url::{Position, Url};

pub(crate) use self::hosts::aws_domains;
use self::hosts::{BEDROCK_RUNTIME, aws_host, is_sign_in_host, sign_in_domain_of, suffix_of};
use crate::signer::{MovedEndpoint, Service};

/// A URL that prompts and credentials may be sent to: `http` or `https`, a host, nothing else that hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// As the URL standard writes it.
    url: String,
    is_https: bool,
    host: Range<usize>,
    /// Unless it is the usual one of the scheme.
    port: Option<u16>,
    path: Range<usize>,
}

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
        Endpoint::in_normal_form(text).map_or_else(|| Endpoint::in_any_form(text), Ok)
    }

    fn in_any_form(text: &str) -> Result<Self, EndpointFault> {
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
        let may_stand = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'.' | b'_' | b'*' | b':' | b'[' | b']')
        };
        if !host.bytes().all(may_stand) {
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
        Ok(Endpoint::of_url(url))
    }

    fn of_url(url: Url) -> Self {
        let begin = |position| url[..position].len();
        Endpoint {
            is_https: url.scheme() == "https",
            host: begin(Position::BeforeHost)..begin(Position::AfterHost),
            port: url.port(),
            path: begin(Position::BeforePath)..begin(Position::AfterPath),
            url: url.into(),
        }
    }

    /// Most endpoints are written as the URL standard writes them, and need no parser: a host of small letters, digits and
    /// `-`, `_`, `*`, whose last label begins with a letter, and a path of plain words.
    fn in_normal_form(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("http")?;
        let (is_https, rest) = match rest.strip_prefix('s') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let rest = rest.strip_prefix("://")?;
        let host_begin = text.len() - rest.len();
        let path = rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len());
        let host_end = host_begin + path;
        let (host, path) = rest.as_bytes().split_at(path);
        let (mut label_begin, mut last_label) = (0, 0);
        for (at, byte) in host.iter().chain([&b'.']).enumerate() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'*' => {}
                // Letters of other scripts are written so.
                b'.' if at > label_begin && !host[label_begin..].starts_with(b"xn--") => {
                    (last_label, label_begin) = (label_begin, at + 1);
                }
                _ => return None,
            }
        }
        // Addresses end in numbers.
        let is_name = host[last_label].is_ascii_lowercase();
        let may_stand =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_');
        if !is_name || !path.iter().all(may_stand) {
            return None;
        }
        let end = if host_end == text.len() { "/" } else { "" };
        let url = [text, end].concat();
        let (host, path) = (host_begin..host_end, host_end..url.len());
        Some(Endpoint { url, is_https, host, port: None, path })
    }

    /// The SDK's own endpoint of a region, which is taken to be one label of a host name.
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
            Service::SignIn => format!("https://{region}.{}", sign_in_domain_of(region)),
            Service::Container => "http://169.254.170.2".to_owned(),
            Service::Imds => "http://169.254.169.254".to_owned(),
        };
        Endpoint::parse(&url).ok()
    }

    /// The endpoint as the SDK is given it.
    pub fn as_str(&self) -> &str {
        self.url.trim_end_matches('/')
    }

    /// What a service call is moved to; the query that container credentials may carry is left out.
    ///
    /// # Errors
    /// As [`Endpoint::parse`].
    pub fn of_moved(moved: &MovedEndpoint) -> Result<Self, EndpointFault> {
        let (endpoint, _) = Self::parse_with_query(&moved.url)?;
        Ok(endpoint)
    }

    /// Reads an endpoint that may have a query behind its path.
    ///
    /// # Errors
    /// As [`Endpoint::parse`].
    pub fn parse_with_query(text: &str) -> Result<(Self, Option<&str>), EndpointFault> {
        let Some((front, query)) = text.split_once('?') else {
            return Ok((Endpoint::parse(text)?, None));
        };
        if query.contains('@') {
            return Err(EndpointFault::UserInfo);
        }
        let has_path = front.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        if !has_path || query.contains(['?', '#']) || !query.chars().all(is_plain) {
            return Err(EndpointFault::Query);
        }
        Ok((Endpoint::parse(front)?, Some(query)))
    }

    /// The whole URL, with the `/` at its end if there is one.
    pub fn as_url(&self) -> &str {
        &self.url
    }

    pub(crate) fn host(&self) -> &str {
        &self.url[self.host.clone()]
    }

    pub(crate) fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether scheme, port and path are those of the other.
    pub(crate) fn is_same_but_host(&self, other: &Endpoint) -> bool {
        self.is_https == other.is_https && self.port == other.port && self.path() == other.path()
    }

    pub(crate) fn path(&self) -> &str {
        self.url[self.path.clone()].trim_end_matches('/')
    }

    fn is_bare(&self) -> bool {
        self.port.is_none() && self.path().is_empty()
    }

    /// Whether this is one of AWS's own Bedrock Runtime endpoints, over https on the usual port.
    pub fn is_aws_bedrock_runtime(&self) -> bool {
        self.is_regional(BEDROCK_RUNTIME)
    }

    /// The region in the host name of one of AWS's Bedrock Runtime endpoints, be it one that we know or not.
    pub fn aws_region(&self) -> Option<&str> {
        aws_host(self.host(), BEDROCK_RUNTIME).map(|host| host.region)
    }

    /// Whether this is AWS's own endpoint of a service that hands out credentials.
    ///
    /// This machine counts as an agent of container credentials: CloudShell and Greengrass serve them there.
    pub fn is_own_of(&self, service: Service) -> bool {
        match service {
            Service::Sts => {
                self.is_regional(&["sts", "sts-fips"])
                    || (self.host() == "sts.amazonaws.com" && self.is_https() && self.is_bare())
            }
            Service::Sso => self.is_regional(&["portal.sso", "portal.sso-fips"]),
            Service::SsoOidc => self.is_regional(&["oidc", "oidc-fips"]),
            Service::SignIn => {
                self.is_regional(&["signin", "signin-fips"])
                    || (is_sign_in_host(self.host()) && self.is_https() && self.is_bare())
            }
            Service::Container => self.is_container_agent(),
            Service::Imds => IMDS_HOSTS.contains(&self.host()) && self.is_bare(),
        }
    }

    /// Whether the host is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let name = self.host();
        name == "localhost"
            || name.ends_with(".localhost")
            || self.address().is_some_and(|address| address.is_loopback())
    }

    /// Whether the host is this machine, or has one of the addresses of the agents of ECS and EKS.
    pub fn is_container_agent(&self) -> bool {
        let is_agent = |address: IpAddr| {
            address.is_loopback()
                || CONTAINER_IPV4.map(IpAddr::V4).contains(&address)
                || address == CONTAINER_IPV6
        };
        self.host() == "localhost" || self.address().is_some_and(is_agent)
    }

    /// The host if it is an address; the URL standard has but one way to write it.
    fn address(&self) -> Option<IpAddr> {
        let host = self.host();
        match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(host) => host.parse().map(IpAddr::V6).ok(),
            None => host.parse().map(IpAddr::V4).ok(),
        }
    }

    fn is_regional(&self, names: &[&str]) -> bool {
        aws_host(self.host(), names).is_some_and(|host| host.is_known)
            && self.is_https()
            && self.is_bare()
    }
}

/// The agents of container credentials: ECS, then EKS Pod Identity.
const CONTAINER_IPV4: [Ipv4Addr; 2] =
    [Ipv4Addr::new(169, 254, 170, 2), Ipv4Addr::new(169, 254, 170, 23)];
const CONTAINER_IPV6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23));
/// The instance metadata service over IPv4 and IPv6.
const IMDS_HOSTS: [&str; 2] = ["169.254.169.254", "[fd00:ec2::254]"];

/// What a URL is made of; the rest is read differently by different parsers.
fn is_plain(character: char) -> bool {
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        '-' | '.' | '_' | '~' | ':' | '/' | '[' | ']' | '*' | '@' | '?' | '#' | '&' | '=' | '%' => {
            true
        }
        other => other.is_alphanumeric(),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn what_needs_no_parser_is_what_the_parser_reads(
            text in "https?://([a-z0-9*_-]{0,4}|xn--[a-z0-9]{1,4}|[.]|0x[0-9a-f]{1,2}){1,5}(/|:8443|/[a-zA-Z0-9/_-]{0,8}|/[.]{1,2}/?)?"
        ) {
            if let Some(endpoint) = Endpoint::in_normal_form(&text) {
                prop_assert_eq!(Endpoint::in_any_form(&text), Ok(endpoint));
            }
        }
    }

    #[test]
    fn most_need_no_parser() {
        for text in [
            "https://bedrock-runtime.eu-west-1.amazonaws.com",
            "https://*.corp.example/bedrock",
            "https://corp.awsapps.com/start/",
            "http://localhost",
        ] {
            assert!(Endpoint::in_normal_form(text).is_some(), "{text}");
        }
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
    fn aws_own_hosts_of_other_services() {
        for (service, host) in [
            (Service::Sts, "sts.amazonaws.com"),
            (Service::Sts, "sts.eu-west-1.amazonaws.com"),
            (Service::Sts, "sts-fips.us-gov-east-1.api.aws"),
            (Service::Sts, "sts.cn-north-1.amazonaws.com.cn"),
            (Service::Sts, "sts.us-isob-east-1.sc2s.sgov.gov"),
            (Service::Sts, "vpce-0ab.sts.eu-west-1.vpce.amazonaws.com"),
            (Service::Sso, "portal.sso.eu-west-1.amazonaws.com"),
            (Service::Sso, "portal.sso-fips.us-gov-east-1.api.aws"),
            (Service::SsoOidc, "oidc.cn-north-1.api.amazonwebservices.com.cn"),
            (Service::SsoOidc, "oidc-fips.us-east-1.amazonaws.com"),
            (Service::SignIn, "signin.us-east-1.api.aws"),
            (Service::SignIn, "us-east-1.signin.aws.amazon.com"),
            (Service::SignIn, "us-west-2.oauth.signin.aws"),
            (Service::SignIn, "signin-fips.amazonaws-us-gov.com"),
            (Service::SignIn, "us-gov-east-1.signin-fips.amazonaws-us-gov.com"),
            (Service::SignIn, "us-iso-east-1.signin.c2shome.ic.gov"),
        ] {
            assert!(endpoint(&format!("https://{host}")).is_own_of(service), "{host}");
            for other in Service::ALL.iter().filter(|other| **other != service) {
                assert!(!endpoint(&format!("https://{host}")).is_own_of(*other), "{other} {host}");
            }
            for changed in [
                format!("http://{host}"),
                format!("https://{host}:8443"),
                format!("https://{host}/x"),
                format!("https://{host}.evil.example"),
                format!("https://evil-{host}"),
            ] {
                assert!(!endpoint(&changed).is_own_of(service), "{changed}");
            }
        }
        for (service, host) in [
            (Service::Sts, "sts.amazonaws.com.cn"),
            (Service::Sts, "sts.cn-north-1.amazonaws.com"),
            (Service::Sts, "x.sts.amazonaws.com"),
            (Service::Sso, "sso.eu-west-1.amazonaws.com"),
            (Service::SignIn, "eu-west-1.signin.amazonaws.cn"),
            (Service::SignIn, "signin.aws.amazon.com"),
        ] {
            assert!(!endpoint(&format!("https://{host}")).is_own_of(service), "{host}");
        }
    }

    #[test]
    fn agents_of_this_machine_and_of_the_link() {
        for (url, is_agent) in [
            ("http://169.254.170.2/v2/credentials/x", true),
            ("http://169.254.170.23/v1/credentials", true),
            ("http://[fd00:ec2::23]/v1/credentials", true),
            ("http://localhost:1338/latest", true),
            ("http://127.9.9.9:1", true),
            ("http://[::1]:1", true),
            ("http://2852039170/x", true),
            ("http://localhost.evil.example/x", false),
            ("http://127.0.0.1.evil.example/x", false),
            ("http://169.254.169.254/x", false),
            ("http://[::ffff:169.254.170.3]/x", false),
            ("https://creds.corp.example/x", false),
        ] {
            assert_eq!(endpoint(url).is_own_of(Service::Container), is_agent, "{url}");
        }
        for (url, is_own) in [
            ("http://169.254.169.254", true),
            ("http://[FD00:EC2:0::254]/", true),
            ("http://169.254.169.254:8080", false),
            ("http://169.254.169.254/x", false),
            ("http://127.0.0.1", false),
        ] {
            assert_eq!(endpoint(url).is_own_of(Service::Imds), is_own, "{url}");
        }
    }

    #[test]
    fn a_query_stands_behind_a_path() {
        let parts =
            |text| Endpoint::parse_with_query(text).map(|(url, query)| (url.to_string(), query));
        assert_eq!(parts("http://h/a?b=c"), Ok(("http://h/a".to_owned(), Some("b=c"))));
        assert_eq!(parts("http://h/a"), Ok(("http://h/a".to_owned(), None)));
        for (text, fault) in [
            ("http://h?b=c", EndpointFault::Query),
            ("http://h/a?b#c", EndpointFault::Query),
            ("http://h/a?b\\c", EndpointFault::Query),
            ("http://h/a?@evil.example", EndpointFault::UserInfo),
            ("http://localhost?@evil.example/", EndpointFault::UserInfo),
            ("http://me@h/a?b", EndpointFault::UserInfo),
        ] {
            assert_eq!(parts(text), Err(fault), "{text}");
        }
    }
}
