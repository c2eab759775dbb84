//! Tests of the default chain: the order of its providers, and what ends it.

use crate::aws::fixture::{environment, machine, told, told_notes};
use crate::aws::{AwsFacts, AwsInputs, FileText};
use crate::signer::Signers;

const PROFILES: &str = "[default]\ncredential_process=p\n[profile half]\naws_access_key_id={akia}\n\
                        [profile lost]\nrole_arn=r\nsource_profile=nope\n[profile bare]\nregion=r\n\
                        [profile leads_to_bare]\nrole_arn=r\nsource_profile=bare";

fn automatic(config: &str, variables: &[(&str, &str)]) -> String {
    told(&machine(config, "", variables).automatic())
}

#[test]
fn the_first_that_is_configured_wins() {
    let layers: [(&[(&str, &str)], &str); 5] = [
        (
            &[("AWS_ACCESS_KEY_ID", "{akia}"), ("AWS_SECRET_ACCESS_KEY", "{secret}")],
            "environment_keys AWS_ACCESS_KEY_ID = long_lived_keys",
        ),
        (&[("AWS_PROFILE", "chosen")], "credential_process chosen config:2 = credential_process"),
        (
            &[("AWS_WEB_IDENTITY_TOKEN_FILE", "t"), ("AWS_ROLE_ARN", "r")],
            "web_identity AWS_ROLE_ARN = web_identity",
        ),
        (
            &[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")],
            "container AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = container",
        ),
        (
            &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/x")],
            "container AWS_CONTAINER_CREDENTIALS_FULL_URI = container",
        ),
    ];
    for first in 0..layers.len() {
        let variables: Vec<_> = layers[first..].iter().flat_map(|(set, _)| *set).copied().collect();
        let answer = automatic("[profile chosen]\ncredential_process=p", &variables);
        assert_eq!(answer, layers[first].1, "{first}");
    }
    assert_eq!(automatic("", &[]), "imds - = imds");
}

#[test]
fn environment_keys() {
    for (variables, expected) in [
        (
            vec![("AWS_ACCESS_KEY_ID", "{akia}"), ("SECRET_ACCESS_KEY", "{secret}")],
            "long_lived_keys",
        ),
        (
            vec![
                ("AWS_ACCESS_KEY_ID", "{asia}"),
                ("AWS_SECRET_ACCESS_KEY", "{secret}"),
                ("AWS_SESSION_TOKEN", "{secret}"),
            ],
            "temporary_keys",
        ),
        (
            vec![
                ("AWS_ACCESS_KEY_ID", "{asia}"),
                ("AWS_SECRET_ACCESS_KEY", "{secret}"),
                ("AWS_SESSION_TOKEN", " "),
            ],
            "unknown",
        ),
        // Half a key, or white space, counts as none.
        (vec![("AWS_ACCESS_KEY_ID", "{akia}")], "credential_process"),
        (
            vec![("AWS_ACCESS_KEY_ID", "{akia}"), ("AWS_SECRET_ACCESS_KEY", " \t")],
            "credential_process",
        ),
        (vec![("AWS_SECRET_ACCESS_KEY", "{secret}")], "credential_process"),
    ] {
        let answer = automatic(PROFILES, &variables);
        assert!(answer.ends_with(&format!(" = {expected}")), "{variables:?}: {answer}");
    }
}

#[test]
fn what_falls_through_and_what_stops() {
    let container = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://h");
    let to_container = "container AWS_CONTAINER_CREDENTIALS_FULL_URI = container";
    for (profile, expected) in [
        // The SDK falls through the first four; an empty name counts as absent here.
        ("nope", "there is no AWS profile `nope` @ AWS_PROFILE"),
        ("bare", "the AWS profile `bare` names no way to get credentials @ config:8"),
        ("lost", "there is no AWS profile `nope` @ config:7"),
        ("", "credential_process default config:2 = credential_process"),
        // As somebody's source, a profile without credentials is an error.
        ("leads_to_bare", "the AWS profile `bare` names no way to get credentials @ config:8"),
        ("half", "the AWS profile `half` lacks `aws_secret_access_key` @ config:4"),
    ] {
        assert_eq!(
            automatic(PROFILES, &[("AWS_PROFILE", profile), container]),
            expected,
            "{profile}"
        );
    }
    for config in ["", "[default]\nregion=r", "[default]\nrole_arn=r\nsource_profile=nope"] {
        assert_eq!(automatic(config, &[container]), to_container, "{config}");
    }
    assert_eq!(
        automatic("[profile x", &[container]),
        "the AWS SDK refuses the profile file: a section header has no closing `]` @ config:1"
    );
}

#[test]
fn empty_variables_count_as_the_sdk_counts_them() {
    for (variables, expected) in [
        (
            vec![("AWS_WEB_IDENTITY_TOKEN_FILE", "t"), ("AWS_ROLE_ARN", "")],
            "the environment variable `AWS_ROLE_ARN` is not usable: it is empty @ AWS_ROLE_ARN",
        ),
        (
            vec![
                ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ""),
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "u"),
            ],
            "the environment variable `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` is not usable: it is empty \
             @ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        ),
        (vec![("AWS_ROLE_ARN", "r")], "imds - = imds"),
        (vec![("AWS_EC2_METADATA_DISABLED", "1")], "imds - = imds"),
        (
            vec![("AWS_EC2_METADATA_DISABLED", "TRUE")],
            "the AWS default chain would find no credentials on this machine @ -",
        ),
        (
            vec![("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_PROFILE", "x")],
            "there is no AWS profile `x` @ AWS_PROFILE",
        ),
    ] {
        assert_eq!(automatic("", &variables), expected, "{variables:?}");
    }
}

#[test]
fn notes_name_what_shaped_the_answer() {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "{akia}"),
        ("SECRET_ACCESS_KEY", "{secret}"),
        ("AWS_PROFILE", "default"),
        ("AWS_CONFIG_FILE", "config"),
    ];
    let signer = machine(PROFILES, "", &variables).automatic().unwrap();
    assert_eq!(
        told_notes(&signer.notes),
        [
            "the AWS profile `default` is chosen here for the default chain @ AWS_PROFILE",
            "the secret access key comes from here, because `AWS_SECRET_ACCESS_KEY` holds nothing \
             @ SECRET_ACCESS_KEY",
            "shadowed by what comes before it in the default chain: the AWS profile `default` (root \
             `credential_process`) @ config:2",
            "here the AWS SDK is pointed to `config` instead of the usual file @ AWS_CONFIG_FILE",
        ]
    );
    let lost = "[default]\nrole_arn=r\nsource_profile=nope";
    let fallen = machine(lost, "", &[("AWS_ACCESS_KEY_ID", "x")]);
    assert_eq!(
        told_notes(&fallen.automatic().unwrap().notes),
        [
            "half an access key counts as none: `AWS_SECRET_ACCESS_KEY` holds nothing @ AWS_ACCESS_KEY_ID",
            "there is no AWS profile `nope`, so the default chain goes on @ config:3",
            "nothing else is configured, so the EC2 instance metadata service is asked; whether it answers is not \
             known beforehand @ -",
        ]
    );
}

#[test]
fn a_moved_place_of_sign_ins_is_worth_a_note_where_one_is_used() {
    let moved = [("AWS_LOGIN_CACHE_DIRECTORY", "elsewhere")];
    let notes = |config| told_notes(&machine(config, "", &moved).automatic().unwrap().notes);
    assert_eq!(
        notes("[default]\nlogin_session=arn:aws:iam::111122223333:user/ada"),
        [
            "here the AWS SDK is pointed to `elsewhere` instead of the usual place of the sign-ins of `aws login` \
          @ AWS_LOGIN_CACHE_DIRECTORY"
        ]
    );
    assert_eq!(notes("[default]\ncredential_process=x"), [""; 0]);
}

#[test]
fn an_unreadable_file_is_empty_to_the_sdk() {
    let facts = AwsFacts::new(AwsInputs {
        environment: environment(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")]),
        config: Some(FileText::unreadable("config", "permission denied")),
        credentials: Some(FileText::new("credentials", vec![0xff])),
    });
    let automatic = facts.automatic();
    assert_eq!(told(&automatic), "container AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = container");
    assert!(
        told_notes(&automatic.unwrap().notes).contains(
            &"the AWS SDK takes this file for an empty one: it is not UTF-8 text @ credentials"
                .to_owned()
        )
    );
    assert_eq!(
        told(&facts.profile("a")),
        "there is no AWS profile `a`, and a file that may hold it is not readable: permission denied @ config"
    );
}
