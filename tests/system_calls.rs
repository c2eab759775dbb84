//! What the program asks of the system: which files it opens and to whom it connects, seen by `strace`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use support::program::{Answer, PROGRAM, files};
use support::session::Session;

/// Every file opened or looked at, and every connection, one call a line.
fn calls(session: &Session, words: &[&str], variables: &[(&str, &str)]) -> (Answer, String) {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("calls");
    let mut command = session.command("strace");
    command.args([
        "-f",
        "-qq",
        "-y",
        "-s",
        "300",
        "-e",
        "trace=%file,connect,sendto,sendmsg",
        "-o",
    ]);
    command.arg(&log).arg(PROGRAM).args(words).envs(variables.iter().copied());
    let output = command.current_dir(files()).output();
    let output =
        output.unwrap_or_else(|error| panic!("no `strace` ({error}): run `bash .ci/install`"));
    let answer = Answer::of(&output);
    let calls = std::fs::read_to_string(&log).unwrap();
    assert!(calls.contains("execve("), "strace saw nothing: {answer:?}");
    (answer, calls)
}

fn lines<'a>(calls: &'a str, parts: &[&str]) -> Vec<&'a str> {
    calls.lines().filter(|line| parts.iter().all(|part| line.contains(part))).collect()
}

const SSO: [&str; 3] = ["status", "--user-settings", "settings/sso.json"];

#[test]
fn a_chosen_method_does_not_wake_the_keychain() {
    let session = Session::unlocked();
    let home = files().join("home/.aws/config");
    let config = [("AWS_CONFIG_FILE", home.to_str().unwrap())];
    let (answer, calls) = calls(&session, &SSO, &config);
    assert_eq!(answer.code, 0, "{answer:?}");
    // The system's own cache of accounts is asked who the person is.
    let connections = lines(&calls, &["connect("]);
    let others = connections.iter().filter(|line| !line.contains("/nscd/socket"));
    assert_eq!(others.count(), 0, "{connections:?}");
    assert!(!lines(&calls, &["open", "home/.aws/config", "= "]).is_empty(), "{calls}");
}

/// One look for the answer and for the check of the keychain.
#[test]
fn the_doctor_asks_the_keychain_once() {
    let session = Session::unlocked();
    let connections = |words: &[&str]| {
        let (_, calls) = calls(&session, words, &[]);
        lines(&calls, &["connect(", "AF_UNIX", "run/bus"]).len()
    };
    let of_status = connections(&["status"]);
    assert!(of_status > 0);
    assert_eq!(connections(&["doctor"]), of_status);
}

/// Which sign-ins there are is looked up where a profile could need one, and nowhere else.
#[test]
fn only_who_could_need_a_sign_in_looks_for_it() {
    let session = Session::without_service();
    let home = files().join("home");
    let config = home.join(".aws/config");
    for (variables, looks) in [
        (&[("HOME", home.to_str().unwrap())][..], 1),
        (&[("HOME", "/nonexistent"), ("AWS_CONFIG_FILE", config.to_str().unwrap())], 0),
        (&[("HOME", "/nonexistent")], 0),
    ] {
        let (_, calls) = calls(&session, &["status", "--no-keychain"], variables);
        let opened = lines(&calls, &["openat(", "sso/cache>", ".json\"", "= "]);
        assert_eq!(opened.len(), looks, "{variables:?}: {calls}");
    }
}

/// The counterpart: otherwise the test above could not see a connection if there were one.
#[test]
fn without_a_chosen_method_the_keychain_is_asked() {
    let session = Session::unlocked();
    let (answer, calls_made) = calls(&session, &["status"], &[]);
    assert_eq!(answer.code, 5, "{answer:?}");
    assert!(!lines(&calls_made, &["connect(", "AF_UNIX", "run/bus"]).is_empty(), "{calls_made}");
    let (_, calls_made) = calls(&session, &["status", "--no-keychain"], &[]);
    assert_eq!(lines(&calls_made, &["connect(", "run/bus"]), Vec::<&str>::new());
}

/// Whatever stands in the files and variables: it is predicted, not tried.
#[test]
fn nothing_goes_to_the_network() {
    let session = Session::unlocked();
    let chains: [&[(&str, &str)]; 5] = [
        &[],
        &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/creds")],
        &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent"),
            ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/a"),
        ],
        &[("ZED_BEDROCK_BEARER_TOKEN", "a-token"), ("ZED_AWS_ENDPOINT", "https://bedrock.example")],
        &[
            ("HTTPS_PROXY", "http://127.0.0.1:9"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9"),
        ],
    ];
    let dir = tempfile::tempdir().unwrap();
    let automatic = dir.path().join("automatic.json");
    std::fs::write(&automatic, r#"{ "authentication_method": "automatic" }"#).unwrap();
    let automatic = ["explain", "--user-settings", automatic.to_str().unwrap()];
    for words in
        [&automatic[..], &["status"], &SSO, &["policy", "show"], &["policy", "test", "scenarios"]]
    {
        for variables in chains {
            let (_, calls) = calls(&session, words, variables);
            for family in ["AF_INET", "AF_INET6", "AF_NETLINK"] {
                assert_eq!(lines(&calls, &[family]), Vec::<&str>::new(), "{words:?} {variables:?}");
            }
        }
    }
}

#[test]
fn the_managed_place_is_looked_at_by_every_answer() {
    let session = Session::without_service();
    let handing_out = [&["exec", "--", "true"][..], &["export"], &["credential-process"]];
    for words in [&["status"][..], &["explain"], &["policy", "show"]].into_iter().chain(handing_out)
    {
        let (_, calls) = calls(&session, words, &[("ZED_BEDROCK_BEARER_TOKEN", "a-token")]);
        // The walk goes step by step: `etc` from the root, then `bedrock-auth` from there.
        let looks = lines(&calls, &["</etc>", "\"bedrock-auth\""]);
        assert!(!looks.is_empty(), "{words:?}: {calls}");
    }
    let (_, what_if) = calls(&session, &["status", "--managed", "policies/corp.json"], &[]);
    assert!(!lines(&what_if, &["corp.json"]).is_empty(), "{what_if}");
}

/// What is at hand is handed out without certificates, and nobody is called.
#[test]
fn what_is_at_hand_needs_no_connection() {
    let session = Session::without_service();
    let dir = tempfile::tempdir().unwrap();
    let (config, settings) = (dir.path().join("config"), dir.path().join("settings.json"));
    let write = |path: &std::path::Path, text: &str| std::fs::write(path, text).unwrap();
    write(&settings, r#"{ "authentication_method": "named_profile", "profile": "p" }"#);
    let words = ["credential-process", "--user-settings", settings.to_str().unwrap()];
    let variables = [("AWS_CONFIG_FILE", config.to_str().unwrap())];

    write(&config, "[profile p]\naws_access_key_id = AKIA\naws_secret_access_key = s\n");
    let (answer, at_hand) = calls(&session, &words, &variables);
    assert_eq!(answer.code, 0, "{answer:?}");
    for part in ["AF_INET", "/etc/ssl"] {
        assert_eq!(lines(&at_hand, &[part]), Vec::<&str>::new());
    }

    // The counterpart: for a role, certificates are read and STS is called.
    let moved = ("AWS_ENDPOINT_URL_STS", "https://127.0.0.1:9");
    let role = "[profile p]\nrole_arn = arn:aws:iam::111122223333:role/a\nsource_profile = q\n\
                [profile q]\naws_access_key_id = AKIA\naws_secret_access_key = s\n";
    write(&config, role);
    let (answer, fetched) = calls(&session, &words, &[variables[0], moved]);
    assert_eq!(answer.code, 1, "{answer:?}");
    for part in ["AF_INET", "/etc/ssl"] {
        assert_ne!(lines(&fetched, &[part]), Vec::<&str>::new(), "{fetched}");
    }
}

/// The profile's process could do anything, so it is named and never run.
#[test]
fn no_other_program_is_run() {
    let session = Session::without_service();
    let dir = tempfile::tempdir().unwrap();
    let (config, settings) = (dir.path().join("config"), dir.path().join("settings.json"));
    std::fs::write(&config, "[profile p]\ncredential_process = /bin/echo never-run\n").unwrap();
    std::fs::write(&settings, r#"{ "authentication_method": "named_profile", "profile": "p" }"#)
        .unwrap();
    let words = ["explain", "--user-settings", settings.to_str().unwrap()];
    let (answer, calls) = calls(&session, &words, &[("AWS_CONFIG_FILE", config.to_str().unwrap())]);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(answer.stdout.contains("credential_process"), "{answer:?}");
    assert_eq!(lines(&calls, &["execve("]).len(), 1, "{calls}");
}
