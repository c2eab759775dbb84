//! Tests with real owners: they change them, so they run as root or fail.

use std::env;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use tempfile::TempDir;

use super::*;

const POLICY: &[u8] = b"{ \"schema_version\": 1, \"id\": \"corp\" }";
const FORGED: &[u8] = b"{ \"schema_version\": 1, \"id\": \"mine\" }";
const LIMIT: u64 = 1 << 20;

/// An account and a group that no table names.
const SOMEBODY: u32 = 54_321;

/// A directory of root's in a sticky directory of root's.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("trusted-")
            .tempdir_in("/tmp")
            .expect("`/tmp` takes directories");
        let owner = fs::metadata(dir.path()).unwrap().uid();
        assert_eq!(
            owner, 0,
            "these tests change owners of files: run them as root, they are never skipped"
        );
        chmod(dir.path(), 0o755);
        Place(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn dir(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir(&path).unwrap();
        chmod(&path, 0o755);
        path
    }

    fn file(&self, name: &str) -> PathBuf {
        self.file_of(name, POLICY)
    }

    fn file_of(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        chmod(&path, 0o644);
        path
    }

    fn link(&self, name: &str, target: impl AsRef<Path>) -> PathBuf {
        let path = self.path(name);
        symlink(target, &path).unwrap();
        path
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn give_away(path: &Path) {
    chown(path, Some(SOMEBODY), None).unwrap();
}

fn read(path: &Path) -> FileRead {
    read_file(path, Ownership::Judged, LIMIT)
}

fn what_if(path: &Path) -> FileRead {
    read_file(path, Ownership::Waived, LIMIT)
}

fn list(path: &Path) -> DirectoryRead {
    list_directory(path, Ownership::Judged, 100)
}

#[track_caller]
fn assert_reads(read: FileRead) {
    assert_eq!(read, FileRead::Read { bytes: POLICY.to_vec() });
}

/// Asserts that ownership alone speaks against the file, and tells what does.
#[track_caller]
fn untrusted(path: &Path) -> Problem {
    assert_reads(what_if(path));
    match read(path) {
        FileRead::Untrusted(problem) => problem,
        other => panic!("not untrusted: {other:?}"),
    }
}

/// Asserts that the file cannot be read whether or not ownership counts, and tells why.
#[track_caller]
fn unreadable(path: &Path) -> Problem {
    match (read(path), what_if(path)) {
        (FileRead::Unreadable(judged), FileRead::Unreadable(waived)) => {
            assert_eq!(judged, waived);
            judged
        }
        other => panic!("not unreadable: {other:?}"),
    }
}

#[track_caller]
fn assert_writable(problem: &Problem, path: &Path, by: &str, change: &str) {
    let name = path.display();
    assert_eq!(problem.path, path);
    assert_eq!(problem.reason, format!("`{name}` is writable {by}"));
    assert_eq!(problem.remedy, format!("run `chmod {change} {name}` as root"));
}

#[test]
fn a_file_of_roots_is_read() {
    let place = Place::new();
    assert_reads(read(&place.file("policy.json")));
}

#[test]
fn an_empty_file_is_read_as_no_bytes() {
    let place = Place::new();
    assert_eq!(read(&place.file_of("policy.json", b"")), FileRead::Read { bytes: Vec::new() });
}

#[test]
fn a_file_of_exactly_the_allowed_size_is_read_and_one_byte_more_is_not() {
    let place = Place::new();
    let file = place.file("policy.json");
    let length = POLICY.len() as u64;
    assert_reads(read_file(&file, Ownership::Judged, length));
    assert!(matches!(read_file(&file, Ownership::Judged, length - 1), FileRead::Unreadable(_)));
    assert_reads(read_file(&file, Ownership::Judged, u64::MAX));
}

#[test]
fn a_file_of_somebody_elses_is_untrusted() {
    let place = Place::new();
    let file = place.file("policy.json");
    give_away(&file);
    let name = file.display();
    assert_eq!(
        untrusted(&file),
        Problem {
            path: file.clone(),
            reason: format!("`{name}` belongs to user 54321, not to root"),
            remedy: format!("look at what is in it, then run `chown root {name}` as root"),
        }
    );
}

#[test]
fn a_file_others_can_write_is_untrusted() {
    let place = Place::new();
    let file = place.file("policy.json");
    chown(&file, None, Some(SOMEBODY)).unwrap();
    for (mode, by, change) in [
        (0o664, "by group 54321", "g-w"),
        (0o646, "by everybody", "o-w"),
        (0o666, "by everybody", "go-w"),
    ] {
        chmod(&file, mode);
        assert_writable(&untrusted(&file), &file, by, change);
    }
}

#[test]
fn a_sticky_bit_excuses_no_file() {
    let place = Place::new();
    let file = place.file("policy.json");
    chmod(&file, 0o1666);
    assert_writable(&untrusted(&file), &file, "by everybody", "go-w");
}

#[test]
fn groups_and_users_are_named_where_the_machine_knows_them() {
    let place = Place::new();
    let line = fs::read_to_string("/etc/group").unwrap();
    let root_group =
        line.lines().find_map(|line| line.split_once(":x:0:").or(line.split_once(":*:0:")));
    let file = place.file("policy.json");
    chmod(&file, 0o664);
    assert_writable(
        &untrusted(&file),
        &file,
        &format!("by group `{}`", root_group.unwrap().0),
        "g-w",
    );
}

#[test]
fn a_directory_others_can_write_makes_what_is_under_it_untrusted() {
    for (level, name) in [("parent", "a/b"), ("grand-parent", "a")] {
        let place = Place::new();
        place.dir("a");
        place.dir("a/b");
        let file = place.file("a/b/policy.json");
        let dir = place.path(name);
        chown(&dir, None, Some(SOMEBODY)).unwrap();
        assert_reads(read(&file));
        for (mode, by, change) in [(0o775, "by group 54321", "g-w"), (0o757, "by everybody", "o-w")]
        {
            chmod(&dir, mode);
            let problem = untrusted(&file);
            assert_eq!(problem.path, dir, "{level}");
            assert_writable(&problem, &dir, by, change);
        }
    }
}

#[test]
fn a_directory_of_somebody_elses_makes_what_is_under_it_untrusted() {
    let place = Place::new();
    place.dir("a");
    place.dir("a/b");
    let file = place.file("a/b/policy.json");
    give_away(&place.path("a"));
    assert_eq!(untrusted(&file).path, place.path("a"));
}

#[test]
fn a_sticky_directory_of_roots_is_no_matter() {
    let place = Place::new();
    let dir = place.dir("a");
    let file = place.file("a/policy.json");
    chmod(&dir, 0o1777);
    assert_reads(read(&file));
    assert_eq!(list(&dir), DirectoryRead::Listed { paths: vec![file.clone()] });
    give_away(&dir);
    assert_eq!(untrusted(&file).path, dir);
}

#[test]
fn a_directory_that_others_can_write_is_reported_where_the_file_is_missing() {
    let place = Place::new();
    let dir = place.dir("bedrock-auth");
    let file = dir.join("policy.json");
    assert_eq!(read(&file), FileRead::Absent);
    give_away(&dir);
    assert!(matches!(read(&file), FileRead::Untrusted(problem) if problem.path == dir));
    assert_eq!(what_if(&file), FileRead::Absent);
}

#[test]
fn a_missing_directory_is_absent_whatever_is_above_it() {
    let place = Place::new();
    let etc = place.dir("etc");
    chmod(&etc, 0o777);
    assert_eq!(read(&etc.join("bedrock-auth/policy.json")), FileRead::Absent);
    assert_eq!(list(&etc.join("bedrock-auth")), DirectoryRead::Absent);
    assert_eq!(list(&etc.join("bedrock-auth/policy.d")), DirectoryRead::Absent);
}

#[test]
fn a_link_to_a_trusted_file_is_followed() {
    let place = Place::new();
    place.dir("a");
    place.dir("b");
    let file = place.file("b/real.json");
    assert_reads(read(&place.link("a/absolute.json", &file)));
    assert_reads(read(&place.link("a/relative.json", "../b/real.json")));
    assert_reads(read(&place.link("a/dots.json", "./../a/.././b//real.json")));
    assert_reads(read(&place.link("a/chain.json", "relative.json")));
    place.link("c", "a");
    assert_reads(read(&place.path("c/relative.json")));
    assert_reads(read(&place.path("c/../b/real.json")));
}

#[test]
fn dots_above_the_root_stay_at_the_root() {
    let place = Place::new();
    let file = place.file("real.json");
    let up = "../".repeat(30);
    assert_reads(read(&place.link(
        "policy.json",
        format!("{up}{}", file.display().to_string().trim_start_matches('/')),
    )));
}

#[test]
fn a_link_into_a_writable_directory_is_untrusted() {
    let place = Place::new();
    place.dir("a");
    let open = place.dir("open");
    place.file("open/real.json");
    chmod(&open, 0o777);
    for (name, target) in
        [("a/one.json", "../open/real.json"), ("a/two.json", "../open/../open/real.json")]
    {
        assert_eq!(untrusted(&place.link(name, target)).path, open);
    }
    let through = place.dir("open/inner");
    place.file("safe.json");
    let link = place.link("a/three.json", through.join("../../safe.json"));
    assert_eq!(untrusted(&link).path, open, "a directory that is only passed through counts");
}

#[test]
fn a_link_in_a_writable_directory_is_untrusted_wherever_it_leads() {
    let place = Place::new();
    let open = place.dir("open");
    let file = place.file("real.json");
    place.link("open/hop.json", &file);
    chmod(&open, 0o777);
    assert_eq!(untrusted(&open.join("hop.json")).path, open);
    assert_eq!(
        untrusted(&place.link("policy.json", "open/hop.json")).path,
        open,
        "a hop on the way counts"
    );
}

#[test]
fn a_link_of_somebody_elses_is_untrusted_even_in_a_sticky_directory() {
    let place = Place::new();
    let dir = place.dir("a");
    chmod(&dir, 0o1777);
    let file = place.file("real.json");
    let link = place.link("a/policy.json", &file);
    assert_reads(read(&link));
    lchown(&link, Some(SOMEBODY), None).unwrap();
    let problem = untrusted(&link);
    assert_eq!(problem.path, link);
    assert_eq!(
        problem.reason,
        format!("the symbolic link `{}` belongs to user 54321, not to root", link.display())
    );
}

#[test]
fn a_loop_of_links_ends() {
    let place = Place::new();
    let one = place.link("one.json", "two.json");
    place.link("two.json", "one.json");
    let problem = unreadable(&one);
    assert_eq!(
        problem.reason,
        format!("`{}` leads through more than 40 symbolic links", one.display())
    );
    let own = place.link("self", "self/self");
    assert_eq!(unreadable(&own.join("policy.json")).path, own.join("policy.json"));
}

#[test]
fn forty_links_are_followed_and_no_more() {
    let place = Place::new();
    place.file("0");
    for hop in 1..=41 {
        place.link(&hop.to_string(), (hop - 1).to_string());
    }
    assert_reads(read(&place.path("40")));
    unreadable(&place.path("41"));
}

#[test]
fn a_dangling_link_is_not_absent() {
    let place = Place::new();
    let link = place.link("policy.json", "gone/real.json");
    let problem = unreadable(&link);
    assert_eq!(problem.path, link);
    assert_eq!(
        problem.reason,
        format!(
            "`{}` is a symbolic link that leads to `{}`, which does not exist",
            link.display(),
            place.path("gone").display()
        )
    );
    let dir = place.link("policy.d", "gone");
    assert!(matches!(list(&dir), DirectoryRead::Unreadable(problem) if problem.path == dir));
    assert_eq!(unreadable(&dir.join("policy.json")).path, dir);
}

#[test]
fn a_file_in_place_of_a_directory_is_not_absent() {
    let place = Place::new();
    let file = place.file("bedrock-auth");
    let problem = unreadable(&file.join("policy.json"));
    assert_eq!(problem.path, file);
    assert_eq!(problem.reason, format!("`{}` is a regular file, not a directory", file.display()));
    assert!(matches!(list(&file), DirectoryRead::Unreadable(problem) if problem.path == file));
    assert!(
        matches!(list(&file.join("policy.d")), DirectoryRead::Unreadable(problem) if problem.path == file)
    );
}

#[test]
fn what_is_no_file_is_unreadable_at_once() {
    let place = Place::new();
    let pipe = place.path("pipe.json");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let socket = place.path("socket.json");
    let _listener = UnixListener::bind(&socket).unwrap();
    for (path, name) in
        [(pipe, "named pipe"), (socket, "socket"), (place.dir("dir.json"), "directory")]
    {
        chmod(&path, 0o755);
        let asked = path.clone();
        let problem = within_a_second(move || unreadable(&asked));
        assert_eq!(problem.reason, format!("`{}` is a {name}, not a regular file", path.display()));
    }
    let device = place.link("device.json", "/dev/zero");
    let problem = within_a_second(move || match what_if(&device) {
        FileRead::Unreadable(problem) => problem,
        other => panic!("{other:?}"),
    });
    assert_eq!(problem.reason, "`/dev/zero` is a device, not a regular file");
}

#[test]
fn a_huge_file_is_refused_at_once() {
    let place = Place::new();
    let file = place.file("policy.json");
    fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(1 << 30).unwrap();
    let asked = file.clone();
    let problem = within_a_second(move || unreadable(&asked));
    assert_eq!(problem.reason, format!("`{}` is larger than 1048576 bytes", file.display()));
}

#[test]
fn a_file_that_grows_while_it_is_read_stays_within_bounds() {
    let place = Place::new();
    let file = place.file("policy.json");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::OpenOptions::new().append(true).open(&file).unwrap();
            while !stop.load(Ordering::Relaxed) {
                file.write_all(&[b' '; 512]).unwrap();
            }
        });
        let deadline = Instant::now() + Duration::from_secs(30);
        let problem = loop {
            assert!(Instant::now() < deadline, "the file never grew too large");
            match read(&file) {
                FileRead::Read { bytes } => assert!(bytes.len() as u64 <= LIMIT),
                FileRead::Unreadable(problem)
                    if problem.reason.ends_with("kept changing while it was read") => {}
                FileRead::Unreadable(problem) => break problem,
                other => panic!("{other:?}"),
            }
        };
        stop.store(true, Ordering::Relaxed);
        assert!(problem.reason.ends_with("is larger than 1048576 bytes"), "{problem:?}");
    });
}

#[test]
fn a_rewrite_of_the_same_length_is_a_change() {
    let place = Place::new();
    let file = File::options().write(true).open(place.file("policy.json")).unwrap();
    let before = file.metadata().unwrap();
    assert!(unchanged(&before, &file.metadata().unwrap()).unwrap());
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert!(!unchanged(&before, &file.metadata().unwrap()).unwrap());
}

/// A kernel file has no size until it is read, so it looks like one that is being written.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_never_holds_still_is_unreadable() {
    let problem = within_a_second(|| unreadable(Path::new("/proc/version")));
    assert_eq!(problem.reason, "`/proc/version` kept changing while it was read");
    assert_eq!(problem.remedy, "write a new file beside `/proc/version` and rename it into place");
}

#[cfg(target_os = "linux")]
#[test]
fn a_right_to_write_given_by_an_access_control_list_is_untrusted() {
    let place = Place::new();
    let dir = place.dir("a");
    let file = place.file("a/policy.json");
    for path in [&file, &dir] {
        set_access_list(&["-m", "u:65534:r"], path);
        assert_reads(read(&file));
        set_access_list(&["-m", "u:65534:rwx"], path);
        assert_writable(&untrusted(&file), path, "through its access control list", "g-w");
        chmod(path, fs::metadata(path).unwrap().mode() & !0o020);
        assert_reads(read(&file));
    }
}

#[cfg(target_os = "linux")]
fn set_access_list(change: &[&str], path: &Path) {
    let status = Command::new("setfacl").args(change).arg(path).status();
    assert!(status.expect("`setfacl` runs: install the package `acl`").success());
}

#[test]
fn what_permission_hides_is_unreadable() {
    let place = Place::new();
    let file = place.file("policy.json");
    chmod(&file, 0o600);
    let dir = place.dir("shut");
    let inner = place.file("shut/policy.json");
    chmod(&dir, 0o700);
    let passable = place.dir("passable");
    let readable = place.file("passable/policy.json");
    chmod(&passable, 0o711);

    let problem = |path: &Path, reason, change| {
        let name = path.display();
        format!(
            "unreadable `{name}` may not be {reason}: permission denied; run `chmod {change} {name}` as root"
        )
    };
    assert_eq!(as_nobody("read", &file), problem(&file, "opened", "a+r"));
    assert_eq!(as_nobody("read", &inner), problem(&dir, "entered", "a+x"));
    assert_eq!(as_nobody("read", &dir.join("missing")), problem(&dir, "entered", "a+x"));
    assert_eq!(as_nobody("list", &dir), problem(&dir, "listed", "a+rx"));
    if cfg!(target_os = "linux") {
        assert_eq!(as_nobody("read", &readable), "read");
        assert_eq!(as_nobody("list", &passable), problem(&passable, "listed", "a+rx"));
    }
}

/// Runs this very program again as an account without rights, for the test below.
fn as_nobody(verb: &str, path: &Path) -> String {
    let place = Place::new();
    let program = place.path("program");
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    chmod(&program, 0o755);
    let test = concat!(module_path!(), "::child_without_rights");
    let output = Command::new(program)
        .args(["--exact", test.split_once("::").unwrap().1, "--ignored", "--nocapture"])
        .env("TRUSTED_CHILD", verb)
        .env("TRUSTED_CHILD_PATH", path)
        .uid(65_534)
        .gid(65_534)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let answer = text.lines().find_map(|line| line.split_once("answer: "));
    answer.unwrap_or_else(|| panic!("the child did not answer: {text}")).1.to_owned()
}

#[test]
#[ignore = "started as another user by the test before it"]
fn child_without_rights() {
    let Some(path) = env::var_os("TRUSTED_CHILD_PATH").map(PathBuf::from) else {
        return println!("nothing to do: the test that starts this one is the test");
    };
    let result = match env::var("TRUSTED_CHILD").as_deref() {
        Ok("list") => platform::list_directory(&path, Ownership::Judged, 100).map(|_| ()),
        _ => platform::read_file(&path, Ownership::Judged, LIMIT).map(|_| ()),
    };
    println!(
        "answer: {}",
        match result {
            Ok(()) => "read".to_owned(),
            Err(Stop::Unreadable(problem)) =>
                format!("unreadable {}; {}", problem.reason, problem.remedy),
            Err(other) => format!("{other:?}"),
        }
    );
}

#[test]
fn a_directory_lists_its_json_entries_by_the_bytes_of_their_names() {
    let place = Place::new();
    let dir = place.dir("policy.d");
    assert_eq!(list(&dir), DirectoryRead::Listed { paths: Vec::new() });
    for name in [
        "b.json",
        "B.json",
        "10.json",
        "9.json",
        "a.json~",
        ".hidden.json",
        ".json",
        "c.JSON",
        "\u{e4}.json",
    ] {
        place.file(&format!("policy.d/{name}"));
    }
    place.dir("policy.d/dir.json");
    place.link("policy.d/dangling.json", "gone");
    let raw = dir.join(std::ffi::OsString::from_vec(b"\xff.json".to_vec()));
    fs::write(&raw, POLICY).unwrap();
    let names =
        ["10.json", "9.json", "B.json", "b.json", "dangling.json", "dir.json", "\u{e4}.json"];
    let paths = names.iter().map(|name| dir.join(name)).chain([raw]).collect();
    assert_eq!(list(&dir), DirectoryRead::Listed { paths });
}

#[test]
fn a_listing_goes_through_links_and_keeps_the_name_that_was_asked_for() {
    let place = Place::new();
    place.dir("real");
    place.file("real/a.json");
    let link = place.link("policy.d", "real");
    assert_eq!(list(&link), DirectoryRead::Listed { paths: vec![link.join("a.json")] });
}

#[test]
fn a_directory_others_can_write_is_untrusted_even_when_empty() {
    let place = Place::new();
    let above = place.dir("above");
    let dir = place.dir("above/policy.d");
    for path in [&dir, &above] {
        chmod(path, 0o775);
        assert!(matches!(list(&dir), DirectoryRead::Untrusted(problem) if problem.path == *path));
        let waived = list_directory(&dir, Ownership::Waived, 100);
        assert_eq!(waived, DirectoryRead::Listed { paths: Vec::new() });
        chmod(path, 0o755);
    }
}

#[test]
fn too_many_entries_are_not_cut_short() {
    let place = Place::new();
    let dir = place.dir("policy.d");
    for name in ["a.json", "b.json", "README"] {
        place.file(&format!("policy.d/{name}"));
    }
    assert!(matches!(list_directory(&dir, Ownership::Judged, 3), DirectoryRead::Listed { .. }));
    let DirectoryRead::Unreadable(problem) = list_directory(&dir, Ownership::Judged, 2) else {
        panic!()
    };
    assert_eq!(problem.reason, format!("`{}` holds more than 2 entries", dir.display()));
}

#[test]
fn odd_paths_fail_closed() {
    for path in ["", "/", ".", "/\0"] {
        let read = read(Path::new(path));
        assert!(
            matches!(read, FileRead::Unreadable(_) | FileRead::Untrusted(_)),
            "{path:?}: {read:?}"
        );
    }
    let long = Path::new("/tmp").join("x".repeat(300));
    assert!(matches!(read(&long), FileRead::Unreadable(_)));
}

#[test]
fn a_relative_path_is_judged_from_the_root_or_read_from_here() {
    let here = Path::new("Cargo.toml");
    assert!(matches!(what_if(here), FileRead::Read { .. }));
    assert_eq!(read(here), read(&env::current_dir().unwrap().join(here)));
    assert_eq!(what_if(Path::new("no/such/policy.json")), FileRead::Absent);
}

#[test]
fn a_file_that_is_swapped_yields_no_forged_byte() {
    let place = Place::new();
    let real = place.file("real");
    let forged = place.file_of("forged", FORGED);
    give_away(&forged);
    let policy = place.file("policy.json");
    let next = place.path("next");
    assert_race_is_won(&policy, |turn| {
        fs::hard_link(if turn { &real } else { &forged }, &next).unwrap();
        fs::rename(&next, &policy).unwrap();
    });
}

#[test]
fn a_link_to_a_file_that_is_swapped_yields_no_forged_byte() {
    let place = Place::new();
    place.file("real");
    give_away(&place.file_of("forged", FORGED));
    let policy = place.link("policy.json", "real");
    let next = place.path("next");
    assert_race_is_won(&policy, |turn| {
        symlink(if turn { "real" } else { "forged" }, &next).unwrap();
        fs::rename(&next, &policy).unwrap();
    });
}

/// The forged file is root's own here, so that only the directory it lies in gives it away.
#[test]
fn a_link_to_a_directory_that_is_swapped_yields_no_forged_byte() {
    let place = Place::new();
    place.dir("real");
    place.file("real/policy.json");
    let forged = place.dir("forged");
    place.file_of("forged/policy.json", FORGED);
    chmod(&forged, 0o777);
    let link = place.link("current", "real");
    let next = place.path("next");
    assert_race_is_won(&link.join("policy.json"), |turn| {
        symlink(if turn { "real" } else { "forged" }, &next).unwrap();
        fs::rename(&next, &link).unwrap();
    });
}

/// A file and a link, in turn: opened as a file, the link would skip the judgement of its way.
#[test]
fn a_file_that_turns_into_a_link_and_back_yields_no_forged_byte() {
    let place = Place::new();
    let real = place.file("real");
    let open = place.dir("open");
    place.file_of("open/forged", FORGED);
    chmod(&open, 0o777);
    let policy = place.file("policy.json");
    let next = place.path("next");
    assert_race_is_won(&policy, |turn| {
        if turn {
            fs::hard_link(&real, &next).unwrap();
        } else {
            symlink("open/forged", &next).unwrap();
        }
        fs::rename(&next, &policy).unwrap();
    });
}

/// The same with a directory, which is all root's but for the one that the link passes through.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_turns_into_a_link_and_back_yields_no_forged_byte() {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let place = Place::new();
    let real = place.dir("current");
    place.file("current/policy.json");
    let open = place.dir("open");
    place.dir("open/forged");
    place.file_of("open/forged/policy.json", FORGED);
    chmod(&open, 0o777);
    let link = place.link("link", "open/forged");
    assert_race_is_won(&real.join("policy.json"), |_| {
        renameat_with(CWD, &real, CWD, &link, RenameFlags::EXCHANGE).unwrap();
    });
}

#[test]
fn a_file_that_turns_into_a_pipe_and_back_never_blocks() {
    let place = Place::new();
    let real = place.file("real");
    let pipe = place.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let policy = place.file("policy.json");
    let next = place.path("next");
    let (sender, receiver) = mpsc::channel();
    // Not a scoped thread: one that blocks for ever must not keep the test from failing.
    let asked = policy.clone();
    thread::spawn(move || (0..10_000).try_for_each(|_| sender.send(read(&asked))));
    let (mut reads, mut refusals) = (0, 0);
    let mut last = Instant::now();
    while reads + refusals < 10_000 {
        for source in [&pipe, &real] {
            fs::hard_link(source, &next).unwrap();
            fs::rename(&next, &policy).unwrap();
        }
        for outcome in receiver.try_iter() {
            last = Instant::now();
            match outcome {
                FileRead::Read { bytes } => reads += usize::from(bytes == POLICY),
                FileRead::Unreadable(problem) if problem.reason.contains("named pipe") => {
                    refusals += 1
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(
            last.elapsed() < Duration::from_secs(5),
            "blocked after {reads} reads, {refusals} refusals"
        );
    }
    assert!(
        reads > 0 && refusals > 0,
        "the race was never run: {reads} reads, {refusals} refusals"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_is_swapped_yields_no_forged_byte() {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let place = Place::new();
    let real = place.dir("current");
    place.file("current/policy.json");
    let forged = place.dir("forged");
    place.file_of("forged/policy.json", FORGED);
    give_away(&forged);
    assert_race_is_won(&real.join("policy.json"), |_| {
        renameat_with(CWD, &real, CWD, &forged, RenameFlags::EXCHANGE).unwrap();
    });
}

/// Swaps for two seconds and 10,000 reads at least: a reader that looks first and reads then must
/// fall for it, ours not.
fn assert_race_is_won(path: &Path, mut swap: impl FnMut(bool) + Send) {
    let stop = AtomicBool::new(false);
    let (mut reads, mut refusals, mut fallen) = (0, 0, 0);
    thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let mut turns = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                swap(turns % 2 == 1);
                turns += 1;
            }
            turns
        });
        // A failed assertion must still stop the swapper, or the scope never ends.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let start = Instant::now();
            while start.elapsed() < Duration::from_secs(2)
                || reads + refusals < 10_000
                || fallen == 0
            {
                assert!(
                    start.elapsed() < Duration::from_secs(60),
                    "{reads} reads, {refusals} refusals, {fallen} fallen"
                );
                match read(path) {
                    FileRead::Read { bytes } => {
                        assert_eq!(
                            String::from_utf8_lossy(&bytes),
                            String::from_utf8_lossy(POLICY)
                        );
                        reads += 1;
                    }
                    FileRead::Untrusted(_) => refusals += 1,
                    other => panic!("{other:?}"),
                }
                fallen += usize::from(naive_read(path).as_deref() == Some(FORGED));
            }
        }));
        stop.store(true, Ordering::Relaxed);
        let turns = swapper.join().unwrap();
        println!(
            "{turns} swaps, {reads} reads, {refusals} refusals; the naive reader fell {fallen} times"
        );
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    });
    assert!(
        reads > 0 && refusals > 0,
        "the race was never run: {reads} reads, {refusals} refusals"
    );
}

/// What a reader does that knows no better: judge by path, then read by path.
fn naive_read(path: &Path) -> Option<Vec<u8>> {
    let file = fs::metadata(path).ok()?;
    let dir = fs::metadata(path.parent()?).ok()?;
    let trusted =
        [file, dir].iter().all(|metadata| metadata.uid() == 0 && metadata.mode() & 0o022 == 0);
    if trusted { fs::read(path).ok() } else { None }
}

fn within_a_second<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    let worker = thread::spawn(move || sender.send(work()));
    match receiver.recv_timeout(Duration::from_secs(1)) {
        Ok(value) => value,
        Err(mpsc::RecvTimeoutError::Timeout) => {
            panic!("it takes more than a second: does it block?")
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            std::panic::resume_unwind(worker.join().unwrap_err())
        }
    }
}
