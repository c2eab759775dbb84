//! Each kind of change to a file or directory, with the answer that follows.

use std::fs;
use std::os::unix::fs::symlink;

use bedrock_auth::resolve::Outcome;

use crate::support::{Place, codes, policy, region_policy, until, until_region};

/// A machine that may use its API key.
fn place() -> Place {
    let place = Place::new();
    place.write("etc/policy.json", &region_policy("eu-west-1"));
    place.write("settings.json", "{}");
    place
}

#[test]
fn a_file_is_written_in_place() {
    let place = place();
    let watch = place.watch();
    place.write("etc/policy.json", &policy("p", "sso"));
    let answer = until(&watch, "refused", |r| r.outcome == Outcome::Denied);
    assert_eq!(codes(&answer.resolution), ["method_not_allowed"]);
    place.write("etc/policy.json", &region_policy("eu-west-2"));
    until_region(&watch, "eu-west-2");
}

#[test]
fn a_file_is_replaced_time_and_again() {
    let place = place();
    let watch = place.watch();
    // A watch on the file itself would be deaf after the first of these.
    for region in ["eu-west-2", "eu-west-3", "eu-central-1"] {
        place.replace("etc/policy.json", &region_policy(region));
        until_region(&watch, region);
    }
}

#[test]
fn a_file_is_deleted_and_made_again() {
    let place = place();
    let watch = place.watch();
    for region in ["eu-west-2", "eu-west-3"] {
        fs::remove_file(place.path("etc/policy.json")).unwrap();
        until_region(&watch, "us-east-1");
        place.write("etc/policy.json", &region_policy(region));
        until_region(&watch, region);
    }
}

#[test]
fn a_configmap_is_swapped() {
    let place = Place::new();
    place.write("settings.json", "{}");
    let swap = |version: &str, region: &str| {
        place.write(&format!("etc/..{version}/policy.json"), &region_policy(region));
        symlink(format!("..{version}"), place.path("etc/..data_tmp")).unwrap();
        fs::rename(place.path("etc/..data_tmp"), place.path("etc/..data")).unwrap();
    };
    swap("1", "eu-west-1");
    symlink("..data/policy.json", place.path("etc/policy.json")).unwrap();
    let watch = place.watch();
    until_region(&watch, "eu-west-1");
    for (version, region) in [("2", "eu-west-2"), ("3", "eu-west-3")] {
        swap(version, region);
        until_region(&watch, region);
        let before: u32 = version.parse().unwrap();
        fs::remove_dir_all(place.path(&format!("etc/..{}", before - 1))).unwrap();
    }
}

#[test]
fn a_link_leads_to_a_file_elsewhere() {
    let place = Place::new();
    place.write("settings.json", "{}");
    place.write("opt/corp/policy.json", &region_policy("eu-west-1"));
    symlink(place.path("opt/corp/policy.json"), place.path("etc/policy.json")).unwrap();
    let watch = place.watch();
    place.replace("opt/corp/policy.json", &region_policy("eu-west-2"));
    until_region(&watch, "eu-west-2");
}

#[test]
fn drop_ins_come_and_go() {
    let place = place();
    let watch = place.watch();
    place.write("etc/policy.d/10-sso.json", &policy("drop-in", "sso"));
    until(&watch, "refused", |r| r.outcome == Outcome::Denied);
    fs::rename(place.path("etc/policy.d/10-sso.json"), place.path("etc/policy.d/10-sso.off"))
        .unwrap();
    until(&watch, "allowed", |r| r.outcome == Outcome::Allowed);
    place.write("etc/policy.d/.hidden.json", &policy("hidden", "sso"));
    fs::rename(place.path("etc/policy.d/.hidden.json"), place.path("etc/policy.d/20.json"))
        .unwrap();
    until(&watch, "refused again", |r| r.outcome == Outcome::Denied);
    fs::remove_dir_all(place.path("etc/policy.d")).unwrap();
    until(&watch, "allowed once more", |r| r.outcome == Outcome::Allowed);
    place.write("etc/policy.d/30.json", &policy("late", "sso"));
    until(&watch, "refused at last", |r| r.outcome == Outcome::Denied);
}

#[test]
fn directories_come_late_go_and_return() {
    let place = Place::new();
    place.write("settings.json", "{}");
    let machine =
        place.machine().with_managed(bedrock_auth::load::Managed::WhatIf(place.path("a/b/etc")));
    let watch = bedrock_auth::watch::Watch::builder(machine)
        .poll(crate::support::NEVER)
        .settle(std::time::Duration::from_millis(50))
        .start()
        .unwrap();
    // All at once: the first write comes before anybody could watch the directory.
    place.write("a/b/etc/policy.json", &region_policy("eu-west-1"));
    until_region(&watch, "eu-west-1");
    // That it was missing, which is a fault where somebody names it, counts until that has settled.
    until(&watch, "allowed", |r| r.outcome == Outcome::Allowed);
    for region in ["eu-west-2", "eu-west-3"] {
        fs::remove_dir_all(place.path("a")).unwrap();
        until(&watch, "gone", |r| {
            codes(r).is_empty() && crate::support::warnings(r) == ["last_good_policy"; 2]
        });
        place.write("a/b/etc/policy.json", &region_policy(region));
        until_region(&watch, region);
        place.replace("a/b/etc/policy.json", &region_policy("eu-south-1"));
        until_region(&watch, "eu-south-1");
    }
}

#[test]
fn a_whole_directory_is_exchanged() {
    let place = place();
    let watch = place.watch();
    for region in ["eu-west-2", "eu-west-3"] {
        place.write("next/policy.json", &region_policy(region));
        fs::rename(place.path("etc"), place.path("before")).unwrap();
        fs::rename(place.path("next"), place.path("etc")).unwrap();
        until_region(&watch, region);
        // The new directory is watched like the old one was.
        place.replace("etc/policy.json", &region_policy("eu-south-1"));
        until_region(&watch, "eu-south-1");
        fs::remove_dir_all(place.path("before")).unwrap();
    }
}

#[test]
fn a_directory_goes_and_another_comes_at_once() {
    let place = place();
    let watch = place.watch();
    // The new one often has the number of the one before, and whoever is not told of both takes it for that one.
    for _ in 0..100 {
        place.write("etc/policy.d/a.json", &region_policy("eu-west-1"));
        fs::remove_dir_all(place.path("etc/policy.d")).unwrap();
        place.write("etc/policy.d/a.json", &policy("drop-in", "sso"));
        until(&watch, "refused", |r| r.outcome == Outcome::Denied);
        place.replace("etc/policy.d/a.json", &region_policy("eu-west-1"));
        until(&watch, "allowed", |r| r.outcome == Outcome::Allowed);
    }
}

#[test]
fn the_persons_settings_change() {
    let place = place();
    let watch = place.watch();
    place.replace("settings.json", r#"{ "region": "eu-north-1" }"#);
    until_region(&watch, "eu-north-1");
    place.write("settings.json", r#"{ "region": "eu-north-2" }"#);
    until_region(&watch, "eu-north-2");
}

#[test]
fn aws_profiles_change() {
    let place = Place::new();
    place.write(
        "settings.json",
        r#"{ "authentication_method": "named_profile", "profile": "dev" }"#,
    );
    let watch = place.watch();
    assert_ne!(watch.current().resolution.outcome, Outcome::Allowed);
    place.write(
        "home/.aws/config",
        "[profile dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = hush\n",
    );
    let answer = until(&watch, "allowed", |r| r.outcome == Outcome::Allowed);
    assert_eq!(answer.resolution.root.map(|root| root.as_str()), Some("long_lived_keys"));
    place.replace("home/.aws/config", "[profile dev]\ncredential_process = /opt/creds\n");
    let is_process = |r: &bedrock_auth::resolve::Resolution| {
        r.root.map(|root| root.as_str()) == Some("credential_process")
    };
    until(&watch, "a process", is_process);
    place.write(
        "home/.aws/credentials",
        "[dev]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = hush\naws_session_token = hush\n",
    );
    fs::remove_file(place.path("home/.aws/config")).unwrap();
    until(&watch, "temporary", |r| r.root.map(|root| root.as_str()) == Some("temporary_keys"));
}

#[test]
fn to_touch_a_file_changes_nothing() {
    let place = place();
    let watch = place.watch();
    let text = region_policy("eu-west-1");
    for _ in 0..20 {
        place.write("etc/policy.json", &text);
        place.replace("settings.json", "{}");
    }
    place.write("etc/policy.json", &region_policy("eu-west-2"));
    let answer = until_region(&watch, "eu-west-2");
    assert_eq!(answer.number, 2, "what counts is what the files hold");
}

/// Where the system tells nothing, looking now and then is slower and finds the same.
#[test]
fn what_nobody_tells_is_found_all_the_same() {
    let place = place();
    let poll = std::time::Duration::from_millis(20);
    let watch = place.builder().poll(poll).start().unwrap();
    // The times of a file count for nothing either.
    let path = place.path("etc/policy.json");
    let times = fs::metadata(&path).unwrap().modified().unwrap();
    place.write("etc/policy.json", &region_policy("eu-west-2"));
    fs::File::options().write(true).open(&path).unwrap().set_modified(times).unwrap();
    until_region(&watch, "eu-west-2");
}
