//! A hundred drop-in files read, judged for person and moment, and met, beside serde_json on the same bytes.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use bedrock_auth::policy::{Identity, ManagedSource, Policy};
use jiff::Timestamp;

use rounds::{Contestant, Target, compare};

const FILES: u32 = 100;
const KINDS: [&str; 3] =
    [include_str!("baseline.jsonc"), include_str!("team.jsonc"), include_str!("freeze.jsonc")];

/// What the machine knows when the files are read.
struct Setting {
    files: Vec<(Arc<Path>, Vec<u8>)>,
    identity: Identity,
    now: Timestamp,
}

fn main() {
    let setting = Setting::new();
    let plain = |comments_become| {
        let each = setting.files.iter().map(|(_, bytes)| without_comments(bytes, comments_become));
        each.collect::<Vec<_>>()
    };
    // serde_json knows no comments: once they are gone, once blanks of the same length stand in their place.
    let (removed, blanked) = (plain(Comments::Nothing), plain(Comments::Blanks));
    check(&setting, &removed);
    let contestants = vec![
        Contestant::new("ours", || {
            black_box(setting.meet());
        }),
        Contestant::new("serde_json, comments removed", || read_values(&removed)),
        Contestant::new("serde_json, comments blanked", || read_values(&blanked)),
    ];
    compare("parse and meet 100 files", Target::Within(5.0), contestants);
}

impl Setting {
    fn new() -> Self {
        let file = |n: u32| {
            let text = KINDS[n as usize % KINDS.len()]
                .replace("{n}", &(100 + n).to_string())
                .replace("{d}", &format!("{:02}", n % 28 + 1));
            (
                Path::new(&format!("/etc/bedrock-auth/policy.d/{n:02}.json")).into(),
                text.into_bytes(),
            )
        };
        Setting {
            files: (0..FILES).map(file).collect(),
            identity: Identity {
                user: Some("ada".to_owned()),
                groups: Some(["ada", "docker", "research-nlp"].map(str::to_owned).into()),
                host: Some("lab-7.corp.example".to_owned()),
            },
            now: "2026-06-01T00:00:00Z".parse().expect("an instant"),
        }
    }

    /// The copy of the bytes counts as ours: it stands for what the file system hands over.
    fn meet(&self) -> Policy {
        Policy::meet_all(self.files.iter().zip(0..).map(|((path, bytes), rank)| {
            let source = ManagedSource::of_bytes(rank, Arc::clone(path), black_box(bytes).clone());
            Policy::of(&source, &self.identity, self.now)
        }))
    }
}

fn read_values(files: &[Vec<u8>]) {
    for bytes in files {
        let value: serde_json::Value = serde_json::from_slice(black_box(bytes)).expect("JSON");
        black_box(value);
    }
}

/// Everything is in force, and serde_json sees the same values, or nothing is measured.
fn check(setting: &Setting, removed: &[Vec<u8>]) {
    let policy = setting.meet();
    assert!(policy.faults().is_empty(), "{:?}", policy.faults());
    assert_eq!(policy.documents().count(), setting.files.len());
    for (document, bytes) in policy.documents().zip(removed) {
        let value: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
        assert_eq!(value["id"], document.id.value.as_str());
    }
    let sorted: serde_json::Value = serde_json::from_str(r#"{"b": 0, "a": 0}"#).expect("JSON");
    // Keeping the order of keys makes serde_json slower; a build of the whole workspace would switch it on.
    assert_eq!(sorted.to_string(), r#"{"a":0,"b":0}"#, "build with `-p parse`");
    let total = |sizes: &mut dyn Iterator<Item = usize>| sizes.sum::<usize>();
    let (ours, theirs) = (
        total(&mut setting.files.iter().map(|(_, bytes)| bytes.len())),
        total(&mut removed.iter().map(Vec::len)),
    );
    println!("parse: {FILES} files, {ours} bytes with comments, {theirs} without");
}

#[derive(Clone, Copy, PartialEq)]
enum Comments {
    Nothing,
    Blanks,
}

/// Takes comments and trailing commas out; good for the files above, where no string holds `//` but a URL's.
fn without_comments(bytes: &[u8], instead: Comments) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(next) = rest.chars().next() {
        let comment = match rest {
            _ if in_string => None,
            line if line.starts_with("//") => Some(line.find('\n').unwrap_or(line.len())),
            block if block.starts_with("/*") => block.find("*/").map(|end| end + 2),
            _ => None,
        };
        let length = comment.unwrap_or(next.len_utf8());
        match comment {
            Some(_) if instead == Comments::Blanks => plain.push_str(&" ".repeat(length)),
            Some(_) => {}
            None => {
                in_string ^= next == '"';
                if !in_string && matches!(next, '}' | ']') {
                    blank_trailing_comma(&mut plain);
                }
                plain.push(next);
            }
        }
        rest = &rest[length..];
    }
    plain.into_bytes()
}

fn blank_trailing_comma(text: &mut String) {
    let kept = text.trim_end().len();
    if text[..kept].ends_with(',') {
        text.replace_range(kept - 1..kept, " ");
    }
}
