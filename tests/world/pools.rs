//! Small pools of names, so that what is asked for and what is allowed often meet.

use jiff::Timestamp;

pub const NOW: &[&str] = &["2026-03-01T12:00:00Z", "2026-01-02T03:04:05Z", "2026-06-30T23:59:59Z"];
pub const INSTANTS: &[&str] = &[
    "2026-03-01T12:00:00Z",
    "2025-01-01T00:00:00Z",
    "2026-02-01T00:00:00+05:30",
    "2026-05-01T00:00:00.5Z",
    "2027-01-01T00:00:00-08:00",
];

pub const USERS: &[&str] = &["ada", "Grace", "CORP\\linus"];
pub const USER_PATTERNS: &[&str] = &["*", "ada", "grace", "corp*", "nobody"];
pub const GROUPS: &[&str] = &["staff", "devs", "dev-ops"];
pub const GROUP_PATTERNS: &[&str] = &["dev*", "*", "Staff", "none"];
pub const HOSTS: &[&str] = &["laptop.corp.example", "build7", "Laptop9.lab.corp.example"];
pub const HOST_PATTERNS: &[&str] =
    &["*", "laptop*", "*.corp.example", "build?", "*.*.corp.example"];

pub const FAMILIES: &[&str] = &["ZED", "AWS", "CORP_TOOL"];

pub const REGIONS: &[&str] = &[
    "us-east-1",
    "eu-west-1",
    "eu-central-1",
    "us-gov-west-1",
    "cn-north-1",
    "eu-x.evil.example/",
];
pub const REGION_PATTERNS: &[&str] =
    &["*", "us-*", "eu-*", "eu-west-1", "us-east-1", "*-1", "ap-*"];

pub const PROFILES: &[&str] = &["default", "corp-dev", "corp-admin", "private", "corp/x: y"];
pub const PROFILE_PATTERNS: &[&str] = &["*", "corp*", "default", "corp-dev", "p*e", "none"];

pub const ACCOUNTS: &[u64] = &[111_122_223_333, 444_455_556_666, 12, 999_999_999_999];

pub const ROLES: &[&str] = &[
    "arn:aws:iam::111122223333:role/BedrockUser",
    "arn:aws:iam::111122223333:role/path/BedrockUser",
    "arn:aws:iam::444455556666:role/Admin",
    "arn:aws-cn:iam::000000000012:role/Bedrock",
];
pub const ROLE_PATTERNS: &[&str] = &[
    "arn:*:iam::*:role/*",
    "arn:aws:iam::*:role/Bedrock*",
    "arn:aws:iam::111122223333:role/*/*",
    "arn:aws:iam::*",
    "*",
];

pub const COMMANDS: &[&str] = &[
    "/opt/corp/bin/creds --profile dev",
    "/opt/corp/bin/creds",
    "/opt/other/bin/creds  dev",
    "creds dev",
    "/opt/corp/bin/creds dev; /tmp/evil",
    "/opt/corp/../tmp/creds dev",
];
pub const COMMAND_PATTERNS: &[&str] = &[
    "/opt/corp/bin/creds *",
    "/opt/*/bin/creds *",
    "/opt/corp/bin/creds",
    "/opt/*/*/creds dev",
    "/*/*/*/creds",
    "/opt/corp/bin/creds dev; /tmp/evil",
];

pub const START_URLS: &[&str] = &[
    "https://corp.awsapps.com/start",
    "https://CORP.awsapps.com/start#/",
    "https://other.awsapps.com/start",
    "http://corp.awsapps.com/start",
    "https://corp.awsapps.com.evil.example/start",
    "https://ada@corp.awsapps.com/start",
    "start",
];
pub const START_URL_PATTERNS: &[&str] = &[
    "https://*.awsapps.com/start",
    "https://corp.awsapps.com/start",
    "https://corp.awsapps.com/start#/",
    "https://*/start",
];
pub const SSO_ROLES: &[&str] = &["BedrockUser", "Admin", "ReadOnly"];
pub const SSO_ROLE_PATTERNS: &[&str] = &["*", "Bedrock*", "Admin", "none"];

pub const ENDPOINTS: &[&str] = &[
    "https://bedrock-runtime.us-east-1.amazonaws.com",
    "https://bedrock-runtime.eu-west-1.amazonaws.com/",
    "https://BEDROCK-RUNTIME-fips.us-gov-west-1.amazonaws.com:443",
    "https://bedrock-runtime.cn-north-1.amazonaws.com.cn",
    "https://bedrock-runtime.eu-west-1.api.aws",
    "https://vpce-0ab.bedrock-runtime.us-east-1.vpce.amazonaws.com",
    "https://gw.corp.example/bedrock",
    "https://GW.corp.example:8443/bedrock/",
    "http://localhost:8080",
    "http://bedrock-runtime.us-east-1.amazonaws.com",
    "https://bedrock-runtime.us-east-1.amazonaws.com:8443",
    "https://bedrock-runtime.us-east-1.amazonaws.com/proxy",
    "https://bedrock-runtime.us-east-1.amazonaws.com.",
    "https://bedrock-runtime.us-east-1.amazonaws.com.evil.example",
    "https://bedrock-runtime.cn-north-1.amazonaws.com",
    "https://x.bedrock-runtime.us-east-1.amazonaws.com",
];
/// Where STS, IAM Identity Center or AWS Sign-In might be asked.
pub const SERVICE_URLS: &[&str] = &[
    "https://sts.amazonaws.com",
    "https://sts.eu-west-1.amazonaws.com",
    "https://sts-fips.us-east-1.api.aws",
    "https://vpce-0ab.sts.eu-west-1.vpce.amazonaws.com",
    "https://portal.sso.eu-west-1.amazonaws.com",
    "https://us-east-1.signin.aws.amazon.com",
    "https://signin.eu-west-1.api.aws",
    "https://sts.cn-north-1.amazonaws.com.cn",
    "https://sts.cn-north-1.amazonaws.com",
    "http://sts.amazonaws.com",
    "https://sts.amazonaws.com.evil.example",
    "https://sts.amazonaws.com:8443",
    "https://sts.amazonaws.com/x",
    "https://gw.corp.example/bedrock",
    "http://localhost:8080",
];
pub const CONTAINER_URLS: &[&str] = &[
    "http://169.254.170.2/v2/credentials/x",
    "http://169.254.170.23/v1/credentials",
    "http://localhost:8080/creds?token=cAnArYs3cr3t",
    "http://127.0.0.1:1/",
    "http://[::1]:1/",
    "https://gw.corp.example/bedrock",
    "https://creds.example/x?token=cAnArYs3cr3t",
    "https://localhost.evil.example/",
];
pub const IMDS_URLS: &[&str] = &[
    "http://169.254.169.254",
    "http://[fd00:ec2::254]",
    "http://169.254.169.254:8080",
    "http://localhost:8080",
    "https://gw.corp.example/bedrock",
];

/// Texts that two readers could take for two endpoints, or for none.
pub const NO_ENDPOINTS: &[&str] = &[
    "bedrock-runtime.us-east-1.amazonaws.com",
    "https://gw.corp.example@evil.example",
    "https://ada:cAnArYs3cr3t@gw.corp.example",
    "https://gw.corp.example/?key=cAnArYs3cr3t",
    "https://evil.example#.amazonaws.com",
    "https://evil.example?x=.amazonaws.com",
    "https://evil.example\\.amazonaws.com",
    "ftp://gw.corp.example",
    "https:gw.corp.example",
    "https:///gw.corp.example",
    "https://",
    " https://gw.corp.example",
];
pub const ENDPOINT_PATTERNS: &[&str] = &[
    "https://bedrock-runtime.*.amazonaws.com",
    "https://*.*.*.*",
    "https://*.corp.example/bedrock",
    "https://gw.corp.example:8443/bedrock",
    "http://localhost:8080",
    "https://bedrock-runtime*.*.amazonaws.com:443/",
];

pub const CA_VARIABLES: &[&str] = &["AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"];
pub const PROXY_VARIABLES: &[&str] =
    &["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
pub const PROXIES: &[&str] = &[
    "http://proxy.corp.example:3128",
    "proxy.corp.example:3128",
    "https://ada:cAnArYs3cr3t@proxy.corp.example",
    "socks5://ada:cAnArYs3cr3t@proxy.corp.example",
    "http://ada:cAnArYs3cr3t@:3128",
    "",
];
pub const NO_PROXY: &[&str] =
    &["*", "localhost, *", ".corp.example,10.0.0.0/8", "*.corp.example", ""];

/// Methods with the most rules stand here more often.
pub const METHODS: &[&str] = &[
    "named_profile",
    "sso",
    "api_key",
    "default",
    "automatic",
    "sso",
    "named_profile",
    "sso",
    "named_profile",
];

/// A part of every secret that is made, which must never be seen again.
pub const CANARY: &str = "cAnArYs3cr3t";

pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("the pool holds instants")
}
