//! Container credentials: who gets them, what they look like, and when they are refused.

use std::fs;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::agent::{Agent, Home, KEY, LONG_LIVED_KEY};
use crate::http::{ask, to_port};

fn expiration(credentials: &Value) -> Timestamp {
    credentials["Expiration"].as_str().unwrap().parse().unwrap()
}

/// Status and code of what comes back.
fn refused(agent: &Agent<'_>) -> (u16, String) {
    let response = agent.credentials();
    (response.status, response.code())
}

#[test]
fn they_are_those_of_the_answer() {
    let home = Home::new();
    let agent = home.serve();
    let before = Timestamp::now();
    let response = agent.credentials();
    assert_eq!(response.status, 200, "{response:?}");
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let credentials = response.json();
    assert_eq!(credentials["AccessKeyId"], KEY[0].1);
    assert_eq!(credentials["SecretAccessKey"], KEY[1].1);
    assert_eq!(credentials["Token"], KEY[2].1);
    assert_eq!(credentials["AccountId"], "609629065308");
    let ahead = expiration(&credentials).duration_since(before);
    let (least, most) = (SignedDuration::from_secs(50), SignedDuration::from_mins(5));
    assert!(least < ahead && ahead < most, "{ahead}");
    assert_eq!(agent.metric("bedrock_auth_credentials_handed_out_total"), 1.0);
}

#[test]
fn who_has_no_token_gets_nothing_and_is_counted() {
    let home = Home::new();
    let agent = home.serve();
    let token = agent.token();
    let nearly = format!("{}x", &token[..token.len() - 1]);
    let doubled = [("Authorization", token.as_str()), ("Authorization", token.as_str())];
    let attempts: [&[(&str, &str)]; 8] = [
        &[],
        &[("Authorization", "")],
        &[("Authorization", "x")],
        &[("Authorization", &nearly)],
        &[("Authorization", &token[1..])],
        &[("Authorization", &format!("Bearer {token}"))],
        &[("X-Authorization", &token)],
        &doubled,
    ];
    for headers in attempts {
        let response = agent.ask_container(headers);
        assert_eq!((response.status, response.code().as_str()), (401, "unauthorized"));
        assert!(!response.body.contains(KEY[1].1) && !response.body.contains(&token));
    }
    let count = "bedrock_auth_unauthorized_container_requests_total{code=\"unauthorized\"}";
    assert_eq!(agent.metric(count), attempts.len() as f64);
    let answered = "bedrock_auth_requests_total{route=\"/v1/credentials\",status=\"401\"}";
    assert_eq!(agent.metric(answered), attempts.len() as f64);
    assert_eq!(agent.credentials().status, 200);
}

#[test]
fn pages_of_the_web_get_nothing() {
    let home = Home::new();
    let agent = home.serve();
    let token = agent.token();
    let token = ("Authorization", token.as_str());
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        let response = agent.ask_container(&[token, ("Origin", origin)]);
        assert_eq!((response.status, response.code().as_str()), (403, "origin_not_allowed"));
        assert_eq!(response.header("access-control-allow-origin"), None);
    }
    // A name of theirs that points to loopback.
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""] {
        let response = agent.ask_container(&[token, ("Host", host)]);
        assert_eq!(
            (response.status, response.code().as_str()),
            (403, "host_not_allowed"),
            "{host}"
        );
    }
    let address = agent.address();
    for host in [address.to_string(), format!("localhost:{}", address.port())] {
        assert_eq!(agent.ask_container(&[token, ("Host", &host)]).status, 200, "{host}");
    }
    let asked = ask(to_port(address), "OPTIONS", "/v1/credentials", &[token]);
    assert_eq!((asked.status, asked.code().as_str()), (405, "http_method_not_allowed"));
}

#[test]
fn only_credentials_are_served_on_the_port() {
    let home = Home::new();
    let agent = home.serve();
    let token = agent.token();
    for path in ["/v1/answer", "/v1/changes", "/v1/health", "/metrics", "/v1/openapi.json", "/"] {
        let response = ask(to_port(agent.address()), "GET", path, &[("Authorization", &token)]);
        assert_eq!((response.status, response.code().as_str()), (404, "not_found"), "{path}");
    }
}

#[test]
fn a_policy_that_tightens_refuses_the_next_request() {
    let home = Home::new();
    let agent = home.serve();
    assert_eq!(agent.credentials().status, 200);
    home.allow(&["sso"]);
    // Each use is judged by the files as they are, so nobody has to notice the change first.
    let response = agent.credentials();
    assert_eq!((response.status, response.code().as_str()), (403, "method_not_allowed"));
    let message = response.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("iam_credentials") && message.contains("use `sso`"), "{message}");
    let count = "bedrock_auth_credentials_refused_total{code=\"method_not_allowed\"}";
    assert_eq!(agent.metric(count), 1.0);
    // Once this is noticed, the answer that follows is the one meant below.
    agent.until_outcome("denied");
    home.allow(&["iam_credentials"]);
    agent.until_outcome("allowed");
    assert_eq!(agent.credentials().status, 200);
}

#[test]
fn what_container_credentials_cannot_carry_is_refused() {
    let home = Home::new();
    home.allow(&["api_key"]);
    let key = [("ZED_BEDROCK_BEARER_TOKEN", "a-token-of-a-local-test-server")];
    let agent = home.serve_with(&[], &key);
    assert_eq!(refused(&agent), (400, "api_key".to_owned()));
    assert!(agent.credentials().body.contains("bedrock-auth exec"));
    drop(agent);

    home.allow(&["iam_credentials"]);
    let agent = home.serve_with(&[], &LONG_LIVED_KEY);
    assert_eq!(agent.answer()["outcome"], "allowed");
    assert_eq!(refused(&agent), (400, "session_token_missing".to_owned()));
    assert!(!agent.credentials().body.contains("secret-of"));
    drop(agent);

    let agent = home.serve_with(&[], &[]);
    assert_eq!(refused(&agent), (404, "unconfigured".to_owned()));
}

/// A home whose profile `corp` runs this script for credentials.
fn with_process(script: &str) -> Home {
    let home = Home::new();
    home.allow(&["named_profile"]);
    home.write(
        "settings.json",
        r#"{ "authentication_method": "named_profile", "profile": "corp" }"#,
    );
    home.write("creds", &format!("#!/bin/sh\n{script}\n"));
    let config = format!("[profile corp]\ncredential_process = sh {}\n", home.text("creds"));
    home.write(".aws/config", &config);
    home
}

fn serve(home: &Home) -> Agent<'_> {
    home.serve_with(&["--user-settings", &home.text("settings.json")], &[])
}

/// What a process prints, with an end so far away.
fn printed(ahead: SignedDuration) -> String {
    let end = Timestamp::now() + ahead;
    format!(
        r#"echo '{{"Version":1,"AccessKeyId":"ASIAY34FZKBOKMUTVV7A","SecretAccessKey":"s","SessionToken":"t","Expiration":"{end}"}}'"#
    )
}

#[test]
fn they_are_fetched_once_for_all_who_ask() {
    let counted = "echo x >> \"$(dirname \"$0\")/calls\"; sleep 0.2;";
    let home = with_process(&format!("{counted} {}", printed(SignedDuration::from_hours(1))));
    let agent = serve(&home);
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..20).map(|_| scope.spawn(|| agent.credentials())).collect();
        for asked in asked {
            assert_eq!(asked.join().unwrap().status, 200);
        }
    });
    let calls = || fs::read_to_string(home.path("calls")).unwrap().lines().count();
    assert_eq!(calls(), 1);
    // The profile means the same to the policy, and another thing to who signs.
    let config = fs::read_to_string(home.path(".aws/config")).unwrap();
    home.write(".aws/config", &config.replace("= sh ", "= sh -u "));
    agent.until(|answer| answer["number"] == 2);
    assert_eq!(agent.credentials().status, 200);
    assert_eq!(calls(), 2);
}

/// A client that gives up after two seconds, as botocore does, and asks again.
#[test]
fn a_fetch_goes_on_when_its_client_is_gone() {
    let wait = "echo x >> \"$(dirname \"$0\")/calls\"; while [ ! -e \"$(dirname \"$0\")/go\" ]; do sleep 0.01; done;";
    let home = with_process(&format!("{wait} {}", printed(SignedDuration::from_hours(1))));
    let agent = serve(&home);
    let token = agent.token();
    {
        use std::io::Write;
        let mut gone = to_port(agent.address());
        let request = format!(
            "GET /v1/credentials HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n"
        );
        gone.write_all(request.as_bytes()).unwrap();
        while !home.path("calls").exists() {
            std::thread::yield_now();
        }
    }
    home.write("go", "");
    assert_eq!(agent.credentials().status, 200);
    assert_eq!(fs::read_to_string(home.path("calls")).unwrap(), "x\n");
}

#[test]
fn what_ends_soon_says_so() {
    let home = with_process(&printed(SignedDuration::from_secs(30)));
    let agent = serve(&home);
    let credentials = agent.credentials().json();
    let ahead = expiration(&credentials).duration_since(Timestamp::now());
    assert!(ahead <= SignedDuration::from_secs(30), "{ahead}");
    assert!(agent.metric("bedrock_auth_credentials_expire_timestamp_seconds") > 0.0);
}

#[test]
fn what_comes_is_judged() {
    let home = with_process(&printed(SignedDuration::from_hours(-1)));
    let agent = serve(&home);
    assert_eq!(refused(&agent), (403, "credential_expired".to_owned()));
}

#[test]
fn a_step_that_fails_says_what_to_do() {
    let home = with_process("echo 'the vault is sealed' >&2; exit 7");
    let agent = serve(&home);
    let response = agent.credentials();
    assert_eq!((response.status, response.code().as_str()), (502, "step_failed"));
    assert!(response.body.contains("the vault is sealed"), "{}", response.body);
    let count = "bedrock_auth_credentials_refused_total{code=\"step_failed\"}";
    assert_eq!(agent.metric(count), 1.0);
}

#[test]
fn an_agent_does_not_ask_itself() {
    let home = Home::new();
    let agent = home.serve();
    let port = agent.address().port().to_string();
    drop(agent);
    let mut command = home.program(&["serve", "--port", &port]);
    command.env(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        format!("http://127.0.0.1:{port}/v1/credentials"),
    );
    let told = crate::support::program::answer(&mut command);
    assert_eq!(told.code, 1);
    assert!(told.stderr.contains("ask itself"), "{}", told.stderr);
}

/// Nothing of a credential and nothing of the token, at any level.
#[test]
fn no_secret_is_told() {
    let home = Home::new();
    let mut command = home.program(&["serve"]);
    command.envs(KEY).env("BEDROCK_AUTH_LOG", "trace");
    let agent = Agent::start(&home, command);
    let token = agent.token();
    assert_eq!(agent.credentials().status, 200);
    agent.ask_container(&[("Authorization", "another-token")]);
    home.allow(&["sso"]);
    agent.until_outcome("denied");
    assert_eq!(agent.credentials().status, 403);
    let mut told = agent.log();
    for path in ["/v1/answer", "/v1/health", "/metrics", "/v1/openapi.json"] {
        told += &agent.get(path).body;
    }
    assert!(told.contains("no credentials are handed out"), "{told}");
    for secret in [KEY[1].1, KEY[2].1, &token, "another-token"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}
