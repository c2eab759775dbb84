//! One agent for each directory; what is left of one that was killed does not stand in the way.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::agent::{Home, KEY};
use crate::support::program::{self, Answer, PROGRAM};

/// The names, that of the token without what tells one start from another.
fn left(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = files(dir)
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap())
        .map(|name| if name.starts_with("token-") { "token".to_owned() } else { name.to_owned() })
        .collect();
    names.sort();
    names
}

fn files(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn mode(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().permissions().mode() & 0o7777
}

#[test]
fn files_are_for_their_owner_alone() {
    let home = Home::new();
    let agent = home.serve();
    let dir = home.path("runtime/bedrock-auth");
    assert_eq!(left(&dir), ["agent.sock", "container.env", "lock", "token"]);
    assert_eq!(mode(&dir), 0o700);
    for path in files(&dir) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    // 256 bits in base64, and no line end, which SDKs would send along.
    let token = agent.token();
    assert!(
        token.len() == 43 && !token.contains(char::is_whitespace),
        "{} characters",
        token.len()
    );
    let named = agent.container_variables().remove(1);
    assert_eq!(named.0, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    assert_eq!(Path::new(&named.1).parent(), Some(dir.as_path()));
}

#[test]
fn a_stop_leaves_nothing_behind() {
    for signal in ["-TERM", "-INT"] {
        let home = Home::new();
        let agent = home.serve();
        let mut events = agent.events();
        events.next().unwrap();
        agent.signal(signal);
        // Streams end, so that who follows knows.
        assert!(events.next().is_none());
        agent.told.until("STOPPING=1");
        assert!(agent.stop().success());
        assert_eq!(left(&home.path("runtime/bedrock-auth")), [""; 0]);
    }
}

#[test]
fn each_start_has_a_token_of_its_own() {
    let home = Home::new();
    let agent = home.serve();
    let first = agent.token();
    agent.kill();
    let agent = home.serve();
    assert_ne!(agent.token(), first);
    assert_eq!(agent.ask_container(&[("Authorization", &first)]).status, 401);
}

#[test]
fn a_second_one_says_who_serves() {
    let home = Home::new();
    let agent = home.serve();
    let second = program::answer(&mut home.program(&["serve"]));
    assert_eq!((second.code, second.stdout.as_str()), (1, ""));
    assert!(second.stderr.contains(&format!("process {}", agent.pid())), "{}", second.stderr);
    // The first one is not disturbed.
    assert_eq!(agent.answer()["outcome"], "allowed");
    assert_eq!(agent.credentials().status, 200);
    // Elsewhere there may be another.
    let elsewhere = home.text("elsewhere");
    let other = Home::new().serve_with(&["--runtime-dir", &elsewhere], &KEY).pid();
    assert_ne!(other, agent.pid());
}

/// At whatever point it was killed, the next one serves.
#[test]
fn what_is_left_of_a_killed_one_is_replaced() {
    let home = Home::new();
    for step in 0..40 {
        let mut child = home
            .program(&["serve"])
            .envs(KEY)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(step % 20));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let agent = home.serve();
    agent.kill();
    assert_eq!(
        left(&home.path("runtime/bedrock-auth")),
        ["agent.sock", "container.env", "lock", "token"]
    );
    let agent = home.serve();
    assert_eq!(agent.answer()["outcome"], "allowed");
    assert_eq!(agent.credentials().status, 200);
    assert!(agent.stop().success());
    assert_eq!(left(&home.path("runtime/bedrock-auth")), [""; 0]);
}

fn refused(home: &Home, arguments: &[&str]) -> String {
    let Answer { code, stdout, stderr } =
        program::answer(home.program(&["serve"]).args(arguments).envs(KEY));
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    stderr
}

#[test]
fn a_directory_that_others_reach_into_is_refused() {
    let home = Home::new();
    let dir = home.path("mine");
    let argument = home.text("mine");
    for (fault, make) in [
        (
            "others can reach into it",
            &(|| {
                fs::create_dir(&dir).unwrap();
                fs::set_permissions(&dir, fs::Permissions::from_mode(0o750)).unwrap();
            }) as &dyn Fn(),
        ),
        ("it belongs to somebody else", &|| {
            fs::create_dir(&dir).unwrap();
            fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).unwrap();
            chown(&dir, Some(42_001), None).unwrap();
        }),
        ("it is not a directory", &|| symlink(home.path("managed"), &dir).unwrap()),
        ("it is not a directory", &|| fs::write(&dir, "").unwrap()),
    ] {
        make();
        let told = refused(&home, &["--runtime-dir", &argument]);
        assert!(told.contains(fault) && told.contains("help:"), "{told}");
        if fs::remove_file(&dir).is_err() {
            // Nothing was put into it.
            fs::remove_dir(&dir).unwrap();
        }
    }
}

#[test]
fn a_directory_that_is_nowhere_is_refused() {
    let home = Home::new();
    let told = refused(&home, &["--runtime-dir", &home.text("no/such")]);
    assert!(told.contains("no/such"), "{told}");
    let long = home.text(&"x".repeat(120));
    let told = refused(&home, &["--runtime-dir", &long]);
    assert!(told.contains("shorter"), "{told}");
    // Somebody who never signed in has no directory at all.
    let mut nobody = program::bare("setpriv");
    nobody.args(["--reuid=42001", "--regid=42001", "--clear-groups", "--", PROGRAM, "serve"]);
    let told = program::answer(&mut nobody).stderr;
    assert!(told.contains("--runtime-dir"), "{told}");
}

#[test]
fn a_port_that_is_taken_is_told() {
    let home = Home::new();
    let agent = home.serve();
    let port = agent.address().port().to_string();
    let told = refused(&home, &["--runtime-dir", &home.text("second"), "--port", &port]);
    assert!(told.contains(&port), "{told}");
    // What it had made by then is gone.
    assert_eq!(left(&home.path("second")), [""; 0]);
}

#[test]
fn without_the_endpoint_nothing_listens_on_a_port() {
    let home = Home::new();
    let agent = home.serve_with(&["--no-container-endpoint"], &KEY);
    assert_eq!(left(&home.path("runtime/bedrock-auth")), ["agent.sock", "lock"]);
    assert_eq!(listening(agent.pid()), [""; 0]);
    assert_eq!(agent.get("/v1/credentials").status, 404);
}

#[test]
fn nothing_listens_beyond_loopback() {
    let home = Home::new();
    let agent = home.serve();
    assert_eq!(listening(agent.pid()), [agent.address().to_string()]);
}

/// The TCP ports that a process listens on, by its descriptors.
fn listening(pid: u32) -> Vec<String> {
    let mut found = Vec::new();
    let inodes: Vec<String> = fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .filter_map(|entry| {
            fs::read_link(entry.unwrap().path()).ok()?.into_os_string().into_string().ok()
        })
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    for (table, is_v4) in [("tcp", true), ("tcp6", false)] {
        let text = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap();
        for line in text.lines().skip(1) {
            let columns: Vec<_> = line.split_whitespace().collect();
            const LISTEN: &str = "0A";
            if columns[3] == LISTEN && inodes.iter().any(|inode| inode == columns[9]) {
                assert!(is_v4, "listens on IPv6: {line}");
                let (host, port) = columns[1].split_once(':').unwrap();
                let host = u32::from_str_radix(host, 16).unwrap().to_le_bytes();
                let port = u16::from_str_radix(port, 16).unwrap();
                found.push(format!("{}:{port}", std::net::Ipv4Addr::from(host)));
            }
        }
    }
    found
}

/// A program of an earlier start asks at a port where anybody may listen by now: it must find no token to show there.
#[test]
fn each_start_has_a_token_file_of_its_own() {
    let home = Home::new();
    let before = home.serve();
    let (file, token) = (before.token_file(), before.token());
    before.kill();
    let after = home.serve();
    assert!(!file.exists(), "{}", file.display());
    assert!(after.token_file() != file && after.token() != token);
}

/// Whoever makes room for a successor must not take its files away at the end.
#[test]
fn what_another_agent_made_stays() {
    let home = Home::new();
    let dir = home.path("runtime/bedrock-auth");
    let before = home.serve();
    fs::remove_dir_all(&dir).unwrap();
    let after = home.serve();
    before.stop();
    assert_eq!(left(&dir), ["agent.sock", "container.env", "lock", "token"]);
    assert_eq!(after.answer()["outcome"], "allowed");
}

#[test]
fn a_directory_in_which_others_could_rename_it_is_refused() {
    let home = Home::new();
    let shared = home.path("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
    let place = shared.join("agent");
    let refused =
        home.program(&["serve", "--runtime-dir", place.to_str().unwrap()]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr).unwrap();
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("others can put another one in its place"), "{told}");
}
