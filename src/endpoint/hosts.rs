//! The host names of AWS's own services, by partition and region.

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

/// The domains in which AWS has its endpoints, those of its customers included.
pub(crate) fn aws_domains() -> impl Iterator<Item = &'static str> {
    PARTITIONS.iter().flat_map(|(standard, dual_stack, _)| [*standard, *dual_stack])
}

/// The DNS suffix of the partition that a region belongs to.
pub(super) fn suffix_of(region: &str) -> &'static str {
    PARTITIONS
        .iter()
        .flat_map(|(suffix, _, regions)| regions.iter().map(move |prefix| (*prefix, *suffix)))
        .filter(|(prefix, _)| region.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or(PARTITIONS[0].0, |(_, suffix)| suffix)
}

pub(super) const BEDROCK_RUNTIME: &[&str] = &["bedrock-runtime", "bedrock-runtime-fips"];

/// `<name>.<region>.<suffix>`, or a VPC endpoint `vpce-<id>.<name>.<region>.vpce.<suffix>`.
pub(super) fn aws_host<'a>(host: &'a str, names: &[&str]) -> Option<AwsHost<'a>> {
    let behind_vpc_endpoint = host.strip_prefix("vpce-").and_then(|rest| rest.split_once('.'));
    let (rest, is_vpc_endpoint) = match behind_vpc_endpoint {
        Some((id, rest)) if !id.is_empty() => (rest, true),
        _ => (host, false),
    };
    let rest = names.iter().find_map(|name| rest.strip_prefix(name)?.strip_prefix('.'))?;
    let (region, suffix) = rest.split_once('.')?;
    let suffix = if is_vpc_endpoint { suffix.strip_prefix("vpce.")? } else { suffix };
    PARTITIONS
        .iter()
        .find(|(standard, dual_stack, _)| {
            suffix == *standard || (suffix == *dual_stack && !is_vpc_endpoint)
        })
        .map(|(_, _, regions)| AwsHost { region, is_known: starts_with_any(region, regions) })
}

/// The domains in which AWS signs people in and the beginnings of the regions below them, as the
/// endpoint rules of aws-sdk-signin 1.33.0 have them.
const SIGN_IN_DOMAINS: &[(&str, &[&str])] = &[
    ("signin.aws.amazon.com", PARTITIONS[0].2),
    ("oauth.signin.aws", PARTITIONS[0].2),
    ("signin.amazonaws.cn", &["cn-"]),
    ("signin.amazonaws-us-gov.com", &["us-gov-"]),
    ("signin-fips.amazonaws-us-gov.com", &["us-gov-"]),
    ("signin.amazonaws-eusc.eu", &["eusc-de-"]),
    ("signin.c2shome.ic.gov", &["us-iso-"]),
    ("signin.sc2shome.sgov.gov", &["us-isob-"]),
    ("signin.csphome.adc-e.uk", &["eu-isoe-"]),
    ("signin.csphome.hci.ic.gov", &["us-isof-"]),
];

/// The domain in which the SDK renews a sign-in of a region.
pub(super) fn sign_in_domain_of(region: &str) -> &'static str {
    SIGN_IN_DOMAINS
        .iter()
        .flat_map(|(domain, regions)| regions.iter().map(move |prefix| (*prefix, *domain)))
        .filter(|(prefix, _)| region.starts_with(prefix))
        .fold(
            ("", SIGN_IN_DOMAINS[0].0),
            |best, next| if next.0.len() > best.0.len() { next } else { best },
        )
        .1
}

pub(super) fn is_sign_in_host(host: &str) -> bool {
    let is_below = |(region, domain): (&str, &str)| {
        let known = SIGN_IN_DOMAINS.iter().find(|(known, _)| *known == domain);
        known.is_some_and(|(_, regions)| starts_with_any(region, regions))
    };
    host == "signin-fips.amazonaws-us-gov.com" || host.split_once('.').is_some_and(is_below)
}

/// What the name of one of AWS's hosts says.
pub(super) struct AwsHost<'a> {
    pub(super) region: &'a str,
    /// Whether the partition has regions of such a name.
    pub(super) is_known: bool,
}

fn starts_with_any(region: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| region.starts_with(prefix))
}
