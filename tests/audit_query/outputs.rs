//! What the commands print, read back by programs that nobody here wrote.

use std::io::Write as _;
use std::process::Stdio;

use bedrock_auth::journal::query::Column;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::journal::Generator;
use crate::support::program::{answer, bare, program};

const RECORDS: u64 = 400;

fn journal() -> (TempDir, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    Generator::new(6).journal(directory.path(), RECORDS, 150);
    let text = String::from_utf8(Generator::new(6).lines(RECORDS)).unwrap();
    (directory, text.lines().map(str::to_owned).collect())
}

#[test]
fn json_is_the_journal_byte_for_byte() {
    let (directory, lines) = journal();
    let query = |more: &[&str]| {
        let mut command = program(&["audit", "query"]);
        answer(command.args(more).arg("--journal").arg(directory.path())).stdout
    };
    assert_eq!(query(&["--json"]), lines.join("\n") + "\n");
    assert_eq!(query(&["--format", "json", "--limit", "7"]), lines[..7].join("\n") + "\n");
    let mut last: Vec<_> = lines[lines.len() - 7..].to_vec();
    last.reverse();
    assert_eq!(query(&["--json", "--limit", "7", "--newest-first"]), last.join("\n") + "\n");
    assert_eq!(query(&["--json", "--limit", "0"]), "");
}

/// Control characters are escaped, and formulas made text; all else is as it was.
fn as_cell(text: &str) -> String {
    let mut cell = String::new();
    for character in text.chars() {
        if bedrock_auth::prose::steers_a_terminal(character) {
            cell.extend(character.escape_unicode());
        } else {
            cell.push(character);
        }
    }
    if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell }
}

#[test]
fn csv_reads_back_in_python() {
    let (directory, lines) = journal();
    let csv = answer(program(&["audit", "query", "--format", "csv"]).arg(directory.path()));
    assert_eq!(csv.code, 0, "{csv:?}");
    assert_eq!(csv.stdout.matches("\r\n").count() as u64, RECORDS + 1);
    assert_eq!(csv.stdout.matches('\n').count() as u64, RECORDS + 1);
    let read = "import csv, json, sys, io; t = io.TextIOWrapper(sys.stdin.buffer, 'utf-8', newline=''); \
        json.dump(list(csv.DictReader(t, strict=True)), sys.stdout)";
    let mut python = bare("python3");
    let mut child =
        python.args(["-c", read]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(csv.stdout.as_bytes()).unwrap();
    let rows: Vec<Value> =
        serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(rows.len() as u64, RECORDS);
    let mut formulas = 0;
    for (row, line) in rows.iter().zip(&lines) {
        let record: Value = serde_json::from_str(line).unwrap();
        for (column, pointer) in [
            ("sequence", "/sequence"),
            ("time", "/time"),
            ("event", "/event"),
            ("outcome", "/outcome"),
            ("door", "/door"),
            ("user", "/user/name"),
            ("uid", "/user/uid"),
            ("host", "/host"),
            ("caller_executable", "/caller/executable"),
            ("method", "/method"),
            ("root", "/root"),
            ("profile", "/profile"),
            ("account", "/account"),
            ("access_key_id", "/access_key_id"),
            ("fingerprint", "/fingerprint"),
            ("expires", "/expires"),
            ("reason", "/reason"),
            ("policy_digest", "/policy/digest"),
            ("hash", "/hash"),
        ] {
            let expected = match record.pointer(pointer) {
                Some(Value::String(text)) => as_cell(text),
                Some(Value::Number(number)) => number.to_string(),
                _ => String::new(),
            };
            assert_eq!(row[column], expected, "{column} of {line}");
            formulas += u32::from(expected.starts_with('\''));
        }
        let codes = record["denials"].as_array().cloned().unwrap_or_default();
        let codes: Vec<_> = codes.iter().map(|denial| denial["code"].as_str().unwrap()).collect();
        assert_eq!(row["codes"], codes.join(" "));
        assert_eq!(row.as_object().unwrap().len(), Column::ALL.len());
    }
    assert!(formulas > 10, "only {formulas} cells would have been formulas");
}

#[test]
fn columns_are_those_that_are_asked_for() {
    let (directory, _) = journal();
    let csv = answer(
        program(&["audit", "query", "--format", "csv", "--columns", "host,time", "--limit", "1"])
            .arg(directory.path()),
    );
    assert_eq!(csv.stdout.lines().next(), Some("host,time"));
    let table = answer(program(&["audit", "query", "--columns", "host"]).arg(directory.path()));
    assert_eq!(table.code, 2, "{table:?}");
}

#[test]
fn the_table_fits_and_steers_no_terminal() {
    let (directory, _) = journal();
    for width in ["40", "80", "200"] {
        let table =
            answer(program(&["audit", "query"]).env("COLUMNS", width).arg(directory.path()));
        assert_eq!((table.code, table.stderr.as_str()), (0, ""));
        let steers = |c: char| c != '\n' && bedrock_auth::prose::steers_a_terminal(c);
        assert!(!table.stdout.contains(steers));
        let widest = table.stdout.lines().map(|line| line.chars().count()).max().unwrap();
        // A key that is cut in two can be neither read nor copied: it stands whole, behind the labels.
        let longest =
            table.stdout.split_whitespace().map(|word| word.chars().count()).max().unwrap();
        assert!(widest <= width.parse::<usize>().unwrap().max(longest + 40), "{width}: {widest}");
    }
}

#[test]
fn no_journal_is_an_error_and_no_record_is_none() {
    let empty = tempfile::tempdir().unwrap();
    for words in
        [&["audit", "query"][..], &["audit", "summary"], &["audit", "export", "--format", "ocsf"]]
    {
        for path in [empty.path().to_owned(), empty.path().join("nowhere")] {
            let none = answer(program(words).arg(&path));
            assert_eq!((none.code, none.stdout.as_str()), (1, ""), "{none:?}");
            assert!(none.stderr.contains("there is no journal in"), "{none:?}");
        }
    }
    let (directory, _) = journal();
    let none = answer(program(&["audit", "query", "--user", "nobody"]).arg(directory.path()));
    assert_eq!((none.code, none.stdout.as_str()), (0, ""), "{none:?}");
    assert!(none.stderr.contains("no record is meant"), "{none:?}");
    let at_home = answer(program(&["audit", "query"]).env("XDG_STATE_HOME", empty.path()));
    assert_eq!(at_home.code, 1, "{at_home:?}");
    let own = empty.path().join("bedrock-auth/audit");
    assert!(at_home.stderr.contains(own.to_str().unwrap()), "{at_home:?}");
}

#[test]
fn a_word_that_is_none_is_answered_with_the_nearest() {
    for (words, nearest) in [
        (["--method", "iam_credential"], "iam_credentials"),
        (["--code", "method_not_alowed"], "method_not_allowed"),
        (["--event", "credentials"], "credential"),
    ] {
        let wrong = answer(program(&["audit", "query"]).args(words));
        assert_eq!(wrong.code, 2, "{wrong:?}");
        assert!(wrong.stderr.contains(&format!("'{nearest}'")), "{wrong:?}");
    }
    for when in ["yesterday", "7", "2026-13-01"] {
        assert_eq!(answer(&mut program(&["audit", "query", "--since", when])).code, 2, "{when}");
    }
    let nowhere = tempfile::tempdir().unwrap();
    for when in ["7d", "12h", "2026-01-31", "2026-01-31T08:00:00+01:00", "1w 2d"] {
        let mut understood = program(&["audit", "query", "--since", when]);
        understood.env("XDG_STATE_HOME", nowhere.path());
        assert_eq!(answer(&mut understood).code, 1, "{when}");
    }
}

/// A reader that has seen enough, as `head` has.
#[test]
fn questions_that_nothing_can_answer_are_usage_errors() {
    let (directory, _) = journal();
    let ask = |words: &[&str]| {
        let words = [&["audit"], words].concat();
        answer(program(&words).arg("--journal").arg(directory.path()))
    };
    let none = ask(&["query", "--limit", "0"]);
    assert_eq!(none.code, 2, "{none:?}");
    assert!(none.stderr.contains("0 is not in 1.."), "{none:?}");
    for (since, until) in [("2026-02-01", "2026-01-01"), ("2026-02-01", "2026-02-01"), ("1d", "7d")]
    {
        for command in [
            &["query"][..],
            &["query", "--format", "json"],
            &["summary"],
            &["export", "--format", "ocsf"],
        ] {
            let impossible = ask(&[command, &["--since", since, "--until", until]].concat());
            assert_eq!((impossible.code, &*impossible.stdout), (2, ""), "{impossible:?}");
            assert!(impossible.stderr.contains("no moment is both since"), "{impossible:?}");
        }
    }
    assert_eq!(ask(&["query", "--limit", "1", "--since", "7d", "--until", "1d"]).code, 0);
}

#[test]
fn a_pipe_that_closes_is_no_fault() {
    let (directory, _) = journal();
    let mut command = program(&["audit", "query", "--json"]);
    command.arg(directory.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}
