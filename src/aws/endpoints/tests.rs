//! Tests of who moves an endpoint, in which order, and of what is refused; and of lures.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_runtime::env_config::EnvConfigValue;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::section::EnvConfigSections;
use aws_runtime::env_config::source;
use aws_types::os_shim_internal::{Env, Fs};

use crate::aws::fixture::{SECRET, machine, told_fault, told_place};
use crate::lure::Lure;
use crate::signer::{Signer, SignerFault, Signers};

const ROLE: &str = "role_arn = arn:aws:iam::111122223333:role/r\nsource_profile = a\n\
                    aws_access_key_id = {akia}\naws_secret_access_key = {secret}\n";
const SSO: &str = "sso_session = s\nsso_account_id = 111122223333\nsso_role_name = r\n\
                   [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://s.example/start\n";

/// `sts https://… @ config:3`, or the service alone.
fn told(answer: &Result<Signer, SignerFault>) -> String {
    let signer = match answer {
        Ok(signer) => signer,
        Err(fault) => return told_fault(fault),
    };
    let calls = signer.calls.iter().map(|call| match &call.moved_to {
        Some(moved) => format!("{} {} @ {}", call.service, moved.url, told_place(Some(&moved.at))),
        None => call.service.to_string(),
    });
    calls.collect::<Vec<_>>().join(", ")
}

/// The profile `a`; `keys` begin in line 2.
fn profile_a(keys: &str, variables: &[(&str, &str)]) -> String {
    told(&machine(&format!("[profile a]\n{keys}"), "", variables).profile("a"))
}

#[test]
fn each_service_on_the_way_is_told_once() {
    let container = [("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")];
    for (keys, variables, calls) in [
        (ROLE, &[][..], "sts"),
        (SSO, &[], "sso, sso_oidc"),
        ("sso_start_url=u\nsso_region=r\nsso_account_id=1\nsso_role_name=r", &[], "sso"),
        ("login_session = l", &[], "signin"),
        ("credential_process = p", &[], ""),
        (
            "role_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nweb_identity_token_file=t",
            &[],
            "sts",
        ),
        ("role_arn=r\ncredential_source=Ec2InstanceMetadata", &[], "sts, imds"),
        (
            "role_arn=r\ncredential_source=EcsContainer",
            &container,
            "sts, container http://169.254.170.2/x @ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        ),
    ] {
        assert_eq!(profile_a(keys, variables), calls, "{keys}");
    }
}

#[test]
fn the_service_comes_before_all_and_variables_before_the_profile() {
    let keys = format!(
        "{ROLE}endpoint_url = https://four\nservices = s\n[services s]\nsts =\n  x = y\n  endpoint_url = https://three\n"
    );
    let one = ("AWS_ENDPOINT_URL_STS", "https://one");
    let two = ("AWS_ENDPOINT_URL", "https://two");
    let other = ("AWS_ENDPOINT_URL_SSO", "https://other");
    for (keys, variables, calls) in [
        (keys.as_str(), &[one, two][..], "sts https://one @ AWS_ENDPOINT_URL_STS"),
        (&keys, &[two, other], "sts https://two @ AWS_ENDPOINT_URL"),
        (&keys, &[("AWS_ENDPOINT_URL_STS", ""), other], "sts https://three @ config:11"),
        (&keys.replace("sts =", "STS ="), &[], "sts https://three @ config:11"),
        (&keys.replace("sts =", "sso ="), &[], "sts https://four @ config:6"),
        (&keys.replace("[services s]", "[services t]"), &[], "sts https://four @ config:6"),
        (
            &keys.replace("endpoint_url = https://four", "endpoint_url ="),
            &[],
            "sts https://three @ config:11",
        ),
        // Its own source may say what it likes.
        (
            "role_arn=r\nsource_profile=b\n[profile b]\nendpoint_url = https://x\naws_access_key_id=i\naws_secret_access_key=s",
            &[],
            "sts",
        ),
    ] {
        assert_eq!(profile_a(keys, variables), calls, "{keys} {variables:?}");
    }
}

/// What we find for STS is what `aws-runtime` finds under the same files and variables.
#[test]
fn the_order_is_that_of_the_sdk() {
    let config = "[profile a]\nrole_arn=r\nsource_profile=a\naws_access_key_id=i\naws_secret_access_key=s\n\
                  endpoint_url = https://four\nservices = s\n[services s]\nsts =\n  endpoint_url = https://three\n";
    let no_services = config.replace("services = s", "");
    let credentials = "[a]\nendpoint_url = https://five\n";
    for config in [config, &no_services] {
        for credentials in ["", credentials] {
            for variables in [
                &[("AWS_ENDPOINT_URL_STS", "https://one"), ("AWS_ENDPOINT_URL", "https://two")][..],
                &[("AWS_ENDPOINT_URL", "https://two")],
                &[],
            ] {
                let signer = machine(config, credentials, variables).profile("a").unwrap();
                let ours = signer.calls[0].moved_to.as_ref().map(|moved| moved.url.clone());
                assert_eq!(ours, of_sdk(config, credentials, variables), "{config} {variables:?}");
            }
        }
    }
}

fn of_sdk(config: &str, credentials: &str, variables: &[(&str, &str)]) -> Option<String> {
    let files = EnvConfigFiles::builder()
        .with_contents(EnvConfigFileKind::Config, config)
        .with_contents(EnvConfigFileKind::Credentials, credentials)
        .build();
    let environment = Env::from_slice(&[variables, &[("AWS_PROFILE", "a")]].concat());
    let no_files = Fs::from_slice(&[]);
    let load = pin!(source::load(&environment, &no_files, &files));
    let Poll::Ready(Ok(source)) = load.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("not loaded at once");
    };
    let sections = EnvConfigSections::parse(source).unwrap();
    let value = EnvConfigValue::new().env("AWS_ENDPOINT_URL").profile("endpoint_url");
    let value = value.service_id("STS");
    value.load(&environment, Some(&sections)).map(|(value, _)| value.into_owned())
}

#[test]
fn endpoints_can_be_switched_off() {
    let url = ("AWS_ENDPOINT_URL", "https://two");
    let off = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True");
    let on = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false");
    let ignoring = format!("{ROLE}ignore_configured_endpoint_urls = true\n");
    for (keys, variables, calls) in [
        (ROLE, &[url, off][..], "sts"),
        (SSO, &[url, off], "sso, sso_oidc"),
        (&ignoring, &[url], "sts"),
        (&ignoring, &[url, on], "sts https://two @ AWS_ENDPOINT_URL"),
        (&ignoring, &[url, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "")], "sts"),
        (
            ROLE,
            &[url, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "1")],
            "sts https://two @ AWS_ENDPOINT_URL",
        ),
    ] {
        assert_eq!(profile_a(keys, variables), calls, "{variables:?}");
    }
}

#[test]
fn the_metadata_service_moves_by_keys_of_its_own() {
    let imds = "role_arn=r\ncredential_source=Ec2InstanceMetadata\n";
    let by_profile = format!("{imds}ec2_metadata_service_endpoint = http://three\n");
    let ipv6 = format!("{imds}ec2_metadata_service_endpoint_mode = IPv6\n");
    let endpoint = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://one/");
    let mode = |mode| ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", mode);
    for (keys, variables, moved) in [
        (imds, vec![endpoint, mode("ipv6")], "imds http://one @ AWS_EC2_METADATA_SERVICE_ENDPOINT"),
        (&by_profile, vec![mode("ipv6")], "imds http://three @ config:4"),
        (
            imds,
            vec![mode("ipv6")],
            "imds http://[fd00:ec2::254] @ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
        ),
        (&ipv6, vec![], "imds http://[fd00:ec2::254] @ config:4"),
        (&ipv6, vec![mode("IPV4")], "imds"),
        (
            imds,
            vec![("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"), endpoint],
            "imds http://one @ AWS_EC2_METADATA_SERVICE_ENDPOINT",
        ),
    ] {
        assert_eq!(profile_a(keys, &variables), format!("sts, {moved}"), "{keys} {variables:?}");
    }
}

#[test]
fn container_credentials_tell_their_whole_url() {
    const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    for (variables, told_) in [
        (
            vec![(RELATIVE, "/v2/a?id=b"), (FULL, "https://x")],
            "container http://169.254.170.2/v2/a?id=b @ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        ),
        (
            vec![(FULL, "http://LOCALHOST:1338/a/")],
            "container http://localhost:1338/a/ @ AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ),
        (
            vec![(FULL, "http://0251.0376.0252.027/a")],
            "container http://169.254.170.23/a @ AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ),
        (
            vec![(FULL, "https://creds.example")],
            "container https://creds.example/ @ AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ),
        (
            vec![(RELATIVE, "@evil.example/x")],
            "the environment variable `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` is not usable: \
             it does not begin with `/` @ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        ),
        (
            vec![(FULL, "http://creds.example/x")],
            "the environment variable `AWS_CONTAINER_CREDENTIALS_FULL_URI` is not usable: it is neither https nor \
             an address of this machine or of ECS or EKS @ AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ),
        (
            vec![(FULL, "http://localhost:80@evil.example/")],
            "the environment variable `AWS_CONTAINER_CREDENTIALS_FULL_URI` is not usable: it holds an `@` \
             @ AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ),
    ] {
        assert_eq!(told(&machine("", "", &variables).automatic()), told_, "{variables:?}");
    }
}

#[test]
fn a_query_is_not_shown() {
    let variables = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/a?token={secret}")];
    let signer = machine("", "", &variables).automatic().unwrap();
    let moved = signer.calls[0].moved_to.as_ref().unwrap();
    assert!(moved.url.ends_with(SECRET));
    assert!(!format!("{signer:?}").contains(SECRET));
}

#[test]
fn what_is_no_endpoint_is_refused_without_showing_it() {
    for (keys, variables, fault) in [
        (
            ROLE.to_owned(),
            vec![("AWS_ENDPOINT_URL", "https://me:{secret}@h")],
            "the environment variable `AWS_ENDPOINT_URL` is not usable: it holds an `@` @ AWS_ENDPOINT_URL",
        ),
        (
            format!("{ROLE}endpoint_url = {{secret}}"),
            vec![],
            "`endpoint_url` of the AWS profile `a` is not usable: it is not a URL with a host @ config:6",
        ),
        (
            format!("{ROLE}services = s\n[services s]\nsts =\n  endpoint_url = https://h # {{secret}}"),
            vec![],
            "`endpoint_url` of the AWS profile `a` is not usable: it holds characters that do not belong in a URL \
             @ config:9",
        ),
        (
            "role_arn=r\ncredential_source=Ec2InstanceMetadata\nec2_metadata_service_endpoint_mode = {secret}".to_owned(),
            vec![],
            "`ec2_metadata_service_endpoint_mode` of the AWS profile `a` is not usable: \
             it is neither `IPv4` nor `IPv6` @ config:4",
        ),
    ] {
        let told = profile_a(&keys, &variables);
        assert_eq!(told, fault);
        assert!(!told.contains(SECRET));
    }
    // Who needs no service is not kept from it.
    assert_eq!(profile_a("credential_process = p\nendpoint_url = x", &[]), "");
}

#[test]
fn what_is_chance_is_refused() {
    let by_chance = "two differently written headers of the same section give it different values, and the AWS SDK \
                     takes one of them by chance";
    let doubled = |key: &str, one: &str, other: &str| {
        format!(
            "{ROLE}{key} = {one}\n[profile\ta]\n{key} = {other}\n[services s]\nsts =\n  endpoint_url = https://h\n"
        )
    };
    for key in ["endpoint_url", "services", "ignore_configured_endpoint_urls"] {
        let told = profile_a(&doubled(key, "https://x", "https://y"), &[]);
        let expected =
            format!("`{key}` of the AWS profile `a` is not usable: {by_chance} @ config:8");
        assert_eq!(told, expected);
    }
    let sections = "services = s\n[services s]\nsts =\n  endpoint_url = https://x\n[services\ts]\nsts =\n  endpoint_url = https://y\n";
    let told = profile_a(&format!("{ROLE}{sections}"), &[]);
    let expected =
        format!("`endpoint_url` of the AWS profile `a` is not usable: {by_chance} @ config:12");
    assert_eq!(told, expected);
    // A key that ours passes over may be as it likes.
    assert_eq!(profile_a(&doubled("region", "x", "y"), &[]), "sts");
}

#[test]
fn the_active_profile_moves_what_the_default_chain_asks() {
    let config = "[default]\nendpoint_url = https://default\nec2_metadata_service_endpoint = http://imds\n\
                  [profile b]\nrole_arn=r\nweb_identity_token_file=t\nendpoint_url = https://b\n";
    for (variables, calls) in [
        (vec![], "imds http://imds @ config:3"),
        (vec![("AWS_PROFILE", "b")], "sts https://b @ config:7"),
        (
            vec![("AWS_WEB_IDENTITY_TOKEN_FILE", "t"), ("AWS_ROLE_ARN", "r")],
            "sts https://default @ config:2",
        ),
        (
            vec![
                ("AWS_ACCESS_KEY_ID", "i"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
                ("AWS_ENDPOINT_URL", "x"),
            ],
            "",
        ),
    ] {
        assert_eq!(told(&machine(config, "", &variables).automatic()), calls, "{variables:?}");
    }
}

fn told_lures(lures: &[Lure]) -> Vec<String> {
    lures
        .iter()
        .map(|lure| {
            let value = lure.value.as_deref().unwrap_or("-");
            format!("{:?} {value} @ {}", lure.kind, told_place(Some(&lure.at)))
        })
        .collect()
}

#[test]
fn lures_of_variables() {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "{akia}"),
        ("SECRET_ACCESS_KEY", "{secret}"),
        ("AWS_BEARER_TOKEN_BEDROCK", "{secret}"),
        ("AWS_PROFILE", "p"),
        ("AWS_REGION", "r"),
        ("AWS_DEFAULT_REGION", "s"),
        ("AWS_ENDPOINT_URL", "https://me:{secret}@h"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://h/"),
        ("AWS_USE_FIPS_ENDPOINT", "TRUE"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
        ("AWS_AUTH_SCHEME_PREFERENCE", "{secret}"),
        ("AWS_SIGV4A_SIGNING_REGION_SET", "*"),
    ];
    let lures = machine("", "", &variables).lures(None);
    assert_eq!(
        told_lures(&lures),
        [
            "AccessKey SECRET_ACCESS_KEY @ AWS_ACCESS_KEY_ID",
            "BearerToken - @ AWS_BEARER_TOKEN_BEDROCK",
            "Profile p @ AWS_PROFILE",
            "Region r @ AWS_REGION",
            "Region s @ AWS_DEFAULT_REGION",
            "Endpoint https://h @ AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
            "Endpoint - @ AWS_ENDPOINT_URL",
            "FipsEndpoint - @ AWS_USE_FIPS_ENDPOINT",
            "DualStackEndpoint - @ AWS_USE_DUALSTACK_ENDPOINT",
            "AuthScheme - @ AWS_AUTH_SCHEME_PREFERENCE",
            "SigningRegions - @ AWS_SIGV4A_SIGNING_REGION_SET",
        ]
    );
    assert!(!format!("{lures:?}").contains(SECRET));
}

#[test]
fn what_says_nothing_is_no_lure() {
    for variables in [
        &[("AWS_ACCESS_KEY_ID", "{akia}")][..],
        &[("AWS_REGION", ""), ("AWS_PROFILE", ""), ("AWS_BEARER_TOKEN_BEDROCK", " ")],
        &[("AWS_USE_FIPS_ENDPOINT", "false"), ("AWS_USE_DUALSTACK_ENDPOINT", "")],
        &[("AWS_ENDPOINT_URL", "https://h"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
        &[("AWS_ENDPOINT_URL_STS", "https://h")],
    ] {
        assert_eq!(told_lures(&machine("", "", variables).lures(None)), [""; 0], "{variables:?}");
    }
}

#[test]
fn lures_of_the_profile_that_an_sdk_would_read() {
    let keys = "region = r\nendpoint_url = https://h\nservices = s\nauth_scheme_preference = httpBearerAuth\n\
                use_fips_endpoint = true\nuse_dualstack_endpoint = false\nsigv4a_signing_region_set = *\n";
    let services = "[services s]\nbedrock_runtime =\n  endpoint_url = https://bedrock\n";
    let machine = |variables: &[(&str, &str)]| {
        machine(&format!("[profile a]\n{keys}{services}[default]\nregion = d\n"), "", variables)
    };
    let of_a = [
        "Region r @ config:2",
        "Endpoint https://bedrock @ config:11",
        "Endpoint https://h @ config:3",
        "FipsEndpoint - @ config:6",
        "AuthScheme - @ config:5",
        "SigningRegions - @ config:8",
    ];
    assert_eq!(told_lures(&machine(&[]).lures(Some("a"))), of_a);
    assert_eq!(told_lures(&machine(&[]).lures(None)), ["Region d @ config:13"]);
    assert_eq!(told_lures(&machine(&[("AWS_PROFILE", "a")]).lures(None))[1..], of_a);
    assert_eq!(told_lures(&machine(&[]).lures(Some("nobody"))), [""; 0]);
}
