//! The page for people, word for word.

use crate::Person;
use crate::files::{CREDENTIALS, SETTINGS, set_mode, tidy};
use crate::support::place::Place;

fn page(person: &Person) -> String {
    person.asks_the_doctor(&["--color", "never"]).stdout
}

#[test]
fn of_a_sound_installation() {
    let mut person = tidy();
    person.variables.push(("ZED_BEDROCK_BEARER_TOKEN", "a-token".to_owned()));
    let expected = r"
✓ fine  nothing to mend

  policy     ✓  /etc/bedrock-auth/policy.json is `absent`
  settings   ✓  the settings are absent or without a fault
  aws_files  ✓  AWS's files are absent, or yours alone to change
  program    ✓  nobody but root and you can replace this program
  clock      ✓  the clock is plausible
  keychain   ✓  the keychain is not consulted
  network    ✓  certificates and proxies can be used as they are set
  ambient    ✓  nothing in the environment or the AWS profile would mislead an AWS SDK
  sign_in    ✓  no sign-in is needed
  answer     ✓  Using Bedrock API Key from ZED_BEDROCK_BEARER_TOKEN environment variable
";
    assert_eq!(page(&person), expected.trim_start());
}

#[test]
fn of_files_that_let_others_in() {
    let mut person = tidy();
    person.variables.push(("ZED_BEDROCK_BEARER_TOKEN", "a-token".to_owned()));
    set_mode(&person.path(CREDENTIALS), 0o644);
    set_mode(&person.path(SETTINGS), 0o666);
    let expected = r"
✗ broken  2 things to mend

  policy     ✓  /etc/bedrock-auth/policy.json is `absent`
  settings   ✗  others may change `~/.config/bedrock-auth/settings.json`: its mode is 0666
                → look at what is in it, then run `chmod 600 ~/.config/bedrock-auth/settings.json`
  aws_files  ✗  others may read `~/.aws/credentials`, which holds secrets: its mode is 0644
                → run `chmod 600 ~/.aws/credentials`
  program    ✓  nobody but root and you can replace this program
  clock      ✓  the clock is plausible
  keychain   ✓  the keychain is not consulted
  network    ✓  certificates and proxies can be used as they are set
  ambient    ✓  nothing in the environment or the AWS profile would mislead an AWS SDK
  sign_in    ✓  no sign-in is needed
  answer     ✓  Using Bedrock API Key from ZED_BEDROCK_BEARER_TOKEN environment variable
";
    assert_eq!(page(&person), expected.trim_start());
}

#[test]
fn of_a_policy_that_somebody_else_could_have_written() {
    let place = Place::made_by(
        r#"echo '{ "schema_version": 1, "id": "p" }' > policy.json; chmod 644 policy.json; chown ann ."#,
    );
    let answer = place.run("ann", &["doctor", "--no-keychain", "--color", "never"]);
    let policy: Vec<_> =
        answer.stdout.lines().take_while(|line| !line.contains("settings")).collect();
    let expected = r"
✗ broken  one thing to mend

  policy     ✗  /etc/bedrock-auth/policy.json is `untrusted`: `/etc/bedrock-auth` belongs to user
                `ann`, not to root
                0755 root     /
                0755 root     /etc
                0755 ann      /etc/bedrock-auth
                0644 root     /etc/bedrock-auth/policy.json
                → look at what is in it, then run `chown root /etc/bedrock-auth` as root";
    assert_eq!(policy.join("\n"), expected.trim_start());
}
