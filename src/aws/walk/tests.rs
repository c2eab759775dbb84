//! Tests of the walk: what profiles lead to, and why some lead nowhere.

use crate::aws::fixture::{SECRET, machine, told, told_notes};
use crate::signer::{SignerFaultKind, Signers};

/// What the profile `a` of a config file leads to.
fn of_config(config: &str) -> String {
    told(&machine(config, "", &[]).profile("a"))
}

#[test]
fn each_root() {
    for (config, expected) in [
        (
            "[profile a]\naws_access_key_id={akia}\naws_secret_access_key={secret}",
            "static_keys a config:2 = long_lived_keys",
        ),
        (
            "[profile a]\naws_access_key_id={asia}\naws_secret_access_key={secret}\naws_session_token={secret}",
            "static_keys a config:2 = temporary_keys",
        ),
        (
            "[profile a]\naws_access_key_id={akia}\naws_secret_access_key={secret}\naws_session_token={secret}",
            "static_keys a config:2 = long_lived_keys",
        ),
        (
            "[profile a]\naws_access_key_id={asia}\naws_secret_access_key={secret}\naws_session_token=",
            "static_keys a config:2 = unknown",
        ),
        (
            "[profile a]\ncredential_process=/bin/creds",
            "credential_process a config:2 = credential_process",
        ),
        (
            "[profile a]\nrole_arn=r\nweb_identity_token_file=/t",
            "web_identity a config:2 = web_identity",
        ),
        (
            "[profile a]\nlogin_session=arn:aws:iam::111122223333:user/me",
            "login a config:2 = login",
        ),
        (
            "[profile a]\nsso_account_id=111122223333\nsso_region=r\nsso_role_name=n\nsso_start_url=u",
            "sso a config:5 = sso",
        ),
        (
            "[profile a]\nsso_session=s\nsso_account_id=1\nsso_role_name=n\n[sso-session s]\nsso_region=r\nsso_start_url=u",
            "sso a config:7 = sso",
        ),
        ("[profile a]\ncredential_source=ec2InstanceMetadata", "imds config:2 = imds"),
    ] {
        assert_eq!(of_config(config), expected, "{config}");
    }
}

#[test]
fn order_within_a_profile() {
    let everything = [
        ("credential_source=Ec2InstanceMetadata", "imds config:2 = imds"),
        ("role_arn=r\nweb_identity_token_file=t", "web_identity a config:2 = web_identity"),
        (
            "sso_start_url=u\nsso_account_id=1\nsso_role_name=n\nsso_region=r",
            "sso a config:2 = sso",
        ),
        ("login_session=l", "login a config:2 = login"),
        ("credential_process=p", "credential_process a config:2 = credential_process"),
        (
            "aws_access_key_id={akia}\naws_secret_access_key={secret}",
            "static_keys a config:2 = long_lived_keys",
        ),
    ];
    for first in 0..everything.len() {
        let keys: Vec<_> = everything[first..].iter().map(|(keys, _)| *keys).collect();
        let config = format!("[profile a]\n{}", keys.join("\n"));
        assert_eq!(of_config(&config), everything[first].1, "{config}");
    }
}

#[test]
fn what_comes_later_is_told() {
    let config = "[profile a]\nsso_start_url=u\nsso_account_id=1\nsso_role_name=n\nsso_region=r\n\
                  source_profile=b\naws_access_key_id={akia}";
    let signer = machine(config, "", &[]).profile("a").unwrap();
    assert_eq!(
        told_notes(&signer.notes),
        [
            "`source_profile` of the AWS profile `a` plays no part: the AWS SDK takes `sso_start_url` @ config:6",
            "`aws_access_key_id` of the AWS profile `a` plays no part: the AWS SDK takes `sso_start_url` @ config:7",
        ]
    );
}

#[test]
fn chains() {
    for (config, expected) in [
        // A source gives its keys first, whatever else it holds.
        (
            "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=s\nsource_profile=c\n\
             sso_start_url=u\naws_access_key_id={akia}\naws_secret_access_key={secret}",
            "assume_role a config:2, static_keys b config:8 = long_lived_keys",
        ),
        // Half a key does not count there.
        (
            "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\ncredential_process=p\naws_access_key_id={akia}",
            "assume_role a config:2, credential_process b config:5 = credential_process",
        ),
        (
            "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=s\nsource_profile=c\n\
             [profile c]\ncredential_process=p",
            "assume_role a config:2, assume_role b config:5, credential_process c config:8 = credential_process",
        ),
        (
            "[profile a]\nrole_arn=r\nsource_profile=a\naws_access_key_id={akia}\naws_secret_access_key={secret}",
            "assume_role a config:2, static_keys a config:4 = long_lived_keys",
        ),
        (
            "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=s\nweb_identity_token_file=t",
            "assume_role a config:2, web_identity b config:5 = web_identity",
        ),
        // The role counts for nothing beside a token file and a named source.
        (
            "[profile a]\nrole_arn=r\nweb_identity_token_file=t\ncredential_source=Ec2InstanceMetadata",
            "imds config:4 = imds",
        ),
        (
            "[profile a]\nrole_arn=r\ncredential_source=Ec2InstanceMetadata",
            "assume_role a config:2, imds config:3 = imds",
        ),
        // Without a role there is no source.
        (
            "[profile a]\nsource_profile=b\ncredential_process=p\n[profile b]\ncredential_process=q",
            "credential_process a config:3 = credential_process",
        ),
    ] {
        assert_eq!(of_config(config), expected, "{config}");
    }
}

#[test]
fn faults() {
    for (config, expected) in [
        ("", "there is no AWS profile `a` @ -"),
        ("[a]\ncredential_process=p", "there is no AWS profile `a` @ -"),
        ("[profile a]", "the AWS profile `a` names no way to get credentials @ config:1"),
        (
            "[profile a]\nsource_profile=b",
            "the AWS profile `a` names no way to get credentials @ config:1",
        ),
        (
            "[profile a]\nrole_arn=r\nsource_profile=nope",
            "there is no AWS profile `nope` @ config:3",
        ),
        ("[profile a]\nrole_arn=r", "the AWS profile `a` lacks `source_profile` @ config:2"),
        (
            "[profile a]\nrole_arn=r\nsource_profile=b\ncredential_source=Environment",
            "`credential_source` of the AWS profile `a` is not usable: `source_profile` stands in the same \
             profile, and only one can be used @ config:4",
        ),
        (
            "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=c\n\
             [profile c]\nrole_arn=r\nsource_profile=b",
            "the AWS profiles lead in a circle: a → b → c → b @ config:9",
        ),
        (
            "[profile a]\naws_access_key_id={akia}",
            "the AWS profile `a` lacks `aws_secret_access_key` @ config:2",
        ),
        (
            "[profile a]\naws_secret_access_key={secret}",
            "the AWS profile `a` lacks `aws_access_key_id` @ config:2",
        ),
        (
            "[profile a]\naws_session_token={secret}",
            "the AWS profile `a` lacks `aws_access_key_id` @ config:2",
        ),
        (
            "[profile a]\naws_access_key_id={akia}\naws_secret_access_key=",
            "`aws_secret_access_key` of the AWS profile `a` is not usable: it is empty @ config:3",
        ),
        (
            "[profile a]\nrole_arn=\nsource_profile=b\n[profile b]\ncredential_process=p",
            "`role_arn` of the AWS profile `a` is not usable: it is empty @ config:2",
        ),
        // The SDK meets the missing profile before it uses the empty role.
        ("[profile a]\nrole_arn=\nsource_profile=b", "there is no AWS profile `b` @ config:3"),
        (
            "[profile a]\nweb_identity_token_file=t",
            "the AWS profile `a` lacks `role_arn` @ config:2",
        ),
        (
            "[profile a]\ncredential_source=Moon",
            "`credential_source` of the AWS profile `a` is not usable: the AWS SDK knows `Environment`, \
             `EcsContainer` and `Ec2InstanceMetadata` @ config:2",
        ),
        (
            "[profile a]\ncredential_source=Environment",
            "the environment variable `AWS_ACCESS_KEY_ID` is not usable: it holds nothing, and a profile takes \
             its credentials from there @ AWS_ACCESS_KEY_ID",
        ),
    ] {
        assert_eq!(of_config(config), expected, "{config}");
    }
}

#[test]
fn sso_faults() {
    for (config, expected) in [
        (
            "[profile a]\nsso_session=s\nsso_account_id=1\nsso_role_name=n",
            "`sso_session` of the AWS profile `a` is not usable: there is no `[sso-session]` section of that \
             name in the config file @ config:2",
        ),
        (
            "[profile a]\nsso_session=s\nsso_region=r\n[sso-session s]\nsso_region=r\nsso_start_url=u",
            "`sso_region` of the AWS profile `a` is not usable: with `sso_session` it may stand in the \
             `[sso-session]` section alone @ config:3",
        ),
        (
            "[profile a]\nsso_start_url=u\nsso_region=r\nsso_account_id=1",
            "the AWS profile `a` lacks `sso_role_name` @ config:4",
        ),
        (
            "[profile a]\nsso_start_url=u\nsso_account_id=1\nsso_role_name=n",
            "the AWS profile `a` lacks `sso_region` @ config:2",
        ),
        (
            "[profile a]\nsso_session=s\nsso_account_id=1\nsso_role_name=n\n[sso-session s]\nsso_region=r",
            "the AWS profile `a` lacks `sso_start_url` @ config:2",
        ),
        (
            "[profile a]\nsso_session=s\n[sso-session s]\nsso_region=r\nsso_start_url=u",
            "the AWS profile `a` lacks `sso_account_id` @ config:2",
        ),
        // One stray key makes the whole profile an SSO profile.
        (
            "[profile a]\nsso_account_id=1\naws_access_key_id={akia}\naws_secret_access_key={secret}",
            "the AWS profile `a` lacks `sso_role_name` @ config:2",
        ),
    ] {
        assert_eq!(of_config(config), expected, "{config}");
    }
}

#[test]
fn accounts_and_keys() {
    let account_and_key = |config: &str| {
        let signer = machine(config, "", &[]).profile("a").unwrap();
        let account = signer.account.map(|account| account.to_string());
        (
            account.unwrap_or_default(),
            signer.access_key_id.map(|id| id.to_string()).unwrap_or_default(),
        )
    };
    for (config, account, key) in [
        (
            "[profile a]\naws_access_key_id={asia}\naws_secret_access_key=s\naws_session_token=t",
            "609629065308",
            "ASIAY34FZKBOKMUTVV7A",
        ),
        // The role assumed last counts, not the one in between and not the key.
        (
            "[profile a]\nrole_arn=arn:aws:iam::111122223333:role/x\nsource_profile=b\n\
             [profile b]\nrole_arn=arn:aws:iam::444455556666:role/x\nsource_profile=b\n\
             aws_access_key_id={akia}\naws_secret_access_key=s",
            "111122223333",
            "",
        ),
        // No number is better than the number of somebody else.
        (
            "[profile a]\nrole_arn=x\nsource_profile=b\n[profile b]\naws_access_key_id={akia}\naws_secret_access_key=s",
            "",
            "",
        ),
        (
            "[profile a]\nsso_start_url=u\nsso_region=r\nsso_role_name=n\nsso_account_id=111122223333",
            "111122223333",
            "",
        ),
        (
            "[profile a]\nweb_identity_token_file=t\nrole_arn=arn:aws:iam::111122223333:role/x",
            "111122223333",
            "",
        ),
        ("[profile a]\ncredential_process=p\naws_account_id=111122223333", "", ""),
        // A secret in the field of the id is not told.
        (
            "[profile a]\naws_access_key_id=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYxx\naws_secret_access_key=AKIA",
            "",
            "",
        ),
    ] {
        assert_eq!(account_and_key(config), (account.to_owned(), key.to_owned()), "{config}");
    }
}

#[test]
fn two_spellings_of_one_header_are_refused_where_they_differ() {
    let config = "[profile a]\ncredential_process=p\n[profile  a]\ncredential_process=q";
    assert_eq!(
        of_config(config),
        "`credential_process` of the AWS profile `a` is not usable: two differently written headers of the same \
         section give it different values, and the AWS SDK takes one of them by chance @ config:4"
    );
    let same = "[profile a]\ncredential_process=p\n[profile  a]\ncredential_process=p\nregion=r";
    assert_eq!(of_config(same), "credential_process a config:4 = credential_process");
    let in_session = "[profile a]\nsso_session=s\nsso_account_id=1\nsso_role_name=n\n\
                      [sso-session s]\nsso_region=r\nsso_start_url=u\n[sso-session s ]\nsso_start_url=v";
    assert!(
        of_config(in_session).starts_with("`sso_start_url` of the AWS profile `a` is not usable")
    );
}

#[test]
fn similar_names_are_offered() {
    let similar = |asked: &str| {
        let facts = machine("[profile prod]\n[profile staging]\n[profile x]", "", &[]);
        match facts.profile(asked).unwrap_err().kind {
            SignerFaultKind::ProfileNotFound { similar, .. } => similar,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(similar("Prod").as_deref(), Some("prod"));
    assert_eq!(similar("prd").as_deref(), Some("prod"));
    assert_eq!(similar("stagnig").as_deref(), Some("staging"));
    assert_eq!(similar("y"), None);
    assert_eq!(similar("quite-different"), None);
}

#[test]
fn no_secret_comes_out() {
    let config = "[profile a]\naws_access_key_id={asia}\naws_secret_access_key={secret}\naws_session_token={secret}";
    let facts =
        machine(config, "[a]\naws_session_token={secret}2", &[("AWS_SESSION_TOKEN", SECRET)]);
    let signer = facts.profile("a").unwrap();
    for text in [format!("{facts:?}"), format!("{signer:?}")] {
        assert!(!text.contains(SECRET), "{text}");
    }
    for broken in
        ["{secret}", "[a\n{secret}", "[a]\n{secret}", "[a]\n {secret}", "[a]\nk=\n {secret}"]
    {
        let fault = machine(broken, "", &[]).profile("a").unwrap_err();
        assert!(!format!("{fault} {fault:?}").contains(SECRET), "{fault:?}");
    }
}
