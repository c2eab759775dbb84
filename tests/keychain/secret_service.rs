//! `OsKeychain` in a process of its own, on a private bus with a real GNOME Keyring.

use std::{
    os::unix::net::UnixListener,
    process::Command,
    time::{Duration, Instant},
};

use bedrock_auth::credentials::StaticCredentials;
use bedrock_auth::load::keychain::{ItemName, Keychain, KeychainState, OsKeychain};

use super::{
    CANARY, shown,
    support::session::{Session, private, private_home, text},
};

const OWN: [&str; 4] = ["service", "bedrock-auth", "username", "bedrock"];
const ZED: [&str; 4] = ["url", "https://amazonaws.com", "username", "Bearer"];
const ZED_ITEM: &str =
    r#"{"access_key_id":"","secret_access_key":"","session_token":null,"bearer_token":"from-zed"}"#;
/// How long the probe waits where an answer is to come; a debug build's key exchange is slow.
const AMPLE: Duration = Duration::from_secs(20);
/// How long it waits where none will come.
const SHORT: Duration = Duration::from_millis(600);
/// What a process may take to start, give up and end, on a busy machine.
const MARGIN: Duration = Duration::from_secs(3);

#[test]
fn what_is_stored_is_read_back_and_a_peer_sees_it() {
    let session = Session::unlocked();
    assert_eq!(probe(&session, "read"), "Empty");
    assert_eq!(probe(&session, "store iam-1"), "Ok(())");
    assert_eq!(probe(&session, "read"), "Found BedrockAuth id-iam-1 secret-iam-1 token-iam-1 -");
    assert_eq!(
        session.lookup(&OWN).as_deref(),
        Some(
            r#"{"access_key_id":"id-iam-1","secret_access_key":"secret-iam-1","session_token":"token-iam-1"}"#
        )
    );
    let seen = session.search(&OWN);
    assert!(seen.contains("label = bedrock-auth"), "{seen}");
}

#[test]
fn storing_again_leaves_one_item_and_nothing_of_the_old() {
    let session = Session::unlocked();
    assert_eq!(probe(&session, "store iam-1"), "Ok(())");
    assert_eq!(probe(&session, "store-bearer key-2"), "Ok(())");
    assert_eq!(probe(&session, "read"), "Found BedrockAuth - - - key-2");
    assert_eq!(session.search(&OWN).matches("label = ").count(), 1);
}

#[test]
fn storing_replaces_an_item_that_a_peer_wrote_in_another_collection() {
    let session = Session::unlocked();
    let stray = ["--collection=session"].into_iter().chain(OWN).collect::<Vec<_>>();
    session.plant("stray", &stray, r#"{"bearer_token":"stray"}"#);
    assert_eq!(probe(&session, "read"), "Found BedrockAuth - - - stray");
    assert_eq!(probe(&session, "store-bearer mine"), "Ok(())");
    assert_eq!(probe(&session, "read"), "Found BedrockAuth - - - mine");
    assert_eq!(session.search(&OWN).matches("label = ").count(), 1);
}

#[test]
fn the_later_of_two_own_items_is_read() {
    let session = Session::unlocked();
    session.plant("first", &OWN, r#"{"bearer_token":"first"}"#);
    // the service counts in whole seconds
    std::thread::sleep(Duration::from_millis(1100));
    let later = ["--collection=session"].into_iter().chain(OWN).collect::<Vec<_>>();
    session.plant("later", &later, r#"{"bearer_token":"later"}"#);
    assert_eq!(probe(&session, "read"), "Found BedrockAuth - - - later");
}

#[test]
fn removing_deletes_our_item_and_tells_of_zeds() {
    let session = Session::unlocked();
    assert_eq!(probe(&session, "remove"), "Ok(Removed { existed: false, zed_remains: false })");
    assert_eq!(probe(&session, "store iam-1"), "Ok(())");
    session.plant("zed-github-account", &ZED, ZED_ITEM);
    assert_eq!(probe(&session, "remove"), "Ok(Removed { existed: true, zed_remains: true })");
    assert_eq!(session.lookup(&OWN), None);
    assert_eq!(session.lookup(&ZED).as_deref(), Some(ZED_ITEM));
    assert_eq!(probe(&session, "read"), "Found Zed - - - from-zed");
}

#[test]
fn zeds_item_is_read_and_ours_wins_over_it() {
    let session = Session::unlocked();
    session.plant("zed-github-account", &ZED, ZED_ITEM);
    assert_eq!(probe(&session, "read"), "Found Zed - - - from-zed");
    assert_eq!(probe(&session, "store-bearer ours"), "Ok(())");
    assert_eq!(probe(&session, "read"), "Found BedrockAuth - - - ours");
}

#[test]
fn other_items_of_zed_are_not_taken_for_bedrock() {
    let session = Session::unlocked();
    let github = ["url", "https://zed.dev", "username", "Bearer"];
    session.plant("zed-github-account", &github, ZED_ITEM);
    let other_user = ["url", "https://amazonaws.com", "username", "somebody"];
    session.plant("zed-github-account", &other_user, ZED_ITEM);
    assert_eq!(probe(&session, "read"), "Empty");
}

#[test]
fn an_old_item_with_a_region_is_read() {
    let session = Session::unlocked();
    session.plant("bedrock-auth", &OWN, r#"{"region":"eu-west-1","bearer_token":"old"}"#);
    assert_eq!(probe(&session, "read"), "Found BedrockAuth - - - old");
}

#[test]
fn a_garbled_item_of_ours_is_reported_and_not_passed_over() {
    let session = Session::unlocked();
    session.plant("zed-github-account", &ZED, ZED_ITEM);
    session.plant("bedrock-auth", &OWN, &format!("{{\"bearer_token\": {CANARY}"));
    let told = probe(&session, "read");
    assert_eq!(
        told,
        "Unusable { item: BedrockAuth, reason: \"it is not JSON at line 1, column 18\" }"
    );
}

#[test]
fn a_garbled_item_of_zed_is_reported() {
    let session = Session::unlocked();
    session.plant("zed-github-account", &ZED, "{}");
    assert_eq!(
        probe(&session, "read"),
        "Unusable { item: Zed, reason: \"it holds no credential\" }"
    );
}

#[test]
fn a_locked_keychain_is_told_and_never_asked_to_unlock() {
    let session = Session::unlocked();
    assert_eq!(probe(&session, "store iam-1"), "Ok(())");
    session.plant("zed-github-account", &ZED, ZED_ITEM);
    session.lock();
    let heard = session.overhear(|| {
        let start = Instant::now();
        assert_eq!(probe(&session, "read"), "Locked");
        assert_eq!(probe(&session, "store-bearer x"), "Err(Locked)");
        assert_eq!(probe(&session, "remove"), "Err(Locked)");
        assert!(start.elapsed() < AMPLE, "{:?}", start.elapsed());
    });
    assert!(heard.contains("member=SearchItems"), "overheard nothing: {heard}");
    for asking in ["member=Unlock", "member=Prompt", "Secret.Prompt"] {
        assert!(!heard.contains(asking), "{asking} in {heard}");
    }
}

#[test]
fn a_locked_keychain_without_our_item_is_locked_not_empty() {
    let session = Session::unlocked();
    session.lock();
    assert_eq!(probe(&session, "read"), "Locked");
    assert_eq!(probe(&session, "store-bearer x"), "Err(Locked)");
    assert_eq!(probe(&session, "remove"), "Err(Locked)");
}

#[test]
fn nothing_secret_passes_over_the_bus_in_clear() {
    let session = Session::unlocked();
    let heard = session.overhear(|| {
        assert_eq!(probe(&session, &format!("store-bearer {CANARY}")), "Ok(())");
        assert_eq!(probe(&session, "read"), format!("Found BedrockAuth - - - {CANARY}"));
    });
    assert!(heard.contains("member=CreateItem"), "overheard nothing: {heard}");
    assert!(!heard.contains(CANARY), "{heard}");
}

#[test]
fn a_service_without_a_collection_is_empty_and_takes_nothing() {
    let session = Session::without_collection();
    assert_eq!(probe(&session, "read"), "Empty");
    assert_eq!(probe(&session, "store-bearer x"), "Err(NoCollection)");
    assert_eq!(probe(&session, "remove"), "Ok(Removed { existed: false, zed_remains: false })");
}

#[test]
fn a_bus_without_a_service_is_absent() {
    let session = Session::without_service();
    let absent = r#"Absent { reason: "no Secret Service on the session bus" }"#;
    assert_eq!(probe(&session, "read"), absent);
    assert_eq!(probe(&session, "store-bearer x"), format!("Err({absent})"));
    assert_eq!(probe(&session, "remove"), format!("Err({absent})"));
}

#[test]
fn no_bus_is_absent() {
    let home = private_home();
    let told = run(private(&this_test(), &home), "read", AMPLE);
    assert!(told.starts_with(r#"Absent { reason: "no session bus answers: "#), "{told}");
    let mut nowhere = private(&this_test(), &home);
    nowhere.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let told = run(nowhere, "read", AMPLE);
    assert!(told.starts_with(r#"Absent { reason: "no session bus answers: "#), "{told}");
    let mut garbled = private(&this_test(), &home);
    garbled.env("DBUS_SESSION_BUS_ADDRESS", "not an address");
    let told = run(garbled, "read", AMPLE);
    assert!(told.starts_with(r#"Absent { reason: "no session bus answers: "#), "{told}");
}

#[test]
fn a_service_that_never_answers_times_out() {
    let session = Session::unlocked();
    assert_eq!(probe(&session, "store iam-1"), "Ok(())");
    session.freeze();
    for (verb, expected) in [
        ("read", "TimedOut { after: 600ms }"),
        ("store-bearer x", "Err(TimedOut { after: 600ms })"),
        ("remove", "Err(TimedOut { after: 600ms })"),
    ] {
        let start = Instant::now();
        assert_eq!(run(session.command(&this_test()), verb, SHORT), expected);
        let took = start.elapsed();
        assert!(SHORT <= took && took < SHORT + MARGIN, "{verb} took {took:?}");
    }
    session.thaw();
    assert_eq!(
        probe(&session, "read"),
        "Found BedrockAuth id-iam-1 secret-iam-1 token-iam-1 -",
        "what was given up did not happen later"
    );
}

#[test]
fn a_bus_that_never_answers_times_out() {
    let home = private_home();
    let socket = home.path().join("silent");
    let _silent = UnixListener::bind(&socket).unwrap();
    let mut command = private(&this_test(), &home);
    command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()));
    let start = Instant::now();
    assert_eq!(run(command, "read", SHORT), "TimedOut { after: 600ms }");
    let took = start.elapsed();
    assert!(SHORT <= took && took < SHORT + MARGIN, "took {took:?}");
}

#[test]
fn unanswered_reads_leave_no_threads_behind() {
    let session = Session::unlocked();
    session.freeze();
    let told = run(session.command(&this_test()), "threads", Duration::from_millis(250));
    let (before, after) = told.split_once(' ').expect("two counts");
    let (before, after): (usize, usize) = (before.parse().unwrap(), after.parse().unwrap());
    assert!(after <= before + 1, "{before} threads before, {after} after");
}

/// The other side of these tests: one operation in a private environment.
#[test]
#[ignore = "run by the tests above in an environment of their making"]
fn probe_in_private_environment() {
    let Ok(order) = std::env::var("PROBE") else {
        panic!("no order: this is not a test of its own");
    };
    let timeout = Duration::from_millis(std::env::var("PROBE_MS").unwrap().parse().unwrap());
    let keychain = OsKeychain { timeout };
    let (verb, argument) = order.split_once(' ').unwrap_or((&order, ""));
    let told = match verb {
        "read" => spelled_out(keychain.read()),
        "store" => {
            let part = |name: &str| format!("{name}-{argument}");
            let token = Some(part("token").into());
            let credentials = StaticCredentials::access_key(part("id"), part("secret"), token);
            format!("{:?}", keychain.store(&credentials))
        }
        "store-bearer" => format!("{:?}", keychain.store(&StaticCredentials::bearer(argument))),
        "remove" => format!("{:?}", keychain.remove()),
        "threads" => {
            let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
            let before = threads();
            for _ in 0..10 {
                assert_eq!(keychain.read(), KeychainState::TimedOut { after: timeout });
            }
            std::thread::sleep(Duration::from_millis(200));
            format!("{before} {}", threads())
        }
        verb => panic!("`{verb}` is no order"),
    };
    println!("\nPROBE:{told}");
}

/// The state as `Debug` tells it; credentials, which it does not tell, in clear.
fn spelled_out(state: KeychainState) -> String {
    let KeychainState::Found { item, credentials } = state else {
        return format!("{state:?}");
    };
    let item = match item {
        ItemName::BedrockAuth => "BedrockAuth",
        ItemName::Zed => "Zed",
    };
    let StaticCredentials { access_key_id, secret_access_key, session_token, bearer_token } =
        &credentials;
    let values = [access_key_id, secret_access_key, session_token, bearer_token];
    let values: Vec<_> = values.into_iter().map(|value| shown(value).unwrap_or("-")).collect();
    format!("Found {item} {}", values.join(" "))
}

fn probe(session: &Session, order: &str) -> String {
    run(session.command(&this_test()), order, AMPLE)
}

fn run(mut command: Command, order: &str, timeout: Duration) -> String {
    let output = command
        .args([
            "--ignored",
            "--exact",
            "secret_service::probe_in_private_environment",
            "--nocapture",
        ])
        .env("PROBE", order)
        .env("PROBE_MS", timeout.as_millis().to_string())
        .output()
        .unwrap();
    let told = text(&output.stdout);
    let answer = told.lines().find_map(|line| line.strip_prefix("PROBE:"));
    answer
        .unwrap_or_else(|| panic!("`{order}` gave no answer: {told}{}", text(&output.stderr)))
        .to_owned()
}

fn this_test() -> String {
    std::env::current_exe().unwrap().to_str().expect("a path in UTF-8").to_owned()
}
