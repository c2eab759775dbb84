//! Nothing that a person controls moves the managed place.

use crate::support::place::Place;
use crate::{TOKEN, alone, states};

/// A strict policy in force, and lax ones wherever a variable might lead.
const STRICT: &str = r#"
echo '{ "schema_version": 1, "id": "strict", "methods": { "sso": {} } }' > policy.json
for dir in "$scratch/ann/bedrock-auth" "$scratch/ann/.config/bedrock-auth" "$scratch/ann/etc/bedrock-auth"; do
    install -d "$dir"
    echo '{ "schema_version": 1, "id": "lax" }' > "$dir/policy.json"
    cp "$dir/policy.json" "$dir/managed.json"
done
chown -R ann "$scratch/ann"
"#;

#[test]
fn no_variable_moves_it() {
    let place = Place::made_by(STRICT);
    let home = place.home("ann");
    let (policy, etc) = (format!("{home}/bedrock-auth/policy.json"), format!("{home}/etc"));
    for (name, value) in [
        ("XDG_CONFIG_DIRS", &home),
        ("XDG_CONFIG_HOME", &home),
        ("XDG_DATA_DIRS", &home),
        ("HOME", &etc),
        ("BEDROCK_AUTH_MANAGED", &policy),
        ("BEDROCK_AUTH_POLICY", &policy),
        ("BEDROCK_AUTH_CONFIG", &policy),
        ("BEDROCK_AUTH_DIR", &home),
        ("BEDROCK_AUTH_NO_POLICY", &"1".to_owned()),
        ("FIGMENT_PROFILE", &"release".to_owned()),
        ("ProgramData", &home),
        ("ETC", &etc),
        ("SYSCONFDIR", &etc),
        ("PWD", &home),
    ] {
        let variable = format!("{name}={value}");
        let answer = place.run("ann", &[&variable, TOKEN, "status", "--json"]);
        assert_eq!(answer.code, 3, "{variable}: {answer:#?}");
        assert_eq!(states(&answer.json()), alone("loaded"), "{variable}");
        assert_eq!(answer.json()["policy"]["sources"][0]["id"], "strict", "{variable}");
    }
}

#[test]
fn a_what_if_is_marked_as_one() {
    let place = Place::made_by(STRICT);
    let lax = format!("{}/bedrock-auth", place.home("ann"));
    for command in ["status", "explain"] {
        let answer = place.run("ann", &[TOKEN, command, "--json", "--managed", &lax]);
        assert_eq!((answer.code, &answer.json()["what_if"]), (0, &true.into()), "{answer:#?}");
        let page = place.run("ann", &[TOKEN, command, "--managed", &lax]).stdout;
        assert!(page.contains("what if: these are not the policies of this machine"), "{page}");
    }
    let shown = place.run("ann", &["policy", "show", "--json", "--managed", &lax]);
    assert_eq!(shown.json()["what_if"], true);
}

/// Where credentials are stored, only the machine's own policy counts, also one that is broken.
#[test]
fn no_what_if_stands_in_where_credentials_are_stored() {
    for script in [STRICT, leak_broken()] {
        let place = Place::made_by(script);
        let lax = format!("{}/bedrock-auth", place.home("ann"));
        let answer = place.run("ann", &["login", "--managed", &lax]);
        assert_eq!(answer.code, 2, "{answer:#?}");
        assert!(answer.stderr.contains("cannot replace the policy of this machine"), "{answer:#?}");
    }
}

/// Nor where they are handed out.
#[test]
fn no_what_if_stands_in_where_credentials_are_handed_out() {
    for script in [STRICT, leak_broken()] {
        let place = Place::made_by(script);
        let lax = format!("{}/bedrock-auth", place.home("ann"));
        for words in [
            &["exec", "--managed", &lax, "--", "echo"][..],
            &["exec", "--agent", "--managed", &lax, "--", "echo"],
            &["export", "--managed", &lax],
        ] {
            let answer = place.run("ann", &[&[TOKEN], words].concat());
            assert_eq!(answer.code, 1, "{answer:#?}");
            // A shell that evaluates this has nothing afterwards.
            let is_harmless = |line: &str| line.starts_with("unset ") || line == "false";
            assert!(answer.stdout.lines().all(is_harmless), "{answer:#?}");
            assert!(answer.stderr.contains("another one hands out nothing"), "{answer:#?}");
            assert!(answer.stderr.contains("leave `--managed` out"), "{answer:#?}");
        }
    }
}

#[test]
fn the_machines_own_policy_decides_what_is_handed_out() {
    for (policy, code) in [(STRICT, 3), (leak_broken(), 4), (ALLOWS_KEYS, 0)] {
        let place = Place::made_by(policy);
        let answer = place.run("ann", &[TOKEN, "exec", "--", "/usr/bin/env"]);
        assert_eq!(answer.code, code, "{answer:#?}");
        let has_token = answer.stdout.contains("AWS_BEARER_TOKEN_BEDROCK=a-token\n");
        assert_eq!(has_token, code == 0, "{answer:#?}");
    }
}

const ALLOWS_KEYS: &str = r#"
echo '{ "schema_version": 1, "id": "p", "methods": { "api_key": {} } }' > policy.json
"#;

fn leak_broken() -> &'static str {
    format!("{STRICT}\necho '{{' > policy.json").leak()
}
