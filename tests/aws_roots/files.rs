//! Profile files: given ones, and generated ones full of what people and parsers trip over.

use bedrock_auth::aws::{AwsFacts, AwsInputs, FileText};
use proptest::prelude::*;

use super::NAMES;

#[derive(Debug, Clone)]
pub(super) struct Files {
    pub(super) config: String,
    pub(super) credentials: String,
}

impl Files {
    pub(super) fn predicted(&self, variables: &[(&str, &str)]) -> AwsFacts {
        let environment = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        AwsFacts::new(AwsInputs {
            environment: environment.collect(),
            config: Some(FileText::new("config", self.config.clone().into_bytes())),
            credentials: Some(FileText::new("credentials", self.credentials.clone().into_bytes())),
        })
    }

    pub(super) fn text(&self, file: &str) -> &str {
        if file == "config" { &self.config } else { &self.credentials }
    }

    pub(super) fn hold(&self, text: &str) -> bool {
        self.config.contains(text) || self.credentials.contains(text)
    }
}

pub(super) fn files() -> impl Strategy<Value = Files> {
    let line_ends = prop_oneof![5 => Just("\n"), 1 => Just("\r\n")];
    (sections("config"), sections("credentials"), select(SSO_SESSIONS), select(SERVICES), line_ends)
        .prop_map(|(config, credentials, session, services, line_end)| {
            let config = [services, session, &config].join("\n");
            Files {
                config: config.replace('\n', line_end),
                credentials: credentials.replace('\n', line_end),
            }
        })
}

pub(super) fn select<T: Copy + std::fmt::Debug + 'static>(
    values: &'static [T],
) -> impl Strategy<Value = T> + Clone {
    proptest::sample::select(values)
}

/// The `[sso-session s]`: whole, in pieces, spelled oddly, or of another name.
const SSO_SESSIONS: &[&str] = &[
    "",
    "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://s.example/start",
    "[sso-session s]\nsso_region = eu-west-1",
    "[sso-session s]\nsso_region = eu-west-1\n[sso-session s]\nsso_start_url = https://s.example/start",
    "[ sso-session \ts ] # ours\nSSO_REGION=eu-west-1 ; there\nSso_Start_Url = https://s.example/start#",
    "[sso-session s]\nsso_region = eu-west-1\n[sso-session  s]\nsso_region = eu-west-2",
    "[sso-session S]\nsso_region = eu-west-1\nsso_start_url = https://s.example/start",
    "[Sso-Session s]\nsso_region = eu-west-1\nsso_start_url = https://s.example/start",
    "[sso-sessions]\nsso_region = eu-west-1\nsso_start_url = https://s.example/start",
];

/// Endpoints for services, which decide nothing about who signs.
const SERVICES: &[&str] = &[
    "",
    "[services s]\nsts =\n  endpoint_url = http://127.0.0.1:9/sts\nsso =\n  endpoint_url = http://127.0.0.1:9",
    "[services a]\nrole_arn =\n  source_profile = no\naws_access_key_id = no",
];

/// Spellings of a header in which `@` stands for the name: first those that count, then those that do not.
const CONFIG_HEADERS: &[&str] = &["[profile @]", "[ profile\t@ ] ; other", "[profile @]#other"];
const CONFIG_STRANGERS: &[&str] = &[
    "[Profile @]",
    "[profile@]",
    "[profile @ @]",
    "[profile \"@\"]",
    "[profile @!]",
    "[profiles @]",
    "[sso-session @]",
    "[services @]",
    "[plugins]",
];
const CREDENTIALS_HEADERS: &[&str] = &["[@] # keys", "[ @\t]"];
const CREDENTIALS_STRANGERS: &[&str] =
    &["[profile @]", "[@ @]", "[\"@\"]", "[sso-session s]", "[@é]"];

/// What stood in files that led to a key, sooner or later.
pub(super) const ODDITIES: [&str; 14] = [
    "\r\n",
    "[services s]",
    "[ sso-session \ts ]",
    "[sso-session  s]",
    "[ profile\t",
    "[Profile ",
    "[profile \"",
    "[plugins]",
    "[default]",
    "[profile default]",
    "ROLE_ARN=",
    "  credential_process = no",
    "\n  # goes on",
    "services = s",
];

fn sections(file: &'static str) -> impl Strategy<Value = String> {
    let (headers, strangers) = match file {
        "config" => (CONFIG_HEADERS, CONFIG_STRANGERS),
        _ => (CREDENTIALS_HEADERS, CREDENTIALS_STRANGERS),
    };
    // Most profiles are spelled alike: where spellings differ, chance decides.
    let header = prop_oneof![
        12 => Just((headers[0], true)),
        2 => select(headers).prop_map(|header| (header, true)),
        2 => select(strangers).prop_map(|header| (header, false)),
    ];
    let section =
        (header, select(&NAMES), keys()).prop_map(move |((header, counts), name, keys)| {
            section(if counts { file } else { "other" }, header, name, &keys)
        });
    proptest::collection::vec(section, 2..8).prop_map(|sections| sections.join("\n"))
}

/// Lines in which `@` stands for what is special to the file and the profile.
fn keys() -> impl Strategy<Value = Vec<&'static str>> {
    const WHOLE: usize = 14;
    const LINES: &[&str] = &[
        // What belongs together,
        "role_arn = arn:aws:iam::111122223333:role/@\nsource_profile = a",
        "role_arn = arn:aws:iam::111122223333:role/@\nsource_profile = b",
        "ROLE_ARN=arn:aws:iam::111122223333:role/@ # who\nSource_Profile = c",
        "role_arn = arn:aws:iam::111122223333:role/@\nsource_profile = default",
        "role_arn = arn:aws:iam::111122223333:role/@\ncredential_source = Ec2InstanceMetadata",
        "role_arn = arn:aws:iam::111122223333:role/@\nweb_identity_token_file = Cargo.toml",
        "sso_session = s\nsso_account_id = 111122223333\nsso_role_name = r",
        "sso_start_url = u\nsso_region = r\nsso_account_id = 111122223333\nsso_role_name = r",
        "aws_access_key_id = AKIA@\naws_secret_access_key = s",
        "aws_access_key_id = AKIA@\naws_secret_access_key = s",
        "aws_access_key_id = AKIA@\naws_secret_access_key = s",
        "credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"PROC@\",\"SecretAccessKey\":\"s\"}'",
        "credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"PROC@\",\"SecretAccessKey\":\"s\"}'",
        "login_session = arn:aws:iam::111122223333:user/me",
        // the same in pieces,
        "role_arn = arn:aws:iam::111122223333:role/@",
        "source_profile = a",
        "source_profile = b",
        "source_profile = nobody",
        "credential_source = ec2instanceMETADATA ; where",
        "credential_source = Environment",
        "credential_source = Moon",
        "region = eu-west-1",
        "output = json",
        "web_identity_token_file = Cargo.toml",
        "sso_session = s",
        "sso_start_url = https://a.example/start",
        "sso_region = eu-west-1",
        "sso_account_id = 111122223333",
        "aws_access_key_id = AKIA@",
        "aws_secret_access_key = s",
        // nothing,
        "role_arn =",
        "source_profile =",
        "credential_source =",
        "credential_process =",
        "aws_access_key_id =",
        // and what is no key at all.
        "s3 =\n  role_arn = no\n\taws_access_key_id = no",
        "# role_arn = no\nregion = eu-west-1\n  credential_process = no",
        "output = json\n\n \t\n; role_arn = no\n\taws_access_key_id = no",
        "role arn = no\nrôle_arn = no\naws_access_key_id : x = no",
        "services = s\nendpoint_url = http://127.0.0.1:9/profile",
        "mfa_serial = arn:aws:iam::111122223333:mfa/me\nduration_seconds = 900",
        // A value that goes on is another value,
        "role_arn = arn:aws:iam::111122223333:role/@\n  # goes on\nsource_profile = b",
        "source_profile = a\n  b",
        "credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"PROC@\",\"SecretAccessKey\":\"s\"}'\n  # goes on",
        // and so is one that is written otherwise.
        "source_profile = \"a\"",
        "source_profile = A",
        "source_profile = a;b",
        "source_profile=\tb\t;c",
        "credential_source = EcsContainer",
        "aws_session_token = t",
        "external_id = x\nrole_session_name = n",
    ];
    // One way to get credentials makes a plausible profile; several make the order among them count.
    prop_oneof![
        2 => proptest::sample::select(&LINES[..WHOLE]).prop_map(|line| vec![line]),
        1 => proptest::collection::vec(proptest::sample::select(LINES), 0..5),
    ]
}

fn section(file: &str, header: &str, name: &str, keys: &[&str]) -> String {
    let header = match (file, name) {
        // Both spellings count, and the longer one more than the other.
        ("config", "default") if keys.len().is_multiple_of(2) => "[default]".to_owned(),
        _ => header.replace('@', name),
    };
    let mark = special(file, name);
    let lines = keys.iter().map(|line| line.replace('@', &mark));
    [header].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// Sixteen characters that tell the file and the profile.
pub(super) fn special(file: &str, name: &str) -> String {
    let text = format!("{file}{name}").to_uppercase();
    format!("{text:X<16}")[..16].to_owned()
}
