//! Nothing that stands in a policy steers a terminal, forges a command of CI, or shows a secret.

use crate::{FORMATS, check, directory};

fn steers(text: &str) -> bool {
    text.chars().any(|c| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{e0041}')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    })
}

#[test]
fn no_text_of_a_policy_steers_anything() {
    let raw = "\u{1b}[31m\u{7}\u{9b}2J\u{202e}\u{2066}\u{200b}\u{61c}\u{e0041}\u{ad}";
    let escaped = "\\u001b[31m\\u0007\\u009b2J\\u202e\\n::error::forged%0A]]><x>##[error]##vso[task.setvariable]";
    let faulty = format!(
        "{{ \"schema_version\": 1, \"id\": \"a b {raw}\", \"{escaped}\": 1,\r\n\t\"regions\": [\"{raw}\", \"x\"], // {raw}\n \"region\": \"{raw}\", \"methods\": {{ \"ss\u{202e}o\": {{}} }} }}"
    );
    let linted = format!(
        "{{ \"schema_version\": 1, \"id\": \"odd\", /* {raw} */ \"regions\": [\"{escaped}\", \"{escaped}\"], /* {raw} */ \"methods\": {{ \"automatic\": {{}} }} }}"
    );
    let names = ["faulty\u{1b}[31m\u{202e}.json", "linted::error::,%0A\n.json"];
    let dir = directory(&[(names[0], &faulty), (names[1], &linted)]);
    for format in FORMATS {
        let answer = check(dir.path(), &[".", "--format", format]);
        assert_eq!(answer.code, 4, "{format}");
        assert!(!answer.stdout.is_empty());
        assert!(!steers(&answer.stdout), "{format}: {:?}", answer.stdout);
        let has_command = ["##[", "##vso["].iter().any(|word| answer.stdout.contains(word));
        assert!(!has_command, "{format}: {}", answer.stdout);
        assert!(!steers(&answer.stderr), "{format}: {:?}", answer.stderr);
    }
    let commands = check(dir.path(), &[".", "--format", "github"]).stdout;
    for line in commands.lines() {
        assert!(line.starts_with("::error file=") || line.starts_with("::warning file="), "{line}");
    }
}

#[test]
fn no_report_shows_a_secret() {
    let secrets = [
        "t4Vn7LqPz0sXcB2mRkY8wHdJf5GgAu3EoT6iNbWy",
        "ABSKQmVkcm9ja0FQSUtleS1hYmNkLWF0LTExMTEyMjIyMzMzMzpzZWNyZXQ",
        "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29tLz9BY3Rpb249Q2FsbFdpdGhCZWFyZXJUb2tlbg",
    ];
    let [key, long, short] = secrets;
    let text = format!(
        "// {key}\n{{ \"schema_version\": 1, \"id\": \"{long}\", \"x-note\": \"{short}\", \"nonsense\": \"{key}\", \"contact\": 5 }}"
    );
    let other = format!("{{ \"profile\": \"{key}\", \"region\": 7, \"nonsense\": \"{long}\" }}");
    let dir = directory(&[("policy.json", &text), ("settings.json", &other)]);
    for format in FORMATS {
        let words = ["policy.json", "--settings", "settings.json", "--format", format];
        let answer = check(dir.path(), &words);
        assert_eq!(answer.code, 4);
        let told = answer.stdout + &answer.stderr;
        assert!(told.contains("secret_in_policy"), "{format}");
        for secret in secrets {
            assert!(!told.contains(secret), "{format}: {told}");
        }
    }
}
