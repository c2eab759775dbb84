//! The real managed place with real owners, on a private copy of `/etc` in a mount namespace of its own.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;

use tempfile::TempDir;

use super::program::{Answer, PROGRAM, bare};

/// What every place starts from: the system's accounts and two people, and an empty managed directory.
const PRELUDE: &str = r#"
set -eu
program=$1 scratch=$2
mount -t tmpfs -o mode=755 tmpfs "$scratch"
cp -a /etc "$scratch/etc"
rm -rf "$scratch/etc/bedrock-auth"
cat >> "$scratch/etc/passwd" <<EOF
ann:x:42001:42001::$scratch/ann:/bin/sh
bob:x:42002:42002::$scratch/bob:/bin/sh
EOF
cat >> "$scratch/etc/group" <<EOF
ann:x:42001:
bob:x:42002:
developers:x:42003:ann
EOF
for person in ann bob root; do install -d "$scratch/$person"; done
chown 42001:42001 "$scratch/ann"
chown 42002:42002 "$scratch/bob"
touch "$scratch/bedrock-auth"
mount --bind "$program" "$scratch/bedrock-auth"
mount --bind "$scratch/etc" /etc
install -d -m 755 /etc/bedrock-auth
cd /etc/bedrock-auth
"#;

/// The program, or what wraps it, as the person named, with nothing in the environment but what is asked for.
const FINALE: &str = r#"
cd "$scratch"
home="$scratch/$3" person=$3
shift 3
# Who has no name has no groups to look up either.
case $person in [0-9]*) groups=--clear-groups ;; *) groups=--init-groups ;; esac
exec timeout 30 setpriv --reuid "$person" --regid "$person" "$groups" -- \
    env -i PATH="$PATH" HOME="$home" DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus "$@"
"#;

/// A managed place as a script makes it, afresh for each run.
pub(crate) struct Place {
    script: &'static str,
    scratch: TempDir,
}

impl Place {
    /// The script runs as root in `/etc/bedrock-auth`, which is empty; `$scratch` is a directory for the rest.
    pub(crate) fn made_by(script: &'static str) -> Self {
        let user = std::fs::metadata("/proc/self").unwrap().uid();
        assert_eq!(
            user, 0,
            "run these tests as root: they give files to others and mount a private /etc"
        );
        let scratch = tempfile::Builder::new().prefix("place-").tempdir_in("/tmp").unwrap();
        let everybody = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(scratch.path(), everybody).unwrap();
        Place { script, scratch }
    }

    /// That person's home, which exists only while something runs.
    pub(crate) fn home(&self, person: &str) -> String {
        self.scratch.path().join(person).to_str().unwrap().to_owned()
    }

    /// Runs the program; `words` are variables (`NAME=value`) and then its arguments.
    pub(crate) fn run(&self, person: &str, words: &[&str]) -> Answer {
        let is_variable = |word: &&&str| word.contains('=') && !word.starts_with('-');
        let variables = words.iter().take_while(is_variable).count();
        let (variables, arguments) = words.split_at(variables);
        let program = self.scratch.path().join("bedrock-auth");
        let mut command = self.command(person);
        command.args(variables).arg(program).args(arguments);
        Answer::of(&command.output().unwrap())
    }

    /// What begins any run as that person; variables and a program are to follow.
    pub(crate) fn command(&self, person: &str) -> Command {
        let mut command = bare("unshare");
        command
            .args(["--mount", "--", "sh", "-c"])
            .arg(format!("{PRELUDE}{}{FINALE}", self.script));
        command.args(["sh", PROGRAM]).arg(self.scratch.path()).arg(person);
        command
    }
}
