//! Exit codes, which scripts rely on: 0 fine, 1 failed, 2 usage, 3 denied, 4 unusable policy, 5 unconfigured.

use crate::support::program::{answer, program};

const SSO: [&str; 2] = ["--user-settings", "settings/sso.json"];
const PROFILE: [&str; 2] = ["--user-settings", "settings/profile.json"];

#[test]
fn an_answer_has_the_same_code_for_people_and_programs() {
    let cases: [(&[&str], [&str; 2], i32); 6] = [
        (&["--managed", "policies/corp.json"], SSO, 0),
        (&["--managed", "policies/corp.json"], PROFILE, 3),
        (&["--managed", "policies/two-locks"], SSO, 3),
        (&["--managed", "policies/expired.json"], SSO, 4),
        (&["--managed", "policies/missing.json"], PROFILE, 4),
        (&["--no-keychain"], ["--user-settings", "settings/missing.json"], 5),
    ];
    for (options, settings, code) in cases {
        for command in ["status", "explain"] {
            for form in [&[][..], &["--json"]] {
                let words = [&[command][..], options, &settings, form].concat();
                let answer = answer(&mut program(&words));
                assert_eq!(answer.code, code, "{words:?}: {answer:#?}");
                assert_eq!(answer.stderr, "", "{words:?}: an answer belongs on standard output");
            }
        }
    }
}

/// A policy that is broken outweighs what a sound one denies.
#[test]
fn a_broken_policy_is_told_apart_from_one_that_denies() {
    for (managed, code) in [("policies/corp.json", 0), ("policies/broken.json", 4), ("policies", 4)]
    {
        let show = answer(&mut program(&["policy", "show", "--managed", managed]));
        assert_eq!(show.code, code, "{managed}");
    }
    let status = answer(&mut program(&["status", "--managed", "policies", PROFILE[0], PROFILE[1]]));
    assert_eq!(status.code, 4, "{}", status.stdout);
}

#[test]
fn scenarios_end_with_the_worst_of_their_results() {
    let cases: [(&[&str], i32); 5] = [
        (&["right"], 0),
        (&["right", "wrong"], 1),
        (&["wrong", "garbled", "right"], 4),
        (&["none"], 1),
        (&[], 2),
    ];
    for (names, code) in cases {
        let paths: Vec<_> = names.iter().map(|name| format!("scenarios/{name}")).collect();
        let mut words = vec!["policy", "test"];
        words.extend(paths.iter().map(String::as_str));
        assert_eq!(answer(&mut program(&words)).code, code, "{words:?}");
    }
}

#[test]
fn usage_is_2_and_speaks_on_standard_error() {
    for words in
        [&["nonsense"][..], &["status", "--nonsense"], &["status", "more"], &["policy"], &[]]
    {
        let answer = answer(&mut program(words));
        assert_eq!(answer.code, 2, "{words:?}");
        assert_eq!(answer.stdout, "", "{words:?}");
        assert!(answer.stderr.contains("--help") || answer.stderr.contains("Usage"), "{words:?}");
    }
}
