//! The requests that everybody must answer alike, in a form that favours nobody.

/// One question: may this be used? What a method does not have is absent.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) layer: &'static str,
    pub(super) region: &'static str,
    pub(super) root: &'static str,
    pub(super) account: Option<&'static str>,
    pub(super) profile: Option<&'static str>,
    pub(super) role_arn: Option<&'static str>,
    pub(super) command: Option<&'static str>,
    pub(super) start_url: Option<&'static str>,
    pub(super) role_name: Option<&'static str>,
    pub(super) kind: Option<&'static str>,
    pub(super) lifetime: Option<u32>,
    pub(super) signed_by_temporary_key: Option<bool>,
}

impl Request {
    /// The members that are texts, by name.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        [
            ("layer", Some(self.layer)),
            ("region", Some(self.region)),
            ("root", Some(self.root)),
            ("account", self.account),
            ("profile", self.profile),
            ("role_arn", self.role_arn),
            ("command", self.command),
            ("start_url", self.start_url),
            ("role_name", self.role_name),
            ("kind", self.kind),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

fn automatic() -> Request {
    Request {
        method: "automatic",
        layer: "user",
        region: "eu-west-1",
        root: "container",
        account: Some("111122223333"),
        ..Request::default()
    }
}

fn named_profile() -> Request {
    Request {
        method: "named_profile",
        root: "credential_process",
        profile: Some("ci-bedrock"),
        role_arn: Some("arn:aws:iam::111122223333:role/BedrockBuild"),
        command: Some("/opt/corp/bin/creds --profile build"),
        ..automatic()
    }
}

fn sso() -> Request {
    Request {
        method: "sso",
        root: "sso",
        profile: Some("corp-dev"),
        start_url: Some("https://corp-eu.awsapps.com/start"),
        role_name: Some("BedrockUser"),
        ..automatic()
    }
}

fn iam_credentials() -> Request {
    Request { method: "iam_credentials", layer: "keychain", root: "temporary_keys", ..automatic() }
}

fn api_key() -> Request {
    Request {
        method: "api_key",
        layer: "environment",
        root: "short_term_api_key",
        kind: Some("short_term"),
        lifetime: Some(3_600),
        signed_by_temporary_key: Some(true),
        ..automatic()
    }
}

/// What is measured: two answers of each kind, cheap and dear ones.
pub(super) fn measured() -> [(&'static str, Request); 4] {
    let wrong_portal = Request { start_url: Some("https://other.awsapps.com/start"), ..sso() };
    let wrong_throughout = Request {
        root: "long_lived_keys",
        account: Some("999988887777"),
        profile: Some("private"),
        role_arn: Some("arn:aws:iam::999988887777:role/Admin"),
        command: Some("/home/me/creds"),
        region: "ap-south-1",
        ..named_profile()
    };
    [
        ("sso allowed", sso()),
        ("sso denied for 1 reason", wrong_portal),
        ("named_profile allowed", named_profile()),
        ("named_profile denied for 6 reasons", wrong_throughout),
    ]
}

/// Every method as it should be, and with each of its members changed.
pub(super) fn checked() -> Vec<Request> {
    let mut all: Vec<_> = measured().map(|(_, request)| request).into();
    for good in [automatic(), named_profile(), sso(), iam_credentials(), api_key()] {
        all.push(good.clone());
        all.extend(
            ["eu-central-1", "us-east-1", "us-east-2", "eu"]
                .map(|region| Request { region, ..good.clone() }),
        );
        all.extend(
            [Some("444455556666"), Some("999988887777"), None]
                .map(|account| Request { account, ..good.clone() }),
        );
        if good.method != "sso" && good.method != "api_key" {
            all.extend(
                ["imds", "web_identity", "sso", "temporary_keys", "long_lived_keys"]
                    .map(|root| Request { root, ..good.clone() }),
            );
        }
        if good.profile.is_some() {
            all.extend(
                ["corp-ops", "ci-", "corp", "private"]
                    .map(|profile| Request { profile: Some(profile), ..good.clone() }),
            );
        }
    }
    all.extend(
        [
            Some("arn:aws:iam::444455556666:role/Bedrock"),
            Some("arn:aws:iam::444455556666:role/Admin"),
            Some("arn:aws-cn:iam::444455556666:role/BedrockUser"),
            None,
        ]
        .map(|role_arn| Request { role_arn, ..named_profile() }),
    );
    all.extend(
        [Some("/opt/corp/bin/creds x"), Some("/tmp/creds x"), None]
            .map(|command| Request { command, ..named_profile() }),
    );
    // Without a command that can be known: a program all the same, or another root.
    all.extend(["credential_process", "sso"].map(|root| Request {
        root,
        command: None,
        ..named_profile()
    }));
    all.extend(["BedrockAdmin", "Admin"].map(|name| Request { role_name: Some(name), ..sso() }));
    all.push(Request { start_url: Some("https://corp.awsapps.com/start"), ..sso() });
    for good in [iam_credentials(), api_key()] {
        all.extend(["environment", "keychain"].map(|layer| Request { layer, ..good.clone() }));
    }
    all.extend([28_800, 28_801].map(|seconds| Request { lifetime: Some(seconds), ..api_key() }));
    all.push(Request { signed_by_temporary_key: Some(false), ..api_key() });
    all.push(Request {
        kind: Some("long_term"),
        lifetime: None,
        signed_by_temporary_key: Some(false),
        ..api_key()
    });
    all
}
