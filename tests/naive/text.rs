//! Patterns and URLs, compared the slow way.

use bedrock_auth::signer::Service;

/// Whether `text` has the form of `pattern`; `*` stands for any run of characters that are not separators.
pub fn glob(pattern: &str, text: &str, separators: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    if first != '*' {
        return text.strip_prefix(first).is_some_and(|text| glob(rest, text, separators));
    }
    let next = text.chars().next();
    glob(rest, text, separators)
        || next.is_some_and(|c| {
            !separators.contains(c) && glob(pattern, &text[c.len_utf8()..], separators)
        })
}

/// The parts of an endpoint, in lower case where case means nothing.
pub struct Url {
    scheme: String,
    host: String,
    port: String,
    path: String,
}

/// None where it is no endpoint: scheme, `://`, host, perhaps port and path, and nothing that misleads.
pub fn read_url(written: &str) -> Option<Url> {
    let (scheme, rest) = written.split_once("://")?;
    let scheme = scheme.to_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") {
        return None;
    }
    if rest.contains(|c: char| "@?#\\".contains(c) || c.is_whitespace() || c.is_control()) {
        return None;
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let default_port = if scheme == "https" { "443" } else { "80" };
    // Colons inside the brackets of an IPv6 address begin no port.
    let name = authority.rfind(']').map_or(0, |end| end + 1);
    let (host, port) = match authority[name..].split_once(':') {
        Some((rest, port)) => (&authority[..name + rest.len()], port),
        None => (authority, default_port),
    };
    if host.is_empty() {
        return None;
    }
    Some(Url {
        scheme,
        host: host.to_lowercase(),
        port: port.to_owned(),
        path: path.trim_end_matches('/').to_owned(),
    })
}

/// Where the SDK sends requests for a region of the two partitions that worlds are made of.
pub fn own_url(region: &str) -> String {
    let china = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("https://bedrock-runtime.{region}.amazonaws.com{china}")
}

pub fn same_url(pattern: &str, url: &Url) -> bool {
    let pattern = read_url(pattern).expect("a policy holds endpoints");
    (&pattern.scheme, &pattern.port, &pattern.path) == (&url.scheme, &url.port, &url.path)
        && glob(&pattern.host, &url.host, ".")
}

/// What stands after `#` means nothing to the portal.
pub fn same_portal(pattern: &str, start_url: &str) -> bool {
    let bare = |text: &str| text.trim_end_matches("#/").trim_end_matches('#').to_owned();
    read_url(&bare(start_url)).is_some_and(|url| same_url(&bare(pattern), &url))
}

impl Url {
    /// AWS's own hosts over https only, and on the usual port.
    pub fn is_aws_own(&self) -> bool {
        self.aws_region().is_some_and(|(_, is_known)| is_known)
            && self.scheme == "https"
            && self.port == "443"
            && self.path.is_empty()
    }

    /// The endpoints where AWS answers for a service that hands out credentials.
    pub fn is_own_of(&self, service: Service) -> bool {
        let is_plain_https = self.scheme == "https" && self.port == "443" && self.path.is_empty();
        let is_one_of = |patterns: &[&str]| {
            is_plain_https && patterns.iter().any(|pattern| glob(pattern, &self.host, "."))
        };
        let is_of_china = self.host.contains(".cn-");
        let suits_partition = is_of_china == self.host.ends_with(".cn");
        match service {
            Service::Sts => {
                let names = &[
                    "sts.amazonaws.com",
                    "sts.*.amazonaws.com",
                    "sts.*.amazonaws.com.cn",
                    "sts-fips.*.api.aws",
                    "vpce-*.sts.*.vpce.amazonaws.com",
                ];
                is_one_of(names) && suits_partition
            }
            Service::Sso => is_one_of(&["portal.sso.*.amazonaws.com"]),
            Service::SsoOidc => is_one_of(&["oidc.*.amazonaws.com"]),
            Service::SignIn => is_one_of(&["*.signin.aws.amazon.com", "signin.*.api.aws"]),
            // "What comes back is judged", so this machine may serve them.
            Service::Container => {
                let local = ["localhost", "127.0.0.1", "[::1]", "169.254.170.2", "169.254.170.23"];
                local.contains(&self.host.as_str())
            }
            Service::Imds => {
                let addresses = ["169.254.169.254", "[fd00:ec2::254]"];
                addresses.contains(&self.host.as_str()) && self.path.is_empty() && self.port == "80"
            }
        }
    }

    /// The region in the name of one of AWS's hosts, and whether AWS has such regions there.
    pub fn aws_region(&self) -> Option<(String, bool)> {
        let labels: Vec<_> = self.host.split('.').collect();
        let (service, region, suffix) = match labels.as_slice() {
            [vpce, service, region, "vpce", suffix @ ..] if vpce.starts_with("vpce-") => {
                (*service, *region, suffix.join("."))
            }
            [service, region, suffix @ ..] => (*service, *region, suffix.join(".")),
            _ => return None,
        };
        let is_service = matches!(service, "bedrock-runtime" | "bedrock-runtime-fips");
        let is_known = match suffix.as_str() {
            "amazonaws.com" | "api.aws" => region.starts_with("us-") || region.starts_with("eu-"),
            "amazonaws.com.cn" => region.starts_with("cn-"),
            _ => return None,
        };
        is_service.then(|| (region.to_owned(), is_known))
    }
}

/// Absolute commands alone; a last `*` stands for any further words, none of which a shell looks at.
pub fn same_command(pattern: &str, command: &str) -> bool {
    if !command.starts_with('/') {
        return false;
    }
    if pattern == command {
        return true;
    }
    let words: Vec<_> = command.split_whitespace().collect();
    let mut expected: Vec<_> = pattern.split_whitespace().collect();
    let takes_more = expected.len() > 1 && expected.ends_with(&["*"]);
    if takes_more {
        expected.pop();
    }
    let has_plain_words = command.chars().all(|c| c.is_alphanumeric() || " /._-".contains(c));
    let stays_there = !words.iter().any(|word| word.split('/').any(|part| part == ".."));
    has_plain_words
        && stays_there
        && (words.len() == expected.len() || takes_more && words.len() > expected.len())
        && expected.iter().zip(&words).all(|(pattern, word)| glob(pattern, word, "/"))
}

pub fn is_host_label(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    !text.is_empty()
        && text.chars().all(|c| plain(c) || c == '-')
        && text.starts_with(plain)
        && text.ends_with(plain)
}
