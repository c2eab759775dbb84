//! Whatever happens to the files, and in whatever order: in the end the answer is what they say.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use bedrock_auth::resolve::Resolution;
use proptest::prelude::*;

use crate::support::{Place, exists, policy, region_policy};

/// One thing that happens to a file or a directory.
#[derive(Debug, Clone)]
enum Act {
    Write(&'static str, Text),
    Replace(&'static str, Text),
    Delete(&'static str),
    Move(&'static str, &'static str),
    /// A link where the file was, as a ConfigMap has it.
    Link(&'static str, Text),
    RemoveDirectory(&'static str),
    Pause,
}

#[derive(Debug, Clone)]
enum Text {
    Region(u8),
    Sso(u8),
    Bad,
    Empty,
}

impl Text {
    fn of_policy(&self) -> String {
        match self {
            Text::Region(n) => region_policy(&format!("eu-west-{n}")),
            Text::Sso(n) => policy(&format!("p{n}"), "sso"),
            Text::Bad => "{ \"schema_version\": 1,".to_owned(),
            Text::Empty => String::new(),
        }
    }

    fn of_settings(&self) -> String {
        match self {
            Text::Region(n) => format!(r#"{{ "region": "eu-north-{n}" }}"#),
            Text::Sso(n) => format!(r#"{{ "profile": "p{n}" }}"#),
            Text::Bad => "{ \"region\": ".to_owned(),
            Text::Empty => String::new(),
        }
    }

    fn of(&self, file: &str) -> String {
        if file.starts_with("etc") { self.of_policy() } else { self.of_settings() }
    }
}

const FILES: &[&str] =
    &["etc/policy.json", "etc/policy.d/a.json", "etc/policy.d/b.json", "settings.json"];
const DIRECTORIES: &[&str] = &["etc/policy.d", "etc"];

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![
        4 => (0..9u8).prop_map(Text::Region),
        2 => (0..9u8).prop_map(Text::Sso),
        1 => Just(Text::Bad),
        1 => Just(Text::Empty),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let file = || prop::sample::select(FILES);
    prop_oneof![
        4 => (file(), text()).prop_map(|(file, text)| Act::Write(file, text)),
        4 => (file(), text()).prop_map(|(file, text)| Act::Replace(file, text)),
        2 => file().prop_map(Act::Delete),
        1 => (file(), file()).prop_map(|(from, to)| Act::Move(from, to)),
        1 => (file(), text()).prop_map(|(file, text)| Act::Link(file, text)),
        1 => prop::sample::select(DIRECTORIES).prop_map(Act::RemoveDirectory),
        2 => Just(Act::Pause),
    ]
}

fn go(place: &Place, act: &Act) {
    match act {
        Act::Write(file, text) => place.write(file, &text.of(file)),
        Act::Replace(file, text) => place.replace(file, &text.of(file)),
        Act::Delete(file) => {
            let _ = fs::remove_file(place.path(file));
        }
        Act::Move(from, to) => {
            let _ = fs::rename(place.path(from), place.path(to));
        }
        Act::Link(file, text) => {
            place.write(&format!("elsewhere/{file}"), &text.of(file));
            let link = place.path(&format!("{file}.link"));
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            if !exists(&link) {
                symlink(place.path(&format!("elsewhere/{file}")), &link).unwrap();
            }
            fs::rename(link, place.path(file)).unwrap();
        }
        Act::RemoveDirectory(directory) => {
            let _ = fs::remove_dir_all(place.path(directory));
        }
        Act::Pause => std::thread::sleep(Duration::from_millis(3)),
    }
}

/// Where every file is sound, the answer is that of a program that starts now. Where one is bad, such a program
/// denies, and a watch either denies as well or says which policy it holds on to.
fn agree(watched: &Resolution, fresh: &Resolution) -> bool {
    let is_sound = fresh.policy.sources.iter().all(|source| source.state.is_usable());
    if is_sound {
        return watched == fresh;
    }
    fresh.policy.sources.iter().filter(|source| !source.state.is_usable()).all(|bad| {
        let seen = watched.policy.sources.iter().find(|source| source.file == bad.file);
        seen.is_some_and(|seen| (seen.state, &seen.reason) == (bad.state, &bad.reason))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn end_in_what_the_files_say(acts in prop::collection::vec(act(), 1..12)) {
        let place = Place::new();
        place.write("etc/policy.json", &region_policy("eu-west-1"));
        place.write("settings.json", "{}");
        let watch = place.builder().settle(Duration::from_millis(4)).start().unwrap();
        for act in &acts {
            go(&place, act);
        }
        let start = Instant::now();
        loop {
            let (watched, fresh) = (watch.current(), place.machine().resolve());
            if agree(&watched.resolution, &fresh) {
                break;
            }
            prop_assert!(
                start.elapsed() < Duration::from_secs(10),
                "{acts:#?}\nwatched: {:#?}\nfresh: {fresh:#?}",
                watched.resolution
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
