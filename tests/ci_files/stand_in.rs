//! A program called `bedrock-auth` that writes down what it was asked, so that the way there can be looked at.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Says its version, and keeps the arguments of everything else; writes what `--output` names.
const SCRIPT: &str = r#"#!/bin/bash
if [[ $1 == --version ]]; then echo "bedrock-auth $STAND_IN_VERSION"; exit; fi
printf '%s\0' "$@" >> "$STAND_IN_CALLS"
printf '\n' >> "$STAND_IN_CALLS"
expects_output=
for argument in "$@"; do
  if [[ $argument == -- ]]; then break; fi
  if [[ $expects_output ]]; then echo '{}' > "$argument"; fi
  expects_output=
  case $argument in
    --output) expects_output=yes ;;
    --output=*) echo '{}' > "${argument#--output=}" ;;
  esac
done
echo "::error::as found"
exit "${STAND_IN_CODE:-0}"
"#;

pub(crate) struct StandIn {
    place: TempDir,
}

impl StandIn {
    pub(crate) fn new() -> Self {
        let stand_in = StandIn { place: tempfile::tempdir().unwrap() };
        fs::create_dir(stand_in.bin()).unwrap();
        install(&stand_in.bin().join("bedrock-auth"), SCRIPT);
        stand_in
    }

    fn bin(&self) -> PathBuf {
        self.place.path().join("bin")
    }

    /// The variables that it and its callers need, for a program of that version that ends with the code.
    pub(crate) fn variables(&self, version: &str, code: i32) -> Vec<(&'static str, OsString)> {
        vec![
            ("PATH", search_path(&self.bin())),
            ("STAND_IN_CALLS", self.calls_file().into()),
            ("STAND_IN_VERSION", version.into()),
            ("STAND_IN_CODE", code.to_string().into()),
        ]
    }

    fn calls_file(&self) -> PathBuf {
        self.place.path().join("calls")
    }

    /// The arguments of each call so far, and forgets them.
    pub(crate) fn calls(&self) -> Vec<Vec<String>> {
        let text = fs::read_to_string(self.calls_file()).unwrap_or_default();
        let _ = fs::remove_file(self.calls_file());
        let calls = text.split_terminator("\0\n");
        calls.map(|call| call.split('\0').map(str::to_owned).collect()).collect()
    }
}

/// Puts an executable script there.
pub(crate) fn install(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The system's search path behind a directory.
pub(crate) fn search_path(first: &Path) -> OsString {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(first.to_owned()).chain(std::env::split_paths(&rest));
    std::env::join_paths(all).unwrap()
}
