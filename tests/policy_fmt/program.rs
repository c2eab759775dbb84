//! The program with real files, directories, links and modes.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::catalogue::root;
use crate::support::program::{Answer, answer, bare, program};

const UGLY: &str = "{ // why\r\n\"id\":\"a\"}\r\n";
const NEAT: &str = "{ // why\n  \"id\": \"a\"\n}\n";

fn fmt(dir: &Path, arguments: &[&str]) -> Answer {
    let mut command = program(&["policy", "fmt"]);
    answer(command.args(arguments).current_dir(dir))
}

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn text(dir: &tempfile::TempDir, name: &str) -> String {
    fs::read_to_string(dir.path().join(name)).unwrap()
}

#[test]
fn the_catalogue_is_formatted() {
    let checked = fmt(root(), &["--check", "policies"]);
    assert_eq!((checked.code, checked.stdout.as_str()), (0, ""), "{checked:#?}");
}

/// Of a text that is too long nothing goes through, lest its end be lost.
#[test]
fn standard_input_is_taken_whole_or_not_at_all() {
    for (length, code) in [((8 << 20) - 9, 0), (8 << 20, 4)] {
        let mut command = program(&["policy", "fmt", "-"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let text = format!("{{}}\n// {}\n", "x".repeat(length));
        // Whoever reads no further closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        assert_eq!(output.stdout.len(), if code == 0 { text.len() } else { 0 });
    }
}

#[cfg(unix)]
#[test]
fn a_file_with_another_name_is_left_alone() {
    let dir = tree(&[("policy.json", UGLY)]);
    fs::hard_link(dir.path().join("policy.json"), dir.path().join("other.json")).unwrap();
    let told = fmt(dir.path(), &["policy.json"]);
    assert_eq!((told.code, text(&dir, "other.json").as_str()), (1, UGLY), "{told:#?}");
    assert!(told.stderr.contains("another name"), "{told:#?}");
}

#[test]
fn a_directory_is_formatted_and_then_clean() {
    let dir = tree(&[
        ("a/policy.json", UGLY),
        ("b.jsonc", UGLY),
        ("c.scenario.json", NEAT),
        ("notes.md", UGLY),
        ("build/x.json", UGLY),
        (".gitignore", "build/\n"),
        (".git/HEAD", "ref: refs/heads/main\n"),
    ]);
    let checked = fmt(dir.path(), &["--check", "."]);
    assert_eq!(checked.code, 4, "{checked:#?}");
    assert!(
        checked.stdout.contains("-\"id\":\"a\"}\\u{d}\n+{ // why\n+  \"id\": \"a\"\n"),
        "{checked:#?}"
    );
    assert!(checked.stderr.contains("2 files of 3 would change"), "{checked:#?}");
    assert_eq!(text(&dir, "b.jsonc"), UGLY, "`--check` writes nothing");

    let formatted = fmt(dir.path(), &["."]);
    assert_eq!((formatted.code, formatted.stdout.as_str()), (0, ""), "{formatted:#?}");
    for name in ["a/policy.json", "b.jsonc", "c.scenario.json"] {
        assert_eq!(text(&dir, name), NEAT, "{name}");
    }
    for name in ["notes.md", "build/x.json"] {
        assert_eq!(text(&dir, name), UGLY, "{name}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 7, "nothing is left over");
    assert_eq!(fmt(dir.path(), &["--check", "."]).code, 0);
}

#[test]
fn what_git_tracks_is_formatted_in_spite_of_a_rule() {
    let dir = tree(&[("a.json", UGLY), ("b.json", UGLY), (".gitignore", "[ab].json\n")]);
    for arguments in [&["init", "--quiet"][..], &["add", "--force", "a.json"]] {
        let status = bare("git").args(arguments).current_dir(dir.path()).status().unwrap();
        assert!(status.success(), "{arguments:?}");
    }
    assert_eq!(fmt(dir.path(), &["."]).code, 0);
    assert_eq!((text(&dir, "a.json"), text(&dir, "b.json")), (NEAT.to_owned(), UGLY.to_owned()));
    // Whatever is found is formatted, and that something may be missing is told.
    fs::write(dir.path().join(".git/index"), "broken").unwrap();
    fs::write(dir.path().join("c.json"), UGLY).unwrap();
    let answer = fmt(dir.path(), &["."]);
    assert_eq!((answer.code, text(&dir, "c.json")), (4, NEAT.to_owned()));
    assert!(answer.stderr.contains("`.`: what git tracks here cannot be found out"), "{answer:#?}");
}

#[test]
fn a_file_with_faults_is_told_with_its_place_and_the_others_are_formatted() {
    let dir = tree(&[("a.json", "{\n  \"é\": 1,,\n}\n"), ("b.json", UGLY)]);
    let answer = fmt(dir.path(), &["."]);
    assert_eq!(answer.code, 4, "{answer:#?}");
    assert!(answer.stderr.contains("./a.json:2:10: "), "{answer:#?}");
    assert_eq!(text(&dir, "a.json"), "{\n  \"é\": 1,,\n}\n");
    assert_eq!(text(&dir, "b.json"), NEAT);
}

#[test]
fn nothing_to_format_is_never_fine() {
    let dir = tree(&[("empty/notes.md", ""), ("bom.json", "\u{feff}{}"), ("none.json", "// a\n")]);
    for (named, code) in [("missing.json", 4), ("empty", 4), ("bom.json", 4), ("none.json", 4)] {
        for arguments in [&[named][..], &["--check", named], &["--json", named]] {
            assert_eq!(fmt(dir.path(), arguments).code, code, "{arguments:?}");
        }
    }
}

#[test]
fn answers_for_programs() {
    let dir = tree(&[("a.json", "{,}"), ("b.json", UGLY), ("c.json", NEAT)]);
    let json = fmt(dir.path(), &["--json", "--check", "a.json", "b.json", "c.json"]).json();
    let results: Vec<_> =
        json["files"].as_array().unwrap().iter().map(|file| file["result"].clone()).collect();
    assert_eq!(results, ["invalid", "would_change", "unchanged"]);
    assert_eq!(json["files"][0]["findings"][0]["code"], "syntax");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let through = |arguments: &[&str], input: &str| {
        let mut command: Command = program(&["policy", "fmt"]);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Answer::of(&child.wait_with_output().unwrap())
    };
    for input in [UGLY, NEAT] {
        let formatted = through(&["-"], input);
        assert_eq!((formatted.code, formatted.stdout.as_str()), (0, NEAT));
    }
    assert_eq!(through(&["--check", "-"], UGLY).code, 4);
    let faulty = through(&["-"], "{\n\"a\" 1}");
    assert_eq!((faulty.code, faulty.stdout.as_str()), (4, ""), "{faulty:#?}");
    assert!(faulty.stderr.contains("<stdin>:2:"), "{faulty:#?}");
    assert_eq!(through(&["--json", "-"], NEAT).code, 2);
}

#[test]
fn what_a_file_holds_cannot_steer_the_terminal() {
    let dir = tree(&[("a.json", "{\"a\": \"\u{1b}]0;x\u{7}\u{202e}\"  }")]);
    let checked = fmt(dir.path(), &["--check", "a.json"]);
    assert_eq!(checked.code, 4);
    assert!(!checked.stdout.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{checked:#?}");
}

#[cfg(unix)]
#[test]
fn mode_stays_and_links_are_not_written_through() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tree(&[("a.json", UGLY), ("elsewhere/b.json", UGLY), ("read-only.json", UGLY)]);
    let path = |name: &str| dir.path().join(name);
    fs::set_permissions(path("a.json"), fs::Permissions::from_mode(0o664)).unwrap();
    fs::set_permissions(path("read-only.json"), fs::Permissions::from_mode(0o444)).unwrap();
    symlink("elsewhere/b.json", path("link.json")).unwrap();

    assert_eq!(fmt(dir.path(), &["a.json"]).code, 0);
    assert_eq!(fs::metadata(path("a.json")).unwrap().permissions().mode() & 0o777, 0o664);

    for (name, why) in [("link.json", "elsewhere/b.json` instead"), ("read-only.json", "read-only")]
    {
        let refused = fmt(dir.path(), &[name]);
        assert_eq!(refused.code, 1, "{refused:#?}");
        assert!(refused.stderr.replace("\n  ", " ").contains(why), "{refused:#?}");
    }
    assert_eq!(text(&dir, "elsewhere/b.json"), UGLY);
    assert_eq!(text(&dir, "read-only.json"), UGLY);
    assert!(fs::symlink_metadata(path("link.json")).unwrap().is_symlink());
    // Named together, the file is formatted and its link has nothing left to do.
    assert_eq!(fmt(dir.path(), &["link.json", "elsewhere"]).code, 0);
    assert_eq!(text(&dir, "link.json"), NEAT);
}

#[test]
fn the_diff_is_one_that_patch_takes() {
    let dir = tree(&[("a.json", "{\n\"a\": 1,\n\"b\": [\n1 ]\n}")]);
    let checked = fmt(dir.path(), &["--check", "a.json"]);
    fs::write(dir.path().join("a.diff"), &checked.stdout).unwrap();
    let mut git = bare("git");
    let patched = git.args(["apply", "-p0", "--unsafe-paths", "a.diff"]).current_dir(dir.path());
    let output = patched.output().unwrap();
    assert!(output.status.success(), "{checked:#?}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fmt(dir.path(), &["--check", "a.json"]).code, 0);
}
